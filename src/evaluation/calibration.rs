//! Whether the probabilities mean what they say.

use serde::{Deserialize, Serialize};

use super::classification::{argmax, mean, ratio};

/// Bins of confidence, of equal width.
pub const CALIBRATION_BINS: usize = 15;

/// The samples whose confidence lies in one bin: a point of the reliability diagram (Niculescu-Mizil & Caruana 2005).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Its lower edge, which is not in it.
    pub low: f64,
    /// Its upper edge, which is.
    pub high: f64,
    /// How many samples there are.
    pub samples: u64,
    /// Their mean confidence; `None` of no samples.
    pub confidence: Option<f64>,
    /// The share of them that are right; `None` of no samples.
    pub accuracy: Option<f64>,
}

/// Samples counted by their confidence, which is the largest probability of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Reliability([Tally; CALIBRATION_BINS]);

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    samples: u64,
    right: u64,
    confidence: f64,
}

impl Reliability {
    fn of(truth: &[usize], probabilities: &[&[f32]]) -> Option<Self> {
        assert_eq!(truth.len(), probabilities.len(), "one row of probabilities a sample");
        let mut reliability = Self::default();
        for (&truth, row) in truth.iter().zip(probabilities) {
            let class = argmax(row)?;
            reliability.count(f64::from(row[class]), class == truth, 1);
        }
        Some(reliability)
    }

    /// Counts a sample `times`.
    pub fn count(&mut self, confidence: f64, right: bool, times: u32) {
        // The cast takes what is below 0, and NaN, to 0; the sum keeps the NaN, and `ratio` makes it `None`.
        let bin = (confidence * CALIBRATION_BINS as f64).ceil() as usize;
        let tally = &mut self.0[bin.clamp(1, CALIBRATION_BINS) - 1];
        tally.samples += u64::from(times);
        tally.right += u64::from(times) * u64::from(right);
        tally.confidence += f64::from(times) * confidence;
    }

    /// See [`ece`].
    pub fn ece(&self) -> Option<f64> {
        let gaps = self.0.iter().map(|tally| (tally.right as f64 - tally.confidence).abs());
        ratio(gaps.sum(), self.0.iter().map(|tally| tally.samples as f64).sum())
    }

    fn bins(&self) -> impl Iterator<Item = ReliabilityBin> {
        let edge = |bin: usize| bin as f64 / CALIBRATION_BINS as f64;
        self.0.iter().enumerate().map(move |(bin, tally)| ReliabilityBin {
            low: edge(bin),
            high: edge(bin + 1),
            samples: tally.samples,
            confidence: ratio(tally.confidence, tally.samples as f64),
            accuracy: ratio(tally.right as f64, tally.samples as f64),
        })
    }
}

/// The [`CALIBRATION_BINS`] bins from which the [`ece`] follows, the least confident first; empty where a row has no
/// probabilities.
///
/// # Panics
/// Where there are not as many rows as samples.
pub fn reliability(truth: &[usize], probabilities: &[&[f32]]) -> Vec<ReliabilityBin> {
    Reliability::of(truth, probabilities).iter().flat_map(Reliability::bins).collect()
}

/// Expected calibration error: the gap between confidence and accuracy, averaged over [`CALIBRATION_BINS`] bins of
/// equal width weighted by their samples (Naeini et al. 2015; Guo et al. 2017). Confidence is the largest probability
/// of a row; a bin holds its upper edge and not its lower one. `None` of no samples, or where a confidence is NaN.
///
/// # Panics
/// Where there are not as many rows as samples.
pub fn ece(truth: &[usize], probabilities: &[&[f32]]) -> Option<f64> {
    Reliability::of(truth, probabilities)?.ece()
}

/// Brier score of several classes, in its original form (Brier 1950): the mean over samples of
/// `sum_c (p_c - [c is the true class])^2`, 0 (perfect) ..= 2. `None` of no samples, or where a probability is NaN.
///
/// # Panics
/// Where there are not as many rows as samples.
pub fn brier(truth: &[usize], probabilities: &[&[f32]]) -> Option<f64> {
    assert_eq!(truth.len(), probabilities.len(), "one row of probabilities a sample");
    mean(truth.iter().zip(probabilities).map(|(&truth, row)| squared_error(truth, row)))
}

/// The summed squared error of one row of probabilities.
pub(super) fn squared_error(truth: usize, row: &[f32]) -> f64 {
    row.iter().enumerate().map(|(class, p)| (f64::from(*p) - f64::from(class == truth)).powi(2)).sum()
}
