//! A fully connected layer.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::kernels::{Window, convolution, direct_on_cpu, on_cpu};

/// `y = x W^T + b`, its weight laid out as PyTorch does.
#[derive(Module, Debug)]
pub struct Dense {
    /// `[features out, features in]`.
    pub weight: Param<Tensor<2>>,
    /// `[features out]`.
    pub bias: Param<Tensor<1>>,
}

impl Dense {
    /// A layer of zero weights.
    pub fn new(features_in: usize, features_out: usize, device: &Device) -> Self {
        Dense {
            weight: Param::from_tensor(Tensor::zeros([features_out, features_in], device)),
            bias: Param::from_tensor(Tensor::zeros([features_out], device)),
        }
    }

    /// `[batch, features in]` to `[batch, features out]`: a convolution of maps of one place.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (weight, bias, window) = (as_maps(self.weight.val()), self.bias.val(), Window::around(1, 1, 1));
        if on_cpu(&x.device()) {
            return as_features(direct_on_cpu(as_maps(x), weight, bias, window));
        }
        as_features(convolution(as_maps(x), weight, window, 1)) + bias.unsqueeze()
    }
}

/// Features `[batch, features]` as maps of one place, `[batch, features, 1, 1]`.
pub(super) fn as_maps(x: Tensor<2>) -> Tensor<4> {
    let [batch, features] = x.dims();
    x.reshape([batch, features, 1, 1])
}

/// Maps of one place as features.
pub(super) fn as_features(x: Tensor<4>) -> Tensor<2> {
    let [batch, features, ..] = x.dims();
    x.reshape([batch, features])
}
