//! One labelled face of a dataset.

use serde::{Deserialize, Serialize};

use crate::affect::Annotation;
use crate::imaging::Fingerprint;

/// The part a sample plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Weights are fitted to it.
    Train,
    /// Choices are made on it.
    Validation,
    /// Only the final figures are made on it.
    Test,
}

impl Split {
    /// All three.
    pub const ALL: [Split; 3] = [Split::Train, Split::Validation, Split::Test];

    /// The name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Validation => "validation",
            Split::Test => "test",
        }
    }
}

/// How a dataset without splits of its own is divided: stratified by class, seeded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitPlan {
    /// Share of the validation split, 0..1.
    pub validation: f32,
    /// Share of the test split, 0..1.
    pub test: f32,
    /// Seeds the draw.
    pub seed: u64,
}

impl Default for SplitPlan {
    fn default() -> Self {
        SplitPlan { validation: 0.15, test: 0.15, seed: 1 }
    }
}

/// One face, what is known about it, and the split it is in. Its pixels lie in the dataset's pixel store, under its index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The file it came from: its path as it was dropped.
    pub name: String,
    /// What is known.
    pub annotation: Annotation,
    /// Whose face it is, where the data says so.
    #[serde(default)]
    pub person: Option<String>,
    /// The part it plays; `None` where a person left it out.
    pub split: Option<Split>,
    /// How its picture looks.
    pub look: Fingerprint,
}
