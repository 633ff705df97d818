//! The gradient to the input of a convolution whose stride is above 1.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launch::{Tile, dims, empty, workgroup, workgroups};
use super::shapes::{Corner, Shapes, corner, neighbours, shapes, zeros};

/// What the kernel is compiled for: how kernels lie across the input among the rest, so that no thread asks which columns meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    kernel: i32,
    stride: i32,
    /// Zeros to the left of the input.
    left: i32,
    /// Of one row, whose places are so many strides.
    tile: Tile,
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
    if at.image >= shapes.batch {
        terminate!();
    }
    let kernel = comptime!(form.kernel as u32);
    let stride = comptime!(form.stride as u32);
    let columns =
        neighbours((at.place / stride) as i32 + comptime!(form.first()), shapes.across, comptime!(form.columns()));
    let mut sums = zeros::<F>(comptime!(form.tile.sums()));
    for channel_out in 0..shapes.channels_out {
        let map = (at.image * shapes.channels_out + channel_out) * shapes.down;
        for kernel_row in 0..kernel {
            let below = at.row + shapes.above;
            let y = (below - kernel_row) / stride;
            if below >= kernel_row && y * stride == below - kernel_row && y < shapes.down {
                let values = columns.read::<F>(gradient, (map + y) * shapes.across);
                let kernels = channel_out * shapes.channels_in * kernel + kernel_row;
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
        let of = min(CUBE_POS_Y * channels + channel, channels_in - 1);
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
    let first_channel = CUBE_POS_Y * comptime!(form.tile.channels);
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
/// width]`, whose height and width are `size`.
pub fn input_gradient(
    gradient: CubeTensor,
    weight: CubeTensor,
    stride: usize,
    before: (usize, usize),
    size: (usize, usize),
) -> CubeTensor {
    let (gradient, weight) = (into_contiguous(gradient), into_contiguous(weight));
    let [batch, ..] = dims(&gradient);
    let [_, channels_in, kernel, _] = dims(&weight);
    let maps = [batch, channels_in, size.0, size.1];
    let output = empty(&gradient, maps);
    let tile = Tile { rows: 1, ..Tile::of(maps, kernel as u32) };
    let strides = (tile.places / stride as u32).max(1);
    let tile = Tile { places: strides * stride as u32, ..tile };
    let form = Form { kernel: kernel as i32, stride: stride as i32, left: before.1 as i32, tile };
    let shapes = shapes(maps, dims(&gradient), before);
    let client = gradient.client.clone();
    let dtype = dtype_to_elem_type(gradient.dtype);
    // SAFETY: the kernel reads within the tensors whose shapes it is told, and writes within the output's.
    unsafe {
        spread::launch_unchecked(
            &client,
            workgroups(tile.threads(maps), tile.groups(maps)),
            workgroup(),
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
