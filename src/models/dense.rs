//! A fully connected layer.

use burn::module::{Module, Param};
use burn::tensor::module::linear;
use burn::tensor::{Device, Tensor};

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

    /// `[batch, features in]` to `[batch, features out]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        linear(x, self.weight.val().transpose(), Some(self.bias.val()))
    }
}
