//! Convolutions, batch normalisation, max pooling, the joining of small tensors and what moves them on a GPU; and work that is recorded, to be
//! done over. Burn's convolutions, without its tuner (which breaks in browsers), compute one value a thread, and read every value that it takes
//! anew; here a thread computes many, and reads once what they share.

mod batch_norm;
mod forward;
mod implicit_gemm;
mod input_gradient;
mod joined;
mod lasting;
mod launch;
mod max_pool;
mod probe;
mod recording;
mod shapes;
mod tilings;
mod weight_gradient;
mod winograd;

use burn::backend::Dispatch;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;

use super::{Then, Window};
pub use batch_norm::{ByBatch, batch_norm};
pub use joined::{join, parts, room};
pub use lasting::{AdamwConstants, By, Known, adamw, averaged, copied, descent, known, put, sum_of_squares};
use launch::Kernel;
pub use max_pool::max_pool;
pub use probe::Probe;
pub use recording::{Recorded, Replays};
pub use tilings::{TILINGS, Tiling, Tilings, WORKS, Work, choose, chosen};

/// A convolution, `[batch, channels in, height, width]` by `[channels out, channels in, kernel, kernel]`, or depthwise by `[channels, 1,
/// kernel, kernel]`. Elements of a kernel are `dilation` places apart: more than one only where the stride is 1.
///
/// # Panics
/// If the shapes are none of such a convolution's: threads do not look whether they read beside a tensor.
pub fn convolution(input: Tensor<4>, weight: Tensor<4>, window: Window, dilation: usize) -> Tensor<4> {
    let course = Course::of(input.dims(), weight.dims(), window, dilation);
    Tensor::from_dispatch(Dispatch::convolve(input.into_dispatch(), weight.into_dispatch(), course))
}

/// The same, times `scale` and plus `bias`, `[channels out]` each, and what `window` says comes behind it. The weight may be in 16
/// bits. No gradient passes.
///
/// # Panics
/// As [`convolution`].
pub fn convolution_with(
    input: Tensor<4>,
    weight: Tensor<4>,
    scale: Tensor<1>,
    bias: Tensor<1>,
    window: Window,
    dilation: usize,
) -> Tensor<4> {
    let course = Course::of(input.dims(), weight.dims(), window, dilation);
    let (scale, bias) = (scale.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::convolve_with(
        input.into_dispatch(),
        weight.into_dispatch(),
        scale,
        bias,
        window.then,
        course,
    ))
}

/// Whether a convolution is one of those that are done here: dense or depthwise, by a square kernel.
pub fn is_ours(input: [usize; 4], weight: [usize; 4], window: Window, dilation: usize) -> bool {
    let ([_, channels, ..], [channels_out, looked_at, kernel, across_kernel]) = (input, weight);
    let is_dense = window.groups == 1 && looked_at == channels;
    let is_depthwise = window.groups == channels && (channels_out, looked_at) == (channels, 1);
    (is_dense || is_depthwise) && kernel == across_kernel && (window.stride == 1 || dilation == 1)
}

/// How a convolution's kernels go over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Every so many places are looked at.
    pub stride: usize,
    /// Elements of a kernel are so many places apart: more than one only where the stride is 1.
    pub dilation: usize,
    /// Each channel has a kernel of its own.
    pub depthwise: bool,
    /// Zeros above the image, and to its left.
    pub before: (usize, usize),
    /// Height and width of the input.
    pub input: (usize, usize),
    /// Height and width of the output.
    pub output: (usize, usize),
    /// How the work is cut among threads.
    pub tilings: Tilings,
}

impl Course {
    /// That of kernels `[channels out, channels in, kernel, kernel]`, or `[channels, 1, kernel, kernel]`, over maps `[batch, channels in,
    /// height, width]`.
    ///
    /// # Panics
    /// If the shapes are none of such a convolution's: threads do not look whether they read beside a tensor.
    pub fn of(input: [usize; 4], weight: [usize; 4], window: Window, dilation: usize) -> Course {
        let ([_, _, height, width], [_, _, kernel, _]) = (input, weight);
        let Window { stride, padding: [down, across], groups, .. } = window;
        assert!(is_ours(input, weight, window, dilation), "{input:?} by {weight:?}, {window:?}, {dilation} apart");
        let reach = (kernel - 1) * dilation + 1;
        let length = |of: usize, (before, after): (usize, usize)| (of + before + after - reach) / stride + 1;
        Course {
            stride,
            dilation,
            depthwise: groups > 1,
            before: (down.0, across.0),
            input: (height, width),
            output: (length(height, down), length(width, across)),
            tilings: chosen(),
        }
    }

    /// The same with each map as one row, where kernels of this size do not tell rows apart.
    fn as_rows(self, kernel: usize) -> Course {
        let Course { stride, before, input: (height, width), output: (down, across), .. } = self;
        if kernel > 1 || stride > 1 || before != (0, 0) || (height, width) != (down, across) {
            return self;
        }
        Course { input: (1, height * width), output: (1, down * across), ..self }
    }

    /// How this work, a product of `[rows, depth]` by `[depth, columns]`, is cut.
    fn tiling(self, work: Work, product: [usize; 3]) -> Tiling {
        if self.depthwise { Tiling::Registers64 } else { self.tilings.of(work, product) }
    }

    /// A kernel of this size, as it goes.
    fn kernel(self, size: usize) -> Kernel {
        let Course { stride, dilation, depthwise, .. } = self;
        Kernel { size: size as u32, stride: stride as u32, dilation: dilation as u32, depthwise }
    }
}

/// Convolutions, and what gradients they pass.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuConvolution: Backend {
    /// `input` `[batch, channels in, height, width]` and `weight` `[channels out, channels in, kernel, kernel]`, or `[channels, 1, kernel,
    /// kernel]`, to `[batch, channels out, height', width']`.
    #[fusion(dtype = input, shape = Shape::from([input[0], weight[0], course.output.0, course.output.1]))]
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, course: Course) -> FloatTensor<Self>;

    /// The same with a factor and a bias for each channel, and what comes behind them. No gradient passes.
    #[fusion(dtype = input, shape = Shape::from([input[0], weight[0], course.output.0, course.output.1]))]
    fn convolve_with(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        then: Then,
        course: Course,
    ) -> FloatTensor<Self>;

    /// From the gradient to the output to that to the input. No gradient passes.
    #[fusion(dtype = gradient, shape = Shape::from([
        gradient[0],
        if course.depthwise { gradient[1] } else { weight[1] },
        course.input.0,
        course.input.1,
    ]))]
    fn convolve_input_gradient(
        gradient: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        course: Course,
    ) -> FloatTensor<Self>;

    /// From the input and the gradient to the output to that to the weight. No gradient passes.
    #[fusion(dtype = gradient, shape = Shape::from([gradient[1], if course.depthwise { 1 } else { input[1] }, *kernel, *kernel]))]
    fn convolve_weight_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        kernel: usize,
        course: Course,
    ) -> FloatTensor<Self>;
}

impl GpuConvolution for CubeBackend {
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, course: Course) -> FloatTensor<Self> {
        forward::convolution(input, weight, course)
    }

    fn convolve_with(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        then: Then,
        course: Course,
    ) -> FloatTensor<Self> {
        forward::convolution_with(input, weight, scale, bias, then, course)
    }

    fn convolve_input_gradient(
        gradient: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        course: Course,
    ) -> FloatTensor<Self> {
        match course.stride {
            1 => forward::turned(gradient, weight, course),
            _ => input_gradient::input_gradient(gradient, weight, course),
        }
    }

    fn convolve_weight_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        kernel: usize,
        course: Course,
    ) -> FloatTensor<Self> {
        weight_gradient::weight_gradient(input, gradient, kernel, course)
    }
}

impl<B: GpuConvolution, C: CheckpointStrategy> GpuConvolution for Autodiff<B, C> {
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, course: Course) -> FloatTensor<Self> {
        let prepared = Convolved.prepare::<C>([input.node(), weight.node()]).compute_bound().stateful();
        let [input, weight] = [input, weight].map(FloatTensor::<Self>::into_primitive);
        match prepared {
            OpsKind::Tracked(prepared) => {
                let output = B::convolve(input.clone(), weight.clone(), course);
                prepared.finish((input, weight, course), output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(B::convolve(input, weight, course)),
        }
    }

    fn convolve_with(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        then: Then,
        course: Course,
    ) -> FloatTensor<Self> {
        let [input, weight, scale, bias] = [input, weight, scale, bias].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::convolve_with(input, weight, scale, bias, then, course))
    }

    fn convolve_input_gradient(
        gradient: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        course: Course,
    ) -> FloatTensor<Self> {
        let [gradient, weight] = [gradient, weight].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::convolve_input_gradient(gradient, weight, course))
    }

    fn convolve_weight_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        kernel: usize,
        course: Course,
    ) -> FloatTensor<Self> {
        let [input, gradient] = [input, gradient].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::convolve_weight_gradient(input, gradient, kernel, course))
    }
}

#[derive(Debug)]
struct Convolved;

impl<B: GpuConvolution> Backward<B, 2> for Convolved {
    /// Input, weight, and how it went over the input.
    type State = (FloatTensor<B>, FloatTensor<B>, Course);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (input, weight, course) = ops.state;
        let gradient = gradients.consume::<B>(&ops.node);
        let [node_input, node_weight] = ops.parents;
        let kernel = weight.shape()[2];
        if let Some(node) = node_input {
            let found = B::convolve_input_gradient(gradient.clone(), weight, course);
            gradients.register::<B>(node.id, found);
        }
        if let Some(node) = node_weight {
            gradients.register::<B>(node.id, B::convolve_weight_gradient(input, gradient, kernel, course));
        }
    }
}
