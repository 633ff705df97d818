//! The figures of the validation split, gathered batch by batch.

use burn::tensor::{ExecutionError, Tensor, Transaction};

use super::{EpochRecord, Losses, SampleSource};
use crate::affect::Annotation;
use crate::models::Output;

/// What the model has said of the validation split so far, still on the device.
#[derive(Default)]
pub struct Validation {
    logits: Vec<Tensor<2>>,
    affect: Vec<Tensor<2>>,
}

impl Validation {
    /// Notes what the model said about the next batch.
    pub fn push(&mut self, output: Output) {
        self.logits.extend(output.logits);
        self.affect.push(output.affect);
    }

    /// Writes the figures into an epoch's record, in one read-back. Loss and concordance are those of the whole split,
    /// not means over batches. `samples` are the indices that were pushed, in order.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn finish(
        self,
        source: &dyn SampleSource,
        samples: &[usize],
        classes: usize,
        losses: &Losses,
        record: &mut EpochRecord,
    ) -> Result<(), ExecutionError> {
        let annotations: Vec<&Annotation> = samples.iter().map(|&i| source.annotation(i)).collect();
        let logits = (!self.logits.is_empty()).then(|| Tensor::cat(self.logits, 0));
        let affect = Tensor::cat(self.affect, 0);
        let targets = losses.targets(&annotations, classes, &affect.device());
        let output = Output { logits: logits.clone(), affect: affect.clone() };
        let total = losses.of(&output, &targets).total;

        let mut transaction = Transaction::default().register(total).register(affect);
        if let Some(logits) = logits {
            transaction = transaction.register(logits);
        }
        let data: Vec<Vec<f32>> =
            transaction.execute_async().await?.into_iter().map(|data| data.iter::<f32>().collect()).collect();
        let part = |i: usize| data.get(i).map_or(&[][..], Vec::as_slice);
        record.validation_loss = part(0).first().copied();
        record.valence_ccc = concordance(&annotations, part(1), 0);
        record.arousal_ccc = concordance(&annotations, part(1), 1);
        record.validation_accuracy = accuracy(&annotations, part(2), classes);
        Ok(())
    }
}

/// Share of labelled samples whose largest logit is the most likely class of the label.
fn accuracy(annotations: &[&Annotation], logits: &[f32], classes: usize) -> Option<f32> {
    let said = logits.chunks_exact(classes.max(1));
    let largest = |logits: &[f32]| (0..logits.len()).reduce(|best, i| if logits[i] > logits[best] { i } else { best });
    let right: Vec<bool> = annotations
        .iter()
        .zip(said)
        .filter_map(|(annotation, logits)| Some(annotation.class()? == largest(logits)?))
        .collect();
    (!right.is_empty()).then(|| right.iter().filter(|right| **right).count() as f32 / right.len() as f32)
}

/// The concordance correlation coefficient (Lin 1989), population form, of valence (axis 0) or arousal (axis 1) over
/// the samples that have it. `None` for fewer than two, or where neither the truth nor the prediction varies.
fn concordance(annotations: &[&Annotation], affect: &[f32], axis: usize) -> Option<f32> {
    let truth = |annotation: &Annotation| if axis == 0 { annotation.valence } else { annotation.arousal };
    let pairs: Vec<(f64, f64)> = annotations
        .iter()
        .zip(affect.chunks_exact(2))
        .filter_map(|(annotation, said)| Some((f64::from(truth(annotation)?), f64::from(said[axis]))))
        .collect();
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / pairs.len() as f64;
    let (mean_x, mean_y) = (mean(&|p| p.0), mean(&|p| p.1));
    let covariance = mean(&|p| (p.0 - mean_x) * (p.1 - mean_y));
    let variances = mean(&|p| (p.0 - mean_x).powi(2)) + mean(&|p| (p.1 - mean_y).powi(2));
    (pairs.len() > 1 && variances > 0.0).then(|| (2.0 * covariance / (variances + (mean_x - mean_y).powi(2))) as f32)
}
