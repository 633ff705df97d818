//! Steps: a batch, its loss, its gradient; and what they tell of themselves.

use std::mem;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use rand::RngExt;

use super::Trainer;
use crate::models::Output;
use crate::training::{Batch, BatchLoss, StepRecord, TrainingError, clip_by_global_norm};

/// A step whose figures are still on the device: `[total, expression, affect, right]`.
pub(super) struct Unread {
    figures: Tensor<1>,
    with_expression: usize,
    record: StepRecord,
}

impl Trainer {
    pub(super) fn take_step(&mut self, indices: &[usize]) -> Result<(), TrainingError> {
        let augmentation = self.plan.augmentation();
        let varied = Some((&augmentation, &mut self.augmentation));
        let source = self.data.train.as_ref();
        let batch = match &self.features {
            Some([features, _]) => features.batch(source, indices, self.classes, &self.device),
            None => Batch::new(source, indices, &self.preprocessing, varied, self.classes, &self.device)?,
        };
        let mask = self.dropout_mask(indices.len());
        let output = match &self.features {
            Some(_) => self.model.head.forward(batch.images.clone(), mask),
            None => self.model.forward(batch.images.clone(), mask),
        };
        let loss = self.losses.of(&output, &batch);

        let gradients = GradientsParams::from_grads(loss.total.backward(), &self.model);
        let gradients = match self.plan.clip_norm {
            0.0 => gradients,
            largest => clip_by_global_norm(gradients, &self.model, largest),
        };
        let rate = self.rate.at(self.step);
        self.model = self.optimizer.step(&self.rates, rate, self.model.clone(), gradients);
        if let Some(ema) = &mut self.ema {
            ema.update(&self.model.valid());
        }

        self.step += 1;
        let record = StepRecord {
            step: self.step,
            loss: f32::NAN,
            expression_loss: loss.expression.as_ref().map(|_| f32::NAN),
            affect_loss: loss.affect.as_ref().map(|_| f32::NAN),
            learning_rate: rate,
        };
        let figures = figures(&loss, &output, &batch);
        self.unread.push(Unread { figures, with_expression: batch.with_expression, record });
        Ok(())
    }

    /// `[batch, features]`, drawn on the host: 0 where a feature is hidden, else `1 / (1 - p)`.
    fn dropout_mask(&mut self, batch: usize) -> Option<Tensor<2>> {
        let hidden = self.plan.dropout as f32;
        if hidden == 0.0 {
            return None;
        }
        let features = self.model.head.pooled();
        let kept = 1.0 / (1.0 - hidden);
        let draw = |_| if self.dropout.random::<f32>() < hidden { 0.0 } else { kept };
        let mask: Vec<f32> = (0..batch * features).map(draw).collect();
        Some(Tensor::from_data(TensorData::new(mask, [batch, features]), &self.device))
    }

    /// Reads the figures of every step that has not been read, in one read-back.
    ///
    /// # Errors
    /// As for [`advance`](Self::advance).
    pub async fn read_steps(&mut self) -> Result<Vec<StepRecord>, TrainingError> {
        let unread = mem::take(&mut self.unread);
        if unread.is_empty() {
            return Ok(Vec::new());
        }
        let figures = Tensor::cat(unread.iter().map(|step| step.figures.clone()).collect(), 0);
        let figures: Vec<f32> = figures.into_data_async().await?.iter::<f32>().collect();
        let mut records = Vec::with_capacity(unread.len());
        for (step, figures) in unread.into_iter().zip(figures.chunks_exact(4)) {
            let mut record = step.record;
            record.loss = figures[0];
            record.expression_loss = record.expression_loss.map(|_| figures[1]);
            record.affect_loss = record.affect_loss.map(|_| figures[2]);
            if !record.loss.is_finite() {
                return Err(TrainingError::diverged(record.loss, record.step));
            }
            self.epoch.loss += f64::from(record.loss);
            self.epoch.steps += 1;
            self.epoch.right += f64::from(figures[3]);
            self.epoch.labelled += step.with_expression;
            records.push(record);
        }
        Ok(records)
    }
}

/// `[total, expression, affect, right]` of a step, still on the device; what there is not is 0.
fn figures(loss: &BatchLoss, output: &Output, batch: &Batch) -> Tensor<1> {
    let zero = || Tensor::zeros([1], &loss.total.device());
    let part = |part: &Option<Tensor<1>>| part.clone().unwrap_or_else(zero);
    let right = output.logits.clone().map(|logits| {
        let [samples, _] = logits.dims();
        logits.argmax(1).reshape([samples]).equal(batch.classes.clone()).float().sum()
    });
    let all = vec![loss.total.clone(), part(&loss.expression), part(&loss.affect), right.unwrap_or_else(zero)];
    Tensor::cat(all, 0).without_autodiff()
}
