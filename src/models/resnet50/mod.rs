//! ResNet50 (He et al. 2016, *Deep Residual Learning for Image Recognition*): 23.5 million parameters.
//!
//! Parameter names are torchvision's: `conv1`, `bn1`, `layerN.M.{conv1,bn1,conv2,bn2,conv3,bn3}`, `layerN.0.downsample.{0,1}`.

mod bottleneck;

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::Device;

use super::{Activation, Backbone, Convolution, Layers, Stage};
use bottleneck::{Bottleneck, norm};

/// Blocks of every stage after the stem, and the width they are narrowed to.
const STAGES: [(usize, usize); 4] = [(3, 64), (4, 128), (6, 256), (3, 512)];

/// Which ResNet50.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResNet50Config {
    /// Where a block halves the resolution: in its first 1x1 convolution (v1: the paper, Caffe, Keras) or in its 3x3
    /// (v1.5: torchvision).
    pub stride_first: bool,
    /// Added to the variance in every normalisation.
    pub epsilon: f64,
}

/// The network: a 7x7 stem, then sixteen bottlenecks in four stages.
#[derive(Module, Debug)]
pub struct ResNet50 {
    conv1: Convolution,
    bn1: BatchNorm,
    pool: MaxPool2d,
    layer1: Vec<Bottleneck>,
    layer2: Vec<Bottleneck>,
    layer3: Vec<Bottleneck>,
    layer4: Vec<Bottleneck>,
}

impl ResNet50Config {
    /// The network, its convolutions zero.
    pub fn init(&self, device: &Device) -> ResNet50 {
        let [layer1, layer2, layer3, layer4] = [0, 1, 2, 3].map(|stage| self.layer(stage, device));
        ResNet50 {
            conv1: Convolution::new(3, 64, 7, device).with_stride(2),
            bn1: norm(64, self.epsilon, device),
            pool: MaxPool2dConfig::new([3, 3]).with_strides([2, 2]).with_padding(ONE_AROUND).init(),
            layer1,
            layer2,
            layer3,
            layer4,
        }
    }

    /// The blocks of a stage: the first of them widens, and halves the resolution in every stage but the first.
    fn layer(&self, stage: usize, device: &Device) -> Vec<Bottleneck> {
        let (blocks, width) = STAGES[stage];
        let block = |block| match (stage, block) {
            (0, 0) => Bottleneck::widening(64, width, 1, self, device),
            (_, 0) => Bottleneck::widening(2 * width, width, 2, self, device),
            _ => Bottleneck::new(width, self, device),
        };
        (0..blocks).map(block).collect()
    }
}

/// A place around the image on every side. What is added is never the largest.
const ONE_AROUND: burn::nn::PaddingConfig2d = burn::nn::PaddingConfig2d::Explicit(1, 1, 1, 1);

impl Backbone for ResNet50 {
    fn stages(&self) -> &'static [Stage] {
        const { &[Stage(&["conv1", "bn1"]), Stage(&["layer1"]), Stage(&["layer2"]), Stage(&["layer3"]), Stage(&["layer4"])] }
    }

    fn stage<L: Layers>(&self, layers: &mut L, stage: usize, x: L::Maps) -> L::Maps {
        let stages = [&self.layer1, &self.layer2, &self.layer3, &self.layer4];
        match stage.checked_sub(1).and_then(|stage| stages.get(stage)) {
            Some(blocks) => blocks.iter().fold(x, |x, block| block.through(layers, x)),
            None => {
                let x = layers.normalised(&self.conv1, &self.bn1, Activation::Relu, x);
                layers.max_pool(&self.pool, x)
            }
        }
    }

    fn channels(&self) -> usize {
        4 * STAGES[STAGES.len() - 1].1
    }
}
