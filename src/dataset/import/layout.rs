//! Layouts: the ways datasets lie on disk. Each is one file with one function that reads a listing if it is laid out
//! its way, and one that says cheaply whether it might; [`recognise`] asks the first in turn, [`others`] the second.

use super::affectnet_arrays::{self, AnnotationFiles};
use super::listing::Listing;
use super::picture::Picture;
use super::problem_list::ProblemList;
use super::{afew_va, affect_arrays, fer2013, ferplus, file_names, folder_per_class, image_arrays, rafdb, table};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::{Layout, Mapping, Opening, Split};

/// What a layout makes of a listing: which images there are to read, and what is known of each.
pub(super) struct Labelling {
    /// What it is recognised as, and why: "FER+ votes because ...".
    pub(super) recognised: String,
    pub(super) label_set: LabelSet,
    /// The number that the data has for each class; empty where it names them, or its order is known for certain.
    pub(super) numbers: Vec<u64>,
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
    /// Whose face it is, where the data says so.
    pub(super) person: Option<String>,
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
        LabelledImage {
            picture: Picture::File { file, face: None },
            label: Label::Known(annotation),
            split,
            person: None,
        }
    }
}

/// What a listing is taken for: what a person said, or the first layout that fits.
pub(super) fn recognise(listing: &mut Listing, opening: &Opening) -> Option<(Layout, Labelling)> {
    let asked = opening.layout.map_or_else(|| possible(listing), |layout| vec![layout]);
    asked.into_iter().find_map(|layout| Some((layout, read(layout, listing, &opening.mappings)?)))
}

/// What else than `taken` a listing could be. Nothing is read for it but first rows and names.
pub(super) fn others(taken: Option<Layout>, listing: &mut Listing, opening: &Opening) -> Vec<Layout> {
    let mut others = possible(listing);
    others.retain(|layout| Some(*layout) != taken && fits(*layout, listing, &opening.mappings));
    others
}

/// The layouts that are about files of the kind there are.
fn possible(listing: &Listing) -> Vec<Layout> {
    let has_images = listing.images().next().is_some();
    Layout::ALL.into_iter().filter(|layout| has_images || !layout.has_image_files()).collect()
}

/// What a layout makes of a listing: `None` where it is laid out another way.
fn read(layout: Layout, listing: &mut Listing, mappings: &[Mapping]) -> Option<Labelling> {
    match layout {
        Layout::Fer2013 => fer2013::read(listing),
        Layout::ImageArrays => image_arrays::read(listing),
        Layout::FerPlus => ferplus::read(listing),
        Layout::RafDb => rafdb::read(listing),
        Layout::AffectNetArrays => affectnet_arrays::read(listing),
        Layout::LabelArrays => affect_arrays::read(listing),
        Layout::AfewVa => afew_va::read(listing),
        Layout::Table => table::read(listing, mappings),
        Layout::ExpressionFolders => folder_per_class::read_expressions(listing),
        Layout::FileNames => file_names::read(listing),
        Layout::Folders => folder_per_class::read_any(listing),
    }
}

/// Whether a layout would make something of a listing, as far as that can be told at once.
fn fits(layout: Layout, listing: &mut Listing, mappings: &[Mapping]) -> bool {
    match layout {
        Layout::Fer2013 => fer2013::fits(listing),
        Layout::ImageArrays => image_arrays::fits(listing),
        Layout::FerPlus => ferplus::fits(listing),
        Layout::RafDb => rafdb::fits(listing),
        Layout::AffectNetArrays => affectnet_arrays::fits(listing),
        Layout::LabelArrays => affect_arrays::fits(listing),
        Layout::AfewVa => afew_va::fits(listing),
        Layout::Table => table::fits(listing, mappings),
        Layout::ExpressionFolders => folder_per_class::fits_expressions(listing),
        Layout::FileNames => file_names::fits(listing),
        Layout::Folders => folder_per_class::fits_any(listing),
    }
}
