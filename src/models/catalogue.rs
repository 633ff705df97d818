//! The architectures there are: one line each.

use std::ops::RangeInclusive;

use burn::tensor::Device;

use super::{CustomCnnConfig, EfficientNetB0Config, Network, Padding, ResNet50Config, Vgg16};
use crate::imaging::Preprocessing;

/// A line of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Architecture {
    /// Its name in plans and in model files.
    pub name: &'static str,
    /// What a person reads.
    pub label: &'static str,
    /// Which of several networks of that name this is; a model file must say the same.
    pub variant: &'static str,
    /// Height and width of the inputs it is meant for, pixels.
    pub sizes: (u32, u32),
    /// Its own preprocessing, for an input of this height and width.
    pub preprocessing: fn(u32) -> Preprocessing,
    /// The network, its weights not yet drawn.
    pub build: fn(&Device) -> Network,
}

/// Every architecture. The first variant of a name is the one that is trained from scratch.
pub const CATALOGUE: &[Architecture] = &[
    Architecture {
        name: "custom-cnn",
        label: "CustomCNN",
        variant: "multi-scale-1",
        sizes: (32, 224),
        preprocessing: Preprocessing::plain,
        build: |device| Network::CustomCnn(CustomCnnConfig::new().init(device)),
    },
    Architecture {
        name: "vgg16",
        label: "VGG16",
        variant: "configuration-d",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet,
        build: |device| Network::Vgg16(Vgg16::new(device)),
    },
    // torchvision's and timm's.
    Architecture {
        name: "resnet50",
        label: "ResNet50",
        variant: "v1.5",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet,
        build: |device| Network::ResNet50(ResNet50Config { stride_first: false, epsilon: 1e-5 }.init(device)),
    },
    // Keras's, as of 2019.
    Architecture {
        name: "resnet50",
        label: "ResNet50",
        variant: "v1",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet_means,
        build: |device| Network::ResNet50(ResNet50Config { stride_first: true, epsilon: 1e-3 }.init(device)),
    },
    // torchvision's, and timm's `efficientnet_b0`.
    Architecture {
        name: "efficientnet-b0",
        label: "EfficientNetB0",
        variant: "symmetric",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet,
        build: |device| {
            let config = EfficientNetB0Config { padding: Padding::Symmetric, epsilon: 1e-5 };
            Network::EfficientNetB0(config.init(device))
        },
    },
    // TensorFlow's, and timm's `tf_efficientnet_b0`.
    Architecture {
        name: "efficientnet-b0",
        label: "EfficientNetB0",
        variant: "same",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet,
        build: |device| {
            Network::EfficientNetB0(EfficientNetB0Config { padding: Padding::Same, epsilon: 1e-3 }.init(device))
        },
    },
];

/// The architecture called `name`: of several, the one that is trained from scratch.
pub fn architecture(name: &str) -> Option<&'static Architecture> {
    CATALOGUE.iter().find(|architecture| architecture.name == name)
}

/// This variant of the architecture called `name`.
pub fn variant(name: &str, variant: &str) -> Option<&'static Architecture> {
    CATALOGUE.iter().find(|architecture| architecture.name == name && architecture.variant == variant)
}

impl Architecture {
    /// The inputs it is meant for, as a range.
    pub fn sizes(&self) -> RangeInclusive<u32> {
        self.sizes.0..=self.sizes.1
    }
}
