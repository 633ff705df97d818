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

/// What a step is, and how long its rows of numbers are, those that parameters are moved by among them.
pub(super) type Kind = (Form, Vec<usize>);

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
        if on_cpu(&self.device) {
            return Ok(self.learn_from(&form, numbers.rows(&self.device), rate, false));
        }
        let numbers = numbers.followed_by(self.pace(rate));
        let kind = (form, numbers.lengths());
        if let Some(recorded) = self.replays.of(&kind) {
            let figures = recorded.replay(numbers.in_one(&self.device.clone().without_autodiff()));
            self.replayed_steps += 1;
            self.optimizer.was_replayed();
            self.ema.iter_mut().for_each(Ema::was_replayed);
            return Ok(figures);
        }
        let is_worth_it = matches!(&self.phase, Phase::Training(left) if left.len() >= WORTH);
        if self.replays.is_due(&kind) && is_worth_it {
            return self.record(kind, numbers, rate).await;
        }
        Ok(self.learn_from(&kind.0, numbers.rows(&self.device), rate, false))
    }

    /// Takes a step, and records it.
    async fn record(&mut self, kind: Kind, numbers: Numbers, rate: f64) -> Result<Tensor<1>, TrainingError> {
        let memory = numbers.in_one(&self.device.clone().without_autodiff());
        let step = |memory: &Tensor<1>| {
            let rows = Rows::within(&Tensor::from_inner(memory.clone()), &kind.1);
            self.learn_from(&kind.0, rows, rate, true)
        };
        let (figures, recorded) = Recorded::new(memory, step).await?;
        self.optimizer.was_recorded();
        self.ema.iter_mut().for_each(Ema::was_recorded);
        if recorded.is_none() {
            self.know_weights();
        }
        self.replays.keep(kind, recorded);
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
        let rates = self.optimizer.next(rate);
        // Nothing was moved yet.
        if rates.is_empty() {
            return numbers;
        }
        numbers.push(rates);
        if let Some(ema) = &self.ema {
            numbers.push(vec![ema.next() as f32]);
        }
        numbers
    }
}
