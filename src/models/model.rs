//! A whole model: a backbone and its head.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::parameters::{Path, initialise};
use super::{Architecture, Backbone, Head, HeadConfig, Layers, Network, Output};

/// A backbone and its head.
#[derive(Module, Debug)]
pub struct Model {
    /// From images to feature maps.
    pub backbone: Network,
    /// From feature maps to expression, valence and arousal.
    pub head: Head,
}

impl Model {
    /// A model whose convolutions and heads are all zero: one to load weights into.
    pub fn blank(architecture: &Architecture, classes: usize, device: &Device) -> Model {
        let backbone = (architecture.build)(device);
        let head = HeadConfig { channels: backbone.channels(), hidden: None, classes }.init(device);
        Model { backbone, head }
    }

    /// A model with weights drawn on the host, so that they are the same on every device.
    pub fn init(architecture: &Architecture, classes: usize, rng: &mut ChaCha8Rng, device: &Device) -> Model {
        initialise(Model::blank(architecture, classes, device), rng)
    }

    /// Normalised images `[batch, 3, height, width]` to the two outputs. `dropout` as in [`Head::forward`].
    pub fn forward(&self, images: Tensor<4>, dropout: Option<Tensor<2>>) -> Output {
        self.head.forward(self.backbone.features(images), dropout)
    }

    /// The logits, and valence and arousal, of normalised images.
    pub fn through<L: Layers>(&self, layers: &mut L, images: L::Maps) -> (Option<L::Features>, L::Features) {
        let maps = self.backbone.through(layers, images);
        let pooled = layers.mean_of_places(maps);
        self.head.through(layers, pooled)
    }

    /// How many trainable numbers it has: running statistics are not counted.
    pub fn parameters(&self) -> usize {
        let mut counter = Counter::default();
        self.visit(&mut counter);
        counter.count
    }
}

#[derive(Default)]
struct Counter {
    path: Path,
    count: usize,
}

impl ModuleVisitor for Counter {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.path.is_statistic() {
            self.count += param.lazy_shape().num_elements();
        }
    }
}
