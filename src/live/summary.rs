//! A face's record in few numbers.

use serde::{Deserialize, Serialize};

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
