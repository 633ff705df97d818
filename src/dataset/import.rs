//! An import, step by step: whoever drives it can stop between any two images.

mod archive;
mod classes;
mod columns;
mod ferplus;
mod folder_per_class;
mod image_index;
mod layout;
mod listing;
mod paths;
mod problem_list;
mod table;
mod table_rows;

use thiserror::Error;

use self::layout::{LabelledImage, Labelling};
use self::listing::Listing;
use self::paths::Kind;
use self::problem_list::ProblemList;
use super::split::settle_splits;
use super::{Dataset, DroppedFile, PixelStore, Problem, Sample, Split, SplitPlan, StoreError};
use crate::affect::LabelSet;
use crate::imaging;

/// Images are stored with at most this many pixels on the longest side.
const LONGEST_SIDE: usize = 256;

/// Why nothing could be imported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Nothing was dropped.
    #[error("Nothing to import: the folder is empty. Drop images with their labels, or a zip of them.")]
    Empty,
    /// No file that could be opened holds an image.
    #[error("{name} holds no image (PNG, JPEG, WebP, BMP, GIF, PGM or PPM).{}", first_problem(.problem))]
    NoImages {
        /// What was dropped.
        name: String,
        /// What stood in the way, where something did.
        problem: Option<Box<Problem>>,
    },
    /// There are images, and nothing says what they show.
    #[error(
        "{name} holds {images} images but no labels. Put the images of each class in a folder of its name, or add a CSV \
         with a column for the image (image, file, path) and one for expression, valence or arousal.{}",
        first_problem(.problem)
    )]
    NoLabels {
        /// What was dropped.
        name: String,
        /// How many images there are.
        images: usize,
        /// What stood in the way, where something did.
        problem: Option<Box<Problem>>,
    },
    /// There are images and labels, but not one image that has a label and can be read.
    #[error("No image of {name} could be imported.{}", first_problem(.problem))]
    NothingLeft {
        /// What was dropped.
        name: String,
        /// What stood in the way.
        problem: Option<Box<Problem>>,
    },
    /// The images could not be stored.
    #[error("The import stopped: {0}.")]
    Store(#[from] StoreError),
}

/// The sentence that goes after another one.
fn first_problem(problem: &Option<Box<Problem>>) -> String {
    problem.as_ref().map(|problem| format!(" {problem}.")).unwrap_or_default()
}

/// A dataset on its way in.
pub struct Import {
    name: String,
    recognised: String,
    label_set: LabelSet,
    splits: SplitPlan,
    listing: Listing,
    pending: std::vec::IntoIter<LabelledImage>,
    total: usize,
    samples: Vec<Sample>,
    own: Vec<Option<Split>>,
    excluded: Vec<(String, usize)>,
    problems: ProblemList,
    store_error: Option<StoreError>,
    bytes: Vec<u8>,
}

impl Import {
    /// Reads archive directories and label files; decodes no image.
    ///
    /// Fails only where nothing at all can be imported. Whatever else is wrong becomes a [`Problem`].
    pub fn open(files: Vec<DroppedFile>, splits: SplitPlan) -> Result<Import, ImportError> {
        if files.is_empty() {
            return Err(ImportError::Empty);
        }
        let name = name_of(&files, paths::without_zip);
        let dropped = name_of(&files, |zip| zip);
        let mut listing = Listing::new(files);
        let images = listing.images().count();
        let mut problems = std::mem::take(&mut listing.problems);
        if images == 0 {
            return Err(ImportError::NoImages { name: dropped, problem: problems.first().cloned().map(Box::new) });
        }
        let labelling = layout::recognise(&mut listing);
        report_unused(&listing, labelling.as_ref(), &mut problems);
        let Some(mut labelling) = labelling else {
            return Err(ImportError::NoLabels {
                name: dropped,
                images,
                problem: problems.first().cloned().map(Box::new),
            });
        };
        problems.append(labelling.problems);
        if labelling.images.is_empty() {
            return Err(ImportError::NothingLeft { name: dropped, problem: problems.first().cloned().map(Box::new) });
        }
        if listing.others > 0 {
            labelling.excluded.push(("neither image nor table".to_owned(), listing.others));
        }
        // In the order they lie in: an archive is then read from front to back.
        labelling.images.sort_by_key(|image| image.file);
        Ok(Import {
            name,
            recognised: labelling.recognised,
            label_set: labelling.label_set,
            splits,
            listing,
            total: labelling.images.len(),
            pending: labelling.images.into_iter(),
            samples: Vec::new(),
            own: Vec::new(),
            excluded: labelling.excluded,
            problems,
            store_error: None,
            bytes: Vec::new(),
        })
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
    /// full. An image that cannot be read becomes a [`Problem`]. The store must be empty at the first step.
    pub fn step(&mut self, store: &mut dyn PixelStore) -> bool {
        if self.store_error.is_some() {
            return false;
        }
        let Some(image) = self.pending.next() else { return false };
        match self.decode(image.file) {
            Ok(pixels) => match store.push(&pixels) {
                Ok(index) => {
                    debug_assert_eq!(index, self.samples.len(), "the store was not empty");
                    let name = self.listing.path(image.file).to_owned();
                    self.samples.push(Sample { name, annotation: image.annotation, split: Split::Train });
                    self.own.push(image.split);
                }
                Err(error) => self.store_error = Some(error),
            },
            Err(message) => self.problems.push_file(self.listing.path(image.file), message),
        }
        self.store_error.is_none()
    }

    /// An image of the listing, or why it cannot be had.
    fn decode(&mut self, file: usize) -> Result<imaging::Pixels, String> {
        self.listing.read_image(file, &mut self.bytes).map_err(|error| error.to_string())?;
        let pixels = imaging::decode(&self.bytes).map_err(|error| error.to_string())?;
        Ok(imaging::fit_within(&pixels, LONGEST_SIDE))
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
            return Err(ImportError::NothingLeft { name: self.name, problem });
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
            label_set: self.label_set,
            samples: self.samples,
            own_splits,
            excluded: self.excluded,
            problems,
            problem_count,
        })
    }
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

/// A table that no layout read is a problem: somebody meant something by it.
fn report_unused(listing: &Listing, labelling: Option<&Labelling>, problems: &mut ProblemList) {
    let used: &[usize] = labelling.map_or(&[], |labelling| &labelling.tables);
    for table in listing.tables().into_iter().filter(|table| !used.contains(table)) {
        let message = "has no header that names a column for the image (image, file, path) and one for expression, \
                       valence or arousal; it is not read";
        problems.push_file(listing.path(table), message);
    }
}
