//! Convolution; and the gradient to its input where the stride is 1: a convolution of the output's gradient by the kernels turned
//! round.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use mien_cpu::Then;

use super::launch::{Kernel, Tile, dims, empty, together, workgroups};
use super::shapes::{Corner, Shapes, corner, group, neighbours, shapes, zeros};
use super::tilings::{Tiling, Work};
use super::{Course, implicit_gemm};

/// What the kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    kernel: Kernel,
    tile: Tile,
    /// Kernels are turned round, and go from the output's channels to the input's.
    turned: bool,
    /// Groups of channels in a workgroup.
    together: u32,
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

/// How the work is cut among threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Cut {
    Registers(Form),
    Workgroup(implicit_gemm::Form),
}

/// Convolution alone.
#[cube(launch_unchecked)]
fn convolve<F: Float, W: Float>(
    input: &Tensor<F>,
    weight: &Tensor<W>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    #[comptime] cut: Cut,
    #[define(F)] _dtype: cubecl::ir::ElemType,
    #[define(W)] _dtype_of_weight: cubecl::ir::ElemType,
) {
    match comptime!(cut) {
        Cut::Registers(form) => {
            let at = corner(shapes.down, shapes.across, comptime!(form.tile));
            if at.image >= shapes.batch || first_channel(form) >= shapes.channels_out {
                terminate!();
            }
            let sums = sums_of_tile::<F, W>(input, weight, &at, &shapes, form);
            write_tile::<F>(output, &sums, &at, &shapes, form);
        }
        Cut::Workgroup(form) => {
            let sums = implicit_gemm::sums_of_convolution::<F, W>(input, weight, &shapes, form);
            implicit_gemm::write_maps::<F>(output, &sums, &shapes);
        }
    }
}

/// Convolution, a factor and a bias for each channel, and what comes behind them.
#[cube(launch_unchecked)]
fn convolve_with<F: Float, W: Float>(
    input: &Tensor<F>,
    weight: &Tensor<W>,
    scale: &Tensor<F>,
    bias: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    #[comptime] cut: Cut,
    #[comptime] then: Then,
    #[define(F)] _dtype: cubecl::ir::ElemType,
    #[define(W)] _dtype_of_weight: cubecl::ir::ElemType,
) {
    match comptime!(cut) {
        Cut::Registers(form) => {
            let at = corner(shapes.down, shapes.across, comptime!(form.tile));
            if at.image >= shapes.batch || first_channel(form) >= shapes.channels_out {
                terminate!();
            }
            let mut sums = sums_of_tile::<F, W>(input, weight, &at, &shapes, form);
            let each = comptime!(form.tile.rows * form.tile.places);
            #[unroll]
            for channel in 0..comptime!(form.tile.channels) {
                let of = channel_of_tile(channel, &shapes, form);
                finish::<F>(&mut sums, scale, bias, of, comptime!(channel * each), each, then);
            }
            write_tile::<F>(output, &sums, &at, &shapes, form);
        }
        Cut::Workgroup(form) => {
            let mut sums = implicit_gemm::sums_of_convolution::<F, W>(input, weight, &shapes, form);
            #[unroll]
            for row in 0..implicit_gemm::EACH {
                let of = min(implicit_gemm::first_row() + row, shapes.channels_out - 1);
                let first = comptime!(row * implicit_gemm::EACH);
                finish::<F>(&mut sums, scale, bias, of, first, implicit_gemm::EACH, then);
            }
            implicit_gemm::write_maps::<F>(output, &sums, &shapes);
        }
    }
}

/// Factor, bias and what comes behind them, for `count` sums of a channel from the `first` on.
#[cube]
fn finish<F: Float>(
    sums: &mut Array<F>,
    scale: &Tensor<F>,
    bias: &Tensor<F>,
    channel: u32,
    #[comptime] first: u32,
    #[comptime] count: u32,
    #[comptime] then: Then,
) {
    let (scale, bias) = (scale[channel as usize], bias[channel as usize]);
    #[unroll]
    for place in 0..count {
        let at = comptime!((first + place) as usize);
        sums[at] = behind::<F>(sums[at] * scale + bias, then);
    }
}

/// What becomes of a value.
#[cube]
fn behind<F: Float>(value: F, #[comptime] then: Then) -> F {
    match comptime!(then) {
        Then::Nothing => value,
        // A maximum may hide what is not a number.
        Then::Relu => select(value <= F::new(0.0), F::new(0.0), value),
        // An exponential that is still finite: what lies below comes to zero all the same.
        Then::Silu => value / (F::new(1.0) + F::exp(min(-value, F::new(80.0)))),
    }
}

/// Every value is summed over channels, then rows, then columns of the kernel. Threads next to one another read the same weights.
#[cube]
fn sums_of_tile<F: Float, W: Float>(
    input: &Tensor<F>,
    weight: &Tensor<W>,
    at: &Corner,
    shapes: &Shapes,
    #[comptime] form: Form,
) -> Array<F> {
    let stride = comptime!(form.kernel.stride);
    let columns = neighbours(
        (at.place * stride) as i32 - shapes.left as i32,
        shapes.width,
        comptime!(form.kernel.looks_at(form.tile.places)),
    );
    let kernels = kernels_of_tile(shapes, form);
    let (first, last, next) = if comptime!(form.kernel.depthwise) {
        (first_channel(form), first_channel(form) + 1, 0u32.runtime())
    } else if comptime!(form.turned) {
        (0u32.runtime(), shapes.channels_in, shapes.channels_out * comptime!(form.kernel.area()))
    } else {
        (0u32.runtime(), shapes.channels_in, comptime!(form.kernel.area()).runtime())
    };
    let mut sums = zeros::<F>(comptime!(form.tile.sums()));
    for channel_in in first..last {
        let map = (at.image * shapes.channels_in + channel_in) * shapes.height;
        let weights = weights_of_tile::<F, W>(weight, &kernels, channel_in * next, form);
        #[unroll]
        for line in 0..comptime!(form.kernel.looks_at(form.tile.rows)) {
            if comptime!(form.kernel.any_row(line, form.tile.rows)) {
                let y = (at.row * stride + line) as i32 - shapes.above as i32;
                if y >= 0 && (y as u32) < shapes.height {
                    let values = columns.read::<F>(input, (map + y as u32) * shapes.width);
                    add_line::<F>(&mut sums, &weights, &values, line, form);
                }
            }
        }
    }
    sums
}

/// The tile's first channel of the output.
#[cube]
fn first_channel(#[comptime] form: Form) -> u32 {
    group(form.together) * comptime!(form.tile.channels)
}

/// A channel of the tile among all of the output; the last one where there are fewer.
#[cube]
fn channel_of_tile(channel: u32, shapes: &Shapes, #[comptime] form: Form) -> u32 {
    min(first_channel(form) + channel, shapes.channels_out - 1)
}

/// Where the kernels of a tile's channels begin, for the first channel of the input.
#[cube]
fn kernels_of_tile(shapes: &Shapes, #[comptime] form: Form) -> Array<u32> {
    let channels = comptime!(form.tile.channels);
    let area = comptime!(form.kernel.area());
    let next_to_one_another = comptime!(form.turned || form.kernel.depthwise);
    let apart = if next_to_one_another { area.runtime() } else { shapes.channels_in * area };
    let mut kernels = Array::<u32>::new(comptime!(channels as usize));
    #[unroll]
    for channel in 0..channels {
        kernels[channel as usize] = channel_of_tile(channel, shapes, form) * apart;
    }
    kernels
}

/// The weights of one channel of the input, `[channels of the tile, kernel, kernel]`.
#[cube]
fn weights_of_tile<F: Float, W: Float>(
    weight: &Tensor<W>,
    kernels: &Array<u32>,
    from: u32,
    #[comptime] form: Form,
) -> Array<F> {
    let area = comptime!(form.kernel.area());
    let mut weights = Array::<F>::new(comptime!((form.tile.channels * form.kernel.area()) as usize));
    #[unroll]
    for channel in 0..comptime!(form.tile.channels) {
        #[unroll]
        for tap in 0..area {
            let lies = comptime!(if form.turned { area - 1 - tap } else { tap });
            weights[comptime!((channel * area + tap) as usize)] =
                F::cast_from(weight[(kernels[channel as usize] + from + lies) as usize]);
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
                            * values[comptime!(form.kernel.value(place, column))];
                    }
                }
            }
        }
    }
}

#[cube]
fn write_tile<F: Float>(output: &mut Tensor<F>, sums: &Array<F>, at: &Corner, shapes: &Shapes, #[comptime] form: Form) {
    let first_channel = first_channel(form);
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
/// down, across]`.
pub fn convolution(input: CubeTensor, weight: CubeTensor, course: Course) -> CubeTensor {
    launch(input, weight, course, false, None)
}

/// The same, times `scale` and plus `bias`, `[channels out]` each, and what comes behind that. The weight may be in 16 bits.
pub fn convolution_with(
    input: CubeTensor,
    weight: CubeTensor,
    scale: CubeTensor,
    bias: CubeTensor,
    then: Then,
    course: Course,
) -> CubeTensor {
    launch(input, weight, course, false, Some((scale, bias, then)))
}

/// The gradient to the input of a convolution of stride 1, from that to its output.
pub fn turned(gradient: CubeTensor, weight: CubeTensor, course: Course) -> CubeTensor {
    let [_, _, kernel, _] = dims(&weight);
    // Below zero where there are more zeros than the kernel reaches: the threads take it as a signed number.
    let left_over = |before: usize| ((kernel - 1) * course.dilation).wrapping_sub(before);
    let before = (left_over(course.before.0), left_over(course.before.1));
    launch(gradient, weight, Course { before, input: course.output, output: course.input, ..course }, true, None)
}

fn launch(
    input: CubeTensor,
    weight: CubeTensor,
    course: Course,
    turned: bool,
    behind: Option<(CubeTensor, CubeTensor, Then)>,
) -> CubeTensor {
    let (input, weight) = (into_contiguous(input), into_contiguous(weight));
    let [batch, channels_in, mut height, mut width] = dims(&input);
    let [out, looked_at, size, _] = dims(&weight);
    let channels_out = if turned && !course.depthwise { looked_at } else { out };
    let (mut down, mut across) = course.output;
    let output = empty(&input, [batch, channels_out, down, across]);
    if size == 1 && course.stride == 1 && course.before == (0, 0) && course.input == course.output {
        // Rows need not be told apart.
        (height, width, down, across) = (1, height * width, 1, down * across);
    }
    let maps = [batch, channels_out, down, across];
    let kernel = course.kernel(size);
    let shapes = shapes([batch, channels_in, height, width], maps, course.before);
    let product = [channels_out, channels_in * size * size, batch * down * across];
    let tiling = course.tiling(Work::forward(size), product);
    let ((count, dim), cut) = if tiling == Tiling::Workgroup {
        (implicit_gemm::workgroups(channels_out, product[2], 1), Cut::Workgroup(implicit_gemm::Form { kernel, turned }))
    } else {
        let tile = Tile::of(maps, kernel, tiling.held());
        let (threads, groups) = (tile.threads(maps), tile.groups(maps));
        let form = Form { kernel, tile, turned, together: together(threads) };
        (workgroups(threads, groups), Cut::Registers(form))
    };
    let client = input.client.clone();
    let [dtype, dtype_of_weight] = [&input, &weight].map(|tensor| dtype_to_elem_type(tensor.dtype));
    let [input, weight, into] = [input, weight, output.clone()].map(CubeTensor::into_tensor_arg);
    // SAFETY: the kernels read within the tensors whose shapes they are told, and write within the output's.
    match behind {
        None => unsafe {
            convolve::launch_unchecked(&client, count, dim, input, weight, into, shapes, cut, dtype, dtype_of_weight);
        },
        Some((scale, bias, then)) => {
            let [scale, bias] = [scale, bias].map(|tensor| into_contiguous(tensor).into_tensor_arg());
            unsafe {
                convolve_with::launch_unchecked(
                    &client,
                    count,
                    dim,
                    input,
                    weight,
                    scale,
                    bias,
                    into,
                    shapes,
                    cut,
                    then,
                    dtype,
                    dtype_of_weight,
                );
            }
        }
    }
    output
}
