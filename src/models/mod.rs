//! Backbones, the multi-task head, and model files.
//!
//! A new architecture is one file that implements [`Backbone`], one variant of [`Network`], and one line in
//! [`CATALOGUE`].

mod backbone;
mod backbone_elsewhere;
mod blazeface;
mod catalogue;
mod checkpoint;
mod compute;
mod convolution;
mod custom_cnn;
mod dense;
mod difference;
mod efficientnet_b0;
mod explanation;
mod freezing;
mod graph;
mod head;
mod inference;
mod kept;
mod layers;
mod model;
mod onnx;
pub(crate) mod parameters;
mod pretrained;
mod published;
mod resnet50;
mod vgg16;
pub(crate) mod weights;

pub use backbone::{Backbone, Network, Stage};
pub use backbone_elsewhere::backbone_elsewhere;
pub use blazeface::{BLAZEFACE, BlazeFace, GRIDS, Guesses, NUMBERS, SIDE};
pub use catalogue::{Architecture, CATALOGUE, architecture, published, variant};
pub use checkpoint::{Checkpoint, CheckpointError, FORMAT, ModelCard};
pub use compute::{Compute, Folded};
pub use convolution::{ConvNorm, Convolution, Padding};
pub use custom_cnn::{CustomCnn, CustomCnnConfig};
pub use dense::Dense;
pub use efficientnet_b0::{EfficientNetB0, EfficientNetB0Config};
pub use explanation::{Explainer, HeatMap, Target};
pub use freezing::moved;
pub use graph::{Graph, Node, Operation};
pub use head::{Head, HeadConfig, Output};
pub use inference::{Guess, MOST_AT_ONCE, Predictor, guesses, normalised};
pub use layers::{Activation, Layers};
pub use model::Model;
pub use onnx::onnx;
pub use parameters::Path;
pub use pretrained::BackboneWeights;
pub use published::Published;
pub use resnet50::{ResNet50, ResNet50Config};
pub use vgg16::Vgg16;
pub use weights::Weights;
