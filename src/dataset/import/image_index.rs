//! Finding the image that a table means.

use std::collections::HashSet;
use std::ops::Range;

use super::listing::Listing;
use super::paths::{self, Kind};

/// The images of a listing, sorted by their paths read from the file outwards.
pub(super) struct ImageIndex {
    /// `1.png/happy/faces/` for `faces/happy/1.png`, in lower case, and the image's index in the listing.
    images: Vec<(String, usize)>,
    /// The names of all folders that hold an image, in lower case.
    folders: HashSet<String>,
}

/// Why no image was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotFound {
    /// No image is called that.
    Missing,
    /// Several images could be meant.
    Ambiguous,
}

impl ImageIndex {
    pub(super) fn new(listing: &Listing) -> Self {
        let mut images: Vec<_> = listing.images().map(|image| (outwards(listing.path(image)), image)).collect();
        images.sort_unstable();
        let folders = listing.images().flat_map(|image| paths::folders(listing.path(image)));
        let folders = folders.collect::<HashSet<_>>().into_iter().map(str::to_lowercase).collect();
        ImageIndex { images, folders }
    }

    /// The image that `table` calls `wanted`: the one at this path below the table's own folder, else the one whose
    /// path agrees with it in the most names from the file outwards (of several, the one below the table's folder).
    /// Case does not matter, nor does an extension that is not written.
    ///
    /// A path into a folder that was dropped, but without such a file, means a missing file, and not one of the same
    /// name in another folder.
    pub(super) fn find(&self, wanted: &str, table: &str) -> Result<usize, NotFound> {
        let wanted = paths::normalise(wanted);
        if paths::kind(&wanted) != Kind::Image {
            return self.find_without_extension(&wanted);
        }
        let home = table.rsplit_once('/').map_or("", |(home, _)| home);
        let exact = outwards(&format!("{home}/{wanted}"));
        if let [(path, image)] = &self.images[self.below(&exact)]
            && *path == exact
        {
            return Ok(*image);
        }
        let key = outwards(&wanted);
        let ends = key.match_indices('/').rev().map(|(end, _)| end + 1);
        let agreeing =
            ends.map(|end| &key[..end]).find(|part| !self.below(part).is_empty()).ok_or(NotFound::Missing)?;
        let folder = paths::folders(&wanted).next_back().map(str::to_lowercase);
        let in_name_only = agreeing.matches('/').count() == 1;
        if in_name_only && folder.is_some_and(|folder| self.folders.contains(&folder)) {
            return Err(NotFound::Missing);
        }
        let candidates = &self.images[self.below(agreeing)];
        let home = outwards(home);
        let at_home = candidates.iter().filter(|(path, _)| path.ends_with(&format!("/{home}")));
        only(candidates.iter()).or_else(|| only(at_home)).ok_or(NotFound::Ambiguous)
    }

    /// The image that is called so but for its extension, and lies in the folders that are named.
    fn find_without_extension(&self, wanted: &str) -> Result<usize, NotFound> {
        let key = outwards(wanted);
        let (stem, folders) = key.split_once('/').ok_or(NotFound::Missing)?;
        let stem = format!("{stem}.");
        let is_meant = |(path, _): &&(String, usize)| {
            let (name, rest) = path.split_once('/').unwrap_or((path, ""));
            !name[stem.len()..].contains('.') && rest.starts_with(folders)
        };
        let mut meant = self.images[self.below(&stem)].iter().filter(is_meant).peekable();
        meant.peek().ok_or(NotFound::Missing)?;
        only(meant).ok_or(NotFound::Ambiguous)
    }

    /// The images whose outward paths begin with `part`.
    fn below(&self, part: &str) -> Range<usize> {
        let start = self.images.partition_point(|(path, _)| path.as_str() < part);
        let length = self.images[start..].partition_point(|(path, _)| path.starts_with(part));
        start..start + length
    }
}

fn only<'a>(mut images: impl Iterator<Item = &'a (String, usize)>) -> Option<usize> {
    match (images.next(), images.next()) {
        (Some((_, image)), None) => Some(*image),
        _ => None,
    }
}

/// A path from the file outwards, in lower case, each name ended by `/`.
fn outwards(path: &str) -> String {
    path.rsplit('/').filter(|name| !name.is_empty()).flat_map(|name| [name, "/"]).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::source::{DroppedFile, MemorySource};

    fn find(images: &[&str], table: &str, wanted: &str) -> Result<String, NotFound> {
        let dropped = images.iter().map(|path| DroppedFile::new(*path, MemorySource::new([]))).collect();
        let listing = Listing::new(dropped);
        ImageIndex::new(&listing).find(wanted, table).map(|image| listing.path(image).to_owned())
    }

    #[test]
    fn an_image_is_found_by_path_then_by_the_end_of_its_path_then_by_name() {
        let images = ["d/images/a.png", "d/more/a.png", "d/images/b.PNG", "d/x/id1/1.png", "d/x/id2/1.png"];
        let find = |wanted| find(&images, "d/labels.csv", wanted);
        assert_eq!(find("images/a.png").unwrap(), "d/images/a.png");
        assert_eq!(find("id2/1.png").unwrap(), "d/x/id2/1.png");
        assert_eq!(find("/home/somebody/more/a.png").unwrap(), "d/more/a.png");
        assert_eq!(find("B.png").unwrap(), "d/images/b.PNG");
        assert_eq!(find("elsewhere\\b.png").unwrap(), "d/images/b.PNG", "that folder was not dropped");
        assert_eq!(find("a.png"), Err(NotFound::Ambiguous));
        assert_eq!(find("c.png"), Err(NotFound::Missing));
        assert_eq!(find("more/b.png"), Err(NotFound::Missing), "that folder was dropped, without the file");
        assert_eq!(find(""), Err(NotFound::Missing));
        assert_eq!(find("../.."), Err(NotFound::Missing));
    }

    #[test]
    fn an_extension_need_not_be_written() {
        let images = ["d/x/1.png", "d/y/1.jpg", "d/12.png", "d/KA.AN1.39.tiff"];
        let find = |wanted| find(&images, "d/labels.csv", wanted);
        assert_eq!(find("12").unwrap(), "d/12.png");
        assert_eq!(find("ka.an1.39").unwrap(), "d/KA.AN1.39.tiff");
        assert_eq!(find("x/1").unwrap(), "d/x/1.png");
        assert_eq!(find("1"), Err(NotFound::Ambiguous));
        assert_eq!(find("KA"), Err(NotFound::Missing));
        assert_eq!(find("z/12"), Err(NotFound::Missing));
        assert_eq!(find("12.jpg"), Err(NotFound::Missing));
    }

    #[test]
    fn the_tables_own_folder_comes_first() {
        let images = ["d/train/imgs/1.png", "d/test/imgs/1.png", "d/2.png", "d/test/2.png"];
        assert_eq!(find(&images, "d/test/labels.csv", "1.png").unwrap(), "d/test/imgs/1.png");
        assert_eq!(find(&images, "d/labels.csv", "2.png").unwrap(), "d/2.png");
        assert_eq!(find(&images, "d/test/labels.csv", "2.png").unwrap(), "d/test/2.png");
        assert_eq!(find(&images, "d/labels.csv", "1.png"), Err(NotFound::Ambiguous));
    }
}
