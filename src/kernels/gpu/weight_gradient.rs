//! The gradient to a convolution's kernels.

use burn::backend::cubecl::dtype_to_elem_type;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::Shape;
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{BUSY, HELD, dims, empty, workgroup, workgroups};

/// What a thread computes at a time: kernels of so many channels of the output by so many of the input, from so many rows, and
/// neighbours in them, of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Block {
    channels: u32,
    inputs: u32,
    rows: u32,
    places: u32,
}

impl Block {
    fn of(kernel: u32, channels_in: u32, channels_out: u32, width: u32) -> Block {
        let area = kernel * kernel;
        let pairs = (HELD / area).max(1);
        let inputs = pairs.isqrt().min(channels_in);
        let channels = (pairs / inputs).min(channels_out);
        let places = if width > 4 && kernel != 3 { 8 } else { 4 };
        let rows = if kernel == 3 { 2 } else { 1 };
        Block { channels, inputs, rows, places }
    }
}

#[derive(CubeLaunch, CubeType, Clone)]
struct Sweep {
    batch: u32,
    channels_in: u32,
    height: u32,
    width: u32,
    channels_out: u32,
    down: u32,
    across: u32,
    /// Zeros above the input, and to its left.
    above: u32,
    left: u32,
    /// How many parts the rows are summed in.
    parts: u32,
}

/// Each thread computes whole kernels, from a part of all images' rows.
#[cube(launch_unchecked)]
fn gradient_of_kernels<F: Float>(
    input: &Tensor<F>,
    gradient: &Tensor<F>,
    output: &mut Tensor<F>,
    sweep: Sweep,
    #[comptime] kernel: u32,
    #[comptime] stride: u32,
    #[comptime] block: Block,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let channels = comptime!(block.channels);
    let inputs = comptime!(block.inputs);
    let rows = comptime!(block.rows);
    let places = comptime!(block.places);
    let area = comptime!(kernel * kernel);
    let columns = comptime!((places - 1) * stride + kernel);
    let lines = comptime!((rows - 1) * stride + kernel);

    let first_input = (CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X) * inputs;
    if first_input >= sweep.channels_in {
        terminate!();
    }
    let groups = sweep.channels_out.div_ceil(channels);
    let first_channel = (CUBE_POS_Y % groups) * channels;
    let part = CUBE_POS_Y / groups;

    let mut sums = Array::<F>::new(comptime!((area * channels * inputs) as usize));
    #[unroll]
    for sum in 0..area * channels * inputs {
        sums[sum as usize] = F::new(0.0);
    }
    let tiles = sweep.across.div_ceil(places);
    let bands = sweep.down.div_ceil(rows);
    let share = (sweep.batch * bands).div_ceil(sweep.parts);
    let end = min((part + 1) * share, sweep.batch * bands);
    for at in part * share..end {
        let image = at / bands;
        let first_row = (at % bands) * rows;
        for tile in 0..tiles {
            let first_place = tile * places;
            let mut gradients = Array::<F>::new(comptime!((channels * rows * places) as usize));
            #[unroll]
            for channel in 0..channels {
                let of = min(first_channel + channel, sweep.channels_out - 1);
                #[unroll]
                for row in 0..rows {
                    let there = first_row + row < sweep.down;
                    let y = select(there, first_row + row, 0u32.runtime());
                    let line = ((image * sweep.channels_out + of) * sweep.down + y) * sweep.across;
                    #[unroll]
                    for place in 0..places {
                        let inside = there && first_place + place < sweep.across;
                        let value = gradient[(line + select(inside, first_place + place, 0u32.runtime())) as usize];
                        gradients[comptime!(((channel * rows + row) * places + place) as usize)] =
                            select(inside, value, F::new(0.0));
                    }
                }
            }
            #[unroll]
            for line in 0..lines {
                let y = (first_row * stride + line) as i32 - sweep.above as i32;
                if y >= 0 && (y as u32) < sweep.height {
                    #[unroll]
                    for input_channel in 0..inputs {
                        let of = min(first_input + input_channel, sweep.channels_in - 1);
                        let start = ((image * sweep.channels_in + of) * sweep.height + y as u32) * sweep.width;
                        let mut values = Array::<F>::new(comptime!(columns as usize));
                        #[unroll]
                        for column in 0..columns {
                            let x = (first_place * stride + column) as i32 - sweep.left as i32;
                            let inside = x >= 0 && (x as u32) < sweep.width;
                            let value = input[(start + select(inside, x as u32, 0u32.runtime())) as usize];
                            values[column as usize] = select(inside, value, F::new(0.0));
                        }
                        #[unroll]
                        for row in 0..rows {
                            if comptime!(line >= row * stride && line < row * stride + kernel) {
                                #[unroll]
                                for channel in 0..channels {
                                    let kernels = comptime!((channel * inputs + input_channel) * area);
                                    let taps = comptime!(kernels + (line - row * stride) * kernel);
                                    #[unroll]
                                    for kernel_column in 0..kernel {
                                        #[unroll]
                                        for place in 0..places {
                                            sums[comptime!((taps + kernel_column) as usize)] += gradients
                                                [comptime!(((channel * rows + row) * places + place) as usize)]
                                                * values[comptime!((place * stride + kernel_column) as usize)];
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    #[unroll]
    for channel in 0..channels {
        #[unroll]
        for input_channel in 0..inputs {
            if first_channel + channel < sweep.channels_out && first_input + input_channel < sweep.channels_in {
                let of = part * sweep.channels_out + first_channel + channel;
                let kernels = (of * sweep.channels_in + first_input + input_channel) * area;
                #[unroll]
                for tap in 0..area {
                    output[(kernels + tap) as usize] =
                        sums[comptime!(((channel * inputs + input_channel) * area + tap) as usize)];
                }
            }
        }
    }
}

/// From `input` `[batch, channels in, height, width]` and the gradient to the output, `[batch, channels out, down, across]`, to that to
/// the kernels, `[channels out, channels in, kernel, kernel]`.
pub fn weight_gradient(
    input: CubeTensor,
    gradient: CubeTensor,
    kernel: usize,
    stride: usize,
    before: (usize, usize),
) -> CubeTensor {
    let (input, gradient) = (into_contiguous(input), into_contiguous(gradient));
    let [batch, channels_in, height, width] = dims(&input);
    let [_, channels_out, down, across] = dims(&gradient);
    let number = |number: usize| number as u32;
    let block = Block::of(number(kernel), number(channels_in), number(channels_out), number(across));
    let groups = channels_out.div_ceil(block.channels as usize);
    let threads = channels_in.div_ceil(block.inputs as usize);
    // Where there are fewer kernels than keep a device busy, each is summed in parts.
    let bands = batch * down.div_ceil(block.rows as usize);
    let parts = (BUSY / (groups * threads)).clamp(1, bands.max(1));
    let output = empty(&input, [parts, channels_out, channels_in, kernel, kernel]);
    let sweep = SweepLaunch::new(
        number(batch),
        number(channels_in),
        number(height),
        number(width),
        number(channels_out),
        number(down),
        number(across),
        number(before.0),
        number(before.1),
        number(parts),
    );
    let client = input.client.clone();
    let dtype = dtype_to_elem_type(input.dtype);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        gradient_of_kernels::launch_unchecked(
            &client,
            workgroups(threads, parts * groups),
            workgroup(),
            input.into_tensor_arg(),
            gradient.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            sweep,
            number(kernel),
            number(stride),
            block,
            dtype,
        );
    }
    let sum = if parts == 1 { output } else { CubeBackend::float_sum_dim(output, 0) };
    CubeBackend::float_reshape(sum, Shape::from([channels_out, channels_in, kernel, kernel]))
}
