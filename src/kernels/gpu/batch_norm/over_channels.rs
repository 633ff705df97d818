//! What goes over every channel's maps: once to sum, once to write.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use mien_cpu::Then;

use super::super::forward::behind;
use super::super::launch::{THREADS, dims, empty, evenly, workgroups};
use super::super::shapes::{group, thread};
use super::ByBatch;

/// Threads that sum a channel, at most and at least, where one alone would take long.
const SUM: [u32; 2] = [256, 64];

/// Pieces that one thread sums by itself.
const ALONE: usize = 32;

/// Neighbours in a piece, at most.
const EACH: u32 = 8;

/// Maps, each a row of so many places. A thread takes a piece of a row at a time.
#[derive(CubeLaunch, CubeType, Clone)]
struct Maps {
    batch: u32,
    channels: u32,
    places: u32,
}

/// What a kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    /// Neighbours in a piece.
    each: u32,
    /// What comes behind.
    then: Then,
}

/// How a channel's values become normal: less the centre, times the factor; and then, times gamma and plus beta. Kernels keep it as `by`,
/// `[5, channels]`, whose last row is the variance.
#[derive(CubeType)]
struct Channel<F: Float> {
    centre: F,
    factor: F,
    gamma: F,
    beta: F,
}

/// Less a number that is near the mean: of numbers far from zero, squares leave little of what they differ by. It is the mean of a piece in
/// the middle of the first map.
#[cube]
fn near_the_mean<F: Float>(input: &Tensor<F>, channel: u32, maps: &Maps, #[comptime] form: Form) -> Channel<F> {
    let begins = channel * maps.places + (maps.places - comptime!(form.each)) / 2;
    let mut sum = F::new(0.0);
    #[unroll]
    for next in 0..comptime!(form.each) {
        sum += input[(begins + next) as usize];
    }
    let centre = sum / F::cast_from(comptime!(form.each));
    Channel::<F> { centre, factor: F::new(1.0), gamma: F::new(1.0), beta: F::new(0.0) }
}

#[cube]
impl<F: Float> Channel<F> {
    fn normal(&self, value: F) -> F {
        (value - self.centre) * self.factor
    }

    /// What of the gradient passes what comes behind.
    fn passed(&self, gradient: F, normal: F, #[comptime] then: Then) -> F {
        let value = normal * self.gamma + self.beta;
        match comptime!(then) {
            Then::Nothing => gradient,
            // What is not a number passes.
            Then::Relu => select(value <= F::new(0.0), F::new(0.0), gradient),
            Then::Silu => {
                let share = F::new(1.0) / (F::new(1.0) + F::exp(min(-value, F::new(80.0))));
                gradient * share * (F::new(1.0) + value * (F::new(1.0) - share))
            }
        }
    }
}

/// Two sums, of a thread's share or of all there is.
#[derive(CubeType)]
struct Sums<F: Float> {
    first: F,
    second: F,
}

/// Of each channel, where there is a gradient to the output: what passes of it, summed, and that times the normalised. Without one: by
/// what it is normalised, which is written from its moments, gamma and beta.
#[cube(launch_unchecked)]
fn sum<F: Float>(
    input: &Tensor<F>,
    gradient: ComptimeOption<&Tensor<F>>,
    gamma: ComptimeOption<&Tensor<F>>,
    beta: ComptimeOption<&Tensor<F>>,
    by: &mut Tensor<F>,
    first: ComptimeOption<&mut Tensor<F>>,
    second: ComptimeOption<&mut Tensor<F>>,
    maps: Maps,
    epsilon: f32,
    #[comptime] form: Form,
    #[comptime] threads: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let channel = group(comptime!(channels_of_workgroup(threads)));
    if comptime!(threads == 1) && channel >= maps.channels {
        terminate!();
    }
    let is_gradient = comptime!(gradient.is_some());
    let (at, next) = (channel as usize, maps.channels as usize);
    let of = if is_gradient {
        Channel::<F> { centre: by[at], factor: by[at + next], gamma: by[at + 2 * next], beta: by[at + 3 * next] }
    } else {
        near_the_mean::<F>(input, channel, &maps, form)
    };
    let share = sums_of_share::<F>(input, gradient, channel, &of, &maps, form, threads);
    let sums = if comptime!(threads == 1) { share } else { sums_of_workgroup::<F>(share, threads) };
    if UNIT_POS_X == 0 {
        if is_gradient {
            #[comptime]
            if let ComptimeOption::Some(first) = first {
                first[at] = sums.first;
            }
            #[comptime]
            if let ComptimeOption::Some(second) = second {
                second[at] = sums.second;
            }
        } else {
            let count = F::cast_from(maps.batch * maps.places);
            let away = sums.first / count;
            let mean = of.centre + away;
            let variance = sums.second / count - away * away;
            // A maximum may hide what is not a number.
            let variance = select(variance < F::new(0.0), F::new(0.0), variance);
            by[at] = mean;
            by[at + next] = F::new(1.0) / F::sqrt(variance + F::cast_from(epsilon));
            let gamma: ComptimeOption<F> = gamma.map(|gamma| gamma[at]);
            let beta: ComptimeOption<F> = beta.map(|beta| beta[at]);
            by[at + 2 * next] = gamma.unwrap_or_else(|| F::new(1.0));
            by[at + 3 * next] = beta.unwrap_or_else(|| F::new(0.0));
            by[at + 4 * next] = variance;
        }
    }
}

/// Of this thread's pieces: what passes of the gradient, and that times the normal values; without one, these and their squares.
#[cube]
fn sums_of_share<F: Float>(
    input: &Tensor<F>,
    gradient: ComptimeOption<&Tensor<F>>,
    channel: u32,
    of: &Channel<F>,
    maps: &Maps,
    #[comptime] form: Form,
    #[comptime] threads: u32,
) -> Sums<F> {
    let (mut first, mut second) = (F::new(0.0), F::new(0.0));
    let pieces = maps.places.div_ceil(comptime!(form.each));
    let mut piece = UNIT_POS_X;
    while piece < maps.batch * pieces {
        let begins = (piece / pieces * maps.channels + channel) * maps.places;
        let place = piece % pieces * comptime!(form.each);
        #[unroll]
        for next in 0..comptime!(form.each) {
            if place + next < maps.places {
                let at = (begins + place + next) as usize;
                let normal = of.normal(input[at]);
                let passed: ComptimeOption<F> = gradient.map(|gradient| of.passed(gradient[at], normal, form.then));
                let passed = passed.unwrap_or_else(|| normal);
                first += passed;
                second += passed * normal;
            }
        }
        piece += threads;
    }
    Sums::<F> { first, second }
}

/// Those of all threads, for the first of them.
#[cube]
fn sums_of_workgroup<F: Float>(share: Sums<F>, #[comptime] threads: u32) -> Sums<F> {
    let mut sums = Shared::<[F]>::new_slice(comptime!(2 * threads as usize));
    sums[UNIT_POS_X as usize] = share.first;
    sums[(threads + UNIT_POS_X) as usize] = share.second;
    sync_cube();
    let (mut first, mut second) = (F::new(0.0), F::new(0.0));
    if UNIT_POS_X == 0 {
        for thread in 0..threads {
            first += sums[thread as usize];
            second += sums[(threads + thread) as usize];
        }
    }
    Sums::<F> { first, second }
}

/// The normalised, and what comes behind it, and the running mean and variance moved where they lie; or where there is a gradient to that, the
/// gradient to the input, from the sums of what passes, which are the gradients to beta and to gamma (Ioffe & Szegedy 2015, section 3).
#[cube(launch_unchecked)]
fn write<F: Float>(
    input: &Tensor<F>,
    by: &Tensor<F>,
    gradient: ComptimeOption<&Tensor<F>>,
    to_beta: ComptimeOption<&Tensor<F>>,
    to_gamma: ComptimeOption<&Tensor<F>>,
    output: &mut Tensor<F>,
    mean: ComptimeOption<&mut Tensor<F>>,
    variance: ComptimeOption<&mut Tensor<F>>,
    maps: Maps,
    momentum: f32,
    #[comptime] form: Form,
    #[comptime] together: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let (piece, channel) = (thread(), group(together));
    let pieces = maps.places.div_ceil(comptime!(form.each));
    if piece >= maps.batch * pieces || channel >= maps.channels {
        terminate!();
    }
    let (at, next) = (channel as usize, maps.channels as usize);
    let of = Channel::<F> { centre: by[at], factor: by[at + next], gamma: by[at + 2 * next], beta: by[at + 3 * next] };
    if piece == 0 {
        let moves = F::cast_from(momentum);
        #[comptime]
        if let ComptimeOption::Some(mean) = mean {
            mean[at] = mean[at] * (F::new(1.0) - moves) + of.centre * moves;
        }
        #[comptime]
        if let ComptimeOption::Some(variance) = variance {
            variance[at] = variance[at] * (F::new(1.0) - moves) + by[at + 4 * next] * moves;
        }
    }
    let to_beta: ComptimeOption<F> = to_beta.map(|to_beta| to_beta[at]);
    let to_gamma: ComptimeOption<F> = to_gamma.map(|to_gamma| to_gamma[at]);
    let (to_beta, to_gamma) = (to_beta.unwrap_or_else(|| F::new(0.0)), to_gamma.unwrap_or_else(|| F::new(0.0)));
    let count = F::cast_from(maps.batch * maps.places);
    let begins = (piece / pieces * maps.channels + channel) * maps.places;
    let place = piece % pieces * comptime!(form.each);
    #[unroll]
    for next in 0..comptime!(form.each) {
        if place + next < maps.places {
            let at = (begins + place + next) as usize;
            let normal = of.normal(input[at]);
            let to_input: ComptimeOption<F> = gradient.map(|gradient| {
                let passed = of.passed(gradient[at], normal, form.then);
                of.gamma * of.factor * (passed - (to_beta + normal * to_gamma) / count)
            });
            output[at] = to_input.unwrap_or_else(|| behind::<F>(normal * of.gamma + of.beta, form.then));
        }
    }
}

impl Form {
    fn of([_, _, height, width]: [usize; 4], then: Then) -> Form {
        Form { each: evenly((height * width) as u32, EACH), then }
    }
}

/// Threads that sum so many pieces: one where it is soon done.
fn threads(pieces: usize) -> u32 {
    let [most, fewest] = SUM;
    if pieces <= ALONE { 1 } else { (pieces as u32 / 4).next_power_of_two().clamp(fewest, most) }
}

/// Channels that a workgroup sums: one, or each thread its own.
fn channels_of_workgroup(threads: u32) -> u32 {
    if threads == 1 { THREADS as u32 } else { 1 }
}

/// Pieces of a channel's maps.
fn pieces([batch, _, height, width]: [usize; 4], each: u32) -> usize {
    batch * (height * width).div_ceil(each as usize)
}

fn maps_of([batch, channels, height, width]: [usize; 4]) -> MapsLaunch {
    MapsLaunch::new(batch as u32, channels as u32, (height * width) as u32)
}

/// By what each channel of `[batch, channels, height, width]` is normalised: `[5, channels]`. All tensors are contiguous, here and below.
pub fn moments(input: &CubeTensor, affine: [CubeTensor; 2], epsilon: f32) -> CubeTensor {
    let by = empty(input, [5, dims(input)[1]]);
    let [gamma, beta] = affine.map(|tensor| Some(tensor.into_tensor_arg()));
    let arguments = Summed { gradient: None, affine: [gamma, beta], sums: [None, None] };
    summed(input, arguments, &by, epsilon, Then::Nothing);
    by
}

/// What passes of the gradient to the output, summed, and that times the normalised: the gradients to beta and to gamma.
pub fn sums(input: &CubeTensor, by: &CubeTensor, gradient: &CubeTensor, then: Then) -> [CubeTensor; 2] {
    let sums = [(); 2].map(|()| empty(input, [dims(input)[1]]));
    let arguments = Summed {
        gradient: Some(gradient.clone().into_tensor_arg()),
        affine: [None, None],
        sums: sums.clone().map(|tensor| Some(tensor.into_tensor_arg())),
    };
    summed(input, arguments, by, 0.0, then);
    sums
}

/// What is there only forward, and only backward.
struct Summed {
    gradient: Option<TensorArg>,
    affine: [Option<TensorArg>; 2],
    sums: [Option<TensorArg>; 2],
}

fn summed(input: &CubeTensor, arguments: Summed, by: &CubeTensor, epsilon: f32, then: Then) {
    let Summed { gradient, affine: [gamma, beta], sums: [first, second] } = arguments;
    let form = Form::of(dims(input), then);
    let threads = threads(pieces(dims(input), form.each));
    let together = channels_of_workgroup(threads);
    // SAFETY: the kernel reads within maps of the shape that it is told, and within as many channels.
    unsafe {
        sum::launch_unchecked(
            &input.client,
            CubeCount::Static(1, (dims(input)[1] as u32).div_ceil(together), 1),
            CubeDim::new_2d(threads, together),
            input.clone().into_tensor_arg(),
            gradient.into(),
            gamma.into(),
            beta.into(),
            by.clone().into_tensor_arg(),
            first.into(),
            second.into(),
            maps_of(dims(input)),
            epsilon,
            form,
            threads,
            dtype_to_elem_type(input.dtype),
        );
    }
}

/// The normalised, and what comes behind it. The running mean and variance are moved where they lie.
pub fn normalised(input: &CubeTensor, by: &CubeTensor, running: [&CubeTensor; 2], how: ByBatch) -> CubeTensor {
    let arguments = Written {
        gradient: None,
        sums: [None, None],
        running: running.map(|tensor| Some(tensor.clone().into_tensor_arg())),
    };
    written(input, by, arguments, how.momentum, how.then)
}

/// The gradient to the input, from that to the output and its sums.
pub fn input_gradient(
    input: &CubeTensor,
    by: &CubeTensor,
    gradient: &CubeTensor,
    sums: [&CubeTensor; 2],
    then: Then,
) -> CubeTensor {
    let arguments = Written {
        gradient: Some(gradient.clone().into_tensor_arg()),
        sums: sums.map(|tensor| Some(tensor.clone().into_tensor_arg())),
        running: [None, None],
    };
    written(input, by, arguments, 0.0, then)
}

/// Running moments, forward; the gradient and its sums, backward.
struct Written {
    gradient: Option<TensorArg>,
    sums: [Option<TensorArg>; 2],
    running: [Option<TensorArg>; 2],
}

fn written(input: &CubeTensor, by: &CubeTensor, arguments: Written, momentum: f32, then: Then) -> CubeTensor {
    let Written { gradient, sums: [to_beta, to_gamma], running: [mean, variance] } = arguments;
    let form = Form::of(dims(input), then);
    let (count, dim) = workgroups(pieces(dims(input), form.each), dims(input)[1]);
    let output = empty(input, dims(input));
    // SAFETY: the kernel reads and writes within maps of the shape that it is told, and within as many channels.
    unsafe {
        write::launch_unchecked(
            &input.client,
            count,
            dim,
            input.clone().into_tensor_arg(),
            by.clone().into_tensor_arg(),
            gradient.into(),
            to_beta.into(),
            to_gamma.into(),
            output.clone().into_tensor_arg(),
            mean.into(),
            variance.into(),
            maps_of(dims(input)),
            momentum,
            form,
            dim.y,
            dtype_to_elem_type(input.dtype),
        );
    }
    output
}
