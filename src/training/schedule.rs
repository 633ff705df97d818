//! The learning rate over a run.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::{Schedule, TrainingPlan};

/// Epochs without improvement after which the plateau schedule lowers the rate.
const PLATEAU_PATIENCE: u32 = 3;

/// What it then multiplies the rate by.
const PLATEAU_FACTOR: f64 = 0.1;

/// The learning rate of every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRate {
    schedule: Schedule,
    highest: f64,
    warmup_steps: u32,
    steps: u32,
    /// Of the plateau schedule.
    factor: f64,
    waited: u32,
}

impl LearningRate {
    /// The rates of a run of so many steps an epoch.
    pub fn new(plan: &TrainingPlan, steps_per_epoch: u32) -> Self {
        LearningRate {
            schedule: plan.schedule,
            highest: plan.learning_rate,
            warmup_steps: plan.warmup_epochs.min(plan.epochs.saturating_sub(1)).saturating_mul(steps_per_epoch),
            steps: plan.epochs.saturating_mul(steps_per_epoch),
            factor: 1.0,
            waited: 0,
        }
    }

    /// The rate of a step, counted from 0.
    ///
    /// Cosine (Loshchilov & Hutter 2017): step `s` of `w` of warm-up has `highest * (s + 1) / w`; then
    /// `highest * (1 + cos(pi (s - w) / (steps - w))) / 2`.
    pub fn at(&self, step: u32) -> f64 {
        match self.schedule {
            Schedule::Constant => self.highest,
            Schedule::Plateau => self.highest * self.factor,
            Schedule::Cosine if step < self.warmup_steps => {
                self.highest * f64::from(step + 1) / f64::from(self.warmup_steps)
            }
            Schedule::Cosine => {
                let left = f64::from(self.steps.saturating_sub(self.warmup_steps).max(1));
                let gone = (f64::from(step - self.warmup_steps) / left).min(1.0);
                self.highest * (1.0 + (PI * gone).cos()) / 2.0
            }
        }
    }

    /// To be told after every epoch whether the monitored metric improved.
    pub fn epoch_ended(&mut self, improved: bool) {
        self.waited = if improved { 0 } else { self.waited + 1 };
        if self.waited == PLATEAU_PATIENCE {
            self.factor *= PLATEAU_FACTOR;
            self.waited = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_epoch_is_never_one_of_warm_up() {
        let rate = |epochs, step| {
            let plan = TrainingPlan { epochs, warmup_epochs: 5, learning_rate: 1.0, ..TrainingPlan::default() };
            LearningRate::new(&plan, 10).at(step)
        };
        assert_eq!(rate(1, 0), 1.0, "an epoch alone begins at its rate");
        assert_eq!((rate(3, 0), rate(3, 19), rate(3, 20)), (0.05, 1.0, 1.0));
        assert!(rate(3, 29) < 0.1, "and the rate still falls");
    }
}
