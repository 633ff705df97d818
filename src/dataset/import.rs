//! An import, step by step: whoever drives it can stop between any two images.

mod afew_va;
mod affect_arrays;
mod affectnet_arrays;
mod archive;
mod array_groups;
mod array_items;
mod classes;
mod columns;
mod error;
mod fer2013;
mod ferplus;
mod file_names;
mod folder_per_class;
mod image_arrays;
mod image_index;
mod label_arrays;
mod layout;
mod listing;
mod paths;
mod picture;
mod pixel_rows;
mod problem_list;
mod rafdb;
mod table;
mod table_rows;
mod table_views;

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

pub(crate) use self::archive::{Archive, ArchiveError};
pub(super) use self::classes::label_set;
pub use self::error::ImportError;
use self::layout::{Label, LabelledImage, Labelling};
use self::listing::Listing;
use self::paths::Kind;
use self::picture::{Picture, PictureError, Pictures};
use self::problem_list::ProblemList;
use super::split::settle_splits;
use super::{
    Dataset, DroppedFile, Layout, Meaning, Opened, Opening, PixelStore, Place, Sample, Split, SplitPlan, StoreError,
};
use crate::affect::{Annotation, LabelSet};
use crate::imaging::{self, Fingerprint, Pixels};

/// Images are stored with at most this many pixels on the longest side.
const LONGEST_SIDE: usize = 256;

/// A dataset on its way in.
pub struct Import {
    name: String,
    recognised: String,
    opened: Opened,
    label_set: LabelSet,
    numbers: Vec<u64>,
    splits: SplitPlan,
    listing: Listing,
    pending: std::vec::IntoIter<LabelledImage>,
    total: usize,
    samples: Vec<Sample>,
    own: Vec<Option<Split>>,
    excluded: Vec<(String, usize)>,
    problems: ProblemList,
    store_error: Option<StoreError>,
    pictures: Pictures,
    /// A file of many images that can be read no further.
    ended: Option<usize>,
    signature: String,
    /// Which of the images to read each stored image is, counted from 0.
    stored: Vec<u32>,
    /// The same of those that an earlier import of the same files stored.
    stored_before: Vec<u32>,
}

impl Import {
    /// Opens files whose layout is to be recognised: [`Import::open_as`] with nothing said.
    pub fn open(files: Vec<DroppedFile>, splits: SplitPlan) -> Result<Import, ImportError> {
        Import::open_as(files, splits, &Opening::default())
    }

    /// Reads archive directories and label files; decodes no image.
    ///
    /// Fails only where nothing at all can be imported. Whatever else is wrong becomes a [problem](super::Problem).
    pub fn open_as(files: Vec<DroppedFile>, splits: SplitPlan, opening: &Opening) -> Result<Import, ImportError> {
        if files.is_empty() {
            return Err(ImportError::Empty);
        }
        let signature = signature(&files, opening);
        let name = name_of(&files, paths::without_zip);
        let dropped = name_of(&files, |zip| zip);
        let mut listing = Listing::new(files);
        let images = listing.images().count();
        let mut problems = std::mem::take(&mut listing.problems);
        let (layout, mut labelling) = layout::recognise(&mut listing, opening).unzip();
        if let Some(labelling) = &mut labelling {
            problems.append(std::mem::take(&mut labelling.problems));
        }
        let unused = unused(&listing, labelling.as_ref());
        let others = report_unused(&listing, &unused, labelling.is_some(), opening.layout, &mut problems);
        let problem = || problems.first().cloned().map(Box::new);
        // What was read by its columns can be explained anew; what another layout read is no table of labels.
        let mut tables = if layout == Some(Layout::Table) { listing.tables() } else { unused };
        tables.retain(|file| listing.kind(*file) == Kind::Table);
        let mut tables = table_views::views(&mut listing, &tables, &opening.mappings);
        // Without image files, a table can be of use only if it holds the pixels.
        tables.retain(|table| images > 0 || table.mapping.columns.contains(&Meaning::Pixels));
        let Some(mut labelling) = labelling else {
            return Err(match (images, opening.layout) {
                (0, _) if tables.is_empty() => ImportError::NoImages { name: dropped, problem: problem() },
                (0, _) => ImportError::UnknownColumns { name: dropped, tables },
                (_, Some(layout)) if tables.is_empty() => ImportError::OtherLayout { name: dropped, layout },
                _ => ImportError::NoLabels { name: dropped, images, problem: problem(), tables },
            });
        };
        if labelling.images.is_empty() {
            return Err(ImportError::NothingLeft { name: dropped, problem: problem(), tables });
        }
        let opened = Opened { layout, others: layout::others(layout, &mut listing, opening), tables };
        if others > 0 {
            labelling.excluded.push(("neither image nor table".to_owned(), others));
        }
        // In the order they lie in: an archive is then read from front to back.
        labelling.images.sort_by_key(|image| image.picture.order());
        Ok(Import {
            name,
            recognised: labelling.recognised,
            opened,
            label_set: labelling.label_set,
            numbers: labelling.numbers,
            splits,
            listing,
            total: labelling.images.len(),
            pending: labelling.images.into_iter(),
            samples: Vec::new(),
            own: Vec::new(),
            excluded: labelling.excluded,
            problems,
            store_error: None,
            pictures: Pictures::default(),
            ended: None,
            signature,
            stored: Vec::new(),
            stored_before: Vec::new(),
        })
    }

    /// What the dropped files are recognised by when they are dropped again: their paths and sizes, and
    /// how they are opened.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// What an import of the same files needs to go on from here, beside the store: see [`Import::resume`].
    pub fn stored(&self) -> &[u32] {
        &self.stored
    }

    /// Goes on where an earlier import of the same files was cut short. `stored` is what that one had
    /// [stored](Import::stored); the store holds those images, and they are not decoded again.
    pub fn resume(&mut self, stored: Vec<u32>) {
        self.stored_before = stored;
    }

    /// What the dataset will be called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many images there are to read.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many of them were read, well or not.
    pub fn done(&self) -> usize {
        self.total - self.pending.len()
    }

    /// Reads, decodes and stores the next image: a few milliseconds. `false` where nothing is left, or the store is
    /// full. An image that cannot be read becomes a [problem](super::Problem). The store must be empty at the first step, or hold what
    /// is resumed.
    pub fn step(&mut self, store: &mut dyn PixelStore) -> bool {
        if self.store_error.is_some() {
            return false;
        }
        let position = self.done() as u32;
        let Some(LabelledImage { picture, label, split, person }) = self.pending.next() else { return false };
        if self.ended == Some(picture.order().0) {
            return true;
        }
        let Some(annotation) = self.annotation(label) else { return true };
        let look = match self.stored_before.get(self.samples.len()) {
            Some(before) => self.resumed(*before, position, &picture, store),
            None => self.read_and_store(&picture, store),
        };
        match look {
            Ok(Some(look)) => {
                let name = picture.place(&self.listing).to_string();
                self.samples.push(Sample { name, annotation, person, split: None, look });
                self.own.push(split);
                self.stored.push(position);
            }
            Ok(None) => {}
            Err(error) => self.store_error = Some(error),
        }
        self.store_error.is_none()
    }

    /// The image at `position`, where an earlier import stored the one at `before` next. `None` where it cannot be read,
    /// now as then.
    fn resumed(
        &mut self,
        before: u32,
        position: u32,
        picture: &Picture,
        store: &dyn PixelStore,
    ) -> Result<Option<Fingerprint>, StoreError> {
        match before.cmp(&position) {
            Ordering::Equal => store.get(self.samples.len()).map(|pixels| Some(Fingerprint::of(&pixels))),
            Ordering::Greater if self.read(picture).is_none() => Ok(None),
            _ => Err(StoreError::Changed),
        }
    }

    fn read_and_store(
        &mut self,
        picture: &Picture,
        store: &mut dyn PixelStore,
    ) -> Result<Option<Fingerprint>, StoreError> {
        let Some(pixels) = self.read(picture) else { return Ok(None) };
        let pixels = imaging::fit_within(&pixels, LONGEST_SIDE);
        let stored = store.push(&pixels)?;
        debug_assert_eq!(stored, self.samples.len(), "the store was not empty");
        Ok(Some(Fingerprint::of(&pixels)))
    }

    /// The pixels of an image; what stands in their way is reported.
    fn read(&mut self, picture: &Picture) -> Option<Pixels> {
        let read = self.pictures.read(&mut self.listing, picture);
        read.map_err(|error| self.report(picture, error)).ok()
    }

    /// What is known of an image, if it is of use.
    fn annotation(&mut self, label: Label) -> Option<Annotation> {
        let files = match label {
            Label::Known(annotation) => return Some(annotation),
            Label::Files(files) => files,
        };
        match files.read(&mut self.listing, &mut self.problems) {
            Ok(annotation) => return Some(annotation),
            Err(reason) => match self.excluded.iter_mut().find(|(known, _)| known == reason) {
                Some((_, count)) => *count += 1,
                None => self.excluded.push((reason.to_owned(), 1)),
            },
        }
        None
    }

    /// Notes that a picture cannot be had, and where all after it cannot, how many those are.
    fn report(&mut self, picture: &Picture, error: PictureError) {
        let mut message = error.message;
        let file = picture.order().0;
        if error.and_all_after {
            self.ended = Some(file);
            let after = self.pending.as_slice().iter().take_while(|image| image.picture.order().0 == file).count();
            if after > 0 {
                message += &format!("; the {after} images after it are left out as well");
            }
        }
        self.problems.push(Place { column: error.column, ..picture.place(&self.listing) }, message);
    }

    /// Divides what was read and ends the import.
    ///
    /// Fails where not one image could be read, or the store failed.
    pub fn finish(mut self) -> Result<Dataset, ImportError> {
        if let Some(error) = self.store_error {
            return Err(error.into());
        }
        if self.samples.is_empty() {
            let problem = self.problems.first().cloned().map(Box::new);
            return Err(ImportError::NothingLeft { name: self.name, problem, tables: self.opened.tables });
        }
        if let Some((count, first)) = self.pictures.outside.take() {
            let more = if count > 1 { format!("; so are {} more", count - 1) } else { String::new() };
            let message = format!("is smaller than its face box, so it is taken for the face already cut out{more}");
            self.problems.push(first.place(&self.listing), message);
        }
        let own = settle_splits(&mut self.samples, &self.own, &self.splits);
        let own_splits = !own.is_empty();
        let mut recognised = format!("Recognised as {}", self.recognised);
        if own_splits {
            let names: Vec<&str> = own.iter().map(|split| split.name()).collect();
            recognised += &format!("; its own splits are used ({})", names.join(", "));
        }
        let (problems, problem_count) = self.problems.into_parts();
        Ok(Dataset {
            name: self.name,
            recognised: recognised + ".",
            opened: self.opened,
            label_set: self.label_set,
            numbers: self.numbers,
            samples: self.samples,
            own_splits,
            excluded: self.excluded,
            problems,
            problem_count,
        })
    }
}

fn signature(files: &[DroppedFile], opening: &Opening) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{opening:?}"));
    for file in files {
        hash.update(file.path.as_bytes());
        hash.update([0]);
        hash.update(file.source.size().to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a drop is called: the folder or archive that all lies in, or the first of several and how many more.
fn name_of(files: &[DroppedFile], zip_name: fn(&str) -> &str) -> String {
    let mut tops: Vec<String> = Vec::new();
    for file in files {
        let path = paths::normalise(&file.path);
        let top = path.split('/').next().unwrap_or_default();
        let top = if paths::kind(&path) == Kind::Zip { zip_name(top) } else { top };
        if !paths::is_hidden(&path) && !top.is_empty() && !tops.iter().any(|known| known == top) {
            tops.push(top.to_owned());
            if tops.len() > 3 {
                return format!("{} files", files.len());
            }
        }
    }
    if tops.is_empty() { "The drop".to_owned() } else { tops.join(" + ") }
}

/// The files beside images that no layout read.
fn unused(listing: &Listing, labelling: Option<&Labelling>) -> Vec<usize> {
    let mut used = vec![false; listing.files().len()];
    labelling.iter().flat_map(|labelling| &labelling.read).for_each(|file| used[*file] = true);
    (0..used.len()).filter(|file| !used[*file] && listing.kind(*file) != Kind::Image).collect()
}

/// A table or an array that no layout read is a problem: somebody meant something by it. Counts the other files.
fn report_unused(
    listing: &Listing,
    unused: &[usize],
    recognised: bool,
    chosen: Option<Layout>,
    problems: &mut ProblemList,
) -> usize {
    let unused = |kind: Kind| unused.iter().copied().filter(|file| listing.kind(*file) == kind).collect::<Vec<_>>();
    let because = chosen.map(|layout| format!("is not read: the files were to be opened as {}", layout.words()));
    // Without an image it is not the tables that are wrong.
    let tables = if recognised || listing.images().next().is_some() { unused(Kind::Table) } else { vec![] };
    for table in tables {
        let message = "has no header that names a column for the image (image, file, path) and one for expression, \
                       valence or arousal; it is not read";
        problems.push_file(listing.path(table), because.as_deref().unwrap_or(message));
    }
    let arrays: Vec<&str> = unused(Kind::Array).into_iter().map(|array| listing.path(array)).collect();
    let message =
        "is an array of no name that says what it holds (images, expressions, valence, arousal); it is not read";
    let message = because.as_deref().unwrap_or(message);
    problems.push_files(arrays.first().copied().unwrap_or_default(), &arrays, message);
    listing.others + unused(Kind::Text).len() + unused(Kind::Json).len()
}
