//! What networks are made of.
//!
//! A network says once, in these words, what it does. Who reads it decides what becomes of that: [`Compute`](super::Compute)
//! computes it, for training; [`Folded`](super::Folded) computes it for use alone, which is less work; a
//! [`Graph`](super::Graph) writes it down, and knows its shapes and costs.

use burn::nn::BatchNorm;
use burn::nn::pool::MaxPool2d;
use serde::{Deserialize, Serialize};

use super::{Convolution, Dense};
use crate::kernels::Then;

/// A function of every value by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `x`.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `x sigmoid(x)` (Elfwing et al. 2018).
    Silu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// As it is done together with what is before it, where it can be.
    pub fn at_once(self) -> Option<Then> {
        match self {
            Activation::Identity => Some(Then::Nothing),
            Activation::Relu => Some(Then::Relu),
            Activation::Silu => Some(Then::Silu),
            Activation::Sigmoid | Activation::Tanh => None,
        }
    }
}

/// The operations of our networks.
pub trait Layers {
    /// Feature maps: `[batch, channels, height, width]`.
    type Maps: Clone;
    /// Features: `[batch, features]`.
    type Features: Clone;

    /// A convolution, and an activation.
    fn convolution(&mut self, layer: &Convolution, then: Activation, x: Self::Maps) -> Self::Maps;

    /// A convolution, batch normalisation (Ioffe & Szegedy 2015), and an activation.
    fn normalised(&mut self, layer: &Convolution, norm: &BatchNorm, then: Activation, x: Self::Maps) -> Self::Maps;

    /// A fully connected layer, and an activation.
    fn dense(&mut self, layer: &Dense, then: Activation, x: Self::Features) -> Self::Features;

    /// An activation.
    fn activation(&mut self, activation: Activation, x: Self::Maps) -> Self::Maps;

    /// An activation of features.
    fn activation_of_features(&mut self, activation: Activation, x: Self::Features) -> Self::Features;

    /// The largest of every window.
    fn max_pool(&mut self, pool: &MaxPool2d, x: Self::Maps) -> Self::Maps;

    /// The mean of every map.
    fn mean_of_places(&mut self, x: Self::Maps) -> Self::Features;

    /// The largest value of every map.
    fn largest_of_places(&mut self, x: Self::Maps) -> Self::Features;

    /// The mean over all channels, place by place: `[batch, 1, height, width]`.
    fn mean_of_channels(&mut self, x: Self::Maps) -> Self::Maps;

    /// The largest over all channels, place by place: `[batch, 1, height, width]`.
    fn largest_of_channels(&mut self, x: Self::Maps) -> Self::Maps;

    /// Features as maps of one place each: `[batch, features, 1, 1]`.
    fn as_maps(&mut self, x: Self::Features) -> Self::Maps;

    /// Maps behind one another: the channels of the first, then those of the next.
    fn concatenate(&mut self, maps: Vec<Self::Maps>) -> Self::Maps;

    /// The sum of maps of one shape.
    fn add(&mut self, a: Self::Maps, b: Self::Maps) -> Self::Maps;

    /// The sum of features of one shape.
    fn add_features(&mut self, a: Self::Features, b: Self::Features) -> Self::Features;

    /// Maps times `weights`: `[batch, channels, 1, 1]`, or `[batch, 1, height, width]`.
    fn weigh(&mut self, x: Self::Maps, weights: Self::Maps) -> Self::Maps;
}
