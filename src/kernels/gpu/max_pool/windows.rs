//! Windows of maps: which of their places is the largest.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::super::Course;
use super::super::launch::{Tile, dims, empty, evenly, workgroups};
use super::super::shapes::{Corner, Shapes, corner, group, neighbours, shapes, zeros};

/// Windows whose largest a thread writes, or strides of the input that it writes, at most, in a row.
const ACROSS: u32 = 4;

/// What a kernel is compiled for: how windows lie, so that no thread asks which of them meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    /// Places down and across.
    size: u32,
    stride: u32,
    /// Places above the map and to its left that windows reach over.
    above: u32,
    left: u32,
    /// Windows of a tile, down and across: a tile of the output has one of each place; one of the input those that reach into it.
    rows: u32,
    columns: u32,
    /// The first of them, counted from where the tile begins divided by the stride.
    first: (i32, i32),
    /// What a thread writes.
    tile: Tile,
    /// Groups of channels in a workgroup.
    together: u32,
}

impl Form {
    /// Lines of the input that the windows lie in, down and across.
    fn lines(self) -> (u32, u32) {
        let over = |windows: u32| (windows - 1) * self.stride + self.size;
        (over(self.rows), over(self.columns))
    }

    /// Where in those lines a place of a window lies.
    fn value(self, (row, column): (u32, u32), (down, across): (u32, u32)) -> usize {
        ((row * self.stride + down) * self.lines().1 + column * self.stride + across) as usize
    }

    /// Where in a tile of the input a place of a window lies, if it does.
    fn sum(self, (row, column): (u32, u32), (down, across): (u32, u32)) -> Option<usize> {
        let along = |window: u32, place: u32, first: i32, before: u32, length: u32| {
            let at = (window as i32 + first) * self.stride as i32 + place as i32 - before as i32;
            u32::try_from(at).ok().filter(|at| *at < length)
        };
        let y = along(row, down, self.first.0, self.above, self.tile.rows)?;
        let x = along(column, across, self.first.1, self.left, self.tile.places)?;
        Some((y * self.tile.places + x) as usize)
    }
}

/// The largest of a window, and which of its places it is, row by row.
#[derive(CubeType)]
struct Largest<F: Float> {
    value: F,
    place: u32,
}

/// What the windows of a tile look at, from a row and a column of a channel's map on. Beside it, it is the least number there is.
#[cube]
fn looked_at<F: Float>(
    input: &Tensor<F>,
    map: u32,
    row: i32,
    column: i32,
    shapes: &Shapes,
    #[comptime] form: Form,
) -> Array<F> {
    let rows = comptime!(form.lines().0);
    let columns = comptime!(form.lines().1);
    let nothing = F::min_value();
    let neighbours = neighbours(column, shapes.width, columns);
    let mut values = Array::<F>::new(comptime!((rows * columns) as usize));
    #[unroll]
    for line in 0..rows {
        let y = row + line as i32;
        let lies = y >= 0 && (y as u32) < shapes.height;
        let begins = (map * shapes.height + select(lies, y as u32, 0u32.runtime())) * shapes.width;
        let found = neighbours.read_or::<F>(input, begins, nothing);
        #[unroll]
        for at in 0..columns {
            values[comptime!((line * columns + at) as usize)] = select(lies, found[at as usize], nothing);
        }
    }
    values
}

/// That of one of the windows; of several alike, the first.
#[cube]
fn largest_of<F: Float>(
    values: &Array<F>,
    #[comptime] row: u32,
    #[comptime] column: u32,
    #[comptime] form: Form,
) -> Largest<F> {
    let mut largest = values[comptime!(form.value((row, column), (0, 0)))];
    let mut place = 0u32.runtime();
    #[unroll]
    for next in 1..comptime!(form.size * form.size) {
        let value = values[comptime!(form.value((row, column), (next / form.size, next % form.size)))];
        // What is not a number is neither, and stays: a training that has diverged must not look sound.
        let (stays, takes) = (value <= largest, value > largest);
        largest = select(stays, largest, select(takes, value, value + largest));
        place = select(takes, next.runtime(), place);
    }
    Largest::<F> { value: largest, place }
}

#[cube(launch_unchecked)]
fn pool<F: Float>(
    input: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    #[comptime] form: Form,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let at = corner(shapes.down, shapes.across, comptime!(form.tile));
    let channel = group(form.together);
    if at.image >= shapes.batch || channel >= shapes.channels_in {
        terminate!();
    }
    let map = at.image * shapes.channels_in + channel;
    let row = (at.row * comptime!(form.stride)) as i32 - comptime!(form.above as i32);
    let column = (at.place * comptime!(form.stride)) as i32 - comptime!(form.left as i32);
    let values = looked_at::<F>(input, map, row, column, &shapes, form);
    let begins = (map * shapes.down + at.row) * shapes.across + at.place;
    #[unroll]
    for window in 0..comptime!(form.columns) {
        if at.place + window < shapes.across {
            output[(begins + window) as usize] = largest_of::<F>(&values, 0u32, window, form).value;
        }
    }
}

#[cube(launch_unchecked)]
fn pool_gradient<F: Float>(
    input: &Tensor<F>,
    gradient: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    #[comptime] form: Form,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let at = corner(shapes.height, shapes.width, comptime!(form.tile));
    let channel = group(form.together);
    if at.image >= shapes.batch || channel >= shapes.channels_in {
        terminate!();
    }
    let map = at.image * shapes.channels_in + channel;
    let (size, stride) = (comptime!(form.size), comptime!(form.stride as i32));
    let first_row = (at.row / comptime!(form.stride)) as i32 + comptime!(form.first.0);
    let first_column = (at.place / comptime!(form.stride)) as i32 + comptime!(form.first.1);
    let (row, column) =
        (first_row * stride - comptime!(form.above as i32), first_column * stride - comptime!(form.left as i32));
    let values = looked_at::<F>(input, map, row, column, &shapes, form);
    let windows = neighbours(first_column, shapes.across, comptime!(form.columns));
    let mut sums = zeros::<F>(comptime!(form.tile.sums()));
    #[unroll]
    for row in 0..comptime!(form.rows) {
        let y = first_row + row as i32;
        let lies = y >= 0 && (y as u32) < shapes.down;
        let begins = (map * shapes.down + select(lies, y as u32, 0u32.runtime())) * shapes.across;
        let passed = windows.read::<F>(gradient, begins);
        #[unroll]
        for column in 0..comptime!(form.columns) {
            let passed = select(lies, passed[column as usize], F::new(0.0));
            let largest = largest_of::<F>(&values, row, column, form).place;
            #[unroll]
            for place in 0..comptime!(size * size) {
                let sum = comptime!(form.sum((row, column), (place / size, place % size)));
                if comptime!(sum.is_some()) {
                    sums[comptime!(sum.unwrap_or_default())] += select(largest == place, passed, F::new(0.0));
                }
            }
        }
    }
    write::<F>(output, &sums, map, &at, &shapes, form);
}

#[cube]
fn write<F: Float>(
    output: &mut Tensor<F>,
    sums: &Array<F>,
    map: u32,
    at: &Corner,
    shapes: &Shapes,
    #[comptime] form: Form,
) {
    #[unroll]
    for row in 0..comptime!(form.tile.rows) {
        if at.row + row < shapes.height {
            let begins = (map * shapes.height + at.row + row) * shapes.width + at.place;
            #[unroll]
            for place in 0..comptime!(form.tile.places) {
                if at.place + place < shapes.width {
                    output[(begins + place) as usize] = sums[comptime!((row * form.tile.places + place) as usize)];
                }
            }
        }
    }
}

/// The largest of every window of so many places down and across. Tensors are contiguous, here and below.
pub fn largest(input: &CubeTensor, size: usize, course: Course) -> CubeTensor {
    let [batch, channels, ..] = dims(input);
    let maps = [batch, channels, course.output.0, course.output.1];
    let columns = evenly(maps[3] as u32, ACROSS);
    let tile = Tile { rows: 1, places: columns, channels: 1 };
    let [size, stride, above, left] = lengths(size, course);
    let (count, dim) = workgroups(tile.threads(maps), channels);
    let form = Form { size, stride, above, left, rows: 1, columns, first: (0, 0), tile, together: dim.y };
    let output = empty(input, maps);
    // SAFETY: the kernel reads within the maps whose shapes it is told, and writes within the output's.
    unsafe {
        pool::launch_unchecked(
            &input.client,
            count,
            dim,
            input.clone().into_tensor_arg(),
            output.clone().into_tensor_arg(),
            shapes(dims(input), maps, course.before),
            form,
            dtype_to_elem_type(input.dtype),
        );
    }
    output
}

/// The gradient to the input, from that to the output: to the first of the largest of every window.
pub fn input_gradient(input: &CubeTensor, gradient: &CubeTensor, size: usize, course: Course) -> CubeTensor {
    let maps = dims(input);
    let [size, stride, above, left] = lengths(size, course);
    let strides = evenly((maps[3] as u32).div_ceil(stride), ACROSS);
    let tile = Tile { rows: stride, places: strides * stride, channels: 1 };
    // The first window that reaches into a tile of one stride, and how many do.
    let reach = |before: u32| {
        let (first, last) = (-(((size - 1 - before) / stride) as i32), before.div_ceil(stride) as i32);
        (first, (last - first + 1) as u32)
    };
    let ((first_row, rows), (first_column, columns)) = (reach(above), reach(left));
    let (count, dim) = workgroups(tile.threads(maps), maps[1]);
    let (columns, first, together) = (columns + strides - 1, (first_row, first_column), dim.y);
    let form = Form { size, stride, above, left, rows, columns, first, tile, together };
    let output = empty(input, maps);
    // SAFETY: the kernel reads within the maps whose shapes it is told, and writes within the output's.
    unsafe {
        pool_gradient::launch_unchecked(
            &input.client,
            count,
            dim,
            input.clone().into_tensor_arg(),
            gradient.clone().into_tensor_arg(),
            output.clone().into_tensor_arg(),
            shapes(maps, dims(gradient), course.before),
            form,
            dtype_to_elem_type(input.dtype),
        );
    }
    output
}

/// Of a window: its size and stride, and how far the first reaches above the map and to its left.
fn lengths(size: usize, course: Course) -> [u32; 4] {
    [size, course.stride, course.before.0, course.before.1].map(|length| length as u32)
}
