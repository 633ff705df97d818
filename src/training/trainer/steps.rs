//! Steps: a batch, its loss, its gradient; and what they tell of themselves.

use std::mem;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use rand::RngExt;

use super::shards::Sum;
use super::{Phase, Trainer};
use crate::training::losses::figures;
use crate::training::{Batch, Labelled, StepRecord, TrainingError};

/// Seconds after which somebody wants to know how far it is: longer steps are read one by one.
const TELLING: f64 = 0.5;

/// A step whose figures are still on the device: `[total, expression, affect, right]`.
pub(super) struct Unread {
    figures: Tensor<1>,
    with_expression: usize,
    record: StepRecord,
}

impl Trainer {
    pub(super) async fn take_step(&mut self, indices: &[usize]) -> Result<(), TrainingError> {
        if self.unread.is_empty() {
            self.unread_since = (self.clock)();
        }
        let Sum { gradients, figures } = match self.in_shards(indices) {
            Some(shards) => self.learn_in_shards(&shards).await?,
            None => self.learn(indices)?,
        };
        let rate = self.rate.at(self.step);
        let (model, clip_norm) = (self.model.clone(), self.plan.clip_norm);
        self.model = self.optimizer.step(&self.rates, rate, clip_norm, model, gradients);
        self.crew.current = false;
        // The replicas take the weights in while this core does what is left of the step.
        if matches!(&self.phase, Phase::Training(left) if left.last().is_some_and(|next| self.in_shards(next).is_some()))
        {
            self.send_weights(None).await?;
        }
        if let Some(ema) = &mut self.ema {
            ema.update(&self.model.valid());
        }

        self.step += 1;
        let labelled = Labelled::of(indices.iter().map(|&sample| self.data.train.annotation(sample)));
        let unread = |there: bool| there.then_some(f32::NAN);
        let record = StepRecord {
            step: self.step,
            loss: f32::NAN,
            expression_loss: unread(labelled.expression > 0 && self.classes > 0),
            affect_loss: unread(labelled.affect != [0, 0]),
            learning_rate: rate,
        };
        self.unread.push(Unread { figures, with_expression: labelled.expression, record });
        Ok(())
    }

    /// The gradient to a batch as a whole.
    fn learn(&mut self, indices: &[usize]) -> Result<Sum, TrainingError> {
        let augmentation = self.plan.augmentation();
        let varied = Some((&augmentation, &mut self.augmentation));
        let source = self.data.train.as_ref();
        let batch = match &self.features {
            Some([features, _]) => features.batch(source, indices, self.classes, &self.device),
            None => Batch::new(source, indices, &self.preprocessing, varied, self.classes, &self.device)?,
        };
        let features = self.model.head.pooled();
        let mask = self.draw_dropout(indices.len());
        let mask = mask.map(|mask| Tensor::from_data(TensorData::new(mask, [indices.len(), features]), &self.device));
        let output = match &self.features {
            Some(_) => self.model.head.forward(batch.images.clone(), mask),
            None => self.model.forward(batch.images.clone(), mask),
        };
        let loss = self.losses.of(&output, &batch);
        let figures = figures(&loss, &output, &batch);
        Ok(Sum { gradients: GradientsParams::from_grads(loss.total.backward(), &self.model), figures })
    }

    /// A mask `[batch, features]`, drawn on the host: 0 where a feature is hidden, else `1 / (1 - p)`.
    pub(super) fn draw_dropout(&mut self, batch: usize) -> Option<Vec<f32>> {
        let hidden = self.plan.dropout as f32;
        if hidden == 0.0 {
            return None;
        }
        let kept = 1.0 / (1.0 - hidden);
        let draw = |_| if self.dropout.random::<f32>() < hidden { 0.0 } else { kept };
        Some((0..batch * self.model.head.pooled()).map(draw).collect())
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
        let each = ((self.clock)() - self.unread_since) / unread.len() as f64;
        self.read_after = ((TELLING / each) as usize).clamp(1, self.read_every);
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
