//! VGG16 without its fully connected layers (Simonyan & Zisserman 2015, *Very Deep Convolutional Networks for Large-Scale
//! Image Recognition*, configuration D): 14.7 million parameters where the original has 138 million.
//!
//! Parameter names are torchvision's: `features.N.{weight,bias}`, where N counts convolutions, ReLUs and poolings.

use burn::module::Module;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::Device;

use super::{Activation, Backbone, Convolution, Layers, Stage};

/// Convolutions of every stage, and their channels. Each stage ends with a pooling.
const STAGES: [(usize, usize); 5] = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)];

/// The network: thirteen 3x3 convolutions with ReLU, five halvings of the resolution.
#[derive(Module, Debug)]
pub struct Vgg16 {
    features: Vec<Layer>,
}

/// What a place in the list of layers holds. ReLUs take part because they are counted in the names.
#[derive(Module, Debug)]
enum Layer {
    Convolution(Convolution),
    Relu(Relu),
    Pool(MaxPool2d),
}

#[derive(Module, Debug)]
struct Relu;

impl Vgg16 {
    /// The network, its convolutions zero.
    pub fn new(device: &Device) -> Vgg16 {
        let mut features = Vec::new();
        let mut channels = 3;
        for (convolutions, wide) in STAGES {
            for _ in 0..convolutions {
                features.push(Layer::Convolution(Convolution::new(channels, wide, 3, device).with_bias()));
                features.push(Layer::Relu(Relu));
                channels = wide;
            }
            features.push(Layer::Pool(MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init()));
        }
        Vgg16 { features }
    }
}

impl Backbone for Vgg16 {
    fn stages(&self) -> &'static [Stage] {
        const {
            &[
                Stage(&["features.0", "features.2"]),
                Stage(&["features.5", "features.7"]),
                Stage(&["features.10", "features.12", "features.14"]),
                Stage(&["features.17", "features.19", "features.21"]),
                Stage(&["features.24", "features.26", "features.28"]),
            ]
        }
    }

    fn stage<L: Layers>(&self, layers: &mut L, stage: usize, x: L::Maps) -> L::Maps {
        let stages = self.features.split_inclusive(|layer| matches!(layer, Layer::Pool(_)));
        stages.skip(stage).take(1).flatten().fold(x, |x, layer| match layer {
            Layer::Convolution(convolution) => layers.convolution(convolution, Activation::Relu, x),
            // There is one behind every convolution: it is done with that.
            Layer::Relu(_) => x,
            Layer::Pool(pool) => layers.max_pool(pool, x),
        })
    }

    fn channels(&self) -> usize {
        STAGES[STAGES.len() - 1].1
    }
}
