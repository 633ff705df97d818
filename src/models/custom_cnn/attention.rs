//! Attention to channels and to places: CBAM (Woo et al. 2018, *Convolutional Block Attention Module*).

use burn::module::Module;
use burn::tensor::Device;

use crate::models::{Activation, Convolution, Dense, Layers};

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
    pub fn through<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let channels = self.channels(layers, x.clone());
        let x = layers.weigh(x, channels);
        let places = self.places(layers, x.clone());
        layers.weigh(x, places)
    }

    /// A weight for every channel: `[batch, channels, 1, 1]`.
    fn channels<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let pooled = [layers.mean_of_places(x.clone()), layers.largest_of_places(x)];
        let [by_mean, by_largest] = pooled.map(|pooled| {
            let squeezed = layers.dense(&self.squeeze, Activation::Relu, pooled);
            layers.dense(&self.excite, Activation::Identity, squeezed)
        });
        let score = layers.add_features(by_mean, by_largest);
        let weights = layers.activation_of_features(Activation::Sigmoid, score);
        layers.as_maps(weights)
    }

    /// A weight for every place: `[batch, 1, height, width]`.
    fn places<L: Layers>(&self, layers: &mut L, x: L::Maps) -> L::Maps {
        let pooled = vec![layers.mean_of_channels(x.clone()), layers.largest_of_channels(x)];
        let pooled = layers.concatenate(pooled);
        layers.convolution(&self.place, Activation::Sigmoid, pooled)
    }
}
