//! Training: the plan, the losses, the schedule, early stopping, and the loop.

mod plan;
mod progress;

pub use plan::{AffectLoss, Group, Kind, Monitor, Optimizer, PlanError, SETTINGS, Schedule, Setting, TrainingPlan};
pub use progress::{EpochRecord, History, StepRecord};
