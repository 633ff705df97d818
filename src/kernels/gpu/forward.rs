//! Convolution; and the gradient to its input where the stride is 1: a convolution of the output's gradient by the kernels turned
//! round.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{Tile, dims, empty, workgroup, workgroups};

#[derive(CubeLaunch, CubeType, Clone)]
struct Sweep {
    channels_in: u32,
    height: u32,
    width: u32,
    channels_out: u32,
    down: u32,
    across: u32,
    /// Zeros above the input, and to its left.
    above: u32,
    left: u32,
    /// How many threads of each group of channels compute something.
    threads: u32,
}

/// Every value is summed over channels, then rows, then columns of the kernel. Threads next to one another compute places next to
/// one another, and read the same weights.
#[cube(launch_unchecked)]
fn convolve<F: Float>(
    input: &Tensor<F>,
    weight: &Tensor<F>,
    output: &mut Tensor<F>,
    sweep: Sweep,
    #[comptime] kernel: u32,
    #[comptime] stride: u32,
    #[comptime] tile: Tile,
    #[comptime] turned: bool,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let thread = CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X;
    if thread >= sweep.threads {
        terminate!();
    }
    let rows = comptime!(tile.rows);
    let places = comptime!(tile.places);
    let channels = comptime!(tile.channels);
    let columns = comptime!((places - 1) * stride + kernel);
    let lines = comptime!((rows - 1) * stride + kernel);
    let area = comptime!(kernel * kernel);

    let tiles = sweep.across.div_ceil(places);
    let first_place = (thread % tiles) * places;
    let rest = thread / tiles;
    let bands = sweep.down.div_ceil(rows);
    let first_row = (rest % bands) * rows;
    let image = rest / bands;
    let first_channel = CUBE_POS_Y * channels;

    let mut sums = Array::<F>::new(comptime!((rows * places * channels) as usize));
    #[unroll]
    for sum in 0..rows * places * channels {
        sums[sum as usize] = F::new(0.0);
    }
    // Columns beside the image are read at its left edge, and are zero: that is faster than to ask each time.
    let mut column = Array::<u32>::new(comptime!(columns as usize));
    let mut counts = Array::<bool>::new(comptime!(columns as usize));
    #[unroll]
    for at in 0..columns {
        let x = (first_place * stride + at) as i32 - sweep.left as i32;
        let inside = x >= 0 && (x as u32) < sweep.width;
        column[at as usize] = select(inside, x as u32, 0u32.runtime());
        counts[at as usize] = inside;
    }
    // A turned kernel goes from the output's channels to the input's.
    let next_out = if comptime!(turned) { area.runtime() } else { sweep.channels_in * area };
    let next_in = if comptime!(turned) { sweep.channels_out * area } else { area.runtime() };
    let mut kernels = Array::<u32>::new(comptime!(channels as usize));
    #[unroll]
    for channel in 0..channels {
        kernels[channel as usize] = min(first_channel + channel, sweep.channels_out - 1) * next_out;
    }

    for channel_in in 0..sweep.channels_in {
        let plane = (image * sweep.channels_in + channel_in) * sweep.height;
        let mut weights = Array::<F>::new(comptime!((channels * area) as usize));
        #[unroll]
        for channel in 0..channels {
            #[unroll]
            for tap in 0..area {
                let lies = comptime!(if turned { area - 1 - tap } else { tap });
                weights[comptime!((channel * area + tap) as usize)] =
                    weight[(kernels[channel as usize] + channel_in * next_in + lies) as usize];
            }
        }
        #[unroll]
        for line in 0..lines {
            let y = (first_row * stride + line) as i32 - sweep.above as i32;
            if y >= 0 && (y as u32) < sweep.height {
                let start = (plane + y as u32) * sweep.width;
                let mut values = Array::<F>::new(comptime!(columns as usize));
                #[unroll]
                for at in 0..columns {
                    let value = input[(start + column[at as usize]) as usize];
                    values[at as usize] = select(counts[at as usize], value, F::new(0.0));
                }
                #[unroll]
                for row in 0..rows {
                    if comptime!(line >= row * stride && line < row * stride + kernel) {
                        let kernel_row = comptime!(line - row * stride);
                        #[unroll]
                        for channel in 0..channels {
                            #[unroll]
                            for kernel_column in 0..kernel {
                                #[unroll]
                                for place in 0..places {
                                    sums[comptime!(((channel * rows + row) * places + place) as usize)] += weights
                                        [comptime!((channel * area + kernel_row * kernel + kernel_column) as usize)]
                                        * values[comptime!((place * stride + kernel_column) as usize)];
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
        for row in 0..rows {
            if first_channel + channel < sweep.channels_out && first_row + row < sweep.down {
                let map = image * sweep.channels_out + first_channel + channel;
                let line = (map * sweep.down + first_row + row) * sweep.across;
                #[unroll]
                for place in 0..places {
                    if first_place + place < sweep.across {
                        output[(line + first_place + place) as usize] =
                            sums[comptime!(((channel * rows + row) * places + place) as usize)];
                    }
                }
            }
        }
    }
}

/// `input` `[batch, channels in, height, width]` and `weight` `[channels out, channels in, kernel, kernel]` to `[batch, channels out,
/// down, across]`. `before` are the zeros above and to the left; those after are as many as `size`, (down, across), needs.
pub fn convolution(
    input: CubeTensor,
    weight: CubeTensor,
    stride: usize,
    before: (usize, usize),
    size: (usize, usize),
) -> CubeTensor {
    launch(input, weight, (stride, false), before, size)
}

/// The gradient to the input of a convolution of stride 1, from that to its output. `before` is the convolution's; `size` is the
/// input's.
pub fn turned(gradient: CubeTensor, weight: CubeTensor, before: (usize, usize), size: (usize, usize)) -> CubeTensor {
    let [_, _, kernel, _] = dims(&weight);
    // Below zero where there are more zeros than the kernel reaches: the threads take it as a signed number.
    let left_over = |before: usize| (kernel - 1).wrapping_sub(before);
    launch(gradient, weight, (1, true), (left_over(before.0), left_over(before.1)), size)
}

fn launch(
    input: CubeTensor,
    weight: CubeTensor,
    (stride, turned): (usize, bool),
    before: (usize, usize),
    size: (usize, usize),
) -> CubeTensor {
    let (input, weight) = (into_contiguous(input), into_contiguous(weight));
    let [batch, channels_in, mut height, mut width] = dims(&input);
    let [out, into, kernel, _] = dims(&weight);
    let channels_out = if turned { into } else { out };
    let output = empty(&input, [batch, channels_out, size.0, size.1]);
    let (mut down, mut across) = size;
    if kernel == 1 && stride == 1 && before == (0, 0) && size == (height, width) {
        // Rows need not be told apart.
        (height, width, down, across) = (1, height * width, 1, down * across);
    }
    let maps = [batch, channels_out, down, across];
    let tile = Tile::of(maps, kernel as u32);
    let threads = tile.threads(maps);
    let number = |number: usize| number as u32;
    let sweep = SweepLaunch::new(
        number(channels_in),
        number(height),
        number(width),
        number(channels_out),
        number(down),
        number(across),
        number(before.0),
        number(before.1),
        number(threads),
    );
    let client = input.client.clone();
    let dtype = dtype_to_elem_type(input.dtype);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        convolve::launch_unchecked(
            &client,
            workgroups(threads, tile.groups(maps)),
            workgroup(),
            input.into_tensor_arg(),
            weight.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            sweep,
            number(kernel),
            number(stride),
            tile,
            turned,
            dtype,
        );
    }
    output
}
