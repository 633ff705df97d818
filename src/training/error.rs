//! Why a training cannot begin, or cannot go on.

use burn::tensor::ExecutionError;
use thiserror::Error;

use super::{PlanError, ReplicaError};
use crate::dataset::StoreError;

/// Why a training cannot begin, or cannot go on.
#[derive(Debug, Error)]
pub enum TrainingError {
    /// A setting is out of its range.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan names a model that is not in the catalogue.
    #[error("there is no model called \"{0}\"")]
    UnknownModel(String),
    /// The plan wants pre-trained weights, and there are none of this model.
    #[error("there are no pre-trained weights of {0}: choose another model, or train it from scratch")]
    NoWeights(&'static str),
    /// The input is larger or smaller than the model can take.
    #[error("{model} takes inputs of {least} to {most} pixels, not {size}: change the input size")]
    InputSize {
        /// The model.
        model: &'static str,
        /// The smallest input, pixels.
        least: u32,
        /// The largest.
        most: u32,
        /// The plan's.
        size: u32,
    },
    /// Batch statistics need at least two samples.
    #[error("the training split has {0} labelled images; at least 2 are needed")]
    TooFewSamples(usize),
    /// A label is not a distribution over the classes of the label set.
    #[error("sample {sample} of the {split} split has a label over {found} classes, not {expected}")]
    Label {
        /// The split's name.
        split: &'static str,
        /// The sample's index in its split.
        sample: usize,
        /// Classes of the label set.
        expected: usize,
        /// Classes of the label.
        found: usize,
    },
    /// An image is not as large as the plan says.
    #[error("sample {sample} of the {split} split is {width} x {height} pixels, not {size} x {size}")]
    Image {
        /// The split's name.
        split: &'static str,
        /// The sample's index in its split.
        sample: usize,
        /// Its width.
        width: usize,
        /// Its height.
        height: usize,
        /// The plan's input size.
        size: u32,
    },
    /// The loss is no number any more.
    #[error("the loss became {what} at step {step}; lower the learning rate")]
    Diverged {
        /// "infinite" or "not a number".
        what: &'static str,
        /// The step, from 1.
        step: u32,
    },
    /// An image cannot be read back.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(#[from] ExecutionError),
    /// Another core did not understand.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
}

impl TrainingError {
    /// That the loss of a step is no number.
    pub(super) fn diverged(loss: f32, step: u32) -> Self {
        TrainingError::Diverged { what: if loss.is_nan() { "not a number" } else { "infinite" }, step }
    }
}
