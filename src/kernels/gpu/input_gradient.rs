//! The gradient to the input of a convolution whose stride is above 1.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::Course;
use super::launch::{Tile, dims, empty, evenly, workgroups};
use super::shapes::{Corner, Shapes, corner, group, neighbours, shapes, zeros};
use super::tilings::Tiling;

/// What the kernel is compiled for: how kernels lie across the input among the rest, so that no thread asks which columns meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    kernel: i32,
    stride: i32,
    /// Zeros to the left of the input.
    left: i32,
    /// Each channel has a kernel of its own.
    depthwise: bool,
    /// Of one row, whose places are so many strides.
    tile: Tile,
    /// Groups of channels in a workgroup.
    together: u32,
}

impl Form {
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
        let last = (self.tile.places as i32 - 1 + self.left) / self.stride;
        (last - self.first() + 1) as u32
    }

    /// Which of them, counted from the first.
    fn value(self, place: u32, column: u32) -> Option<usize> {
        self.meets(place, column).map(|met| (met - self.first()) as usize)
    }

    fn sum(self, channel: u32, place: u32) -> usize {
        (channel * self.tile.places + place) as usize
    }
}

#[cube(launch_unchecked)]
fn spread<F: Float>(
    gradient: &Tensor<F>,
    weight: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    #[comptime] form: Form,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let at = corner(shapes.height, shapes.width, comptime!(form.tile));
    let first_channel = group(form.together) * comptime!(form.tile.channels);
    if at.image >= shapes.batch || first_channel >= shapes.channels_in {
        terminate!();
    }
    let kernel = comptime!(form.kernel as u32);
    let stride = comptime!(form.stride as u32);
    let columns =
        neighbours((at.place / stride) as i32 + comptime!(form.first()), shapes.across, comptime!(form.columns()));
    let mut sums = zeros::<F>(comptime!(form.tile.sums()));
    let (first, last) = if comptime!(form.depthwise) {
        (first_channel, first_channel + 1)
    } else {
        (0u32.runtime(), shapes.channels_out)
    };
    for channel_out in first..last {
        let map = (at.image * shapes.channels_out + channel_out) * shapes.down;
        for kernel_row in 0..kernel {
            let below = at.row + shapes.above;
            let y = (below - kernel_row) / stride;
            if below >= kernel_row && y * stride == below - kernel_row && y < shapes.down {
                let values = columns.read::<F>(gradient, (map + y) * shapes.across);
                let before = if comptime!(form.depthwise) { 0u32.runtime() } else { channel_out * shapes.channels_in };
                let kernels = before * kernel + kernel_row;
                add_row::<F>(&mut sums, weight, &values, kernels * kernel, shapes.channels_in, form);
            }
        }
    }
    write_row::<F>(output, &sums, &at, &shapes, form);
}

/// Adds a row of the gradient to the sums, by the row of each kernel that begins at `from` for the first channel of the input.
#[cube]
fn add_row<F: Float>(
    sums: &mut Array<F>,
    weight: &Tensor<F>,
    values: &Array<F>,
    from: u32,
    channels_in: u32,
    #[comptime] form: Form,
) {
    let channels = comptime!(form.tile.channels);
    let area = comptime!((form.kernel * form.kernel) as u32);
    #[unroll]
    for channel in 0..channels {
        let of = min(group(form.together) * channels + channel, channels_in - 1);
        #[unroll]
        for column in 0..comptime!(form.kernel as u32) {
            let by = weight[(from + of * area + column) as usize];
            #[unroll]
            for place in 0..comptime!(form.tile.places) {
                let met = comptime!(form.value(place, column));
                if comptime!(met.is_some()) {
                    sums[comptime!(form.sum(channel, place))] += by * values[comptime!(met.unwrap_or(0))];
                }
            }
        }
    }
}

#[cube]
fn write_row<F: Float>(output: &mut Tensor<F>, sums: &Array<F>, at: &Corner, shapes: &Shapes, #[comptime] form: Form) {
    let first_channel = group(form.together) * comptime!(form.tile.channels);
    #[unroll]
    for channel in 0..comptime!(form.tile.channels) {
        if first_channel + channel < shapes.channels_in {
            let map = at.image * shapes.channels_in + first_channel + channel;
            let line = (map * shapes.height + at.row) * shapes.width;
            #[unroll]
            for place in 0..comptime!(form.tile.places) {
                if at.place + place < shapes.width {
                    output[(line + at.place + place) as usize] = sums[comptime!(form.sum(channel, place))];
                }
            }
        }
    }
}

/// From the gradient to the output, `[batch, channels out, down, across]`, to that to the input, `[batch, channels in, height,
/// width]`.
pub fn input_gradient(gradient: CubeTensor, weight: CubeTensor, course: Course) -> CubeTensor {
    let (gradient, weight) = (into_contiguous(gradient), into_contiguous(weight));
    let Course { stride, before, input: (height, width), depthwise, .. } = course;
    let [batch, channels_out, ..] = dims(&gradient);
    let [_, looked_at, kernel, _] = dims(&weight);
    let maps = [batch, if depthwise { channels_out } else { looked_at }, height, width];
    let output = empty(&gradient, maps);
    let tile = Tile { rows: 1, ..Tile::of(maps, course.kernel(kernel), Tiling::Registers64.held()) };
    // As many places of each place in a stride.
    let strides = evenly(width.div_ceil(stride) as u32, (8 / stride as u32).max(1));
    let tile = Tile { places: strides * stride as u32, ..tile };
    let (count, dim) = workgroups(tile.threads(maps), tile.groups(maps));
    let (kernel, stride, left) = (kernel as i32, stride as i32, before.1 as i32);
    let form = Form { kernel, stride, left, depthwise, tile, together: dim.y };
    let shapes = shapes(maps, dims(&gradient), before);
    let client = gradient.client.clone();
    let dtype = dtype_to_elem_type(gradient.dtype);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        spread::launch_unchecked(
            &client,
            count,
            dim,
            gradient.into_tensor_arg(),
            weight.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            shapes,
            form,
            dtype,
        );
    }
    output
}
