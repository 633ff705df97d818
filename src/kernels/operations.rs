//! The operations, and their implementation on the CPU backend.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, TensorMetadata, backend_extension};
use burn::tensor::TensorData;
use mien_cpu::{AdamW, BatchNorm, Convolution, Direct, Separable, Then};

/// Operations that Burn's backends do not have, or not fast enough.
#[backend_extension(Autodiff, Flex)]
pub trait Kernels: Backend {
    /// `input` `[batch, channels in, height, width]` and `weight` `[channels out, channels in, 3, 3]` to `[batch, channels
    /// out, height, width]`.
    fn convolution_3x3(input: FloatTensor<Self>, weight: FloatTensor<Self>, dilation: usize) -> FloatTensor<Self>;

    /// The same with a bias `[channels out]`, and cut at zero where `relu` says so. No gradient passes.
    fn convolution_3x3_with(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        dilation: usize,
        relu: bool,
    ) -> FloatTensor<Self>;

    /// The normalised `[batch, channels, height, width]`, and the batch's mean and variance, `[channels]` each.
    fn batch_norm_train(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// `x sigmoid(x)`, of any shape.
    fn silu_on_cpu(input: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Weights of any shape after a step, and their first and second moments, from those before it and the gradient. No gradient passes.
    fn adamw(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        step: AdamW,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// The largest of every 2x2 places: `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`.
    fn max_pool_2x2(input: FloatTensor<Self>) -> FloatTensor<Self>;

    /// `input` `[batch, channels in, height, width]`, `weight` `[channels out, channels in / groups, kernel, kernel]` and `bias`
    /// `[channels out]` to `[batch, channels out, height', width']`. No gradient passes where there is a SiLU behind it.
    fn convolution_direct(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self>;

    /// A depthwise and a pointwise convolution (weight and bias each) beside a shortcut. No gradient passes.
    fn separable_block(
        input: FloatTensor<Self>,
        depthwise: FloatTensor<Self>,
        depthwise_bias: FloatTensor<Self>,
        pointwise: FloatTensor<Self>,
        pointwise_bias: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self>;
}

/// How a kernel goes over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Every so many places are looked at.
    pub stride: usize,
    /// Zeros before and after the image, down and across.
    pub padding: [(usize, usize); 2],
    /// Groups of channels that do not look at one another.
    pub groups: usize,
    /// What comes behind it.
    pub then: Then,
}

impl Window {
    /// Half the kernel on every side, so that the output is as large as the input divided by the stride, rounded up. The kernel's
    /// elements are `dilation` places apart.
    pub fn around(kernel: usize, stride: usize, dilation: usize) -> Window {
        let zeros = dilation * (kernel / 2);
        Window { stride, padding: [(zeros, zeros); 2], groups: 1, then: Then::Nothing }
    }
}

pub(super) type Primitive = FloatTensor<Flex>;

impl Kernels for Flex {
    fn convolution_3x3(input: Primitive, weight: Primitive, dilation: usize) -> Primitive {
        let shape = convolution(&input, &weight, dilation);
        let output = shape.forward(values(&input.to_contiguous()), values(&weight.to_contiguous()));
        tensor(output, [shape.batch, shape.channels_out, shape.height, shape.width])
    }

    fn convolution_3x3_with(
        input: Primitive,
        weight: Primitive,
        bias: Primitive,
        dilation: usize,
        relu: bool,
    ) -> Primitive {
        let shape = convolution(&input, &weight, dilation);
        let [input, weight, bias] = [input, weight, bias].map(|tensor| tensor.to_contiguous());
        let output = shape.forward_with(values(&input), values(&weight), values(&bias), relu);
        tensor(output, [shape.batch, shape.channels_out, shape.height, shape.width])
    }

    fn batch_norm_train(
        input: Primitive,
        gamma: Primitive,
        beta: Primitive,
        epsilon: f64,
        relu: bool,
    ) -> (Primitive, Primitive, Primitive) {
        let [batch, channels, height, width] = input.shape().dims();
        let norm = normalisation(&input, epsilon, relu);
        let [input, gamma, beta] = [input, gamma, beta].map(|tensor| tensor.to_contiguous());
        let normalised = norm.forward(values(&input), values(&gamma), values(&beta));
        let output = tensor(normalised.output, [batch, channels, height, width]);
        (output, tensor(normalised.mean, [channels]), tensor(normalised.variance, [channels]))
    }

    fn silu_on_cpu(input: Primitive) -> Primitive {
        let input = input.to_contiguous();
        Primitive::from_data(TensorData::new(mien_cpu::silu(values(&input)), input.shape()))
    }

    fn adamw(
        weights: Primitive,
        gradient: Primitive,
        moment_1: Primitive,
        moment_2: Primitive,
        step: AdamW,
    ) -> (Primitive, Primitive, Primitive) {
        let shape = weights.shape();
        let tensors = [weights, gradient, moment_1, moment_2].map(|tensor| tensor.to_contiguous());
        let [weights, gradient, moment_1, moment_2] = tensors.each_ref().map(values);
        let moved = step.step(weights, gradient, [moment_1, moment_2]);
        let [weights, moment_1, moment_2] =
            moved.map(|values| Primitive::from_data(TensorData::new(values, shape.clone())));
        (weights, moment_1, moment_2)
    }

    fn max_pool_2x2(input: Primitive) -> Primitive {
        largest_of_2x2(input).0
    }

    fn convolution_direct(input: Primitive, weight: Primitive, bias: Primitive, window: Window) -> Primitive {
        let shape = direct(&input, &weight, window);
        let [_, channels, height, width] = output_of(&input, &weight, window);
        let [input, weight, bias] = [input, weight, bias].map(|tensor| tensor.to_contiguous());
        let output = shape.forward(values(&input), values(&weight), values(&bias), window.then);
        tensor(output, [shape.batch, channels, height, width])
    }

    fn separable_block(
        input: Primitive,
        depthwise: Primitive,
        depthwise_bias: Primitive,
        pointwise: Primitive,
        pointwise_bias: Primitive,
        window: Window,
    ) -> Primitive {
        let [channels, ..]: [usize; 4] = pointwise.shape().dims();
        let block = Separable { depthwise: direct(&input, &depthwise, window), channels };
        let tensors =
            [input, depthwise, depthwise_bias, pointwise, pointwise_bias].map(|tensor| tensor.to_contiguous());
        let [input, depthwise, depthwise_bias, pointwise, pointwise_bias] = tensors.each_ref().map(values);
        let output = block.forward(input, (depthwise, depthwise_bias), (pointwise, pointwise_bias));
        let Direct { batch, output: (height, width), .. } = block.depthwise;
        tensor(output, [batch, channels, height, width])
    }
}

/// The largest of every 2x2 places, and which of them it is.
pub(super) fn largest_of_2x2(input: Primitive) -> (Primitive, Vec<u8>) {
    let [batch, channels, height, width] = input.shape().dims();
    let (output, places) = mien_cpu::max_pool(values(&input.to_contiguous()), height, width);
    (tensor(output, [batch, channels, height / 2, width / 2]), places)
}

pub(super) fn convolution(input: &Primitive, weight: &Primitive, dilation: usize) -> Convolution {
    let [batch, channels_in, height, width] = input.shape().dims();
    let [channels_out, ..]: [usize; 4] = weight.shape().dims();
    Convolution { batch, channels_in, channels_out, height, width, dilation }
}

/// The output's shape, `[batch, channels out, height', width']`.
fn output_of(input: &Primitive, weight: &Primitive, Window { stride, padding, .. }: Window) -> [usize; 4] {
    let [batch, _, height, width] = input.shape().dims();
    let [channels, _, kernel, _]: [usize; 4] = weight.shape().dims();
    let length = |of: usize, (before, after): (usize, usize)| (of + before + after - kernel) / stride + 1;
    [batch, channels, length(height, padding[0]), length(width, padding[1])]
}

pub(super) fn direct(input: &Primitive, weight: &Primitive, window: Window) -> Direct {
    let [batch, channels_in, height, width] = input.shape().dims();
    let [channels_out, inputs, kernel, _]: [usize; 4] = weight.shape().dims();
    let Window { stride, padding: [down, across], groups, .. } = window;
    debug_assert_eq!(channels_in, groups * inputs);
    let [_, _, output @ ..] = output_of(input, weight, window);
    let (mut input, mut output) = ((height, width), output.into());
    if kernel == 1 && input == output {
        // Rows need not be told apart.
        (input, output) = ((1, height * width), (1, height * width));
    }
    let channels = (inputs, channels_out / groups);
    Direct { batch, groups, channels, input, output, kernel, stride, before: (down.0, across.0) }
}

pub(super) fn normalisation(input: &Primitive, epsilon: f64, relu: bool) -> BatchNorm {
    let [_, channels, height, width] = input.shape().dims();
    BatchNorm { channels, places: height * width, epsilon: epsilon as f32, relu }
}

/// The values of a contiguous tensor.
///
/// # Panics
/// If it is not one of `f32`: Mien computes in nothing else on the CPU.
pub(super) fn values(tensor: &Primitive) -> &[f32] {
    // Every caller makes its tensors contiguous, and nothing in Mien makes one of another type.
    tensor.as_slice().expect("a contiguous tensor of f32")
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Primitive {
    Primitive::from_data(TensorData::new(values, shape))
}
