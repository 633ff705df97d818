//! The losses over what is labelled. A batch without labels of a kind gives zero, never NaN.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use serde::{Deserialize, Serialize};

use super::AffectLoss;
use super::targets::{Affect, Expression, Targets};
use crate::affect::Annotation;
use crate::models::Output;

/// Keeps the concordance of a constant prediction and a constant truth from being 0/0.
const EPSILON: f32 = 1e-8;

/// What is minimised: `expression + affect_weight * affect`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// Share of the label mass spread evenly over all classes.
    pub label_smoothing: f32,
    /// A weight for every class; `None` where all count the same.
    pub class_weights: Option<Vec<f32>>,
    /// The loss on valence and arousal.
    pub affect_loss: AffectLoss,
    /// Its weight.
    pub affect_weight: f32,
}

/// The losses of a batch, each `[1]`, still on the device.
#[derive(Clone, Debug)]
pub struct BatchLoss {
    /// What is minimised.
    pub total: Tensor<1>,
    /// Cross-entropy; `None` where no sample has an expression label (or the model no classes).
    pub expression: Option<Tensor<1>>,
    /// Valence-arousal loss; `None` where no sample has either.
    pub affect: Option<Tensor<1>>,
}

impl Losses {
    /// The losses of what a model said about the samples that these targets are of.
    pub fn of(&self, output: &Output, targets: &Targets) -> BatchLoss {
        let expression = output.logits.as_ref().zip(targets.expression.as_ref());
        let expression = expression.map(|(logits, target)| cross_entropy(logits.clone(), target));
        let affect = targets.affect.as_ref().map(|target| self.affect(output.affect.clone(), target));
        let zero = || Tensor::zeros([1], &output.affect.device());
        let total = expression.clone().unwrap_or_else(zero)
            + affect.clone().unwrap_or_else(zero).mul_scalar(self.affect_weight);
        BatchLoss { total, expression, affect }
    }

    fn affect(&self, predicted: Tensor<2>, target: &Affect) -> Tensor<1> {
        match self.affect_loss {
            AffectLoss::Mse => mean_squared_error(predicted, target),
            AffectLoss::Ccc => one_minus_ccc(predicted, target),
            AffectLoss::Mixed => {
                (mean_squared_error(predicted.clone(), target) + one_minus_ccc(predicted, target)).mul_scalar(0.5)
            }
        }
    }
}

/// `[total, expression, affect, right]` of a batch, still on the device; what there is not is 0.
pub(super) fn figures(loss: &BatchLoss, output: &Output, targets: &Targets) -> Tensor<1> {
    let zero = || Tensor::zeros([1], &loss.total.device());
    let part = |part: &Option<Tensor<1>>| part.clone().unwrap_or_else(zero);
    let right = output.logits.clone().zip(targets.expression.as_ref()).map(|(logits, target)| {
        let [samples, _] = logits.dims();
        logits.argmax(1).reshape([samples]).float().equal(target.classes.clone()).float().sum()
    });
    let all = vec![loss.total.clone(), part(&loss.expression), part(&loss.affect), right.unwrap_or_else(zero)];
    Tensor::cat(all, 0).without_autodiff()
}

/// Soft-label cross-entropy `-sum_c w_c y'_c log p_c`, the mean over the labelled samples: as PyTorch's `CrossEntropyLoss` for class
/// probabilities.
fn cross_entropy(logits: Tensor<2>, target: &Expression) -> Tensor<1> {
    (log_softmax(logits, 1) * target.distributions.clone()).sum().neg()
}

/// The mean over the labelled samples of each axis, then over the axes.
fn mean_squared_error(predicted: Tensor<2>, target: &Affect) -> Tensor<1> {
    let error = predicted - target.values.clone();
    (error.powi_scalar(2) * target.shares.clone() * target.of_error.clone()).sum()
}

/// One minus the concordance correlation coefficient (Lin 1989), population form, over the labelled samples; then the mean over the axes
/// that have two or more. An axis with one label says nothing about concordance.
fn one_minus_ccc(predicted: Tensor<2>, target: &Affect) -> Tensor<1> {
    let mean = |x: Tensor<2>| (x * target.shares.clone()).sum_dim(0);
    let (mean_x, mean_y) = (mean(predicted.clone()), mean(target.values.clone()));
    let (x, y) = (predicted - mean_x.clone(), target.values.clone() - mean_y.clone());
    let covariance = mean(x.clone() * y.clone());
    let spread = mean(x.powi_scalar(2)) + mean(y.powi_scalar(2)) + (mean_x - mean_y).powi_scalar(2);
    let discordance = (covariance.mul_scalar(2.0) / spread.add_scalar(EPSILON)).neg().add_scalar(1.0);
    (discordance * target.of_discordance.clone()).sum()
}

/// Weights `n / (k n_c)`, k the classes that occur (scikit-learn's "balanced"); 0 for a class that does not. Soft labels
/// count by their mass.
pub fn balanced_class_weights<'a>(annotations: impl Iterator<Item = &'a Annotation>, classes: usize) -> Vec<f32> {
    let mut mass = vec![0.0f64; classes];
    for distribution in annotations.filter_map(|annotation| annotation.expression.as_ref()) {
        for (sum, share) in mass.iter_mut().zip(distribution) {
            *sum += f64::from(*share);
        }
    }
    let occurring = mass.iter().filter(|mass| **mass > 0.0).count() as f64;
    let all: f64 = mass.iter().sum();
    mass.iter().map(|&mass| if mass > 0.0 { (all / (occurring * mass)) as f32 } else { 0.0 }).collect()
}
