//! Samples whose class is known, made ready for being counted under any weights: what figures and bootstrap are made from.

use super::bootstrap::Weighable;
use super::calibration::{Reliability, squared_error};
use super::classification::{among_two, argmax, mean, ratio};
use super::figures::{EXPRESSION, Pairing};
use super::interval::{ClassIntervals, ExpressionIntervals};
use super::ranking::Ranking;
use super::report::{ClassMetrics, ConfusionMatrix, ExpressionMetrics};

/// As [`EXPRESSION`], of one class.
pub(super) const CLASS: [Pairing<ClassMetrics, ClassIntervals>; 5] = [
    (|of| of.precision, |to| &mut to.precision),
    (|of| of.recall, |to| &mut to.recall),
    (|of| of.f1, |to| &mut to.f1),
    (|of| of.roc_auc, |to| &mut to.roc_auc),
    (|of| of.average_precision, |to| &mut to.average_precision),
];

/// Samples with a class, and what a model said of it.
#[derive(Clone)]
pub(super) struct Classified {
    classes: Vec<String>,
    answers: Vec<Answer>,
    /// One a class.
    rankings: Vec<Ranking>,
}

/// What one row of probabilities comes to.
#[derive(Clone, Copy)]
struct Answer {
    truth: usize,
    predicted: usize,
    among_two: bool,
    confidence: f64,
    squared_error: f64,
}

impl Answer {
    /// `None` where a probability is no finite number: that names no class.
    fn of(truth: usize, row: &[f32]) -> Option<Answer> {
        let predicted = argmax(row).filter(|_| row.iter().all(|probability| probability.is_finite()))?;
        Some(Answer {
            truth,
            predicted,
            among_two: among_two(truth, row),
            confidence: f64::from(row[predicted]),
            squared_error: squared_error(truth, row),
        })
    }
}

impl Classified {
    /// The true class and the probabilities of every sample. `None` where one of them is no finite number: of such a model
    /// nothing can be counted.
    pub fn new(classes: &[String], truth: &[usize], scores: &[&[f32]]) -> Option<Classified> {
        let ranking = |class: usize| {
            let positive: Vec<bool> = truth.iter().map(|truth| *truth == class).collect();
            let scores: Vec<f32> = scores.iter().map(|row| row[class]).collect();
            Ranking::new(&positive, &scores)
        };
        Some(Classified {
            classes: classes.to_vec(),
            answers: truth.iter().zip(scores).map(|(truth, row)| Answer::of(*truth, row)).collect::<Option<_>>()?,
            rankings: (0..classes.len()).map(ranking).collect::<Option<_>>()?,
        })
    }

    /// Whether the most likely class is the true one, sample by sample.
    pub fn right(&self) -> Vec<bool> {
        self.answers.iter().map(|answer| answer.truth == answer.predicted).collect()
    }

    /// Every figure, each sample counting as often as its weight says. The intervals are left empty.
    pub fn metrics(&self, weights: &[u32]) -> ExpressionMetrics {
        let mut confusion = ConfusionMatrix::empty(self.classes.len());
        let mut reliability = Reliability::default();
        let (mut among_two, mut squared_error) = (0, 0.0);
        for (answer, &weight) in self.answers.iter().zip(weights) {
            confusion.counts[answer.truth][answer.predicted] += u64::from(weight);
            reliability.count(answer.confidence, answer.truth == answer.predicted, weight);
            among_two += u64::from(weight) * u64::from(answer.among_two);
            squared_error += f64::from(weight) * answer.squared_error;
        }
        let samples = confusion.total();
        let classes: Vec<ClassMetrics> = self.class_metrics(&confusion, weights).collect();
        ExpressionMetrics {
            samples,
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            top2: ratio(among_two as f64, samples as f64),
            precision_macro: confusion.precision_macro(),
            recall_macro: confusion.recall_macro(),
            f1_macro: confusion.f1_macro(),
            precision_weighted: confusion.precision_weighted(),
            recall_weighted: confusion.recall_weighted(),
            f1_weighted: confusion.f1_weighted(),
            kappa: confusion.kappa(),
            roc_auc_macro: mean(classes.iter().filter_map(|class| class.roc_auc)),
            average_precision_macro: mean(classes.iter().filter_map(|class| class.average_precision)),
            ece: reliability.ece(),
            brier: ratio(squared_error, samples as f64),
            classes,
            confusion,
            intervals: ExpressionIntervals::default(),
        }
    }

    fn class_metrics(&self, confusion: &ConfusionMatrix, weights: &[u32]) -> impl Iterator<Item = ClassMetrics> {
        self.classes.iter().zip(&self.rankings).enumerate().map(|(class, (name, ranking))| {
            let areas = ranking.areas(|sample| weights[sample]);
            ClassMetrics {
                class: name.clone(),
                support: confusion.support(class),
                precision: confusion.precision(class),
                recall: confusion.recall(class),
                f1: confusion.f1(class),
                roc_auc: areas.roc_auc,
                average_precision: areas.average_precision,
                intervals: ClassIntervals::default(),
            }
        })
    }
}

impl Weighable for Classified {
    fn samples(&self) -> usize {
        self.answers.len()
    }

    /// By true class: every class keeps its support.
    fn strata(&self) -> Vec<Vec<u32>> {
        let mut strata = vec![Vec::new(); self.classes.len()];
        for (sample, answer) in (0..).zip(&self.answers) {
            strata[answer.truth].push(sample);
        }
        strata
    }

    fn passes(&self) -> usize {
        self.classes.len() + 4
    }

    fn figures(&self, weights: &[u32]) -> Vec<Option<f64>> {
        let metrics = self.metrics(weights);
        let of_all = EXPRESSION.iter().map(|(figure, _)| figure(&metrics));
        of_all.chain(metrics.classes.iter().flat_map(|class| CLASS.map(|(figure, _)| figure(class)))).collect()
    }
}
