//! What an evaluation says. Undefined figures are `None`, shown as "n/a": never NaN, never 0.

use serde::{Deserialize, Serialize};

use super::interval::{AffectIntervals, ClassIntervals, ExpressionIntervals};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Split;

/// What a model said about one sample, and what was so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The sample's index in the dataset.
    pub sample: usize,
    /// The sample's name.
    pub name: String,
    /// The split it is in.
    pub split: Split,
    /// What is known of it, over the report's label set.
    pub truth: Annotation,
    /// Probabilities over the report's label set, summing to 1; empty where the model has no classes.
    pub probabilities: Vec<f32>,
    /// Predicted valence, -1..=1.
    pub valence: f32,
    /// Predicted arousal, -1..=1.
    pub arousal: f32,
}

/// Rows are the true classes, columns the predicted ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    /// `counts[truth][prediction]`.
    pub counts: Vec<Vec<u64>>,
}

/// One class against the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// The class name.
    pub class: String,
    /// True samples of the class.
    pub support: u64,
    /// True positives over predicted positives; `None` for a class that is never predicted.
    pub precision: Option<f64>,
    /// True positives over true samples; `None` for a class that does not occur.
    pub recall: Option<f64>,
    /// Harmonic mean of the two, `2*tp / (2*tp + fp + fn)`: 0 for a class that occurs and is never predicted, `None` for
    /// one that neither occurs nor is predicted.
    pub f1: Option<f64>,
    /// Area under the ROC curve, one against the rest; `None` without positives or without negatives.
    pub roc_auc: Option<f64>,
    /// Average precision, one against the rest: the area under the precision-recall curve; `None` without positives.
    pub average_precision: Option<f64>,
    /// Bootstrap intervals of these.
    pub intervals: ClassIntervals,
}

/// Metrics of the expression, over samples with a class label. A soft label counts as its most likely class.
///
/// All figures are `None` where the model gave probabilities that are not finite numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionMetrics {
    /// Samples counted.
    pub samples: u64,
    /// Share of samples whose most likely class is the true one.
    pub accuracy: Option<f64>,
    /// Mean recall over the classes that occur as truth.
    pub balanced_accuracy: Option<f64>,
    /// Share of samples whose true class is among the two most likely.
    pub top2: Option<f64>,
    /// Unweighted mean over the classes that occur as truth or prediction; a class whose own figure is undefined (0/0)
    /// counts as 0, as in scikit-learn with `zero_division=0`.
    pub precision_macro: Option<f64>,
    /// As above.
    pub recall_macro: Option<f64>,
    /// As above.
    pub f1_macro: Option<f64>,
    /// Mean weighted by support, 0/0 counting as 0.
    pub precision_weighted: Option<f64>,
    /// As above.
    pub recall_weighted: Option<f64>,
    /// As above.
    pub f1_weighted: Option<f64>,
    /// Cohen's kappa, unweighted (Cohen 1960); `None` where every sample is of one class and taken for it.
    pub kappa: Option<f64>,
    /// Mean of the one-against-rest areas over classes that have both positives and negatives.
    pub roc_auc_macro: Option<f64>,
    /// Mean of the one-against-rest average precisions over the classes that occur as truth.
    pub average_precision_macro: Option<f64>,
    /// Expected calibration error, 15 equal bins of confidence (Guo et al. 2017).
    pub ece: Option<f64>,
    /// Brier score: mean over samples of the summed squared error of the probabilities, against the one-hot truth.
    pub brier: Option<f64>,
    /// Every class, in the label set's order.
    pub classes: Vec<ClassMetrics>,
    /// Counts.
    pub confusion: ConfusionMatrix,
    /// Bootstrap intervals of the figures above.
    pub intervals: ExpressionIntervals,
}

/// Metrics of valence or of arousal, over samples that have it. Population form throughout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AffectMetrics {
    /// Samples counted.
    pub samples: u64,
    /// Root mean squared error.
    pub rmse: Option<f64>,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Pearson's r; `None` where truth or prediction does not vary.
    pub pearson: Option<f64>,
    /// Concordance correlation coefficient (Lin 1989): `2*cov/(var_x+var_y+(mean_x-mean_y)^2)`; `None` where that is 0/0.
    pub ccc: Option<f64>,
    /// Sign agreement: `mean(sign(truth) == sign(prediction))`, sign(0) = 0.
    pub sagr: Option<f64>,
    /// Bootstrap intervals of these.
    pub intervals: AffectIntervals,
}

/// An evaluation of one model on one split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The classes the figures are over.
    pub label_set: LabelSet,
    /// The split evaluated.
    pub split: Split,
    /// Samples in it.
    pub samples: u64,
    /// `None` where no sample has a class label, or the model no classes.
    pub expression: Option<ExpressionMetrics>,
    /// `None` where no sample has a valence.
    pub valence: Option<AffectMetrics>,
    /// `None` where no sample has an arousal.
    pub arousal: Option<AffectMetrics>,
}
