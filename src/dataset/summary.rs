//! What the page shows of a dataset without its pixels.

use serde::{Deserialize, Serialize};

use super::{Choices, Findings, Opened, Problem};
use crate::affect::LabelSet;

/// A dataset at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetSummary {
    /// What it is called: the dropped folder's or archive's name.
    pub name: String,
    /// "recognised as ... because ...": one sentence.
    pub recognised: String,
    /// How its files were opened, and how else they could be.
    pub opened: Opened,
    /// The classes; empty where there are only valence and arousal.
    pub label_set: LabelSet,
    /// The classes as they were found, and how many samples each has.
    pub found: Vec<(String, usize)>,
    /// The number that the data has for each class found; empty where it names them.
    pub numbers: Vec<u64>,
    /// What a person decided.
    pub choices: Choices,
    /// How many samples there are.
    pub samples: usize,
    /// Samples of each class, by split (train, validation, test): `counts[split][class]`, by the most likely class.
    pub counts: [Vec<usize>; 3],
    /// Samples in each split (train, validation, test), labelled with a class or not.
    pub split_sizes: [usize; 3],
    /// Whether the splits are the data's own (folders called train, valid, test).
    pub own_splits: bool,
    /// Samples that have both valence and arousal.
    pub with_affect: usize,
    /// The places on the circumplex: (valence, arousal) of at most 5,000 samples, evenly drawn.
    pub affect_points: Vec<(f32, f32)>,
    /// Files that were looked at and deliberately left out (votes for "unknown", ties), by reason.
    pub excluded: Vec<(String, usize)>,
    /// What a look at every face found.
    pub findings: Findings,
    /// What could not be read, the first 1,000 of it.
    pub problems: Vec<Problem>,
    /// How many problems there are in all.
    pub problem_count: usize,
}
