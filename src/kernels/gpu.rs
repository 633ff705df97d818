//! Convolutions on a GPU. Burn's, without its tuner (which breaks in browsers), compute one value a thread, and read every value
//! that it takes anew; here a thread computes many, and reads once what they share.

mod forward;
mod input_gradient;
mod launch;
mod shapes;
mod weight_gradient;

use burn::backend::Dispatch;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;

use super::Window;

/// A dense convolution, `[batch, channels in, height, width]` by `[channels out, channels in, kernel, kernel]`.
///
/// # Panics
/// If the shapes are none of a dense convolution's by a square kernel: threads do not look whether they read beside a tensor.
pub fn convolution(input: Tensor<4>, weight: Tensor<4>, window: Window) -> Tensor<4> {
    let [_, channels_in, height, width] = input.dims();
    let [_, looked_at, kernel, across_kernel] = weight.dims();
    assert_eq!((channels_in, kernel), (looked_at, across_kernel), "{:?} by {:?}", input.dims(), weight.dims());
    let Window { stride, padding: [down, across], .. } = window;
    let length = |of: usize, (before, after): (usize, usize)| (of + before + after - kernel) / stride + 1;
    let course = Course {
        stride,
        before: (down.0, across.0),
        input: (height, width),
        output: (length(height, down), length(width, across)),
    };
    Tensor::from_dispatch(Dispatch::convolve(input.into_dispatch(), weight.into_dispatch(), course))
}

/// How a dense convolution's kernels go over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Every so many places are looked at.
    pub stride: usize,
    /// Zeros above the image, and to its left.
    pub before: (usize, usize),
    /// Height and width of the input.
    pub input: (usize, usize),
    /// Height and width of the output.
    pub output: (usize, usize),
}

/// Dense convolutions, and what gradients they pass.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuConvolution: Backend {
    /// `input` `[batch, channels in, height, width]` and `weight` `[channels out, channels in, kernel, kernel]` to `[batch, channels
    /// out, height', width']`.
    #[fusion(dtype = input, shape = Shape::from([input[0], weight[0], course.output.0, course.output.1]))]
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, course: Course) -> FloatTensor<Self>;

    /// From the gradient to the output to that to the input. No gradient passes.
    #[fusion(dtype = gradient, shape = Shape::from([gradient[0], weight[1], course.input.0, course.input.1]))]
    fn convolve_input_gradient(
        gradient: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        course: Course,
    ) -> FloatTensor<Self>;

    /// From the input and the gradient to the output to that to the weight. No gradient passes.
    #[fusion(dtype = gradient, shape = Shape::from([gradient[1], input[1], *kernel, *kernel]))]
    fn convolve_weight_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        kernel: usize,
        course: Course,
    ) -> FloatTensor<Self>;
}

impl GpuConvolution for CubeBackend {
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, course: Course) -> FloatTensor<Self> {
        forward::convolution(input, weight, course.stride, course.before, course.output)
    }

    fn convolve_input_gradient(
        gradient: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        course: Course,
    ) -> FloatTensor<Self> {
        match course.stride {
            1 => forward::turned(gradient, weight, course.before, course.input),
            stride => input_gradient::input_gradient(gradient, weight, stride, course.before, course.input),
        }
    }

    fn convolve_weight_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        kernel: usize,
        course: Course,
    ) -> FloatTensor<Self> {
        weight_gradient::weight_gradient(input, gradient, kernel, course.stride, course.before)
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
