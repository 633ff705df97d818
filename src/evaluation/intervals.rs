//! The intervals of a whole report, computed step by step.

use super::bootstrap::Bootstrap;
use super::classified::{CLASS, Classified};
use super::evaluate::{arousal, classified, of_split, valence};
use super::figures::{AFFECT, EXPRESSION, place};
use super::rated::Rated;
use super::report::{AffectMetrics, ExpressionMetrics, Prediction, Report};
use crate::affect::LabelSet;
use crate::dataset::Split;

/// The bootstrap of every figure of a report, under way.
///
/// ```
/// # use mien::{affect::LabelSet, dataset::Split, evaluation::{Intervals, measure}};
/// # let (label_set, split, predictions) = (LabelSet::affectnet8(), Split::Test, Vec::new());
/// let mut report = measure(&label_set, split, &predictions);
/// let mut intervals = Intervals::new(&label_set, split, &predictions, 1);
/// while intervals.step() {
///     // Others get their turn here.
/// }
/// intervals.finish(&mut report);
/// ```
pub struct Intervals {
    expression: Option<Bootstrap<Classified>>,
    valence: Option<Bootstrap<Rated>>,
    arousal: Option<Bootstrap<Rated>>,
}

impl Intervals {
    /// Of those `predictions` that are of `split`.
    pub fn new(label_set: &LabelSet, split: Split, predictions: &[Prediction], seed: u64) -> Self {
        let of_split = || of_split(split, predictions);
        Intervals {
            expression: classified(label_set, of_split()).map(|subject| Bootstrap::new(subject, seed)),
            valence: valence(of_split()).map(|subject| Bootstrap::new(subject, seed)),
            arousal: arousal(of_split()).map(|subject| Bootstrap::new(subject, seed)),
        }
    }

    /// A few milliseconds of work; says whether there is more to do.
    pub fn step(&mut self) -> bool {
        let Intervals { expression, valence, arousal } = self;
        expression.as_mut().is_some_and(Bootstrap::step)
            || valence.as_mut().is_some_and(Bootstrap::step)
            || arousal.as_mut().is_some_and(Bootstrap::step)
    }

    /// The share that is done, 0..=1.
    pub fn progress(&self) -> f64 {
        let Intervals { expression, valence, arousal } = self;
        let parts = expression.iter().map(Bootstrap::progress);
        let parts: Vec<f64> = parts.chain([valence, arousal].into_iter().flatten().map(Bootstrap::progress)).collect();
        parts.iter().sum::<f64>() / parts.len().max(1) as f64
    }

    /// Writes them into the report on the same predictions.
    pub fn finish(self, report: &mut Report) {
        if let (Some(bootstrap), Some(metrics)) = (self.expression, &mut report.expression) {
            write_expression(bootstrap, metrics);
        }
        let affect = [(self.valence, &mut report.valence), (self.arousal, &mut report.arousal)];
        for (bootstrap, metrics) in affect {
            if let (Some(bootstrap), Some(AffectMetrics { intervals, .. })) = (bootstrap, metrics) {
                place(&AFFECT, &mut bootstrap.intervals(), intervals);
            }
        }
    }
}

/// In the order of [`Classified::figures`](super::bootstrap::Weighable::figures).
fn write_expression(bootstrap: Bootstrap<Classified>, metrics: &mut ExpressionMetrics) {
    let mut intervals = bootstrap.intervals();
    place(&EXPRESSION, &mut intervals, &mut metrics.intervals);
    for class in &mut metrics.classes {
        place(&CLASS, &mut intervals, &mut class.intervals);
    }
}
