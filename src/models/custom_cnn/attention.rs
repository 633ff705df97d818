//! Attention to channels and to places: CBAM (Woo et al. 2018, *Convolutional Block Attention Module*).

use burn::module::Module;
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};

use crate::models::{Convolution, Dense};

/// How many times narrower the channel attention is inside.
const REDUCTION: usize = 8;

/// Kernel of the attention to places.
const KERNEL: usize = 7;

/// Weighs channels by what they hold on the whole, then places by what they hold over all channels.
#[derive(Module, Debug)]
pub struct Attention {
    squeeze: Dense,
    excite: Dense,
    place: Convolution,
}

impl Attention {
    /// Attention over feature maps of this many channels.
    pub fn new(channels: usize, device: &Device) -> Self {
        let inner = (channels / REDUCTION).max(4);
        Attention {
            squeeze: Dense::new(channels, inner, device),
            excite: Dense::new(inner, channels, device),
            place: Convolution::new(2, 1, KERNEL, device),
        }
    }

    /// `[batch, channels, height, width]`, weighed.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = x.clone() * self.channels(x);
        x.clone() * self.places(x)
    }

    /// A weight for every channel: `[batch, channels, 1, 1]`.
    fn channels(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let x = x.reshape([batch, channels, height * width]);
        let shared =
            |pooled: Tensor<3>| self.excite.forward(relu(self.squeeze.forward(pooled.reshape([batch, channels]))));
        let score = shared(x.clone().mean_dim(2)) + shared(x.max_dim(2));
        sigmoid(score).reshape([batch, channels, 1, 1])
    }

    /// A weight for every place: `[batch, 1, height, width]`.
    fn places(&self, x: Tensor<4>) -> Tensor<4> {
        let pooled = Tensor::cat(vec![x.clone().mean_dim(1), x.max_dim(1)], 1);
        sigmoid(self.place.forward(pooled))
    }
}
