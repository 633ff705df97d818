//! CustomCNN: a small network for 48 to 96 pixel faces, made to be trained from scratch on one core.
//!
//! A strided stem, then three [`MultiScaleBlock`]s with a halving of the resolution between them. Each block looks at
//! 3x3, 5x5 and 7x7 neighbourhoods side by side (Szegedy et al. 2015), weighs channels and places (CBAM, Woo et al. 2018)
//! and adds what it found to its input (He et al. 2016). At 48x48 pixels that is 240,000 parameters and 20 million
//! multiplications an image; two blocks more cost half as much again and learned no more from 560 faces.
//!
//! Parameter names: `stem.{conv,norm}`, `blocks.N.{reduce,near,middle,far,fuse,shortcut}` and
//! `blocks.N.attention.{squeeze,excite,place}`.

mod attention;
mod block;

use burn::module::Module;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::Device;

use super::{Activation, Backbone, ConvNorm, Convolution, Layers, Stage};
use block::MultiScaleBlock;

/// How wide and deep a [`CustomCnn`] is.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomCnnConfig {
    /// Channels after the stem, at half the input's resolution.
    pub stem: usize,
    /// For every block: its channels, and whether the resolution is halved before it.
    pub blocks: Vec<(usize, bool)>,
}

/// The network: a stem, then multi-scale blocks with attention.
#[derive(Module, Debug)]
pub struct CustomCnn {
    /// The first convolution, of stride 2.
    pub stem: ConvNorm,
    blocks: Vec<MultiScaleBlock>,
    pool: MaxPool2d,
    channels: usize,
}

impl Default for CustomCnnConfig {
    fn default() -> Self {
        CustomCnnConfig { stem: 32, blocks: vec![(48, false), (96, true), (192, true)] }
    }
}

impl CustomCnnConfig {
    /// The network of the catalogue.
    pub fn new() -> Self {
        Self::default()
    }

    /// A network of zero convolutions.
    pub fn init(&self, device: &Device) -> CustomCnn {
        let stem = ConvNorm::new(Convolution::new(3, self.stem, 3, device).with_stride(2), device);
        let mut channels = self.stem;
        let mut block = |&(wide, halve): &(usize, bool)| {
            let block = MultiScaleBlock::new(channels, wide, halve, device);
            channels = wide;
            block
        };
        let blocks = self.blocks.iter().map(&mut block).collect();
        CustomCnn { stem, blocks, pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(), channels }
    }
}

impl Backbone for CustomCnn {
    fn stages(&self) -> &'static [Stage] {
        const { &[Stage(&["stem"]), Stage(&["blocks.0"]), Stage(&["blocks.1"]), Stage(&["blocks.2"])] }
    }

    fn stage<L: Layers>(&self, layers: &mut L, stage: usize, x: L::Maps) -> L::Maps {
        let Some(block) = stage.checked_sub(1).and_then(|block| self.blocks.get(block)) else {
            return self.stem.through(layers, Activation::Relu, x);
        };
        let x = if block.halves() { layers.max_pool(&self.pool, x) } else { x };
        block.through(layers, x)
    }

    fn channels(&self) -> usize {
        self.channels
    }
}
