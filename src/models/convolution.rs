//! Convolution, and convolution with batch normalisation.

use burn::module::{Module, Param};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, s};

use super::compute::activate;
use super::{Activation, Layers};
use crate::kernels::{
    Then, Window, convolution, convolution_3x3_on_cpu, direct_on_cpu, on_cpu, on_cpu_without_gradients,
};

/// Where zeros go around an image, so that the output is as large as the input divided by the stride, rounded up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// Half the kernel on every side, whatever the stride: PyTorch's networks.
    #[default]
    Symmetric,
    /// As few as are needed, the odd one right and below: TensorFlow's "same". Differs where the stride is 2.
    Same,
}

/// A convolution whose output is as large as its input (divided by the stride, rounded up).
#[derive(Module, Debug)]
pub struct Convolution {
    /// `[channels out, channels in, kernel, kernel]`; `[channels, 1, kernel, kernel]` where it is depthwise.
    pub weight: Param<Tensor<4>>,
    /// `[channels out]`.
    pub bias: Option<Param<Tensor<1>>>,
    stride: usize,
    dilation: usize,
    depthwise: bool,
    #[module(skip)]
    padding: Padding,
}

impl Convolution {
    /// A convolution of stride 1 without bias, its weights zero. The kernel is odd.
    pub fn new(channels_in: usize, channels_out: usize, kernel: usize, device: &Device) -> Self {
        let weight = Param::from_tensor(Tensor::zeros([channels_out, channels_in, kernel, kernel], device));
        Convolution { weight, bias: None, stride: 1, dilation: 1, depthwise: false, padding: Padding::Symmetric }
    }

    /// A convolution of every channel by a kernel of its own.
    pub fn depthwise(channels: usize, kernel: usize, device: &Device) -> Self {
        Convolution { depthwise: true, ..Convolution::new(1, channels, kernel, device) }
    }

    /// Takes every `stride`th place.
    pub fn with_stride(self, stride: usize) -> Self {
        Convolution { stride, ..self }
    }

    /// Spreads the kernel: its elements are `dilation` places apart. For symmetric padding.
    pub fn with_dilation(self, dilation: usize) -> Self {
        Convolution { dilation, ..self }
    }

    /// Pads otherwise.
    pub fn with_padding(self, padding: Padding) -> Self {
        Convolution { padding, ..self }
    }

    /// Adds a bias, zero, to every channel of the output.
    pub fn with_bias(self) -> Self {
        let bias = Tensor::zeros([self.channels_out()], &self.weight.lazy_device());
        Convolution { bias: Some(Param::from_tensor(bias)), ..self }
    }

    /// Channels of the output.
    pub fn channels_out(&self) -> usize {
        self.weight.lazy_shape()[0]
    }

    /// `[batch, channels in, height, width]` to `[batch, channels out, height / stride, width / stride]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_then(Activation::Identity, x)
    }

    /// [`forward`](Convolution::forward), and an activation behind it.
    pub fn forward_then(&self, then: Activation, x: Tensor<4>) -> Tensor<4> {
        self.forward_with(x, self.weight.val(), self.bias.as_ref().map(Param::val), then)
    }

    /// [`forward_then`](Convolution::forward_then) with another weight and bias in the places of its own.
    pub fn forward_with(
        &self,
        x: Tensor<4>,
        weight: Tensor<4>,
        bias: Option<Tensor<1>>,
        then: Activation,
    ) -> Tensor<4> {
        // No gradient passes through a SiLU that is done at once.
        let can = then != Activation::Silu || on_cpu_without_gradients(&x.device());
        let at_once = then.at_once().filter(|_| can).unwrap_or_default();
        let window = Window { then: at_once, ..self.window(&x) };
        if let Some(y) = self.at_once(&x, &weight, bias.as_ref(), window) {
            return if at_once == Then::Nothing { activate(then, y) } else { y };
        }
        let y = convolution(x, weight, window, self.dilation);
        let y = match bias {
            Some(bias) => y + bias.reshape([1, self.channels_out(), 1, 1]),
            None => y,
        };
        activate(then, y)
    }

    /// With bias and what comes behind it, where there is a loop on the CPU that does all of it.
    fn at_once(
        &self,
        x: &Tensor<4>,
        weight: &Tensor<4>,
        bias: Option<&Tensor<1>>,
        window: Window,
    ) -> Option<Tensor<4>> {
        let device = x.device();
        if !on_cpu(&device) {
            return None;
        }
        if !self.is_direct() {
            return convolution_3x3_on_cpu(x, weight, bias?, window, self.dilation);
        }
        let bias = bias.cloned().unwrap_or_else(|| Tensor::zeros([self.channels_out()], &device));
        let (x, weight) = (x.clone(), weight.clone());
        if weight.dims()[2] == 1 && device.is_autodiff() {
            // No gradient to places that are not looked at need be computed.
            return Some(direct_on_cpu(every(x, self.stride), weight, bias, Window { stride: 1, ..window }));
        }
        Some(direct_on_cpu(x, weight, bias, window))
    }

    /// Its weight and its bias, where it has one.
    pub fn weights(&self) -> Option<(Tensor<4>, Tensor<1>)> {
        Some((self.weight.val(), self.bias.as_ref()?.val()))
    }

    /// How the kernel goes over an image, `[batch, channels, height, width]`.
    pub fn window(&self, x: &Tensor<4>) -> Window {
        let [_, _, height, width] = x.dims();
        Window {
            stride: self.stride,
            padding: self.padding(height, width),
            groups: if self.depthwise { self.channels_out() } else { 1 },
            then: Then::Nothing,
        }
    }

    /// Whether a device does it in one kernel with all that comes behind it.
    #[cfg(feature = "gpu")]
    pub fn is_at_once_on_gpu(&self) -> bool {
        let device = self.weight.val().device();
        (self.dilation == 1 || self.stride == 1) && !device.is_autodiff() && !on_cpu(&device)
    }

    /// How far apart the elements of its kernel are.
    #[cfg(feature = "gpu")]
    pub fn dilation(&self) -> usize {
        self.dilation
    }

    /// Whether it is fastest by its definition: its kernels look at one place, at few channels, or not from every place.
    fn is_direct(&self) -> bool {
        let [_, channels, kernel, _] = self.weight.lazy_shape().dims();
        kernel == 1 || (self.dilation == 1 && (channels <= FEW || self.stride > 1))
    }

    /// Stride, padding, dilation and groups on an input of this height and width.
    pub fn options(&self, height: usize, width: usize) -> ConvOptions<2> {
        let padding = self.padding(height, width);
        let groups = if self.depthwise { self.channels_out() } else { 1 };
        ConvOptions::new_with_padding([self.stride; 2], padding, [self.dilation; 2], groups)
    }

    /// Zeros before and after an image of this size, down and across.
    fn padding(&self, height: usize, width: usize) -> [(usize, usize); 2] {
        let kernel = self.weight.lazy_shape()[2];
        [height, width].map(|length| match self.padding {
            Padding::Symmetric => (self.dilation * (kernel / 2), self.dilation * (kernel / 2)),
            Padding::Same => same_padding(length, kernel, self.stride),
        })
    }
}

/// Channels that a kernel looks at where it is faster to convolve by the definition: one, or those of an image.
const FEW: usize = 3;

/// Zeros before and after a row of this length.
fn same_padding(length: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let reached = (length.div_ceil(stride) - 1) * stride + kernel;
    let zeros = reached.saturating_sub(length);
    (zeros / 2, zeros - zeros / 2)
}

/// Every `stride`th place of maps, across and down: all that a 1x1 convolution of that stride looks at.
fn every(x: Tensor<4>, stride: usize) -> Tensor<4> {
    if stride == 1 { x } else { x.slice(s![.., .., ..;stride, ..;stride]) }
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
        let norm = BatchNormConfig::new(conv.channels_out()).init(device);
        ConvNorm { conv, norm }
    }

    /// Shapes as for [`Convolution::forward`].
    pub fn through<L: Layers>(&self, layers: &mut L, then: Activation, x: L::Maps) -> L::Maps {
        layers.normalised(&self.conv, &self.norm, then, x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TensorFlow's documentation of "SAME", by hand.
    #[test]
    fn same_padding_is_tensorflows() {
        assert_eq!(same_padding(224, 3, 2), (0, 1));
        assert_eq!(same_padding(224, 5, 2), (1, 2));
        assert_eq!(same_padding(7, 3, 2), (1, 1));
        assert_eq!(same_padding(7, 5, 1), (2, 2));
        assert_eq!(same_padding(1, 1, 2), (0, 0));
        assert_eq!(same_padding(2, 1, 2), (0, 0));
    }
}
