//! Everything that was dropped, archives opened: one flat list of files in the order they are best read in.

use std::collections::HashMap;
use std::io::{self, Read};

use thiserror::Error;

use super::archive::{Archive, ArchiveError};
use super::paths::{self, Kind};
use super::problem_list::ProblemList;
use crate::dataset::npy::{Array, NpyError};
use crate::dataset::source::{DroppedFile, Source, Window};

/// The largest image file that is read, bytes.
pub(super) const IMAGE_LIMIT: u64 = 64 << 20;
/// The most that an image is believed to shrink in an archive, unless it is smaller than [`BELIEVED`].
const IMAGE_RATIO: u64 = 100;
/// An image of this many bytes is believed to shrink to anything.
const BELIEVED: u64 = 4 << 20;
/// The largest array, list or JSON of labels that is read, bytes.
pub(super) const LABELS_LIMIT: u64 = 64 << 20;
/// The largest table that is read, bytes.
pub(super) const TABLE_LIMIT: u64 = 512 << 20;

/// Why a listed file cannot be read. Reads on after the name of the file.
#[derive(Debug, Error)]
pub(super) enum ReadError {
    #[error("cannot be read ({0}); replace it, or leave it out")]
    Io(#[from] io::Error),
    #[error("is larger than {} MiB, the most that is read of {what}", limit >> 20)]
    TooLarge { limit: u64, what: &'static str },
    #[error("unpacks to more than {IMAGE_RATIO} times its size in the archive, as no image does; it is not read")]
    Bomb,
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Array(#[from] NpyError),
}

/// A file that may matter: an image, or one that may say something about images.
pub(super) struct ListedFile {
    /// Its path as it was dropped; inside an archive `archive.zip/path`.
    pub(super) path: String,
    pub(super) kind: Kind,
    origin: Origin,
}

enum Origin {
    Loose(Box<dyn Source>),
    Entry { archive: usize, entry: usize },
}

/// The files of a drop that may matter.
#[derive(Default)]
pub(super) struct Listing {
    files: Vec<ListedFile>,
    archives: Vec<Archive>,
    /// Files of no kind that is known.
    pub(super) others: usize,
    /// Archives that could not be opened.
    pub(super) problems: ProblemList,
}

impl Listing {
    /// Lists dropped files and what the dropped zips hold. Only the archives' directories are read.
    pub(super) fn new(dropped: Vec<DroppedFile>) -> Self {
        let mut listing = Listing::default();
        for file in dropped {
            let path = paths::normalise(&file.path);
            if paths::is_hidden(&path) || path.is_empty() {
                continue;
            }
            match paths::kind(&path) {
                Kind::Zip => match Archive::open(file.source) {
                    Ok((archive, names)) => listing.add_archive(&path, archive, names),
                    Err(error) => listing.problems.push_file(&path, error.to_string()),
                },
                kind => listing.add(path, kind, Origin::Loose(file.source)),
            }
        }
        listing
    }

    fn add_archive(&mut self, path: &str, archive: Archive, names: Vec<String>) {
        // A file put into an archive again stands in it twice.
        let last: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
        for (entry, name) in names.iter().enumerate() {
            let inner = paths::normalise(name);
            if name.ends_with(['/', '\\']) || inner.is_empty() || paths::is_hidden(&inner) {
                continue;
            }
            let kind = paths::kind(&inner);
            let inner = format!("{path}/{inner}");
            if last.get(name.as_str()) != Some(&entry) {
                self.problems.push_file(&inner, "stands in the archive more than once; the last of them is read");
                continue;
            }
            self.add(inner, kind, Origin::Entry { archive: self.archives.len(), entry });
        }
        self.archives.push(archive);
    }

    fn add(&mut self, path: String, kind: Kind, origin: Origin) {
        match kind {
            Kind::Image | Kind::Table | Kind::Array | Kind::Text | Kind::Json => {
                self.files.push(ListedFile { path, kind, origin });
            }
            Kind::Zip => {
                self.problems.push_file(&path, "is a zip inside a zip; unpack the outer one and drop the folder")
            }
            Kind::OtherArchive => {
                self.problems.push_file(&path, "is an archive of a kind that cannot be opened here; pack it as zip");
            }
            Kind::Other => self.others += 1,
        }
    }

    /// Every file that may matter. Files are known by their index in this slice.
    pub(super) fn files(&self) -> &[ListedFile] {
        &self.files
    }

    /// The path of a file.
    pub(super) fn path(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.path)
    }

    /// What a file is good for.
    pub(super) fn kind(&self, file: usize) -> Kind {
        self.files.get(file).map_or(Kind::Other, |file| file.kind)
    }

    /// The indices of the images.
    pub(super) fn images(&self) -> impl Iterator<Item = usize> {
        (0..self.files.len()).filter(|file| self.files[*file].kind == Kind::Image)
    }

    /// The indices of the files of a kind.
    pub(super) fn of_kind(&self, kind: Kind) -> Vec<usize> {
        (0..self.files.len()).filter(|file| self.files[*file].kind == kind).collect()
    }

    /// The indices of the tables.
    pub(super) fn tables(&self) -> Vec<usize> {
        self.of_kind(Kind::Table)
    }

    /// The bytes of an image file, into `bytes`.
    pub(super) fn read_image(&mut self, file: usize, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
        bytes.clear();
        let (reader, packed) = self.reader(file)?;
        let believable = packed.saturating_mul(IMAGE_RATIO).clamp(BELIEVED, IMAGE_LIMIT);
        reader.take(believable + 1).read_to_end(bytes)?;
        match bytes.len() as u64 > believable {
            false => Ok(()),
            true if believable == IMAGE_LIMIT => Err(ReadError::TooLarge { limit: IMAGE_LIMIT, what: "an image" }),
            true => Err(ReadError::Bomb),
        }
    }

    /// An array of labels.
    pub(super) fn read_array(&mut self, file: usize) -> Result<Array, ReadError> {
        Ok(Array::read(self.reader(file)?.0, LABELS_LIMIT)?)
    }

    /// The bytes of a text of labels.
    pub(super) fn read_text(&mut self, file: usize, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
        bytes.clear();
        self.reader(file)?.0.take(LABELS_LIMIT + 1).read_to_end(bytes)?;
        if bytes.len() as u64 > LABELS_LIMIT {
            return Err(ReadError::TooLarge { limit: LABELS_LIMIT, what: "a file of labels" });
        }
        Ok(())
    }

    /// A reader of its own, from the start, which stays while other files are read. It has no limit.
    pub(super) fn stream(&mut self, file: usize) -> Result<Box<dyn Read>, ReadError> {
        match self.files.get(file).map(|file| &file.origin) {
            Some(Origin::Loose(source)) => Ok(Box::new(Window::new(source.open()?, source.size()))),
            Some(Origin::Entry { archive, entry }) => Ok(Box::new(self.archives[*archive].stream(*entry)?)),
            None => Err(ReadError::Io(io::ErrorKind::NotFound.into())),
        }
    }

    /// How long a file is, bytes; for one in an archive, as its directory claims.
    pub(super) fn size(&self, file: usize) -> Result<u64, ReadError> {
        match self.files.get(file).map(|file| &file.origin) {
            Some(Origin::Loose(source)) => Ok(source.size()),
            Some(Origin::Entry { archive, entry }) => Ok(self.archives[*archive].size(*entry)),
            None => Err(ReadError::Io(io::ErrorKind::NotFound.into())),
        }
    }

    /// A reader of a table, which fails after [`TABLE_LIMIT`] bytes.
    pub(super) fn read_table(&mut self, file: usize) -> Result<impl Read + '_, ReadError> {
        Ok(Limited { inner: self.reader(file)?.0, left: TABLE_LIMIT })
    }

    /// A reader of a file, and how many bytes it takes up as it was dropped.
    fn reader(&mut self, file: usize) -> Result<(Box<dyn Read + '_>, u64), ReadError> {
        match self.files.get(file).map(|file| &file.origin) {
            Some(Origin::Loose(source)) => Ok((Box::new(Window::new(source.open()?, source.size())), source.size())),
            Some(Origin::Entry { archive, entry }) => {
                let (reader, packed) = self.archives[*archive].read(*entry)?;
                Ok((Box::new(reader), packed))
            }
            None => Err(ReadError::Io(io::ErrorKind::NotFound.into())),
        }
    }
}

/// A reader that fails, rather than ends, where there is more than it may read.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        let too_large = || io::Error::other(ReadError::TooLarge { limit: TABLE_LIMIT, what: "a table" }.to_string());
        self.left = self.left.checked_sub(count as u64).ok_or_else(too_large)?;
        Ok(count)
    }
}
