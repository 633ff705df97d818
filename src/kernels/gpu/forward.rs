//! Convolution; and the gradient to its input where the stride is 1: a convolution of the output's gradient by the kernels turned
//! round.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{Kernel, Tile, dims, empty, workgroup, workgroups};
use super::shapes::{Corner, Shapes, corner, neighbours, shapes, zeros};

/// What the kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    kernel: Kernel,
    tile: Tile,
    /// Kernels are turned round, and go from the output's channels to the input's.
    turned: bool,
}

impl Form {
    /// Where a tile's sum for a place is held.
    fn sum(self, channel: u32, row: u32, place: u32) -> usize {
        ((channel * self.tile.rows + row) * self.tile.places + place) as usize
    }

    /// Where the weights of a kernel's row are held.
    fn taps(self, channel: u32, kernel_row: u32) -> usize {
        (channel * self.kernel.area() + kernel_row * self.kernel.size) as usize
    }
}

/// Every value is summed over channels, then rows, then columns of the kernel. Threads next to one another read the same weights.
#[cube(launch_unchecked)]
fn convolve<F: Float>(
    input: &Tensor<F>,
    weight: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    #[comptime] form: Form,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let tile = comptime!(form.tile);
    let at = corner(shapes.down, shapes.across, tile);
    if at.image >= shapes.batch {
        terminate!();
    }
    let stride = comptime!(form.kernel.stride);
    let columns = neighbours(
        (at.place * stride) as i32 - shapes.left as i32,
        shapes.width,
        comptime!(form.kernel.looks_at(form.tile.places)),
    );
    let kernels = kernels_of_tile(&shapes, form);
    let next = if comptime!(form.turned) {
        shapes.channels_out * comptime!(form.kernel.area())
    } else {
        comptime!(form.kernel.area()).runtime()
    };
    let mut sums = zeros::<F>(comptime!(form.tile.sums()));
    for channel_in in 0..shapes.channels_in {
        let map = (at.image * shapes.channels_in + channel_in) * shapes.height;
        let weights = weights_of_tile::<F>(weight, &kernels, channel_in * next, form);
        #[unroll]
        for line in 0..comptime!(form.kernel.looks_at(form.tile.rows)) {
            let y = (at.row * stride + line) as i32 - shapes.above as i32;
            if y >= 0 && (y as u32) < shapes.height {
                let values = columns.read::<F>(input, (map + y as u32) * shapes.width);
                add_line::<F>(&mut sums, &weights, &values, line, form);
            }
        }
    }
    write_tile::<F>(output, &sums, &at, &shapes, form);
}

/// Where the kernels of a tile's channels begin, for the first channel of the input.
#[cube]
fn kernels_of_tile(shapes: &Shapes, #[comptime] form: Form) -> Array<u32> {
    let channels = comptime!(form.tile.channels);
    let area = comptime!(form.kernel.area());
    let apart = if comptime!(form.turned) { area.runtime() } else { shapes.channels_in * area };
    let mut kernels = Array::<u32>::new(comptime!(channels as usize));
    #[unroll]
    for channel in 0..channels {
        kernels[channel as usize] = min(CUBE_POS_Y * channels + channel, shapes.channels_out - 1) * apart;
    }
    kernels
}

/// The weights of one channel of the input, `[channels of the tile, kernel, kernel]`.
#[cube]
fn weights_of_tile<F: Float>(weight: &Tensor<F>, kernels: &Array<u32>, from: u32, #[comptime] form: Form) -> Array<F> {
    let area = comptime!(form.kernel.area());
    let mut weights = Array::<F>::new(comptime!((form.tile.channels * form.kernel.area()) as usize));
    #[unroll]
    for channel in 0..comptime!(form.tile.channels) {
        #[unroll]
        for tap in 0..area {
            let lies = comptime!(if form.turned { area - 1 - tap } else { tap });
            weights[comptime!((channel * area + tap) as usize)] =
                weight[(kernels[channel as usize] + from + lies) as usize];
        }
    }
    weights
}

/// Adds a line of the input to the sums of all rows that look at it.
#[cube]
fn add_line<F: Float>(
    sums: &mut Array<F>,
    weights: &Array<F>,
    values: &Array<F>,
    #[comptime] line: u32,
    #[comptime] form: Form,
) {
    #[unroll]
    for row in 0..comptime!(form.tile.rows) {
        let kernel_row = comptime!(form.kernel.row(line, row));
        if comptime!(kernel_row.is_some()) {
            #[unroll]
            for channel in 0..comptime!(form.tile.channels) {
                let taps = comptime!(form.taps(channel, kernel_row.unwrap_or(0)));
                #[unroll]
                for column in 0..comptime!(form.kernel.size) {
                    #[unroll]
                    for place in 0..comptime!(form.tile.places) {
                        sums[comptime!(form.sum(channel, row, place))] += weights[comptime!(taps + column as usize)]
                            * values[comptime!((place * form.kernel.stride + column) as usize)];
                    }
                }
            }
        }
    }
}

#[cube]
fn write_tile<F: Float>(output: &mut Tensor<F>, sums: &Array<F>, at: &Corner, shapes: &Shapes, #[comptime] form: Form) {
    let first_channel = CUBE_POS_Y * comptime!(form.tile.channels);
    #[unroll]
    for channel in 0..comptime!(form.tile.channels) {
        #[unroll]
        for row in 0..comptime!(form.tile.rows) {
            if first_channel + channel < shapes.channels_out && at.row + row < shapes.down {
                let map = at.image * shapes.channels_out + first_channel + channel;
                let line = (map * shapes.down + at.row + row) * shapes.across;
                #[unroll]
                for place in 0..comptime!(form.tile.places) {
                    if at.place + place < shapes.across {
                        output[(line + at.place + place) as usize] = sums[comptime!(form.sum(channel, row, place))];
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
    let form = Form { kernel: Kernel { size: kernel as u32, stride: stride as u32 }, tile, turned };
    let client = input.client.clone();
    let dtype = dtype_to_elem_type(input.dtype);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        convolve::launch_unchecked(
            &client,
            workgroups(tile.threads(maps), tile.groups(maps)),
            workgroup(),
            input.into_tensor_arg(),
            weight.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            shapes([batch, channels_in, height, width], maps, before),
            form,
            dtype,
        );
    }
    output
}
