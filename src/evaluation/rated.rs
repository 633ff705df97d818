//! Samples whose valence, or arousal, is known, as [`classified`](super::classified) has those whose class is.

use super::bootstrap::Weighable;
use super::figures::AFFECT;
use super::interval::AffectIntervals;
use super::regression::{Moments, Point, agreement, mean_size, mean_square, points};
use super::report::AffectMetrics;

/// What was so, and what a model said of it.
#[derive(Clone)]
pub(super) struct Rated {
    truth: Vec<f32>,
    predicted: Vec<f32>,
}

impl Rated {
    /// Of nothing there is nothing to say.
    pub fn new(pairs: impl Iterator<Item = (f32, f32)>) -> Option<Rated> {
        let (truth, predicted): (Vec<f32>, Vec<f32>) = pairs.unzip();
        (!truth.is_empty()).then_some(Rated { truth, predicted })
    }

    /// Every figure, each sample counting as often as its weight says. The intervals are left empty.
    pub fn metrics(&self, weights: &[u32]) -> AffectMetrics {
        let once = || points(&self.truth, &self.predicted);
        let points = || once().zip(weights).map(|(point, weight)| Point { n: f64::from(*weight), ..point });
        let moments = Moments::of(points());
        AffectMetrics {
            samples: weights.iter().map(|weight| u64::from(*weight)).sum(),
            rmse: mean_square(points()),
            mae: mean_size(points()),
            pearson: moments.as_ref().and_then(Moments::pearson),
            ccc: moments.as_ref().and_then(Moments::ccc),
            sagr: agreement(points()),
            intervals: AffectIntervals::default(),
        }
    }
}

impl Weighable for Rated {
    fn samples(&self) -> usize {
        self.truth.len()
    }

    fn strata(&self) -> Vec<Vec<u32>> {
        vec![(0..self.samples() as u32).collect()]
    }

    fn passes(&self) -> usize {
        6
    }

    fn figures(&self, weights: &[u32]) -> Vec<Option<f64>> {
        let metrics = self.metrics(weights);
        AFFECT.map(|(figure, _)| figure(&metrics)).to_vec()
    }
}
