//! Steps: a batch, its loss, its gradient; and what they tell of themselves.

use std::mem;

use burn::tensor::Tensor;
use rand::RngExt;

use super::Trainer;
use crate::training::{Labelled, StepRecord, TrainingError};

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
        let rate = self.rate.at(self.step);
        let figures = match self.in_shards(indices) {
            Some(shards) => self.learn_in_shards(&shards, rate).await?,
            None => self.learn(indices, rate).await?,
        };

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
