//! Whether the probabilities mean what they say.

use super::classification::{argmax, mean, ratio};

/// Bins of [`ece`].
pub const CALIBRATION_BINS: usize = 15;

/// Expected calibration error: the gap between confidence and accuracy, averaged over [`CALIBRATION_BINS`] bins of
/// equal width weighted by their samples (Naeini et al. 2015; Guo et al. 2017). Confidence is the largest probability
/// of a row; a bin holds its upper edge and not its lower one. `None` of no samples, or where a confidence is NaN.
///
/// # Panics
/// Where there are not as many rows as samples.
pub fn ece(truth: &[usize], probabilities: &[&[f32]]) -> Option<f64> {
    assert_eq!(truth.len(), probabilities.len(), "one row of probabilities a sample");
    // Accuracy less confidence, summed over the samples of each bin.
    let mut gaps = [0.0; CALIBRATION_BINS];
    for (&truth, row) in truth.iter().zip(probabilities) {
        let class = argmax(row)?;
        let confidence = f64::from(row[class]);
        // The cast takes what is below 0, and NaN, to 0; the sum keeps the NaN, and `ratio` makes it `None`.
        let bin = (confidence * CALIBRATION_BINS as f64).ceil() as usize;
        gaps[bin.clamp(1, CALIBRATION_BINS) - 1] += f64::from(class == truth) - confidence;
    }
    ratio(gaps.iter().map(|gap| gap.abs()).sum(), truth.len() as f64)
}

/// Brier score of several classes, in its original form (Brier 1950): the mean over samples of
/// `sum_c (p_c - [c is the true class])^2`, 0 (perfect) ..= 2. `None` of no samples, or where a probability is NaN.
///
/// # Panics
/// Where there are not as many rows as samples.
pub fn brier(truth: &[usize], probabilities: &[&[f32]]) -> Option<f64> {
    assert_eq!(truth.len(), probabilities.len(), "one row of probabilities a sample");
    mean(truth.iter().zip(probabilities).map(|(&truth, row)| {
        row.iter().enumerate().map(|(class, p)| (f64::from(*p) - f64::from(class == truth)).powi(2)).sum()
    }))
}
