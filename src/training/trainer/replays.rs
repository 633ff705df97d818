//! Steps that are all alike but for their numbers. On a GPU one of them is recorded, and then replayed: what hands kernels to the device
//! takes a tenth of the time.
//!
//! What is recorded changes weights, moments and averages where they lie. So nobody else may have them: a recording is made behind ordinary
//! steps, which leave others what they were, and ends with the epoch, when weights are looked at and kept.

use burn::module::Module;
use burn::tensor::Tensor;

use super::whole::Form;
use super::{Phase, Trainer};
use crate::kernels::gpu::{Known, Recorded};
use crate::kernels::on_cpu;
use crate::training::numbers::{Numbers, Rows};
use crate::training::{Ema, TrainingError};

/// Steps that are still to come in an epoch where one is recorded, at least: to record is to take one twice.
const WORTH: usize = 8;

impl Trainer {
    /// Asks a GPU for every kernel of every step, though it could do over what it has done.
    pub fn without_replays(mut self) -> Self {
        self.replays.never();
        self
    }

    /// How many steps a GPU has done over.
    pub fn replayed_steps(&self) -> u32 {
        self.replayed_steps
    }

    /// Learns from these numbers, in the way that is quickest.
    pub(super) async fn learn_or_replay(
        &mut self,
        form: Form,
        numbers: Numbers,
        rate: f64,
    ) -> Result<Tensor<1>, TrainingError> {
        let pace = self.pace(rate);
        if let Some(recorded) = self.replays.of(&form) {
            let figures = recorded.replay(numbers.followed_by(pace).in_one(&self.device.clone().without_autodiff()));
            self.replayed_steps += 1;
            self.optimizer.was_replayed();
            self.ema.iter_mut().for_each(Ema::was_replayed);
            return Ok(figures);
        }
        let is_worth_it = matches!(&self.phase, Phase::Training(left) if left.len() >= WORTH);
        if !on_cpu(&self.device) && self.replays.is_due(&form) && is_worth_it {
            return self.record(form, numbers, rate).await;
        }
        Ok(self.learn_from(&form, numbers.rows(&self.device), rate, false))
    }

    /// Takes a step, and records it.
    async fn record(&mut self, form: Form, numbers: Numbers, rate: f64) -> Result<Tensor<1>, TrainingError> {
        let numbers = numbers.followed_by(self.pace(rate));
        let lengths = numbers.lengths();
        let memory = numbers.in_one(&self.device.clone().without_autodiff());
        let step = |memory: &Tensor<1>| {
            let rows = Rows::within(&Tensor::from_inner(memory.clone()), &lengths);
            self.learn_from(&form, rows, rate, true)
        };
        let (figures, recorded) = Recorded::new(memory, step).await?;
        self.optimizer.was_recorded();
        self.ema.iter_mut().for_each(Ema::was_recorded);
        if recorded.is_none() {
            self.know_weights();
        }
        self.replays.keep(form, recorded);
        Ok(figures)
    }

    /// What the device knows no more after a recording has failed is what it was.
    fn know_weights(&mut self) {
        self.model = self.model.clone().map(&mut Known);
        self.optimizer.know_moments();
        if let Some(ema) = &mut self.ema {
            ema.know(&mut Known);
        }
    }

    /// The numbers that the next step moves parameters and their average by.
    fn pace(&self, rate: f64) -> Numbers {
        let mut numbers = Numbers::default();
        numbers.push(self.optimizer.next(rate));
        if let Some(ema) = &self.ema {
            numbers.push(vec![ema.next() as f32]);
        }
        numbers
    }
}
