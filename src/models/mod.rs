//! Backbones, the multi-task head, and model files.
//!
//! A new architecture is one file that implements [`Backbone`], one variant of [`Network`], and one line in
//! [`CATALOGUE`].

mod backbone;
mod catalogue;
mod checkpoint;
mod convolution;
mod custom_cnn;
mod dense;
mod head;
mod inference;
mod model;
mod parameters;

pub use backbone::{Backbone, Network};
pub use catalogue::{Architecture, CATALOGUE, architecture};
pub use checkpoint::{Checkpoint, CheckpointError, FORMAT, ModelCard, Weights};
pub use convolution::{ConvNorm, Convolution};
pub use custom_cnn::{CustomCnn, CustomCnnConfig};
pub use dense::Dense;
pub use head::{Head, HeadConfig, Output};
pub use inference::{Guess, normalised, predict};
pub use model::Model;
pub use parameters::Path;
