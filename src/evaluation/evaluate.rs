//! All figures of one model on one split.

use super::bootstrap::Weighable;
use super::calibration::reliability;
use super::classified::Classified;
use super::curves::{ClassCurves, Curves};
use super::intervals::Intervals;
use super::rated::Rated;
use super::report::{ExpressionMetrics, Prediction, Report};
use crate::affect::LabelSet;
use crate::dataset::Split;

/// The report on those `predictions` that are of `split`, its intervals included. `seed` seeds the bootstrap and nothing
/// else. Where somebody else wants a turn meanwhile: [`measure`], then [`Intervals`] step by step.
pub fn evaluate(label_set: &LabelSet, split: Split, predictions: &[Prediction], seed: u64) -> Report {
    let mut report = measure(label_set, split, predictions);
    let mut intervals = Intervals::new(label_set, split, predictions, seed);
    while intervals.step() {}
    intervals.finish(&mut report);
    report
}

/// The report without its intervals.
///
/// Every figure is over the samples labelled for it. A soft label counts as its most likely class, in every figure.
/// A prediction whose probabilities, or whose truth, are not over `label_set` has no expression to count.
pub fn measure(label_set: &LabelSet, split: Split, predictions: &[Prediction]) -> Report {
    let of_split = || of_split(split, predictions);
    let affect = |rated: Option<Rated>| rated.map(|rated| rated.metrics(&vec![1; rated.samples()]));
    Report {
        label_set: label_set.clone(),
        split,
        samples: of_split().count() as u64,
        expression: expression_metrics(label_set, of_split()),
        valence: affect(valence(of_split())),
        arousal: affect(arousal(of_split())),
    }
}

/// The curves whose areas the report gives, over the same samples: empty where there are none, or where a probability is
/// no finite number.
pub fn curves(label_set: &LabelSet, split: Split, predictions: &[Prediction]) -> Curves {
    let (truth, scores) = classes_and_scores(label_set, of_split(split, predictions));
    if truth.is_empty() || scores.iter().any(|row| row.iter().any(|score| !score.is_finite())) {
        return Curves::default();
    }
    let of_class = |(class, name): (usize, &String)| {
        let positive: Vec<bool> = truth.iter().map(|truth| *truth == class).collect();
        let scores: Vec<f32> = scores.iter().map(|row| row[class]).collect();
        ClassCurves::new(name, &positive, &scores)
    };
    Curves {
        classes: label_set.classes().iter().enumerate().map(of_class).collect(),
        reliability: reliability(&truth, &scores),
    }
}

fn expression_metrics<'a>(
    label_set: &LabelSet,
    predictions: impl Iterator<Item = &'a Prediction>,
) -> Option<ExpressionMetrics> {
    let (truth, scores) = classes_and_scores(label_set, predictions);
    let samples = truth.len();
    let classes = label_set.classes();
    // Scores that are no numbers name no class: every figure is that of no samples, which is undefined.
    let classified = Classified::new(classes, &truth, &scores).or_else(|| Classified::new(classes, &[], &[]))?;
    (samples > 0).then(|| ExpressionMetrics { samples: samples as u64, ..classified.metrics(&vec![1; samples]) })
}

/// Those of `split`.
pub(super) fn of_split(split: Split, predictions: &[Prediction]) -> impl Iterator<Item = &Prediction> {
    predictions.iter().filter(move |prediction| prediction.split == split)
}

/// Those whose class is known; `None` where there are none, or a probability is no finite number.
pub(super) fn classified<'a>(
    label_set: &LabelSet,
    predictions: impl Iterator<Item = &'a Prediction>,
) -> Option<Classified> {
    let (truth, scores) = classes_and_scores(label_set, predictions);
    Classified::new(label_set.classes(), &truth, &scores).filter(|_| !truth.is_empty())
}

/// Those whose valence is known; `None` where there are none.
pub(super) fn valence<'a>(predictions: impl Iterator<Item = &'a Prediction>) -> Option<Rated> {
    Rated::new(predictions.filter_map(|prediction| Some((prediction.truth.valence?, prediction.valence))))
}

/// Those whose arousal is known; `None` where there are none.
pub(super) fn arousal<'a>(predictions: impl Iterator<Item = &'a Prediction>) -> Option<Rated> {
    Rated::new(predictions.filter_map(|prediction| Some((prediction.truth.arousal?, prediction.arousal))))
}

/// The true classes and the probabilities of those that have both.
fn classes_and_scores<'a>(
    label_set: &LabelSet,
    predictions: impl Iterator<Item = &'a Prediction>,
) -> (Vec<usize>, Vec<&'a [f32]>) {
    predictions.filter_map(|prediction| class_and_scores(label_set, prediction)).unzip()
}

/// The true class and the probabilities, where both are there and both are over `label_set`.
pub(super) fn class_and_scores<'a>(label_set: &LabelSet, prediction: &'a Prediction) -> Option<(usize, &'a [f32])> {
    let classes = label_set.len();
    let class = prediction.truth.class().filter(|class| *class < classes)?;
    (prediction.probabilities.len() == classes).then_some((class, &prediction.probabilities[..]))
}
