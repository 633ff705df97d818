//! Which epoch is the best so far, and when to stop waiting for a better one.

use serde::{Deserialize, Serialize};

use super::{EpochRecord, Monitor, TrainingPlan};

/// Watches one metric over the epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    watched: Watched,
    min_delta: f64,
    patience: u32,
    best: Option<f64>,
    waited: u32,
}

/// What is really watched: the plan's metric, or what there is instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watched {
    /// The plan's metric, on the validation split.
    Validation(Monitor),
    /// The loss on the training split: there is no validation split.
    TrainingLoss,
}

impl Watched {
    /// The metric's value in an epoch, such that higher is better; `None` where it is no number. The mean CCC is over the
    /// axes that have one.
    fn value(self, epoch: &EpochRecord) -> Option<f64> {
        let value = match self {
            Watched::TrainingLoss => -f64::from(epoch.train_loss),
            Watched::Validation(Monitor::Loss) => -f64::from(epoch.validation_loss?),
            Watched::Validation(Monitor::Accuracy) => f64::from(epoch.validation_accuracy?),
            Watched::Validation(Monitor::Ccc) => match (epoch.valence_ccc, epoch.arousal_ccc) {
                (Some(valence), Some(arousal)) => f64::from(valence + arousal) / 2.0,
                (one, other) => f64::from(one.or(other)?),
            },
        };
        value.is_finite().then_some(value)
    }
}

impl Stopping {
    /// Nothing seen yet.
    pub fn new(plan: &TrainingPlan, watched: Watched) -> Self {
        Stopping { watched, min_delta: plan.min_delta, patience: plan.patience, best: None, waited: 0 }
    }

    /// Looks at an epoch; whether it is the best so far, by more than the plan's minimum delta. The first one that has
    /// the metric is.
    pub fn is_best(&mut self, epoch: &EpochRecord) -> bool {
        let value = self.watched.value(epoch);
        let improved = match (value, self.best) {
            (Some(value), Some(best)) => value > best + self.min_delta,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if improved {
            self.best = value;
        }
        self.waited = if improved { 0 } else { self.waited + 1 };
        improved
    }

    /// What is watched.
    pub fn watched(&self) -> Watched {
        self.watched
    }

    /// Whether the plan's patience is at its end.
    pub fn is_over(&self) -> bool {
        self.patience > 0 && self.waited >= self.patience
    }
}
