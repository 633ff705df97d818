//! All figures of one model on one split.

use super::bootstrap::{accuracy_and_f1_intervals, ccc_interval};
use super::calibration::{brier, ece};
use super::classification::{argmax, mean, roc_auc, top2};
use super::regression::{ccc, mae, pearson, rmse, sagr};
use super::report::{AffectMetrics, ClassMetrics, ConfusionMatrix, ExpressionMetrics, Prediction, Report};
use crate::affect::LabelSet;
use crate::dataset::Split;

/// The report on those `predictions` that are of `split`. `seed` seeds the bootstrap and nothing else.
///
/// Every figure is over the samples labelled for it. A soft label counts as its most likely class, in every figure.
/// A prediction whose probabilities, or whose truth, are not over `label_set` has no expression to count.
pub fn evaluate(label_set: &LabelSet, split: Split, predictions: &[Prediction], seed: u64) -> Report {
    let predictions: Vec<&Prediction> = predictions.iter().filter(|prediction| prediction.split == split).collect();
    let pairs = |pair: fn(&Prediction) -> (Option<f32>, f32)| {
        let labelled = predictions.iter().map(|p| pair(p)).filter_map(|(truth, said)| Some((truth?, said)));
        labelled.unzip::<f32, f32, Vec<_>, Vec<_>>()
    };
    let (valence, said_valence) = pairs(|prediction| (prediction.truth.valence, prediction.valence));
    let (arousal, said_arousal) = pairs(|prediction| (prediction.truth.arousal, prediction.arousal));
    Report {
        label_set: label_set.clone(),
        split,
        samples: predictions.len() as u64,
        expression: expression_metrics(label_set, &predictions, seed),
        valence: affect_metrics(&valence, &said_valence, seed),
        arousal: affect_metrics(&arousal, &said_arousal, seed),
    }
}

fn expression_metrics(label_set: &LabelSet, predictions: &[&Prediction], seed: u64) -> Option<ExpressionMetrics> {
    let labelled = predictions.iter().filter_map(|prediction| class_and_scores(prediction, label_set.len()));
    let (truth, scores): (Vec<usize>, Vec<&[f32]>) = labelled.unzip();
    let samples = truth.len() as u64;
    if samples == 0 {
        return None;
    }
    // Scores that are no numbers name no class: of such a model nothing can be counted, and every figure is undefined.
    let sound = scores.iter().all(|row| row.iter().all(|score| score.is_finite()));
    let (truth, scores) = if sound { (truth, scores) } else { Default::default() };

    let predicted: Vec<usize> = scores.iter().filter_map(|row| argmax(row)).collect();
    let confusion = ConfusionMatrix::of(&truth, &predicted, label_set.len());
    let classes = class_metrics(label_set, &confusion, &truth, &scores);
    let (accuracy_interval, f1_macro_interval) = accuracy_and_f1_intervals(&confusion, seed);
    Some(ExpressionMetrics {
        samples,
        accuracy: confusion.accuracy(),
        balanced_accuracy: confusion.balanced_accuracy(),
        top2: top2(&truth, &scores),
        precision_macro: confusion.precision_macro(),
        recall_macro: confusion.recall_macro(),
        f1_macro: confusion.f1_macro(),
        precision_weighted: confusion.precision_weighted(),
        recall_weighted: confusion.recall_weighted(),
        f1_weighted: confusion.f1_weighted(),
        kappa: confusion.kappa(),
        roc_auc_macro: mean(classes.iter().filter_map(|class| class.roc_auc)),
        ece: ece(&truth, &scores),
        brier: brier(&truth, &scores),
        classes,
        confusion,
        accuracy_interval,
        f1_macro_interval,
    })
}

/// The true class and the probabilities, where both are there and both are over `classes` classes.
fn class_and_scores(prediction: &Prediction, classes: usize) -> Option<(usize, &[f32])> {
    let class = prediction.truth.class().filter(|class| *class < classes)?;
    (prediction.probabilities.len() == classes).then_some((class, &prediction.probabilities))
}

fn class_metrics(
    label_set: &LabelSet,
    confusion: &ConfusionMatrix,
    truth: &[usize],
    scores: &[&[f32]],
) -> Vec<ClassMetrics> {
    let one_against_rest = |class: usize| {
        let positive: Vec<bool> = truth.iter().map(|truth| *truth == class).collect();
        let score: Vec<f32> = scores.iter().map(|row| row[class]).collect();
        roc_auc(&positive, &score)
    };
    let of = |(class, name): (usize, &String)| ClassMetrics {
        class: name.clone(),
        support: confusion.support(class),
        precision: confusion.precision(class),
        recall: confusion.recall(class),
        f1: confusion.f1(class),
        roc_auc: one_against_rest(class),
    };
    label_set.classes().iter().enumerate().map(of).collect()
}

fn affect_metrics(truth: &[f32], predicted: &[f32], seed: u64) -> Option<AffectMetrics> {
    (!truth.is_empty()).then(|| AffectMetrics {
        samples: truth.len() as u64,
        rmse: rmse(truth, predicted),
        mae: mae(truth, predicted),
        pearson: pearson(truth, predicted),
        ccc: ccc(truth, predicted),
        sagr: sagr(truth, predicted),
        ccc_interval: ccc_interval(truth, predicted, seed),
    })
}
