//! ResNet50's block.

use burn::module::Module;
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::Device;

use super::ResNet50Config;
use crate::models::{Activation, Convolution, Layers};

/// How many times wider a block is outside than inside.
const EXPANSION: usize = 4;

/// Narrowed by a 1x1 convolution, looked at by a 3x3, widened by a 1x1, and added to the input.
#[derive(Module, Debug)]
pub struct Bottleneck {
    conv1: Convolution,
    bn1: BatchNorm,
    conv2: Convolution,
    bn2: BatchNorm,
    conv3: Convolution,
    bn3: BatchNorm,
    /// Brings the input to the output's shape, where they differ.
    downsample: Option<(Convolution, BatchNorm)>,
}

impl Bottleneck {
    /// A block whose output is shaped as its input, `width` wide inside.
    pub fn new(width: usize, config: &ResNet50Config, device: &Device) -> Self {
        Bottleneck::of(EXPANSION * width, width, [1, 1], config, device)
    }

    /// The first block of a stage: from `channels` channels to four times its width, the resolution divided by `stride`.
    pub fn widening(channels: usize, width: usize, stride: usize, config: &ResNet50Config, device: &Device) -> Self {
        let strides = if config.stride_first { [stride, 1] } else { [1, stride] };
        let shortcut = Convolution::new(channels, EXPANSION * width, 1, device).with_stride(stride);
        Bottleneck {
            downsample: Some((shortcut, norm(EXPANSION * width, config.epsilon, device))),
            ..Bottleneck::of(channels, width, strides, config, device)
        }
    }

    fn of(channels: usize, width: usize, strides: [usize; 2], config: &ResNet50Config, device: &Device) -> Self {
        let norm = |channels| norm(channels, config.epsilon, device);
        Bottleneck {
            conv1: Convolution::new(channels, width, 1, device).with_stride(strides[0]),
            bn1: norm(width),
            conv2: Convolution::new(width, width, 3, device).with_stride(strides[1]),
            bn2: norm(width),
            conv3: Convolution::new(width, EXPANSION * width, 1, device),
            bn3: norm(EXPANSION * width),
            downsample: None,
        }
    }

    /// `[batch, channels in, height, width]` to `[batch, channels out, height / stride, width / stride]`.
    pub fn through<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let found = layers.normalised(&self.conv1, &self.bn1, Activation::Relu, x.clone());
        let found = layers.normalised(&self.conv2, &self.bn2, Activation::Relu, found);
        let found = layers.normalised(&self.conv3, &self.bn3, Activation::Identity, found);
        let input = match &self.downsample {
            Some((convolution, norm)) => layers.normalised(convolution, norm, Activation::Identity, x),
            None => x,
        };
        let sum = layers.add(found, input);
        layers.activation(Activation::Relu, sum)
    }
}

/// A normalisation of so many channels.
pub(super) fn norm(channels: usize, epsilon: f64, device: &Device) -> BatchNorm {
    BatchNormConfig::new(channels).with_epsilon(epsilon).init(device)
}
