//! EfficientNetB0 (Tan & Le 2019, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks*, table 1):
//! 4.0 million parameters.
//!
//! Parameter names are timm's: `conv_stem`, `bn1`, `blocks.N.M.{conv_pw,bn1,conv_dw,bn2,se,conv_pwl,bn3}`, `conv_head`,
//! `bn2`; the one block of stage 0 does not expand, and has `conv_dw`, `bn1`, `se`, `conv_pw`, `bn2`. torchvision's names
//! are read as well.

mod block;
mod names;
mod squeeze_excitation;

use burn::module::Module;
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::Device;

use super::{Activation, Backbone, Convolution, Layers, Padding, Stage};
use block::{Block, BlockConfig};

/// Channels after the stem.
const STEM: usize = 32;

/// Channels of the last stage.
const HEAD: usize = 1280;

/// Of every stage: how many blocks, their kernel, the stride of the first, how much they expand, their channels.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
];

/// Which EfficientNetB0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EfficientNetB0Config {
    /// How strided convolutions pad.
    pub padding: Padding,
    /// Added to the variance in every normalisation.
    pub epsilon: f64,
}

/// The network: a strided stem, sixteen inverted residuals in seven stages, a 1x1 convolution to 1280 channels.
#[derive(Module, Debug)]
pub struct EfficientNetB0 {
    conv_stem: Convolution,
    bn1: BatchNorm,
    blocks: Vec<Vec<Block>>,
    conv_head: Convolution,
    bn2: BatchNorm,
}

impl EfficientNetB0Config {
    /// The network, its convolutions zero.
    pub fn init(&self, device: &Device) -> EfficientNetB0 {
        let mut channels = STEM;
        let mut blocks = Vec::new();
        for (repeats, kernel, stride, expansion, channels_out) in STAGES {
            let mut stage = Vec::new();
            for repeat in 0..repeats {
                let stride = if repeat == 0 { stride } else { 1 };
                let shape = BlockConfig { channels_in: channels, channels_out, kernel, stride, expansion };
                stage.push(Block::new(&shape, self, device));
                channels = channels_out;
            }
            blocks.push(stage);
        }
        EfficientNetB0 {
            conv_stem: Convolution::new(3, STEM, 3, device).with_stride(2).with_padding(self.padding),
            bn1: self.norm(STEM, device),
            blocks,
            conv_head: Convolution::new(channels, HEAD, 1, device),
            bn2: self.norm(HEAD, device),
        }
    }

    fn norm(&self, channels: usize, device: &Device) -> BatchNorm {
        BatchNormConfig::new(channels).with_epsilon(self.epsilon).init(device)
    }
}

impl Backbone for EfficientNetB0 {
    fn stages(&self) -> &'static [Stage] {
        const {
            &[
                Stage(&["conv_stem", "bn1"]),
                Stage(&["blocks.0"]),
                Stage(&["blocks.1"]),
                Stage(&["blocks.2"]),
                Stage(&["blocks.3"]),
                Stage(&["blocks.4"]),
                Stage(&["blocks.5"]),
                Stage(&["blocks.6", "conv_head", "bn2"]),
            ]
        }
    }

    fn stage<L: Layers>(&self, layers: &mut L, stage: usize, x: L::Maps) -> L::Maps {
        let Some(blocks) = stage.checked_sub(1).and_then(|blocks| self.blocks.get(blocks)) else {
            return layers.normalised(&self.conv_stem, &self.bn1, Activation::Silu, x);
        };
        let x = blocks.iter().fold(x, |x, block| block.through(layers, x));
        let last = stage == self.blocks.len();
        if last { layers.normalised(&self.conv_head, &self.bn2, Activation::Silu, x) } else { x }
    }

    fn channels(&self) -> usize {
        HEAD
    }

    fn name_here(&self, name: &str) -> String {
        names::from_torchvision(name).unwrap_or_else(|| name.into())
    }
}
