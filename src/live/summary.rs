//! A record in few numbers.

use serde::{Deserialize, Serialize};

use super::Answer;

/// A note that a person made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// When, seconds since the record's beginning.
    pub time: f64,
    /// What.
    pub text: String,
}

/// A face's readings over a stretch of time, in columns of equal length; `None` where it was not in view.
pub type Bands = Vec<Option<Answer>>;

/// What was read of one face in all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackSummary {
    /// Which face.
    pub track: u32,
    /// When it was first and last read, seconds.
    pub span: (f64, f64),
    /// For how long it was in view, seconds.
    pub seconds: f64,
    /// How often it was read.
    pub readings: usize,
    /// The share of that time of each class; what is missing to 1, the model was not sure.
    pub shares: Vec<f64>,
    /// The means over that time.
    pub valence: f64,
    /// As `valence`.
    pub arousal: f64,
}

impl TrackSummary {
    /// The share of the time in which the model was not sure.
    pub fn not_sure(&self) -> f64 {
        (1.0 - self.shares.iter().sum::<f64>()).max(0.0)
    }
}
