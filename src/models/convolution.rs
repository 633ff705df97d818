//! Convolution without bias, and convolution with batch normalisation.

use burn::module::{Module, Param};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::{Device, Tensor};

use crate::kernels::{batch_norm, convolution};

/// A convolution without bias whose output is as large as its input (divided by the stride, rounded up).
#[derive(Module, Debug)]
pub struct Convolution {
    /// `[channels out, channels in, kernel, kernel]`.
    pub weight: Param<Tensor<4>>,
    stride: usize,
    dilation: usize,
}

impl Convolution {
    /// A convolution of stride 1, its weights zero. The kernel is odd.
    pub fn new(channels_in: usize, channels_out: usize, kernel: usize, device: &Device) -> Self {
        let weight = Tensor::zeros([channels_out, channels_in, kernel, kernel], device);
        Convolution { weight: Param::from_tensor(weight), stride: 1, dilation: 1 }
    }

    /// Takes every `stride`th place.
    pub fn with_stride(self, stride: usize) -> Self {
        Convolution { stride, ..self }
    }

    /// Spreads the kernel: its elements are `dilation` places apart.
    pub fn with_dilation(self, dilation: usize) -> Self {
        Convolution { dilation, ..self }
    }

    /// `[batch, channels in, height, width]` to `[batch, channels out, height / stride, width / stride]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let weight = self.weight.val();
        let kernel = weight.dims()[2];
        if kernel == 1 && self.stride == 1 {
            return pointwise(x, weight);
        }
        convolution(x, weight, self.stride, self.dilation)
    }
}

/// A 1x1 convolution as one matrix product: its gradient is then one as well, which on the CPU is two to three
/// times as fast as the gradient of a convolution.
fn pointwise(x: Tensor<4>, weight: Tensor<4>) -> Tensor<4> {
    let [batch, channels_in, height, width] = x.dims();
    let channels_out = weight.dims()[0];
    let x = x.reshape([batch, channels_in, height * width]);
    let weight = weight.reshape([1, channels_out, channels_in]);
    weight.matmul(x).reshape([batch, channels_out, height, width])
}

/// A convolution, then batch normalisation (Ioffe & Szegedy 2015).
#[derive(Module, Debug)]
pub struct ConvNorm {
    /// The convolution.
    pub conv: Convolution,
    /// The normalisation of its output.
    pub norm: BatchNorm,
}

impl ConvNorm {
    /// Puts a normalisation behind a convolution.
    pub fn new(conv: Convolution, device: &Device) -> Self {
        let norm = BatchNormConfig::new(conv.weight.dims()[0]).init(device);
        ConvNorm { conv, norm }
    }

    /// Shapes as for [`Convolution::forward`].
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        batch_norm(&self.norm, self.conv.forward(x), false)
    }

    /// The same with a ReLU behind it.
    pub fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        batch_norm(&self.norm, self.conv.forward(x), true)
    }
}
