//! Layouts: the ways datasets lie on disk. Each is one file with one function that reads a listing if it is laid out
//! its way; [`recognise`] asks them in turn.

use super::affectnet_arrays::{self, AnnotationFiles};
use super::listing::Listing;
use super::picture::Picture;
use super::problem_list::ProblemList;
use super::{afew_va, affect_arrays, fer2013, ferplus, file_names, folder_per_class, image_arrays, rafdb, table};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Split;

/// What a layout makes of a listing: which images there are to read, and what is known of each.
pub(super) struct Labelling {
    /// What it is recognised as, and why: "FER+ votes because ...".
    pub(super) recognised: String,
    pub(super) label_set: LabelSet,
    pub(super) images: Vec<LabelledImage>,
    /// The tables, arrays and texts it read; the others were of no use.
    pub(super) read: Vec<usize>,
    /// Images deliberately left out, by reason.
    pub(super) excluded: Vec<(String, usize)>,
    pub(super) problems: ProblemList,
}

/// An image and what is known of it.
pub(super) struct LabelledImage {
    pub(super) picture: Picture,
    pub(super) label: Label,
    /// The split the data itself puts it in.
    pub(super) split: Option<Split>,
}

/// What is known of an image.
pub(super) enum Label {
    Known(Annotation),
    /// Files of its own say it. They are read with the image: there are as many as images, or more.
    Files(AnnotationFiles),
}

impl LabelledImage {
    /// An image file as it is.
    pub(super) fn file(file: usize, annotation: Annotation, split: Option<Split>) -> Self {
        LabelledImage { picture: Picture::File { file, face: None }, label: Label::Known(annotation), split }
    }
}

/// A layout: a labelling of the listing, or `None` where it is laid out another way.
type Layout = fn(&mut Listing) -> Option<Labelling>;

/// Layouts whose pixels lie in tables and arrays.
const WITHOUT_IMAGE_FILES: [Layout; 2] = [fer2013::read, image_arrays::read];

/// Layouts of image files. The most telling first: votes are a table too, and tables stand beside folders.
const OF_IMAGE_FILES: [Layout; 9] = [
    ferplus::read,
    rafdb::read,
    affectnet_arrays::read,
    affect_arrays::read,
    afew_va::read,
    table::read,
    folder_per_class::read_expressions,
    file_names::read,
    folder_per_class::read_any,
];

/// The labelling by the first layout that fits.
pub(super) fn recognise(listing: &mut Listing) -> Option<Labelling> {
    let of_files: &[Layout] = if listing.images().next().is_some() { &OF_IMAGE_FILES } else { &[] };
    WITHOUT_IMAGE_FILES.iter().chain(of_files).find_map(|read| read(listing))
}
