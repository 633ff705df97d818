//! What a run tells about itself while it goes on.

use serde::{Deserialize, Serialize};

/// The figures of one training step. Losses are means over the batch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Steps since the start of the run, from 1.
    pub step: u32,
    /// Total loss: expression + weight * affect.
    pub loss: f32,
    /// Soft-label cross-entropy; `None` where no sample of the batch has an expression label.
    pub expression_loss: Option<f32>,
    /// Valence-arousal loss; `None` where no sample of the batch has either.
    pub affect_loss: Option<f32>,
    /// The learning rate of this step.
    pub learning_rate: f64,
}

/// The figures of one epoch. What is undefined (no labels, no validation split) is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Mean total loss over the training steps.
    pub train_loss: f32,
    /// Accuracy on the (augmented) training batches.
    pub train_accuracy: Option<f32>,
    /// Total loss on the validation split.
    pub validation_loss: Option<f32>,
    /// Accuracy on the validation split.
    pub validation_accuracy: Option<f32>,
    /// CCC of valence on the validation split.
    pub valence_ccc: Option<f32>,
    /// CCC of arousal on the validation split.
    pub arousal_ccc: Option<f32>,
    /// The learning rate at the end of the epoch.
    pub learning_rate: f64,
    /// Seconds the epoch took, validation included, pauses not.
    pub seconds: f64,
    /// Whether the monitored metric is the best so far.
    pub best: bool,
}

/// Every epoch of a run so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// In order, from epoch 1.
    pub epochs: Vec<EpochRecord>,
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// Every planned epoch was run.
    Completed,
    /// The monitored metric no longer improved.
    EarlyStopping,
    /// The person stopped it.
    Stopped,
    /// Something went wrong.
    BrokenOff,
}
