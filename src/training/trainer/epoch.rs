//! Epochs: what one has gathered, how it ends, and what the next begins with.

use std::mem;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::standing::drawn;
use super::{Advance, Best, Phase, Trainer};
use crate::training::{Ending, EpochRecord, Rates, TrainingError, TrainingPlan, shuffled_batches};

/// What an epoch has gathered so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Epoch {
    pub number: u32,
    /// Words that were drawn from the stream of orders before this epoch's.
    pub order: u64,
    pub loss: f64,
    pub steps: u32,
    pub right: f64,
    pub labelled: usize,
    pub seconds: f64,
}

impl Trainer {
    /// Lets the stages learn whose epoch has come.
    pub(super) fn thaw(&mut self, epoch: u32) {
        let [before, now] = [epoch - 1, epoch].map(|epoch| self.plan.stages(epoch));
        if self.plan.is_pretrained() && now > before {
            self.model = self.model.clone().with_last_stages(now);
            self.rates = Rates::with_backbone(&self.model, self.plan.backbone_rate);
            if let Some(ema) = &mut self.ema {
                ema.train_more(&self.model);
            }
        }
    }

    /// Writes the epoch down, and decides whether there is another.
    pub(super) async fn end_epoch(&mut self) -> Result<Advance, TrainingError> {
        let Phase::Validating { model, seen, .. } = mem::replace(&mut self.phase, Phase::Over(Ending::Stopped)) else {
            return Ok(Advance::Finished(Ending::Stopped));
        };
        let epoch = &self.epoch;
        let mut record = EpochRecord {
            epoch: epoch.number,
            train_loss: (epoch.loss / f64::from(epoch.steps.max(1))) as f32,
            train_accuracy: (epoch.labelled > 0).then(|| (epoch.right / epoch.labelled as f64) as f32),
            learning_rate: self.rate.at(self.step.saturating_sub(1)),
            ..EpochRecord::default()
        };
        if !self.validation.is_empty() {
            let source = self.data.validation.as_ref();
            seen.finish(source, &self.validation, self.classes, &self.losses, &mut record).await?;
        }
        record.best = self.stopping.is_best(&record);
        if record.best {
            self.best = Some(Best { model: model.into_model(), epoch: record.epoch });
        }
        self.rate.epoch_ended(record.best);

        let order = drawn(&self.order);
        self.phase = if record.epoch >= self.plan.epochs {
            Phase::Over(Ending::Completed)
        } else if self.stopping.is_over() {
            Phase::Over(Ending::EarlyStopping)
        } else {
            self.thaw(record.epoch + 1);
            Phase::Training(epoch_batches(&self.train, &self.plan, &mut self.order))
        };
        // The seconds are taken by `advance`, when this call is over.
        self.epoch = Epoch { number: record.epoch + 1, order, seconds: self.epoch.seconds, ..Epoch::default() };
        Ok(Advance::Epoch(record))
    }
}

/// An epoch's batches, the first one last.
pub(super) fn epoch_batches(train: &[usize], plan: &TrainingPlan, order: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    let mut batches = shuffled_batches(train, plan.batch_size as usize, order);
    batches.reverse();
    batches
}
