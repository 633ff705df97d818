//! What goes over numbers that last, and changes them.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::super::launch::THREADS;
use super::AdamwConstants;

/// Numbers that a thread changes.
const EACH: usize = 4;

/// Workgroups beside one another, at most; more are in further rows. WebGPU promises 65,535.
const ROW: usize = 1 << 15;

/// Workgroups for so many numbers.
fn workgroups(numbers: usize) -> (CubeCount, CubeDim) {
    let groups = numbers.div_ceil(THREADS * EACH).max(1);
    let count = CubeCount::Static(groups.min(ROW) as u32, groups.div_ceil(ROW) as u32, 1);
    (count, CubeDim::new_1d(THREADS as u32))
}

/// Changes weights and their two moments by a step of AdamW. All tensors are contiguous, here and below.
pub fn adamw(lasting: [&CubeTensor; 3], gradient: CubeTensor, numbers: CubeTensor, at: usize, how: AdamwConstants) {
    let [weights, moment_1, moment_2] = lasting.map(|tensor| tensor.clone().into_tensor_arg());
    let (count, dim) = workgroups(gradient.meta.num_elements());
    let dtype = dtype_to_elem_type(gradient.dtype);
    // SAFETY: threads look whether they are within a tensor; who asks has looked that the others are as long, and that the numbers are there.
    unsafe {
        move_by_adamw::launch_unchecked(
            &lasting[0].client,
            count,
            dim,
            weights,
            moment_1,
            moment_2,
            gradient.into_tensor_arg(),
            numbers.into_tensor_arg(),
            at as u32,
            how.betas[0],
            how.betas[1],
            how.epsilon,
            dtype,
        );
    }
}

/// Changes weights, and their velocity if they have one, by a step of gradient descent.
pub fn descent(
    weights: &CubeTensor,
    gradient: CubeTensor,
    velocity: Option<&CubeTensor>,
    numbers: CubeTensor,
    at: usize,
) {
    let (count, dim) = workgroups(gradient.meta.num_elements());
    let dtype = dtype_to_elem_type(gradient.dtype);
    // SAFETY: as above.
    unsafe {
        move_by_descent::launch_unchecked(
            &weights.client,
            count,
            dim,
            weights.clone().into_tensor_arg(),
            velocity.map(|velocity| velocity.clone().into_tensor_arg()).into(),
            gradient.into_tensor_arg(),
            numbers.into_tensor_arg(),
            at as u32,
            dtype,
        );
    }
}

/// Changes an average by what is current.
pub fn averaged(average: &CubeTensor, current: CubeTensor, numbers: CubeTensor) {
    let (count, dim) = workgroups(current.meta.num_elements());
    let dtype = dtype_to_elem_type(current.dtype);
    // SAFETY: as above.
    unsafe {
        move_average::launch_unchecked(
            &average.client,
            count,
            dim,
            average.clone().into_tensor_arg(),
            current.into_tensor_arg(),
            numbers.into_tensor_arg(),
            dtype,
        );
    }
}

/// Workgroups that sum squares.
pub const SHARES: usize = 64;

/// Sums squares, a share for each workgroup.
pub fn squared(tensor: CubeTensor, sums: &CubeTensor) {
    let dtype = dtype_to_elem_type(tensor.dtype);
    // SAFETY: as above.
    unsafe {
        sum_squares::launch_unchecked(
            &sums.client,
            CubeCount::Static(SHARES as u32, 1, 1),
            CubeDim::new_1d(THREADS as u32),
            tensor.into_tensor_arg(),
            sums.clone().into_tensor_arg(),
            dtype,
        );
    }
}

/// Copies as many numbers as `into` has.
pub fn copied(from: &CubeTensor, into: &CubeTensor) {
    let (count, dim) = workgroups(into.meta.num_elements());
    // SAFETY: as above.
    unsafe {
        copy::launch_unchecked(
            &into.client,
            count,
            dim,
            from.clone().into_tensor_arg(),
            into.clone().into_tensor_arg(),
            dtype_to_elem_type(into.dtype),
        );
    }
}

/// Writes nothing to a tensor, which counts as written then.
pub fn known(tensor: &CubeTensor) {
    // SAFETY: nothing is written.
    unsafe {
        write_nothing::launch_unchecked(
            &tensor.client,
            CubeCount::Static(1, 1, 1),
            CubeDim::new_1d(1),
            tensor.clone().into_tensor_arg(),
            dtype_to_elem_type(tensor.dtype),
        );
    }
}

/// Where this thread's numbers begin.
#[cube]
fn begins() -> u32 {
    ((CUBE_POS_Y * CUBE_COUNT_X + CUBE_POS_X) * CUBE_DIM_X + UNIT_POS_X) * comptime!(EACH as u32)
}

#[cube(launch_unchecked)]
fn move_by_adamw<F: Float>(
    weights: &mut Tensor<F>,
    moment_1: &mut Tensor<F>,
    moment_2: &mut Tensor<F>,
    gradient: &Tensor<F>,
    numbers: &Tensor<F>,
    which: u32,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let four = (which * 4) as usize;
    let (rate, left) = (numbers[four], numbers[four + 1]);
    let (short_1, short_2) = (numbers[four + 2], numbers[four + 3]);
    let (beta_1, beta_2, epsilon) = (F::cast_from(beta_1), F::cast_from(beta_2), F::cast_from(epsilon));
    let first = begins() as usize;
    #[unroll]
    for next in 0..EACH {
        let at = first + next;
        if at < gradient.len() {
            let slope = gradient[at];
            let mean = moment_1[at] * beta_1 + slope * (F::new(1.0) - beta_1);
            let square = moment_2[at] * beta_2 + slope * slope * (F::new(1.0) - beta_2);
            moment_1[at] = mean;
            moment_2[at] = square;
            weights[at] = weights[at] * left - (mean / short_1) / (F::sqrt(square / short_2) + epsilon) * rate;
        }
    }
}

#[cube(launch_unchecked)]
fn move_by_descent<F: Float>(
    weights: &mut Tensor<F>,
    mut velocity: ComptimeOption<&mut Tensor<F>>,
    gradient: &Tensor<F>,
    numbers: &Tensor<F>,
    which: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let four = (which * 4) as usize;
    let (rate, decay, stays) = (numbers[four], numbers[four + 1], numbers[four + 2]);
    let first = begins() as usize;
    #[unroll]
    for next in 0..EACH {
        let at = first + next;
        if at < gradient.len() {
            let slope = gradient[at] + weights[at] * decay;
            let mut moves = slope;
            #[comptime]
            if let ComptimeOption::Some(velocity) = &mut velocity {
                moves = slope + velocity[at] * stays;
                velocity[at] = moves;
            }
            weights[at] -= moves * rate;
        }
    }
}

#[cube(launch_unchecked)]
fn move_average<F: Float>(
    average: &mut Tensor<F>,
    current: &Tensor<F>,
    numbers: &Tensor<F>,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let stays = numbers[0];
    let first = begins() as usize;
    #[unroll]
    for next in 0..EACH {
        let at = first + next;
        if at < current.len() {
            average[at] = average[at] * stays + current[at] * (F::new(1.0) - stays);
        }
    }
}

#[cube(launch_unchecked)]
fn sum_squares<F: Float>(input: &Tensor<F>, sums: &mut Tensor<F>, #[define(F)] _dtype: cubecl::ir::ElemType) {
    let mut sum = F::new(0.0);
    let mut at = (CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X) as usize;
    while at < input.len() {
        sum += input[at] * input[at];
        at += comptime!(SHARES * THREADS);
    }
    let mut of_threads = Shared::<[F]>::new_slice(THREADS);
    of_threads[UNIT_POS_X as usize] = sum;
    sync_cube();
    if UNIT_POS_X == 0 {
        let mut sum = F::new(0.0);
        for thread in 0..THREADS {
            sum += of_threads[thread];
        }
        sums[CUBE_POS_X as usize] = sum;
    }
}

#[cube(launch_unchecked)]
fn copy<F: Float>(from: &Tensor<F>, into: &mut Tensor<F>, #[define(F)] _dtype: cubecl::ir::ElemType) {
    let first = begins() as usize;
    #[unroll]
    for next in 0..EACH {
        let at = first + next;
        if at < into.len() {
            into[at] = from[at];
        }
    }
}

#[cube(launch_unchecked)]
fn write_nothing<F: Float>(tensor: &mut Tensor<F>, #[define(F)] _dtype: cubecl::ir::ElemType) {
    // There is one workgroup; a compiler does not know.
    if CUBE_COUNT_X > 1 {
        tensor[0] = F::new(0.0);
    }
}
