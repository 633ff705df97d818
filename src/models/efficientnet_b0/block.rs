//! EfficientNetB0's block: MBConv (Sandler et al. 2018, *MobileNetV2: Inverted Residuals and Linear Bottlenecks*) with
//! attention to channels.

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::tensor::Device;

use super::EfficientNetB0Config;
use super::squeeze_excitation::SqueezeExcitation;
use crate::models::{Activation, Convolution, Layers};

/// How many times narrower than its input a block's channel attention is inside.
const REDUCTION: usize = 4;

/// The shape of a block.
pub struct BlockConfig {
    /// Channels of the input.
    pub channels_in: usize,
    /// Channels of the output.
    pub channels_out: usize,
    /// Kernel of the depthwise convolution.
    pub kernel: usize,
    /// Its stride.
    pub stride: usize,
    /// How many times wider the block is inside.
    pub expansion: usize,
}

/// A block. The two kinds differ in their parameters' names, too.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "there are sixteen, and their tensors are many times larger")]
pub enum Block {
    /// One that does not expand.
    Plain(DepthwiseSeparable),
    /// One that does.
    Inverted(InvertedResidual),
}

/// A depthwise convolution, attention to channels, a 1x1 convolution.
#[derive(Module, Debug)]
pub struct DepthwiseSeparable {
    conv_dw: Convolution,
    bn1: BatchNorm,
    se: SqueezeExcitation,
    conv_pw: Convolution,
    bn2: BatchNorm,
    residual: bool,
}

/// Widened by a 1x1 convolution; then as the other.
#[derive(Module, Debug)]
pub struct InvertedResidual {
    conv_pw: Convolution,
    bn1: BatchNorm,
    conv_dw: Convolution,
    bn2: BatchNorm,
    se: SqueezeExcitation,
    conv_pwl: Convolution,
    bn3: BatchNorm,
    residual: bool,
}

impl Block {
    /// A block of zero convolutions. The input is added to the output where they are of one shape.
    pub fn new(shape: &BlockConfig, config: &EfficientNetB0Config, device: &Device) -> Block {
        let &BlockConfig { channels_in, channels_out, kernel, stride, expansion } = shape;
        let inner = expansion * channels_in;
        let conv_dw = Convolution::depthwise(inner, kernel, device).with_stride(stride).with_padding(config.padding);
        let se = SqueezeExcitation::new(inner, channels_in / REDUCTION, device);
        let project = Convolution::new(inner, channels_out, 1, device);
        let residual = stride == 1 && channels_in == channels_out;
        let norm = |channels| config.norm(channels, device);
        if expansion == 1 {
            let (bn1, bn2) = (norm(inner), norm(channels_out));
            return Block::Plain(DepthwiseSeparable { conv_dw, bn1, se, conv_pw: project, bn2, residual });
        }
        Block::Inverted(InvertedResidual {
            conv_pw: Convolution::new(channels_in, inner, 1, device),
            bn1: norm(inner),
            conv_dw,
            bn2: norm(inner),
            se,
            conv_pwl: project,
            bn3: norm(channels_out),
            residual,
        })
    }

    /// `[batch, channels in, height, width]` to `[batch, channels out, height / stride, width / stride]`.
    pub fn through<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let (found, residual) = match self {
            Block::Plain(block) => (block.through(layers, x.clone()), block.residual),
            Block::Inverted(block) => (block.through(layers, x.clone()), block.residual),
        };
        if residual { layers.add(found, x) } else { found }
    }
}

impl DepthwiseSeparable {
    fn through<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let x = layers.normalised(&self.conv_dw, &self.bn1, Activation::Silu, x);
        let x = self.se.through(layers, x);
        layers.normalised(&self.conv_pw, &self.bn2, Activation::Identity, x)
    }
}

impl InvertedResidual {
    fn through<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let x = layers.normalised(&self.conv_pw, &self.bn1, Activation::Silu, x);
        let x = layers.normalised(&self.conv_dw, &self.bn2, Activation::Silu, x);
        let x = self.se.through(layers, x);
        layers.normalised(&self.conv_pwl, &self.bn3, Activation::Identity, x)
    }
}
