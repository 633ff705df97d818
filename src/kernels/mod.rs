//! What Burn's backends are slow at, done here: entered through [`backend_extension`](burn::backend::backend_extension),
//! so that models stay ordinary Burn code and gradients flow as through any other operation.
//!
//! On the CPU, 3x3 and 1x1 convolutions, those that look at few channels, 2x2 max pooling, SiLU, and batch normalisation in training
//! go through the package in `kernels/cpu`; on WebGPU, convolutions, batch normalisation in training and max pooling are those in `gpu`.
//! Everything else takes Burn's own operation, which is also what the tests compare with.

#[cfg(feature = "gpu")]
pub mod gpu;
mod gradients;
mod operations;

use burn::backend::{Dispatch, DispatchDevice};
#[cfg(feature = "gpu")]
use burn::module::{Module, ModuleMapper, Param, RunningState};
use burn::nn::pool::MaxPool2d;
use burn::nn::{BatchNorm, PaddingConfig2d};
#[cfg(feature = "gpu")]
use burn::tensor::FloatDType;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, activation};

pub use mien_cpu::{AdamW, Then};
use operations::Kernels;
pub use operations::Window;

/// Convolution without bias; what `window` says comes behind it does not.
///
/// `input` is `[batch, channels in, height, width]`, `weight` `[channels out, channels in / groups, kernel, kernel]` with an odd
/// kernel; its elements are `dilation` places apart.
pub fn convolution(input: Tensor<4>, weight: Tensor<4>, window: Window, dilation: usize) -> Tensor<4> {
    let Window { stride, padding, groups, .. } = window;
    if is_3x3(&weight, window, dilation) && on_cpu(&input.device()) {
        let output = Dispatch::convolution_3x3(input.into_dispatch(), weight.into_dispatch(), dilation);
        return Tensor::from_dispatch(output);
    }
    #[cfg(feature = "gpu")]
    if gpu::is_ours(input.dims(), weight.dims(), window, dilation) && !on_cpu(&input.device()) {
        return gpu::convolution(input, weight, window, dilation);
    }
    conv2d(input, weight, None, ConvOptions::new_with_padding([stride; 2], padding, [dilation; 2], groups))
}

/// A convolution as `window` and `dilation` say, its bias `[channels out]` and what comes behind it, all at once; `None` where that is not
/// done: it is on the CPU, without gradients, where a 3x3 kernel leaves the size as it is.
pub fn convolution_3x3_on_cpu(
    input: &Tensor<4>,
    weight: &Tensor<4>,
    bias: &Tensor<1>,
    window: Window,
    dilation: usize,
) -> Option<Tensor<4>> {
    let at_once = is_3x3(weight, window, dilation) && on_cpu_without_gradients(&input.device());
    if !at_once || window.then == Then::Silu {
        return None;
    }
    let (input, weight, bias) = (input.clone(), weight.clone(), bias.clone());
    let (input, weight, bias) = (input.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    let output = Dispatch::convolution_3x3_with(input, weight, bias, dilation, window.then == Then::Relu);
    Some(Tensor::from_dispatch(output))
}

/// A convolution by weights as [`kept_on_gpu`] gives them, times `scale` and plus `bias`, `[channels out]` each, and what
/// `window` says comes behind it. For a GPU, without gradients.
#[cfg(feature = "gpu")]
pub use gpu::convolution_with as convolution_on_gpu;

/// Weights that stay as they are, as a GPU's convolutions read them: in 16 bits where it has such numbers.
#[cfg(feature = "gpu")]
pub fn kept_on_gpu(weight: Tensor<4>) -> Tensor<4> {
    /// The largest number of 16 bits (IEEE 754).
    const LARGEST: f32 = 65504.0;
    if weight.device().supports_dtype(FloatDType::F16) {
        return weight.clamp(-LARGEST, LARGEST).cast(FloatDType::F16);
    }
    weight
}

/// Whether a convolution is of 3x3 places, and leaves the size as it is.
fn is_3x3(weight: &Tensor<4>, Window { stride, padding, groups, .. }: Window, dilation: usize) -> bool {
    weight.dims()[2] == 3 && groups == 1 && stride == 1 && padding == [(dilation, dilation); 2]
}

/// Batch normalisation in training, and what comes behind it: by the moments of the batch `[batch, channels, height, width]`, which move
/// `norm`'s running mean and variance.
pub fn batch_norm(norm: &BatchNorm, input: Tensor<4>, then: Then) -> Tensor<4> {
    let affine = [norm.gamma.val(), norm.beta.val()];
    let running = [&norm.running_mean, &norm.running_var];
    #[cfg(feature = "gpu")]
    if !on_cpu(&input.device()) {
        let how = gpu::ByBatch { epsilon: norm.epsilon as f32, momentum: norm.momentum as f32, then };
        let (output, moved) = gpu::batch_norm(input, affine, running.map(RunningState::value_sync), how);
        for (running, moved) in running.into_iter().zip(moved) {
            running.clone().map(&mut Becomes(moved));
        }
        return output;
    }
    let (output, moments) = normalised_by_batch(input, affine, norm.epsilon, then);
    for (running, of_batch) in running.into_iter().zip(moments) {
        let moved = running.value_sync() * (1.0 - norm.momentum) + of_batch.detach() * norm.momentum;
        running.update(moved.detach());
    }
    output
}

/// A running state becomes this: what is mapped is a clone's, and clones share their value. An update would be divided by the number of
/// threads that made one, by a kernel of its own.
#[cfg(feature = "gpu")]
struct Becomes(Tensor<1>);

#[cfg(feature = "gpu")]
impl ModuleMapper for Becomes {
    fn map_float<const D: usize>(&mut self, old: Param<Tensor<D>>) -> Param<Tensor<D>> {
        Param::initialized(old.id, Tensor::from_dispatch(self.0.clone().into_dispatch()))
    }
}

/// On a CPU: the normalised and what comes behind it, and the batch's mean and variance.
fn normalised_by_batch(
    input: Tensor<4>,
    [gamma, beta]: [Tensor<1>; 2],
    epsilon: f64,
    then: Then,
) -> (Tensor<4>, [Tensor<1>; 2]) {
    let (input, gamma, beta) = (input.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch());
    let (output, mean, variance) = Dispatch::batch_norm_train(input, gamma, beta, epsilon, then == Then::Relu);
    let output = Tensor::from_dispatch(output);
    let output = if then == Then::Silu { silu(output) } else { output };
    (output, [mean, variance].map(Tensor::from_dispatch))
}

/// `x sigmoid(x)` of every number. Burn's takes one exponential at a time.
pub fn silu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if on_cpu(&input.device()) {
        return Tensor::from_dispatch(Dispatch::silu_on_cpu(input.into_dispatch()));
    }
    activation::silu(input)
}

/// The sum of the squares of all numbers, `[1]`, without autodiff.
pub fn sum_of_squares(tensor: Tensor<1>) -> Tensor<1> {
    #[cfg(feature = "gpu")]
    if !on_cpu(&tensor.device()) {
        return gpu::sum_of_squares(tensor);
    }
    tensor.square().sum()
}

/// Weights after a step of AdamW on a CPU, and their first and second moments.
pub fn adamw_on_cpu<const D: usize>(
    weights: Tensor<D>,
    gradient: Tensor<D>,
    [moment_1, moment_2]: [Tensor<D>; 2],
    step: AdamW,
) -> [Tensor<D>; 3] {
    let [weights, gradient, moment_1, moment_2] =
        [weights, gradient, moment_1, moment_2].map(|tensor| tensor.into_dispatch());
    let moved = Dispatch::adamw(weights, gradient, moment_1, moment_2, step);
    [moved.0, moved.1, moved.2].map(Tensor::from_dispatch)
}

/// The largest of every window, `[batch, channels, height, width]` to `[batch, channels, height', width']`. A last row or column that fills
/// no window is left out.
pub fn max_pool(pool: &MaxPool2d, input: Tensor<4>) -> Tensor<4> {
    let Some((size, window)) = window_of(pool) else { return pool.forward(input) };
    if !on_cpu(&input.device()) {
        #[cfg(feature = "gpu")]
        return gpu::max_pool(input, size, window);
    } else if (size, window.stride, window.padding) == (2, 2, [(0, 0); 2]) {
        return Tensor::from_dispatch(Dispatch::max_pool_2x2(input.into_dispatch()));
    }
    pool.forward(input)
}

/// The length of a pooling's windows and how they go over an image; `None` if they are not square and whole.
fn window_of(pool: &MaxPool2d) -> Option<(usize, Window)> {
    let ([size, width], [stride, across]) = (pool.kernel_size, pool.stride);
    let padding = match pool.padding {
        PaddingConfig2d::Valid => [(0, 0); 2],
        PaddingConfig2d::Explicit(above, left, below, right) => [(above, below), (left, right)],
        PaddingConfig2d::Same => return None,
    };
    let ours = (size, stride) == (width, across) && pool.dilation == [1, 1] && !pool.ceil_mode;
    ours.then_some((size, Window { stride, padding, groups: 1, then: Then::Nothing }))
}

/// A convolution by its definition, on a CPU: faster than Burn's where a kernel looks at few channels, or at one place.
///
/// `input` is `[batch, channels in, height, width]`, `weight` `[channels out, channels in / groups, kernel, kernel]`,
/// `bias` `[channels out]`.
pub fn direct_on_cpu(input: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, window: Window) -> Tensor<4> {
    let (input, weight, bias) = (input.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::convolution_direct(input, weight, bias, window))
}

/// `relu(shortcut(x) + pointwise(depthwise(x)))`, on a CPU without autodiff: a weight and its bias each. The window is the
/// depthwise kernel's; the shortcut is the largest of the places that its stride joins, with zeros for missing channels.
pub fn separable_on_cpu(
    input: Tensor<4>,
    depthwise: (Tensor<4>, Tensor<1>),
    pointwise: (Tensor<4>, Tensor<1>),
    window: Window,
) -> Tensor<4> {
    let output = Dispatch::separable_block(
        input.into_dispatch(),
        depthwise.0.into_dispatch(),
        depthwise.1.into_dispatch(),
        pointwise.0.into_dispatch(),
        pointwise.1.into_dispatch(),
        window,
    );
    Tensor::from_dispatch(output)
}

/// Whether the tensors of a device are the CPU backend's, and no gradients are kept.
pub fn on_cpu_without_gradients(device: &Device) -> bool {
    !device.is_autodiff() && on_cpu(device)
}

/// Whether the tensors of a device are the CPU backend's.
pub fn on_cpu(device: &Device) -> bool {
    matches!(device.clone().inner().as_dispatch(), DispatchDevice::Flex(_))
}
