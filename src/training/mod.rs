//! Training: the plan, the losses, the schedule, early stopping, and the loop.

#[cfg(feature = "engine")]
mod batch;
#[cfg(feature = "engine")]
mod crew;
mod differences;
#[cfg(feature = "engine")]
mod ema;
#[cfg(feature = "engine")]
mod error;
#[cfg(feature = "engine")]
mod features;
#[cfg(feature = "engine")]
mod gradients;
#[cfg(feature = "engine")]
mod history;
#[cfg(feature = "engine")]
mod losses;
#[cfg(feature = "engine")]
mod numbers;
#[cfg(feature = "engine")]
mod optimizer;
mod plan;
mod progress;
#[cfg(feature = "engine")]
mod readers;
#[cfg(feature = "engine")]
mod replica;
#[cfg(feature = "engine")]
mod schedule;
#[cfg(feature = "engine")]
mod stopping;
mod strength;
#[cfg(feature = "engine")]
mod targets;
#[cfg(feature = "engine")]
mod together;
#[cfg(feature = "engine")]
mod trainer;
#[cfg(feature = "engine")]
mod validation;

#[cfg(feature = "engine")]
pub use batch::{Labelled, SampleSource, batches_per_epoch, normalised, shuffled_batches};
pub use differences::differences;
#[cfg(feature = "engine")]
pub use ema::Ema;
#[cfg(feature = "engine")]
pub use error::TrainingError;
#[cfg(feature = "engine")]
pub use history::{HISTORY_FILE, history_csv, read_history};
#[cfg(feature = "engine")]
pub use losses::{BatchLoss, Losses, balanced_class_weights};
#[cfg(feature = "engine")]
pub use optimizer::{Descent, Rates, clip_by_global_norm};
pub use plan::{
    AffectLabels, AffectLoss, Group, InitialWeights, Kind, MODELS, Monitor, Optimizer, PlanError, SETTINGS, Schedule,
    Setting, Trainable, TrainingPlan,
};
pub use progress::{Ending, EpochRecord, History, StepRecord};
#[cfg(feature = "engine")]
pub use readers::Readers;
#[cfg(feature = "engine")]
pub use replica::{Blueprint, Connection, Parcel, Replica, ReplicaError};
#[cfg(feature = "engine")]
pub use schedule::LearningRate;
#[cfg(feature = "engine")]
pub use stopping::{Stopping, Watched};
pub use strength::{Strength, operations};
#[cfg(feature = "engine")]
pub use targets::Targets;
#[cfg(feature = "engine")]
pub use trainer::{Advance, Best, FEATURE_BATCH, Part, SHARD, Standing, Trainer, TrainingData, augmentation_stream};
