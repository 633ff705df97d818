//! A block that looks at three scales at once.

use burn::module::Module;
use burn::tensor::Device;

use super::attention::Attention;
use crate::models::{Activation, ConvNorm, Convolution, Layers};

/// Narrowed to a third, looked at by three 3x3 convolutions side by side whose dilations 1, 2 and 3 see neighbourhoods
/// of 3x3, 5x5 and 7x7; concatenated, fused, weighed by attention, and added to the input.
///
/// What is cheap on one core decides the form: a dilated convolution costs no more than a plain one (a 3x3 pooling
/// does), all branches read the same narrow input (splitting a wide one costs a copy a branch in the gradient), and the
/// branches share the normalisation behind the fusion.
#[derive(Module, Debug)]
pub struct MultiScaleBlock {
    reduce: ConvNorm,
    near: Convolution,
    middle: Convolution,
    far: Convolution,
    fuse: ConvNorm,
    attention: Attention,
    shortcut: Option<ConvNorm>,
    halves: bool,
}

impl MultiScaleBlock {
    /// A block from `channels_in` to `channels_out` channels; `halves` where the network pools before it.
    pub fn new(channels_in: usize, channels_out: usize, halves: bool, device: &Device) -> Self {
        let branch = channels_out / 3;
        let dilated = |dilation| Convolution::new(branch, branch, 3, device).with_dilation(dilation);
        let pointwise = |from, to| ConvNorm::new(Convolution::new(from, to, 1, device), device);
        MultiScaleBlock {
            reduce: pointwise(channels_in, branch),
            near: dilated(1),
            middle: dilated(2),
            far: dilated(3),
            fuse: pointwise(3 * branch, channels_out),
            attention: Attention::new(channels_out, device),
            shortcut: (channels_in != channels_out).then(|| pointwise(channels_in, channels_out)),
            halves,
        }
    }

    /// Whether the resolution is halved before this block.
    pub fn halves(&self) -> bool {
        self.halves
    }

    /// `[batch, channels in, height, width]` to `[batch, channels out, height, width]`.
    pub fn through<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let narrow = self.reduce.through(layers, Activation::Relu, x.clone());
        let scales = [&self.near, &self.middle, &self.far];
        let scales = scales.map(|scale| layers.convolution(scale, Activation::Relu, narrow.clone()));
        let scales = layers.concatenate(scales.into());
        let found = self.fuse.through(layers, Activation::Identity, scales);
        let found = self.attention.through(layers, found);
        let input = match &self.shortcut {
            Some(shortcut) => shortcut.through(layers, Activation::Identity, x),
            None => x,
        };
        let sum = layers.add(found, input);
        layers.activation(Activation::Relu, sum)
    }
}
