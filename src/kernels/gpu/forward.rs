//! Convolution; and the gradient to its input where the stride is 1: a convolution of the output's gradient by the kernels turned
//! round.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use mien_cpu::Then;

use super::launch::{Kernel, Tile, dims, empty, workgroups};
use super::shapes::{Corner, Shapes, ShapesLaunch, corner, group, neighbours, shapes, zeros};
use super::tilings::{Tiling, Work};
use super::{Course, implicit_gemm, winograd};

/// What the kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    kernel: Kernel,
    tile: Tile,
    /// Kernels are turned round, and go from the output's channels to the input's.
    turned: bool,
    /// Each image has kernels of its own, of one place.
    own: bool,
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

/// Convolution, a factor and a bias for each channel where there are those, and what comes behind them.
#[cube(launch_unchecked)]
fn convolve<F: Float, W: Float>(
    input: &Tensor<F>,
    weight: &Tensor<W>,
    scale: ComptimeOption<&Tensor<F>>,
    bias: ComptimeOption<&Tensor<F>>,
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
            implicit_gemm::write_maps::<F>(output, &sums, &shapes, comptime!(form.own));
        }
    }
}

/// Factor, bias and what comes behind them, for `count` sums of a channel from the `first` on.
#[cube]
pub fn finish<F: Float>(
    sums: &mut Array<F>,
    scale: ComptimeOption<&Tensor<F>>,
    bias: ComptimeOption<&Tensor<F>>,
    channel: u32,
    #[comptime] first: u32,
    #[comptime] count: u32,
    #[comptime] then: Then,
) {
    let scale: ComptimeOption<F> = scale.map(|scale| scale[channel as usize]);
    let bias: ComptimeOption<F> = bias.map(|bias| bias[channel as usize]);
    let (scale, bias) = (scale.unwrap_or_else(|| F::new(1.0)), bias.unwrap_or_else(|| F::new(0.0)));
    #[unroll]
    for place in 0..count {
        let at = comptime!((first + place) as usize);
        sums[at] = behind::<F>(sums[at] * scale + bias, then);
    }
}

/// What becomes of a value.
#[cube]
pub fn behind<F: Float>(value: F, #[comptime] then: Then) -> F {
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
    let kernels = kernels_of_tile(at.image, shapes, form);
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
fn kernels_of_tile(image: u32, shapes: &Shapes, #[comptime] form: Form) -> Array<u32> {
    let channels = comptime!(form.tile.channels);
    let area = comptime!(form.kernel.area());
    let next_to_one_another = comptime!(form.turned || form.kernel.depthwise);
    let apart = if next_to_one_another { area.runtime() } else { shapes.channels_in * area };
    let first = if comptime!(form.own) { image * shapes.channels_out } else { 0u32.runtime() };
    let mut kernels = Array::<u32>::new(comptime!(channels as usize));
    #[unroll]
    for channel in 0..channels {
        kernels[channel as usize] = (first + channel_of_tile(channel, shapes, form)) * apart;
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
    launch(input, weight, course, false, Some((into_contiguous(scale), into_contiguous(bias), then)))
}

/// The gradient to the input of a convolution of stride 1, from that to its output.
pub fn turned(gradient: CubeTensor, weight: CubeTensor, course: Course) -> CubeTensor {
    let [_, _, kernel, _] = dims(&weight);
    // Below zero where there are more zeros than the kernel reaches: the threads take it as a signed number.
    let left_over = |before: usize| ((kernel - 1) * course.dilation).wrapping_sub(before);
    let before = (left_over(course.before.0), left_over(course.before.1));
    launch(gradient, weight, Course { before, input: course.output, output: course.input, ..course }, true, None)
}

/// Products of matrices: `columns` `[products, depth, 1, count]` by `rows` `[products, rows, depth]`, to `[products, rows, 1, count]`.
pub fn products(columns: CubeTensor, rows: CubeTensor, tiling: Tiling) -> CubeTensor {
    let [products, depth, _, count] = dims(&columns);
    let [_, rows_of_each, _] = rows.meta.shape().dims();
    let maps = [products, rows_of_each, 1, count];
    let kernel = Kernel { size: 1, stride: 1, dilation: 1, depthwise: false };
    let cut = cut(tiling, maps, kernel, false, true);
    let output = empty(&columns, maps);
    start(columns, rows, output, shapes([products, depth, 1, count], maps, (0, 0)), cut, None)
}

/// A factor and a bias for each channel, and what comes behind them.
pub type Behind = (CubeTensor, CubeTensor, Then);

fn launch(input: CubeTensor, weight: CubeTensor, course: Course, turned: bool, behind: Option<Behind>) -> CubeTensor {
    let (input, weight) = (into_contiguous(input), into_contiguous(weight));
    let [batch, channels_in, ..] = dims(&input);
    let [out, looked_at, size, _] = dims(&weight);
    let channels_out = if turned && !course.depthwise { looked_at } else { out };
    let (down, across) = course.output;
    let work = Work::forward(size);
    if let Some(products) = course.tilings.winograds(work)
        && winograd::is_for(dims(&input), channels_out, size, course)
    {
        return winograd::convolution(input, weight, course, turned, behind, products);
    }
    let tiling = course.tiling(work, [channels_out, channels_in * size * size, batch * down * across]);
    let output = empty(&input, [batch, channels_out, down, across]);
    let Course { input: (height, width), output: (down, across), .. } = course.as_rows(size);
    let maps = [batch, channels_out, down, across];
    let shapes = shapes([batch, channels_in, height, width], maps, course.before);
    start(input, weight, output, shapes, cut(tiling, maps, course.kernel(size), turned, false), behind)
}

/// How maps `[batch, channels out, down, across]` are cut, and into how many workgroups.
fn cut(tiling: Tiling, maps: [usize; 4], kernel: Kernel, turned: bool, own: bool) -> (Cut, (CubeCount, CubeDim)) {
    let [batch, channels_out, down, across] = maps;
    if tiling == Tiling::Workgroup {
        let (columns, parts) = if own { (down * across, batch) } else { (batch * down * across, 1) };
        let workgroups = implicit_gemm::workgroups(channels_out, columns, parts);
        return (Cut::Workgroup(implicit_gemm::Form { kernel, turned, own }), workgroups);
    }
    let tile = Tile::of(maps, kernel, tiling.held());
    let (count, dim) = workgroups(tile.threads(maps), tile.groups(maps));
    (Cut::Registers(Form { kernel, tile, turned, own, together: dim.y }), (count, dim))
}

/// `output`, filled. Tensors are contiguous.
fn start(
    input: CubeTensor,
    weight: CubeTensor,
    output: CubeTensor,
    shapes: ShapesLaunch,
    (cut, (count, dim)): (Cut, (CubeCount, CubeDim)),
    behind: Option<Behind>,
) -> CubeTensor {
    let client = input.client.clone();
    let [dtype, dtype_of_weight] = [&input, &weight].map(|tensor| dtype_to_elem_type(tensor.dtype));
    let [input, weight, into] = [input, weight, output.clone()].map(CubeTensor::into_tensor_arg);
    let (scale, bias, then) = of_behind(behind);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        convolve::launch_unchecked(
            &client,
            count,
            dim,
            input,
            weight,
            scale.into(),
            bias.into(),
            into,
            shapes,
            cut,
            then,
            dtype,
            dtype_of_weight,
        );
    }
    output
}

/// As a kernel takes it.
pub fn of_behind(behind: Option<Behind>) -> (Option<TensorArg>, Option<TensorArg>, Then) {
    match behind {
        None => (None, None, Then::Nothing),
        Some((scale, bias, then)) => (Some(scale.into_tensor_arg()), Some(bias.into_tensor_arg()), then),
    }
}
