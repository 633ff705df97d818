//! The losses, masked by what is labelled. A batch without labels of a kind gives zero, never NaN.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{AffectLoss, Batch, Labelled};
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
    /// The losses of what a model said about a batch.
    pub fn of(&self, output: &Output, batch: &Batch) -> BatchLoss {
        self.of_part(output, batch, &batch.labelled)
    }

    /// The share of a part in the losses of a whole batch, in which so much is labelled: those of all parts add up to the batch's.
    /// Concordance, which is none of single samples, is each part's own, and weighs as much as the part has labels.
    pub fn of_part(&self, output: &Output, part: &Batch, whole: &Labelled) -> BatchLoss {
        let expression = (part.labelled.expression > 0).then_some(output.logits.as_ref()).flatten().map(|logits| {
            let per_sample = self.cross_entropy(logits.clone(), part.expression.clone());
            (per_sample * part.expression_mask.clone()).sum().div_scalar(whole.expression as f32)
        });
        let has_affect = part.labelled.affect.iter().any(|&n| n > 0);
        let affect = has_affect.then(|| self.affect(output.affect.clone(), part, whole.affect));
        let zero = || Tensor::zeros([1], &output.affect.device());
        let total = expression.clone().unwrap_or_else(zero)
            + affect.clone().unwrap_or_else(zero).mul_scalar(self.affect_weight);
        BatchLoss { total, expression, affect }
    }

    /// Soft-label cross-entropy of every sample, `[batch]`: `-sum_c w_c y'_c log p_c` with
    /// `y' = (1 - e) y + e / classes` (Szegedy et al. 2016), as PyTorch's `CrossEntropyLoss` for class probabilities.
    fn cross_entropy(&self, logits: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
        let [batch, classes] = logits.dims();
        let smoothed = target.mul_scalar(1.0 - self.label_smoothing).add_scalar(self.label_smoothing / classes as f32);
        let weighted = match &self.class_weights {
            Some(weights) => smoothed * row(weights, &logits.device()),
            None => smoothed,
        };
        (weighted * log_softmax(logits, 1)).sum_dim(1).neg().reshape([batch])
    }

    /// The mean over the axes that have labels in the whole batch.
    fn affect(&self, predicted: Tensor<2>, part: &Batch, whole: [usize; 2]) -> Tensor<1> {
        let squared = || mean_squared_error(predicted.clone(), part, whole);
        let discordance = || one_minus_ccc(predicted.clone(), part, whole);
        match self.affect_loss {
            AffectLoss::Mse => squared(),
            AffectLoss::Ccc => discordance(),
            AffectLoss::Mixed => (squared() + discordance()).mul_scalar(0.5),
        }
    }
}

/// `[total, expression, affect, right]` of a batch, still on the device; what there is not is 0.
pub(super) fn figures(loss: &BatchLoss, output: &Output, batch: &Batch) -> Tensor<1> {
    let zero = || Tensor::zeros([1], &loss.total.device());
    let part = |part: &Option<Tensor<1>>| part.clone().unwrap_or_else(zero);
    let right = output.logits.clone().map(|logits| {
        let [samples, _] = logits.dims();
        logits.argmax(1).reshape([samples]).equal(batch.classes.clone()).float().sum()
    });
    let all = vec![loss.total.clone(), part(&loss.expression), part(&loss.affect), right.unwrap_or_else(zero)];
    Tensor::cat(all, 0).without_autodiff()
}

/// The mean over labelled samples, then over the axes that have any.
fn mean_squared_error(predicted: Tensor<2>, part: &Batch, whole: [usize; 2]) -> Tensor<1> {
    let error = (predicted - part.affect.clone()) * part.affect_mask.clone();
    let per_axis = error.powi_scalar(2).sum_dim(0) * row(&whole.map(share), &part.affect.device());
    mean_of_axes(per_axis, [1.0; 2], whole.map(|n| n > 0))
}

/// One minus the concordance correlation coefficient (Lin 1989), population form, over the labelled samples of the part;
/// then the mean over the axes that have two or more. An axis with one label says nothing about concordance.
fn one_minus_ccc(predicted: Tensor<2>, part: &Batch, whole: [usize; 2]) -> Tensor<1> {
    let (mask, labelled) = (part.affect_mask.clone(), part.labelled.affect);
    let shares = row(&labelled.map(share), &part.affect.device());
    let mean = |x: Tensor<2>| (x * mask.clone()).sum_dim(0) * shares.clone();
    let (mean_x, mean_y) = (mean(predicted.clone()), mean(part.affect.clone()));
    let (x, y) = (predicted - mean_x.clone(), part.affect.clone() - mean_y.clone());
    let covariance = mean(x.clone() * y.clone());
    let spread = mean(x.powi_scalar(2)) + mean(y.powi_scalar(2)) + (mean_x - mean_y).powi_scalar(2);
    let discordance = (covariance.mul_scalar(2.0) / spread.add_scalar(EPSILON)).neg().add_scalar(1.0);
    let share = |axis: usize| if labelled[axis] > 1 { labelled[axis] as f32 / whole[axis] as f32 } else { 0.0 };
    mean_of_axes(discordance, [share(0), share(1)], whole.map(|n| n > 1))
}

/// `1 / n`, or 0 for none.
fn share(n: usize) -> f32 {
    if n == 0 { 0.0 } else { 1.0 / n as f32 }
}

/// `[1, 2]` to `[1]`: the mean of the axes that count, each by its weight; 0 where none does.
fn mean_of_axes(per_axis: Tensor<2>, weights: [f32; 2], counts: [bool; 2]) -> Tensor<1> {
    let axes = counts.iter().filter(|counts| **counts).count();
    let weights = weights.map(|weight| weight * share(axes));
    let device = per_axis.device();
    (per_axis * row(&weights, &device)).sum()
}

/// Values as `[1, n]`.
fn row(values: &[f32], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [1, values.len()]), device)
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
