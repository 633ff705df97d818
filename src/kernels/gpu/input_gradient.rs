//! The gradient to the input of a convolution whose stride is above 1.

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
    /// Zeros above the input.
    above: u32,
    /// How many threads of each group of channels compute something.
    threads: u32,
}

/// How kernels lie across the input: known when the kernel is compiled, so that no thread asks which columns meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Across {
    kernel: i32,
    stride: i32,
    /// Zeros to the left of the input.
    left: i32,
    /// Columns of the gradient that begin a thread's places: it has as many times the stride.
    begun: u32,
}

impl Across {
    /// The column of the gradient, from that of the first place, that meets the input's `place` in this column of the kernel.
    fn meets(self, place: u32, column: u32) -> Option<i32> {
        let at = place as i32 + self.left - column as i32;
        (at % self.stride == 0).then_some(at / self.stride)
    }

    /// The first of the columns that are met, from that of the first place.
    fn first(self) -> i32 {
        -((self.kernel - 1 - self.left).max(0) / self.stride)
    }

    /// How many there are.
    fn columns(self) -> u32 {
        let last = (self.begun as i32 * self.stride - 1 + self.left) / self.stride;
        (last - self.first() + 1) as u32
    }
}

#[cube(launch_unchecked)]
fn spread<F: Float>(
    gradient: &Tensor<F>,
    weight: &Tensor<F>,
    output: &mut Tensor<F>,
    sweep: Sweep,
    #[comptime] over: Across,
    #[comptime] channels: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let thread = CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X;
    if thread >= sweep.threads {
        terminate!();
    }
    let kernel = comptime!(over.kernel as u32);
    let stride = comptime!(over.stride as u32);
    let begun = comptime!(over.begun);
    let places = comptime!(over.begun * over.stride as u32);
    let columns = comptime!(over.columns());
    let first_column = comptime!(over.first());
    let area = comptime!(kernel * kernel);

    let tiles = sweep.width.div_ceil(places);
    let tile = thread % tiles;
    let rest = thread / tiles;
    let row = rest % sweep.height;
    let image = rest / sweep.height;
    let first_channel = CUBE_POS_Y * channels;

    let mut sums = Array::<F>::new(comptime!((places * channels) as usize));
    #[unroll]
    for sum in 0..places * channels {
        sums[sum as usize] = F::new(0.0);
    }
    let mut column = Array::<u32>::new(comptime!(columns as usize));
    let mut counts = Array::<bool>::new(comptime!(columns as usize));
    #[unroll]
    for at in 0..columns {
        let x = (tile * begun + at) as i32 + first_column;
        let inside = x >= 0 && (x as u32) < sweep.across;
        column[at as usize] = select(inside, x as u32, 0u32.runtime());
        counts[at as usize] = inside;
    }

    for channel_out in 0..sweep.channels_out {
        let plane = (image * sweep.channels_out + channel_out) * sweep.down;
        for kernel_row in 0..kernel {
            let below = row + sweep.above;
            let y = (below - kernel_row) / stride;
            if below >= kernel_row && y * stride == below - kernel_row && y < sweep.down {
                let line = (plane + y) * sweep.across;
                let mut values = Array::<F>::new(comptime!(columns as usize));
                #[unroll]
                for at in 0..columns {
                    let value = gradient[(line + column[at as usize]) as usize];
                    values[at as usize] = select(counts[at as usize], value, F::new(0.0));
                }
                #[unroll]
                for channel in 0..channels {
                    let of = min(first_channel + channel, sweep.channels_in - 1);
                    let weights = (channel_out * sweep.channels_in + of) * area + kernel_row * kernel;
                    #[unroll]
                    for kernel_column in 0..kernel {
                        let by = weight[(weights + kernel_column) as usize];
                        #[unroll]
                        for place in 0..places {
                            let met = comptime!(over.meets(place, kernel_column));
                            if comptime!(met.is_some()) {
                                sums[comptime!((channel * places + place) as usize)] +=
                                    by * values[comptime!((met.unwrap_or(0) - first_column) as usize)];
                            }
                        }
                    }
                }
            }
        }
    }

    #[unroll]
    for channel in 0..channels {
        if first_channel + channel < sweep.channels_in {
            let line = ((image * sweep.channels_in + first_channel + channel) * sweep.height + row) * sweep.width;
            #[unroll]
            for place in 0..places {
                if tile * places + place < sweep.width {
                    output[(line + tile * places + place) as usize] =
                        sums[comptime!((channel * places + place) as usize)];
                }
            }
        }
    }
}

/// From the gradient to the output, `[batch, channels out, down, across]`, to that to the input, `[batch, channels in, height,
/// width]`, whose height and width are `size`.
pub fn input_gradient(
    gradient: CubeTensor,
    weight: CubeTensor,
    stride: usize,
    before: (usize, usize),
    size: (usize, usize),
) -> CubeTensor {
    let (gradient, weight) = (into_contiguous(gradient), into_contiguous(weight));
    let [batch, channels_out, down, across] = dims(&gradient);
    let [_, channels_in, kernel, _] = dims(&weight);
    let (height, width) = size;
    let output = empty(&gradient, [batch, channels_in, height, width]);
    let maps = [batch, channels_in, height, width];
    let tile = Tile { rows: 1, ..Tile::of(maps, kernel as u32) };
    let begun = (tile.places / stride as u32).max(1);
    let tile = Tile { places: begun * stride as u32, ..tile };
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
        number(threads),
    );
    let over = Across { kernel: kernel as i32, stride: stride as i32, left: before.1 as i32, begun };
    let client = gradient.client.clone();
    let dtype = dtype_to_elem_type(gradient.dtype);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        spread::launch_unchecked(
            &client,
            workgroups(threads, tile.groups(maps)),
            workgroup(),
            gradient.into_tensor_arg(),
            weight.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            sweep,
            over,
            tile.channels,
            dtype,
        );
    }
    output
}
