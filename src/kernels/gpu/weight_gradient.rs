//! The gradient to a convolution's kernels.

use burn::backend::cubecl::dtype_to_elem_type;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::Shape;
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{BUSY, Kernel, dims, empty, evenly, workgroups};
use super::shapes::{Neighbours, Shapes, group, neighbours, shapes, thread, zeros};
use super::tilings::{Tiling, Tilings, Work};
use super::{Course, implicit_gemm, winograd};

/// What the kernel is compiled for. A thread computes kernels of so many channels of the output by so many of the input, and looks at
/// so many rows, and neighbours in them, of the output at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    kernel: Kernel,
    channels: u32,
    inputs: u32,
    rows: u32,
    places: u32,
    /// Groups of channels, or parts, in a workgroup.
    together: u32,
}

impl Form {
    fn of(kernel: Kernel, channels_in: usize, channels_out: usize, width: usize, held: u32) -> Form {
        let pairs = if kernel.depthwise { 1 } else { (held / kernel.area()).max(1) as usize };
        let inputs = pairs.isqrt().min(channels_in);
        let channels = (pairs / inputs).min(channels_out);
        let places = evenly(width as u32, if kernel.size == 3 { 4 } else { 8 });
        let rows = if kernel.size == 3 { 2 } else { 1 };
        Form { kernel, channels: channels as u32, inputs: inputs as u32, rows, places, together: 1 }
    }

    /// Where the sums of a kernel begin.
    fn sum(self, channel: u32, input: u32) -> u32 {
        (channel * self.inputs + input) * self.kernel.area()
    }

    /// Where the gradient to a place of the output is held.
    fn gradient(self, channel: u32, row: u32, place: u32) -> usize {
        ((channel * self.rows + row) * self.places + place) as usize
    }
}

/// Places in a row that are too few for what a thread looks at at a time, which may be twice as many.
const NARROW: usize = 4;

/// How the work is cut among threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Cut {
    Registers(Form),
    Workgroup(Kernel),
}

/// Kernels from each of so many parts of all places.
#[cube(launch_unchecked)]
fn gradient_of_kernels<F: Float>(
    input: &Tensor<F>,
    gradient: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    parts: u32,
    #[comptime] cut: Cut,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    match comptime!(cut) {
        Cut::Registers(form) => gradient_in_registers::<F>(input, gradient, output, &shapes, parts, form),
        Cut::Workgroup(kernel) => {
            implicit_gemm::gradient_of_kernels::<F>(input, gradient, output, &shapes, parts, kernel);
        }
    }
}

/// Each thread computes whole kernels, from one of so many parts of all images' rows.
#[cube]
fn gradient_in_registers<F: Float>(
    input: &Tensor<F>,
    gradient: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: &Shapes,
    parts: u32,
    #[comptime] form: Form,
) {
    let first_input = thread() * comptime!(form.inputs);
    if first_input >= shapes.channels_in {
        terminate!();
    }
    let (first_channel, part) = if comptime!(form.kernel.depthwise) {
        (first_input, group(form.together))
    } else {
        let groups = shapes.channels_out.div_ceil(comptime!(form.channels));
        let at = group(form.together);
        ((at % groups) * comptime!(form.channels), at / groups)
    };
    if part >= parts {
        terminate!();
    }

    let mut sums = zeros::<F>(comptime!(form.channels * form.inputs * form.kernel.area()));
    let tiles = shapes.across.div_ceil(comptime!(form.places));
    let bands = shapes.down.div_ceil(comptime!(form.rows));
    let share = (shapes.batch * bands).div_ceil(parts);
    for at in part * share..min((part + 1) * share, shapes.batch * bands) {
        let image = at / bands;
        let first_row = (at % bands) * comptime!(form.rows);
        for tile in 0..tiles {
            let first_place = tile * comptime!(form.places);
            let gradients =
                gradients_of_tile::<F>(gradient, image, first_channel, first_row, first_place, shapes, form);
            let columns = neighbours(
                (first_place * comptime!(form.kernel.stride)) as i32 - shapes.left as i32,
                shapes.width,
                comptime!(form.kernel.looks_at(form.places)),
            );
            #[unroll]
            for line in 0..comptime!(form.kernel.looks_at(form.rows)) {
                if comptime!(form.kernel.any_row(line, form.rows)) {
                    let y = (first_row * comptime!(form.kernel.stride) + line) as i32 - shapes.above as i32;
                    if y >= 0 && (y as u32) < shapes.height {
                        #[unroll]
                        for input_channel in 0..comptime!(form.inputs) {
                            let of = min(first_input + input_channel, shapes.channels_in - 1);
                            let map = (image * shapes.channels_in + of) * shapes.height;
                            let values = columns.read::<F>(input, (map + y as u32) * shapes.width);
                            add_line::<F>(&mut sums, &gradients, &values, input_channel, line, form);
                        }
                    }
                }
            }
        }
    }
    let first = part * shapes.channels_out;
    write_kernels::<F>(output, &sums, first, first_channel, first_input, shapes, form);
}

/// The gradients of a tile, `[channels, rows, places]`; zero beside the output.
#[cube]
fn gradients_of_tile<F: Float>(
    gradient: &Tensor<F>,
    image: u32,
    first_channel: u32,
    first_row: u32,
    first_place: u32,
    shapes: &Shapes,
    #[comptime] form: Form,
) -> Array<F> {
    let mut gradients = Array::<F>::new(comptime!((form.channels * form.rows * form.places) as usize));
    let columns: Neighbours = neighbours(first_place as i32, shapes.across, comptime!(form.places));
    #[unroll]
    for channel in 0..comptime!(form.channels) {
        let of = min(first_channel + channel, shapes.channels_out - 1);
        #[unroll]
        for row in 0..comptime!(form.rows) {
            let there = first_row + row < shapes.down;
            let y = select(there, first_row + row, 0u32.runtime());
            let map = (image * shapes.channels_out + of) * shapes.down;
            let values = columns.read::<F>(gradient, (map + y) * shapes.across);
            #[unroll]
            for place in 0..comptime!(form.places) {
                gradients[comptime!(form.gradient(channel, row, place))] =
                    select(there, values[place as usize], F::new(0.0));
            }
        }
    }
    gradients
}

/// Adds a line of a channel of the input to the sums of all kernels of that channel.
#[cube]
fn add_line<F: Float>(
    sums: &mut Array<F>,
    gradients: &Array<F>,
    values: &Array<F>,
    #[comptime] input_channel: u32,
    #[comptime] line: u32,
    #[comptime] form: Form,
) {
    #[unroll]
    for row in 0..comptime!(form.rows) {
        let kernel_row = comptime!(form.kernel.row(line, row));
        if comptime!(kernel_row.is_some()) {
            #[unroll]
            for channel in 0..comptime!(form.channels) {
                let taps = comptime!(form.sum(channel, input_channel) + kernel_row.unwrap_or(0) * form.kernel.size);
                #[unroll]
                for column in 0..comptime!(form.kernel.size) {
                    #[unroll]
                    for place in 0..comptime!(form.places) {
                        sums[comptime!((taps + column) as usize)] += gradients
                            [comptime!(form.gradient(channel, row, place))]
                            * values[comptime!(form.kernel.value(place, column))];
                    }
                }
            }
        }
    }
}

/// Writes `[channels of the output, channels of the input, kernel, kernel]`, behind so many channels of the output.
#[cube]
fn write_kernels<F: Float>(
    output: &mut Tensor<F>,
    sums: &Array<F>,
    first: u32,
    first_channel: u32,
    first_input: u32,
    shapes: &Shapes,
    #[comptime] form: Form,
) {
    #[unroll]
    for channel in 0..comptime!(form.channels) {
        #[unroll]
        for input_channel in 0..comptime!(form.inputs) {
            if first_channel + channel < shapes.channels_out && first_input + input_channel < shapes.channels_in {
                let of = first + first_channel + channel;
                let kernel = if comptime!(form.kernel.depthwise) {
                    of
                } else {
                    of * shapes.channels_in + first_input + input_channel
                };
                #[unroll]
                for tap in 0..comptime!(form.kernel.area()) {
                    output[(kernel * comptime!(form.kernel.area()) + tap) as usize] =
                        sums[comptime!((form.sum(channel, input_channel) + tap) as usize)];
                }
            }
        }
    }
}

/// From `input` `[batch, channels in, height, width]` and the gradient to the output, `[batch, channels out, down, across]`, to that to
/// the kernels, `[channels out, channels in, kernel, kernel]`, or `[channels, 1, kernel, kernel]`.
pub fn weight_gradient(input: CubeTensor, gradient: CubeTensor, kernel: usize, course: Course) -> CubeTensor {
    let (input, gradient) = (into_contiguous(input), into_contiguous(gradient));
    let [batch, channels_in, ..] = dims(&input);
    let [_, channels_out, down, across] = dims(&gradient);
    let looked_at = if course.depthwise { 1 } else { channels_in };
    let work = Work::weight_gradient(kernel);
    if let Some(products) = course.tilings.winograds(work)
        && winograd::is_for(dims(&input), channels_out, kernel, course)
    {
        return winograd::weight_gradient(input, gradient, course, products);
    }
    let tiling = course.tiling(work, [channels_out, batch * down * across, looked_at * kernel * kernel]);
    let in_parts = in_parts(input, gradient, kernel, course, tiling, None);
    let [parts, ..] = in_parts.meta.shape().dims::<5>();
    let sum = if parts == 1 { in_parts } else { CubeBackend::float_sum_dim(in_parts, 0) };
    CubeBackend::float_reshape(sum, Shape::from([channels_out, looked_at, kernel, kernel]))
}

/// Products of matrices: `left` `[products, rows, 1, depth]` by `right` `[products, columns, 1, depth]`, to `[products, rows, columns]`.
pub fn products(left: CubeTensor, right: CubeTensor, tiling: Tiling) -> CubeTensor {
    let ([products, rows, _, depth], [_, columns, ..]) = (dims(&left), dims(&right));
    let (input, output) = ((1, depth), (1, depth));
    let course =
        Course { stride: 1, dilation: 1, depthwise: false, before: (0, 0), input, output, tilings: Tilings::SAFE };
    let each = in_parts(right, left, 1, course, tiling, Some(products));
    CubeBackend::float_reshape(each, Shape::from([products, rows, columns]))
}

/// What each of so many parts of all places, or of as many as keep a device busy, adds to the gradient: `[parts, channels out, channels
/// in, kernel, kernel]`. As many parts as images are one image each.
fn in_parts(
    input: CubeTensor,
    gradient: CubeTensor,
    kernel: usize,
    course: Course,
    tiling: Tiling,
    parts: Option<usize>,
) -> CubeTensor {
    let [batch, channels_in, ..] = dims(&input);
    let [_, channels_out, ..] = dims(&gradient);
    // Rows one behind another are longer; but images are cut in fewer parts.
    let course = if course.output.1 <= NARROW { course.as_rows(kernel) } else { course };
    let Course { input: (height, width), output: (down, across), before, .. } = course;
    let looked_at = if course.depthwise { 1 } else { channels_in };
    let shapes = shapes([batch, channels_in, height, width], [batch, channels_out, down, across], before);
    let (elements, places) = (looked_at * kernel * kernel, batch * down * across);
    let kernel_of = course.kernel(kernel);
    let (parts, (count, dim), cut) = if tiling == Tiling::Workgroup {
        let parts = parts.unwrap_or_else(|| implicit_gemm::parts(channels_out, elements, places));
        (parts, implicit_gemm::workgroups(channels_out, elements, parts), Cut::Workgroup(kernel_of))
    } else {
        let form = Form::of(kernel_of, channels_in, channels_out, across, tiling.held());
        let groups = if course.depthwise { 1 } else { channels_out.div_ceil(form.channels as usize) };
        let threads = channels_in.div_ceil(form.inputs as usize);
        // Where there are fewer kernels than keep a device busy, each is summed in parts.
        let bands = batch * down.div_ceil(form.rows as usize);
        let parts = parts.unwrap_or_else(|| (BUSY / (groups * threads)).clamp(1, bands.max(1)));
        let (count, dim) = workgroups(threads, parts * groups);
        (parts, (count, dim), Cut::Registers(Form { together: dim.y, ..form }))
    };
    let output = empty(&input, [parts, channels_out, looked_at, kernel, kernel]);
    let client = input.client.clone();
    let dtype = dtype_to_elem_type(input.dtype);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        gradient_of_kernels::launch_unchecked(
            &client,
            count,
            dim,
            input.into_tensor_arg(),
            gradient.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            shapes,
            parts as u32,
            cut,
            dtype,
        );
    }
    output
}
