//! What is said of faces as they come.

use serde::{Deserialize, Serialize};

use crate::affect::LabelSet;
use crate::live::{Bands, Mark, Reading, Smoothing, TrackSummary};

/// How live readings are made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveSettings {
    /// How they are calmed; `None`: not at all.
    pub smoothing: Option<Smoothing>,
    /// A class that is less probable is no answer: the model is not sure.
    pub least: f32,
}

impl Default for LiveSettings {
    fn default() -> Self {
        LiveSettings { smoothing: Some(Smoothing::default()), least: 0.4 }
    }
}

/// What one picture of a camera or a film shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// The faces, the surest first.
    pub readings: Vec<Reading>,
    /// Whether faces were looked for: where nothing has moved they are where they were.
    pub searched: bool,
    /// Milliseconds that finding the faces took, and reading them.
    pub milliseconds: (f64, f64),
}

/// What a photograph shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photograph {
    /// Pixels across, as it stands.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// The faces, from left to right.
    pub readings: Vec<Reading>,
}

/// What was recorded. Times are seconds since the record's beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The classes of the model that read.
    pub label_set: LabelSet,
    /// Whether it is over.
    pub has_ended: bool,
    /// How many readings there are.
    pub readings: usize,
    /// Each face in all, in the order they came.
    pub tracks: Vec<TrackSummary>,
    /// What a person noted, in the order of time.
    pub marks: Vec<Mark>,
    /// The stretch that is shown: what was asked for, or all of it.
    pub span: (f64, f64),
    /// The readings of each of the `tracks` over that stretch.
    pub bands: Vec<Bands>,
}
