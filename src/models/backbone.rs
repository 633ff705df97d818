//! What every backbone can do, and the backbones there are.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Compute, CustomCnn, EfficientNetB0, Layers, ResNet50, Vgg16};

/// A network from images to feature maps, stage by stage. The multi-task [`Head`](super::Head) comes after it.
pub trait Backbone: Module {
    /// Its stages, from the input up: what freezing goes by.
    fn stages(&self) -> &'static [Stage];

    /// Takes the output of the stage before (the normalised images `[batch, 3, height, width]` for stage 0) through one
    /// stage: `[batch, channels, height', width']`.
    fn stage<L: Layers>(&self, layers: &mut L, stage: usize, x: L::Maps) -> L::Maps;

    /// Channels of the last stage.
    fn channels(&self) -> usize;

    /// The feature maps of the last stage: `[batch, 3, height, width]` to `[batch, channels, height', width']`.
    fn through<L: Layers>(&self, layers: &mut L, images: L::Maps) -> L::Maps {
        (0..self.stages().len()).fold(images, |x, stage| self.stage(layers, stage, x))
    }

    /// The same, computed as in training.
    fn features(&self, images: Tensor<4>) -> Tensor<4> {
        self.through(&mut Compute, images)
    }

    /// What the parameter is called here that others' files call `name`. The same, unless there are two traditions.
    fn name_here(&self, name: &str) -> String {
        name.into()
    }
}

/// A stage, by what its parameters' names begin with: whole parts of a name, so `layer1` is not a beginning of
/// `layer10.weight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage(pub &'static [&'static str]);

impl Stage {
    /// Whether the parameter of this name (within the backbone) belongs to the stage.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|part| name.strip_prefix(part).is_some_and(|rest| rest.starts_with('.')))
    }
}

/// Any backbone of the catalogue.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and its tensors are many times larger")]
pub enum Network {
    /// See [`CustomCnn`].
    CustomCnn(CustomCnn),
    /// See [`Vgg16`].
    Vgg16(Vgg16),
    /// See [`ResNet50`].
    ResNet50(ResNet50),
    /// See [`EfficientNetB0`].
    EfficientNetB0(EfficientNetB0),
}

/// The same question to whichever network there is.
macro_rules! ask {
    ($network:expr, $question:ident($($word:expr),*)) => {
        match $network {
            Network::CustomCnn(network) => network.$question($($word),*),
            Network::Vgg16(network) => network.$question($($word),*),
            Network::ResNet50(network) => network.$question($($word),*),
            Network::EfficientNetB0(network) => network.$question($($word),*),
        }
    };
}

impl Backbone for Network {
    fn stages(&self) -> &'static [Stage] {
        ask!(self, stages())
    }

    fn stage<L: Layers>(&self, layers: &mut L, stage: usize, x: L::Maps) -> L::Maps {
        ask!(self, stage(layers, stage, x))
    }

    fn channels(&self) -> usize {
        ask!(self, channels())
    }

    fn name_here(&self, name: &str) -> String {
        ask!(self, name_here(name))
    }
}
