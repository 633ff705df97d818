//! Layouts: the ways datasets lie on disk. Each is one file with one function that reads a listing if it is laid out
//! its way; [`recognise`] asks them in turn.

use super::listing::Listing;
use super::problem_list::ProblemList;
use super::{ferplus, folder_per_class, table};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Split;

/// What a layout makes of a listing: which images there are to read, and what is known of each.
pub(super) struct Labelling {
    /// What it is recognised as, and why: "FER+ votes because ...".
    pub(super) recognised: String,
    pub(super) label_set: LabelSet,
    pub(super) images: Vec<LabelledImage>,
    /// The tables it read; the others were of no use.
    pub(super) tables: Vec<usize>,
    /// Images deliberately left out, by reason.
    pub(super) excluded: Vec<(String, usize)>,
    pub(super) problems: ProblemList,
}

/// An image and what is known of it.
pub(super) struct LabelledImage {
    /// The image's index in the listing.
    pub(super) file: usize,
    pub(super) annotation: Annotation,
    /// The split the data itself puts it in.
    pub(super) split: Option<Split>,
}

/// A layout: a labelling of the listing, or `None` where it is laid out another way.
type Layout = fn(&mut Listing) -> Option<Labelling>;

/// The most telling first: votes are a table too, and tables stand beside folders.
const LAYOUTS: [Layout; 3] = [ferplus::read, table::read, folder_per_class::read];

/// The labelling by the first layout that fits.
pub(super) fn recognise(listing: &mut Listing) -> Option<Labelling> {
    LAYOUTS.iter().find_map(|read| read(listing))
}
