//! Convolutions of a model in use.

use burn::nn::BatchNorm;
use burn::tensor::Tensor;

#[cfg(feature = "gpu")]
use super::compute::activate;
use super::{Activation, Convolution};
#[cfg(feature = "gpu")]
use crate::kernels::{Window, convolution_on_gpu, kept_on_gpu};

/// What a convolution with the normalisation behind it comes to, by that one's running statistics (Jacob et al. 2018, *Quantization and
/// Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference*, section 3.2). Right as long as their weights stay.
#[derive(Debug)]
pub(super) struct Kept {
    /// In 16 bits where a GPU has those.
    weight: Tensor<4>,
    /// What the output is to be multiplied by, on a GPU: `[channels out]`. Elsewhere the weight is multiplied already.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "there is no GPU"))]
    scale: Option<Tensor<1>>,
    /// Zero where there is none.
    bias: Tensor<1>,
}

impl Kept {
    /// Where there are gradients, they pass through this to all that it is made of.
    pub fn new(layer: &Convolution, norm: Option<&BatchNorm>) -> Kept {
        let weight = layer.weight.val();
        let channels = layer.channels_out();
        let own = layer.bias.as_ref().map_or_else(|| Tensor::zeros([channels], &weight.device()), |bias| bias.val());
        let (scale, bias) = match norm {
            Some(norm) => {
                let scale = norm.gamma.val() / (norm.running_var.value_sync() + norm.epsilon).sqrt();
                let bias = norm.beta.val() + (own - norm.running_mean.value_sync()) * scale.clone();
                (Some(scale), bias)
            }
            None => (None, own),
        };
        #[cfg(feature = "gpu")]
        if layer.is_at_once_on_gpu(&weight.device()) {
            let scale = scale.unwrap_or_else(|| Tensor::ones([channels], &weight.device()));
            // Multiplied first, they might not fit into 16 bits; and those of a file of 16 bits stay what they are.
            return Kept { weight: kept_on_gpu(weight), scale: Some(scale), bias };
        }
        let weight = scale.into_iter().fold(weight, |weight, scale| weight * scale.reshape([channels, 1, 1, 1]));
        Kept { weight, scale: None, bias }
    }

    /// `[batch, channels in, height, width]` to `[batch, channels out, height', width']`. `layer` says how.
    pub fn forward(&self, layer: &Convolution, then: Activation, x: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        #[cfg(feature = "gpu")]
        if let Some(scale) = self.scale.clone() {
            let at_once = then.at_once();
            let window = Window { then: at_once.unwrap_or_default(), ..layer.window(&x) };
            let y = convolution_on_gpu(x, weight, scale, bias, window, layer.dilation());
            return if at_once.is_some() { y } else { activate(then, y) };
        }
        layer.forward_with(x, weight, Some(bias), then)
    }
}
