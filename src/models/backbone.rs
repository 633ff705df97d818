//! What every backbone can do, and the backbones there are.

use burn::module::Module;
use burn::tensor::Tensor;

use super::CustomCnn;

/// A network from images to feature maps. The multi-task [`Head`](super::Head) comes after it.
pub trait Backbone: Module {
    /// The feature maps of the last stage: `[batch, 3, height, width]` to `[batch, channels, height', width']`.
    fn features(&self, images: Tensor<4>) -> Tensor<4>;

    /// Channels of the last stage.
    fn channels(&self) -> usize;

    /// Where the names of each stage's parameters begin, from the input up: what freezing goes by.
    fn stages(&self) -> &'static [&'static str];
}

/// Any backbone of the catalogue.
#[derive(Module, Debug)]
pub enum Network {
    /// See [`CustomCnn`].
    CustomCnn(CustomCnn),
}

impl Backbone for Network {
    fn features(&self, images: Tensor<4>) -> Tensor<4> {
        match self {
            Network::CustomCnn(network) => network.features(images),
        }
    }

    fn channels(&self) -> usize {
        match self {
            Network::CustomCnn(network) => network.channels(),
        }
    }

    fn stages(&self) -> &'static [&'static str] {
        match self {
            Network::CustomCnn(network) => network.stages(),
        }
    }
}
