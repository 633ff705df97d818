//! The architectures there are: one line each.

use std::ops::RangeInclusive;

use burn::tensor::Device;

use super::{CustomCnnConfig, Network};
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

/// Every architecture.
pub const CATALOGUE: &[Architecture] = &[Architecture {
    name: "custom-cnn",
    label: "CustomCNN",
    variant: "multi-scale-1",
    sizes: (32, 224),
    preprocessing: Preprocessing::plain,
    build: |device| Network::CustomCnn(CustomCnnConfig::new().init(device)),
}];

/// The architecture called `name`.
pub fn architecture(name: &str) -> Option<&'static Architecture> {
    CATALOGUE.iter().find(|architecture| architecture.name == name)
}

impl Architecture {
    /// The inputs it is meant for, as a range.
    pub fn sizes(&self) -> RangeInclusive<u32> {
        self.sizes.0..=self.sizes.1
    }
}
