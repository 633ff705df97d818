//! Attention to channels (Hu et al. 2018, *Squeeze-and-Excitation Networks*).

use burn::module::Module;
use burn::tensor::activation::{sigmoid, silu};
use burn::tensor::{Device, Tensor};

use crate::models::Convolution;

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
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let pooled = x.clone().reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels, 1, 1]);
        let score = self.conv_expand.forward(silu(self.conv_reduce.forward(pooled)));
        x * sigmoid(score)
    }
}
