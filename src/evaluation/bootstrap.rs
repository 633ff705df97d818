//! How far the figures could lie elsewhere by chance: percentile bootstrap (Efron 1979; Efron & Tibshirani 1993, ch. 13).
//!
//! Seeded: the same samples and the same seed give the same interval on every machine.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::regression::ccc;
use super::report::{ConfusionMatrix, Interval};

/// How often the samples are drawn anew.
const RESAMPLES: usize = 1000;

/// 95 % intervals of accuracy and macro F1, from the same resamples.
///
/// Stratified by true class: every class keeps its support, and its samples are drawn with replacement. Only the
/// predicted class of a sample matters to these figures, so the draw is made on the counts of the matrix.
/// The macro F1 of a resample is over the classes that occur in that resample. `None` of fewer than two samples.
pub fn accuracy_and_f1_intervals(confusion: &ConfusionMatrix, seed: u64) -> (Option<Interval>, Option<Interval>) {
    if confusion.total() < 2 {
        return (None, None);
    }
    // The predicted class of every sample, one list a true class.
    let strata: Vec<Vec<usize>> = confusion.counts.iter().map(|row| predictions_of(row)).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut accuracies, mut f1s) = (Vec::with_capacity(RESAMPLES), Vec::with_capacity(RESAMPLES));
    for _ in 0..RESAMPLES {
        let mut resample = ConfusionMatrix::empty(confusion.classes());
        for (row, stratum) in resample.counts.iter_mut().zip(&strata) {
            for _ in 0..stratum.len() {
                row[stratum[rng.random_range(0..stratum.len())]] += 1;
            }
        }
        accuracies.extend(resample.accuracy());
        f1s.extend(resample.f1_macro());
    }
    (percentiles(accuracies), percentiles(f1s))
}

/// 95 % interval of the CCC: samples are drawn with replacement, without strata. Resamples whose CCC is undefined are
/// left out. `None` of fewer than two samples, or where the CCC is undefined in every resample.
///
/// # Panics
/// Where the slices differ in length.
pub fn ccc_interval(truth: &[f32], predicted: &[f32], seed: u64) -> Option<Interval> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a sample");
    let samples = truth.len();
    if samples < 2 {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut drawn_truth, mut drawn_predicted) = (vec![0.0; samples], vec![0.0; samples]);
    let mut figures = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for (t, p) in drawn_truth.iter_mut().zip(&mut drawn_predicted) {
            let drawn = rng.random_range(0..samples);
            (*t, *p) = (truth[drawn], predicted[drawn]);
        }
        figures.extend(ccc(&drawn_truth, &drawn_predicted));
    }
    percentiles(figures)
}

/// The predicted classes that a row of the matrix has counted, one entry a sample.
fn predictions_of(row: &[u64]) -> Vec<usize> {
    row.iter().enumerate().flat_map(|(class, &count)| (0..count).map(move |_| class)).collect()
}

/// The 2.5th and the 97.5th percentile.
fn percentiles(mut figures: Vec<f64>) -> Option<Interval> {
    figures.sort_unstable_by(f64::total_cmp);
    Some(Interval { low: quantile(&figures, 0.025)?, high: quantile(&figures, 0.975)? })
}

/// Linear between the two nearest of `sorted` (definition 7 of Hyndman & Fan 1996, NumPy's default).
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let place = q * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}
