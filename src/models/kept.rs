//! Layers of a model in use.

use burn::nn::BatchNorm;
use burn::tensor::Tensor;

#[cfg(feature = "gpu")]
use super::compute::activate;
#[cfg(feature = "gpu")]
use super::dense::{Dense, as_features, as_maps};
use super::{Activation, Convolution};
#[cfg(feature = "gpu")]
use crate::kernels::{Window, convolution_on_gpu, kept_on_gpu};

/// What a layer comes to: a fully connected one; or a convolution with the normalisation behind it, by that one's running statistics (Jacob
/// et al. 2018, *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference*, section 3.2). Right as
/// long as their weights stay.
#[derive(Debug)]
pub(super) struct Kept {
    /// A convolution's in 16 bits where a GPU has those.
    weight: Tensor<4>,
    /// What the output is to be multiplied by, on a GPU: `[channels out]`. Elsewhere the weight is multiplied already.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "there is no GPU"))]
    scale: Option<Tensor<1>>,
    /// Zero where there is none.
    bias: Tensor<1>,
}

impl Kept {
    /// For use alone: as the device does it fastest.
    pub fn in_use(layer: &Convolution, norm: Option<&BatchNorm>) -> Kept {
        #[cfg(feature = "gpu")]
        if layer.is_at_once_on_gpu() {
            let (scale, bias) = factor_and_bias(layer, norm);
            let scale = scale.unwrap_or_else(|| Tensor::ones([layer.channels_out()], &bias.device()));
            // Multiplied first, they might not fit into 16 bits; and those of a file of 16 bits stay what they are.
            return Kept { weight: kept_on_gpu(layer.weight.val()), scale: Some(scale), bias };
        }
        Kept::folded(layer, norm)
    }

    /// A fully connected layer, which is a convolution of maps of one place.
    #[cfg(feature = "gpu")]
    pub fn dense_on_gpu(layer: &Dense) -> Kept {
        let bias = layer.bias.val();
        Kept { weight: as_maps(layer.weight.val()), scale: Some(Tensor::ones_like(&bias)), bias }
    }

    /// `[batch, features in]` to `[batch, features out]`, for such a layer.
    #[cfg(feature = "gpu")]
    pub fn features(&self, then: Activation, x: Tensor<2>) -> Tensor<2> {
        let scale = self.scale.clone().unwrap_or_else(|| Tensor::ones_like(&self.bias));
        as_features(self.at_once(scale, Window::around(1, 1, 1), 1, then, as_maps(x)))
    }

    /// Where there are gradients, they pass through this to all that it is made of.
    pub fn folded(layer: &Convolution, norm: Option<&BatchNorm>) -> Kept {
        let (scale, bias) = factor_and_bias(layer, norm);
        let weight = match scale {
            Some(scale) => layer.weight.val() * scale.reshape([layer.channels_out(), 1, 1, 1]),
            None => layer.weight.val(),
        };
        Kept { weight, scale: None, bias }
    }

    /// `[batch, channels in, height, width]` to `[batch, channels out, height', width']`. `layer` says how.
    pub fn forward(&self, layer: &Convolution, then: Activation, x: Tensor<4>) -> Tensor<4> {
        #[cfg(feature = "gpu")]
        if let Some(scale) = self.scale.clone() {
            return self.at_once(scale, layer.window(&x), layer.dilation(), then, x);
        }
        layer.forward_with(x, self.weight.clone(), Some(self.bias.clone()), then)
    }

    /// In one kernel with what comes behind it, where that can be.
    #[cfg(feature = "gpu")]
    fn at_once(&self, scale: Tensor<1>, window: Window, dilation: usize, then: Activation, x: Tensor<4>) -> Tensor<4> {
        let at_once = then.at_once();
        let window = Window { then: at_once.unwrap_or_default(), ..window };
        let y = convolution_on_gpu(x, self.weight.clone(), scale, self.bias.clone(), window, dilation);
        if at_once.is_some() { y } else { activate(then, y) }
    }
}

/// What the output of a convolution without bias is multiplied by, where there is a normalisation; and what is added.
fn factor_and_bias(layer: &Convolution, norm: Option<&BatchNorm>) -> (Option<Tensor<1>>, Tensor<1>) {
    let own = layer.bias.as_ref().map(|bias| bias.val());
    let Some(norm) = norm else {
        return (None, own.unwrap_or_else(|| Tensor::zeros([layer.channels_out()], &layer.weight.val().device())));
    };
    let scale = norm.gamma.val() / (norm.running_var.value_sync() + norm.epsilon).sqrt();
    let mean = norm.running_mean.value_sync();
    let centred = match own {
        Some(own) => own - mean,
        None => -mean,
    };
    (Some(scale.clone()), norm.beta.val() + centred * scale)
}
