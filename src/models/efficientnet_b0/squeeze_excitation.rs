//! Attention to channels (Hu et al. 2018, *Squeeze-and-Excitation Networks*).

use burn::module::Module;
use burn::tensor::Device;

use crate::models::{Activation, Convolution, Layers};

/// Weighs channels by what all of them hold on the whole.
#[derive(Module, Debug)]
pub struct SqueezeExcitation {
    conv_reduce: Convolution,
    conv_expand: Convolution,
}

impl SqueezeExcitation {
    /// Attention over `channels` channels, `inner` wide inside.
    pub fn new(channels: usize, inner: usize, device: &Device) -> Self {
        SqueezeExcitation {
            conv_reduce: Convolution::new(channels, inner, 1, device).with_bias(),
            conv_expand: Convolution::new(inner, channels, 1, device).with_bias(),
        }
    }

    /// `[batch, channels, height, width]`, weighed.
    pub fn through<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let pooled = layers.mean_of_places(x.clone());
        let pooled = layers.as_maps(pooled);
        let reduced = layers.convolution(&self.conv_reduce, Activation::Silu, pooled);
        let weights = layers.convolution(&self.conv_expand, Activation::Sigmoid, reduced);
        layers.weigh(x, weights)
    }
}
