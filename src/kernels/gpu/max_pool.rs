//! The largest of every window of a map, on a GPU, and what gradients it passes. Burn's turns maps round before and after it, each by a kernel
//! of its own.

mod windows;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;

use super::super::Window;
use super::Course;

/// The largest of every window of so many places down and across, `[batch, channels, height, width]` to `[batch, channels, height', width']`.
/// Beside the maps there is nothing.
///
/// # Panics
/// If a window may lie beside the maps altogether, or the maps are smaller than one.
pub fn max_pool(input: Tensor<4>, size: usize, window: Window) -> Tensor<4> {
    let [_, channels, height, width] = input.dims();
    let [down, across] = window.padding;
    assert!([down.0, down.1, across.0, across.1].iter().all(|beside| *beside < size), "{size} places, {window:?}");
    assert!(height + down.0 + down.1 >= size && width + across.0 + across.1 >= size, "{height} x {width} by {size}");
    // Windows lie as the kernels of a depthwise convolution.
    let window = Window { groups: channels, ..window };
    let course = Course::of(input.dims(), [channels, 1, size, size], window, 1);
    Tensor::from_dispatch(Dispatch::largest_of_windows(input.into_dispatch(), size, course))
}

/// Max pooling, and what gradient it passes.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuMaxPool: Backend {
    /// `[batch, channels, height, width]` to `[batch, channels, height', width']`.
    #[fusion(dtype = input, shape = Shape::from([input[0], input[1], course.output.0, course.output.1]))]
    fn largest_of_windows(input: FloatTensor<Self>, size: usize, course: Course) -> FloatTensor<Self>;

    /// From the input and the gradient to the output to that to the input: to the first of the largest of each window. No gradient passes.
    #[fusion(dtype = input, shape = Shape::from([input[0], input[1], input[2], input[3]]))]
    fn largest_of_windows_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        size: usize,
        course: Course,
    ) -> FloatTensor<Self>;
}

impl GpuMaxPool for CubeBackend {
    fn largest_of_windows(input: FloatTensor<Self>, size: usize, course: Course) -> FloatTensor<Self> {
        windows::largest(&into_contiguous(input), size, course)
    }

    fn largest_of_windows_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        size: usize,
        course: Course,
    ) -> FloatTensor<Self> {
        windows::input_gradient(&into_contiguous(input), &into_contiguous(gradient), size, course)
    }
}

impl<B: GpuMaxPool, C: CheckpointStrategy> GpuMaxPool for Autodiff<B, C> {
    fn largest_of_windows(input: FloatTensor<Self>, size: usize, course: Course) -> FloatTensor<Self> {
        let prepared = Pooled.prepare::<C>([input.node()]).compute_bound().stateful();
        let input = input.into_primitive();
        match prepared {
            OpsKind::Tracked(prepared) => {
                let output = B::largest_of_windows(input.clone(), size, course);
                prepared.finish((input, size, course), output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(B::largest_of_windows(input, size, course)),
        }
    }

    fn largest_of_windows_gradient(
        input: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        size: usize,
        course: Course,
    ) -> FloatTensor<Self> {
        let [input, gradient] = [input, gradient].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::largest_of_windows_gradient(input, gradient, size, course))
    }
}

#[derive(Debug)]
struct Pooled;

impl<B: GpuMaxPool> Backward<B, 1> for Pooled {
    /// Input, and how windows lie.
    type State = (FloatTensor<B>, usize, Course);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (input, size, course) = ops.state;
        let gradient = gradients.consume::<B>(&ops.node);
        let [node] = ops.parents;
        if let Some(node) = node {
            gradients.register::<B>(node.id, B::largest_of_windows_gradient(input, gradient, size, course));
        }
    }
}
