//! The transforms of F(4x4, 3x3), of maps and of kernels. A thread transforms one tile, or one kernel.

use cubecl::prelude::*;
use mien_cpu::Then;

use super::super::forward::finish;
use super::super::shapes::{Corner, Shapes, group, thread};

/// Rows and columns of a tile of the output.
pub const TILE: u32 = 4;

/// Rows and columns of the window that a tile is computed from.
const WINDOW: u32 = TILE + 2;

/// Numbers of a transformed tile, and of a transformed kernel.
pub const POINTS: u32 = WINDOW * WINDOW;

/// Where polynomials are evaluated, besides infinity: as on the CPU, where `mien_cpu::winograd` tells why there.
const AT: [f32; 5] = [0.0, 0.75, -0.75, 1.5, -1.5];

/// By what a kernel's values there are divided: each point's product of its distances to all others.
const DIVISORS: [f32; 5] = [81.0 / 64.0, -243.0 / 128.0, -243.0 / 128.0, 243.0 / 32.0, 243.0 / 32.0];

/// The matrices of the transforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// `Bt`: of a window of the input.
    Window,
    /// `At`: from products to a tile of the output.
    Gather,
    /// `A`: of the gradient to a tile of the output.
    Spread,
    /// `G`: of a kernel.
    Kernel,
    /// `Gt`: from products to the gradient to a kernel.
    KernelGradient,
}

impl Matrix {
    fn rows(self) -> u32 {
        match self {
            Matrix::Gather => TILE,
            Matrix::KernelGradient => 3,
            _ => WINDOW,
        }
    }

    fn columns(self) -> u32 {
        match self {
            Matrix::Spread => TILE,
            Matrix::Kernel => 3,
            _ => WINDOW,
        }
    }

    fn at(self, row: u32, column: u32) -> f32 {
        /// Of the point to the power, or of infinity, where the highest power alone is left.
        fn power(point: u32, power: u32, highest: u32) -> f32 {
            let finite = AT.get(point as usize).map(|at| at.powi(power as i32));
            finite.unwrap_or(if power == highest { 1.0 } else { 0.0 })
        }
        let divided = |point: u32, by: f32| by / DIVISORS.get(point as usize).unwrap_or(&1.0);
        match self {
            Matrix::Window => window(row as usize)[column as usize],
            Matrix::Gather => power(column, row, TILE - 1),
            Matrix::Spread => power(row, column, TILE - 1),
            Matrix::Kernel => divided(row, power(row, column, 2)),
            Matrix::KernelGradient => divided(column, power(column, row, 2)),
        }
    }
}

/// The coefficients of the polynomial whose roots are all points but one; for infinity, all.
fn window(point: usize) -> [f32; WINDOW as usize] {
    let mut polynomial = [0.0; WINDOW as usize];
    polynomial[0] = 1.0;
    for (_, root) in AT.iter().enumerate().filter(|(other, _)| *other != point) {
        // Times x, less the root times it.
        for power in (0..polynomial.len()).rev() {
            let below = power.checked_sub(1).map_or(0.0, |below| polynomial[below]);
            polynomial[power] = below - root * polynomial[power];
        }
    }
    polynomial
}

/// `m x mt` of `[columns, columns]`: `[rows, rows]`.
#[cube]
fn transformed<F: Float>(x: &Array<F>, #[comptime] by: Matrix) -> Array<F> {
    let (rows, columns) = comptime!((by.rows(), by.columns()));
    let mut half = Array::<F>::new(comptime!((rows * columns) as usize));
    #[unroll]
    for row in 0..rows {
        #[unroll]
        for column in 0..columns {
            half[comptime!((row * columns + column) as usize)] = product::<F>(x, column, columns, row, by);
        }
    }
    let mut whole = Array::<F>::new(comptime!((rows * rows) as usize));
    #[unroll]
    for row in 0..rows {
        #[unroll]
        for column in 0..rows {
            let first = comptime!(row * columns);
            whole[comptime!((row * rows + column) as usize)] = product::<F>(&half, first, 1u32, column, by);
        }
    }
    whole
}

/// A row of the matrix by the values from the `first` on, which lie so far apart.
#[cube]
fn product<F: Float>(
    values: &Array<F>,
    #[comptime] first: u32,
    #[comptime] apart: u32,
    #[comptime] row: u32,
    #[comptime] by: Matrix,
) -> F {
    let mut sum = F::new(0.0);
    #[unroll]
    for column in 0..comptime!(by.columns()) {
        let value = values[comptime!((first + column * apart) as usize)];
        let factor = comptime!(by.at(row, column));
        if comptime!(factor == 1.0) {
            sum += value;
        } else if comptime!(factor != 0.0) {
            sum += value * F::new(factor);
        }
    }
    sum
}

/// Tiles along an output of this length.
#[cube]
fn along(length: u32, #[comptime] dilation: u32) -> u32 {
    length.div_ceil(dilation).div_ceil(TILE) * dilation
}

/// Where a tile begins along the output: tiles of the phases of a dilation are in turn.
#[cube]
fn beginning(tile: u32, #[comptime] dilation: u32) -> u32 {
    tile / dilation * comptime!(TILE * dilation) + tile % dilation
}

/// Where this thread's tile of the output begins.
#[cube]
fn corner(tile: u32, shapes: &Shapes, #[comptime] dilation: u32) -> Corner {
    let across = along(shapes.across, dilation);
    let line = tile / across;
    let down = along(shapes.down, dilation);
    Corner { image: line / down, row: beginning(line % down, dilation), place: beginning(tile % across, dilation) }
}

/// Windows of the input, or tiles of the gradient to the output: `[36, channels, tiles]` of so many tiles of the images from the first on.
#[cube(launch_unchecked)]
pub fn transform_maps<F: Float>(
    maps: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    first_image: u32,
    tiles: u32,
    #[comptime] by: Matrix,
    #[comptime] dilation: u32,
    #[comptime] together: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let (tile, channel) = (thread(), group(together));
    let is_window = comptime!(by == Matrix::Window);
    let channels = if is_window { shapes.channels_in } else { shapes.channels_out };
    if tile >= tiles || channel >= channels {
        terminate!();
    }
    let (height, width) = if is_window { (shapes.height, shapes.width) } else { (shapes.down, shapes.across) };
    let at = corner(tile, &shapes, dilation);
    let (mut first_y, mut first_x) = (at.row as i32, at.place as i32);
    if is_window {
        first_y -= shapes.above as i32;
        first_x -= shapes.left as i32;
    }
    let map = ((first_image + at.image) * channels + channel) * height;
    let side = comptime!(by.columns());
    let mut values = Array::<F>::new(comptime!((side * side) as usize));
    #[unroll]
    for row in 0..side {
        let y = first_y + comptime!((row * dilation) as i32);
        #[unroll]
        for column in 0..side {
            let x = first_x + comptime!((column * dilation) as i32);
            let lies = y >= 0 && x >= 0 && (y as u32) < height && (x as u32) < width;
            let value = maps[select(lies, (map + y as u32) * width + x as u32, 0u32.runtime()) as usize];
            values[comptime!((row * side + column) as usize)] = select(lies, value, F::new(0.0));
        }
    }
    write_points::<F>(output, &transformed::<F>(&values, by), channel, channels, tile, tiles);
}

/// From products `[36, channels out, tiles]` to the output, with a factor and a bias for each channel where there are those, and what comes
/// behind them.
#[cube(launch_unchecked)]
pub fn gather<F: Float>(
    products: &Tensor<F>,
    scale: ComptimeOption<&Tensor<F>>,
    bias: ComptimeOption<&Tensor<F>>,
    output: &mut Tensor<F>,
    shapes: Shapes,
    first_image: u32,
    tiles: u32,
    #[comptime] dilation: u32,
    #[comptime] together: u32,
    #[comptime] then: Then,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let (tile, channel) = (thread(), group(together));
    if tile >= tiles || channel >= shapes.channels_out {
        terminate!();
    }
    let values = points::<F>(products, channel, shapes.channels_out, tile, tiles);
    let mut values = transformed::<F>(&values, Matrix::Gather);
    finish::<F>(&mut values, scale, bias, channel, 0u32, comptime!(TILE * TILE), then);
    write::<F>(output, &values, tile, channel, &shapes, first_image, dilation);
}

/// The 36 numbers of a row and a column, of so many.
#[cube]
fn points<F: Float>(products: &Tensor<F>, row: u32, rows: u32, column: u32, columns: u32) -> Array<F> {
    let mut values = Array::<F>::new(comptime!(POINTS as usize));
    #[unroll]
    for point in 0..POINTS {
        values[point as usize] = products[((point * rows + row) * columns + column) as usize];
    }
    values
}

/// Writes those.
#[cube]
fn write_points<F: Float>(output: &mut Tensor<F>, values: &Array<F>, row: u32, rows: u32, column: u32, columns: u32) {
    #[unroll]
    for point in 0..POINTS {
        output[((point * rows + row) * columns + column) as usize] = values[point as usize];
    }
}

/// Writes a tile, as far as it lies in the output.
#[cube]
fn write<F: Float>(
    output: &mut Tensor<F>,
    values: &Array<F>,
    tile: u32,
    channel: u32,
    shapes: &Shapes,
    first_image: u32,
    #[comptime] dilation: u32,
) {
    let at = corner(tile, shapes, dilation);
    let map = ((first_image + at.image) * shapes.channels_out + channel) * shapes.down;
    #[unroll]
    for row in 0..TILE {
        let y = at.row + comptime!(row * dilation);
        #[unroll]
        for column in 0..TILE {
            let x = at.place + comptime!(column * dilation);
            if y < shapes.down && x < shapes.across {
                output[((map + y) * shapes.across + x) as usize] = values[comptime!((row * TILE + column) as usize)];
            }
        }
    }
}

/// Kernels `[rows, depth, 3, 3]`, or turned round `[depth, rows, 3, 3]`, to `[36, rows, depth]`.
#[cube(launch_unchecked)]
pub fn transform_kernels<F: Float, W: Float>(
    weight: &Tensor<W>,
    output: &mut Tensor<F>,
    rows: u32,
    depth: u32,
    #[comptime] turned: bool,
    #[comptime] together: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
    #[define(W)] _dtype_of_weight: cubecl::ir::ElemType,
) {
    let (deep, row) = (thread(), group(together));
    if deep >= depth || row >= rows {
        terminate!();
    }
    let kernel = if comptime!(turned) { deep * rows + row } else { row * depth + deep };
    let mut values = Array::<F>::new(9usize);
    #[unroll]
    for tap in 0..9u32 {
        let lies = comptime!(if turned { 8 - tap } else { tap });
        values[tap as usize] = F::cast_from(weight[(kernel * 9 + lies) as usize]);
    }
    write_points::<F>(output, &transformed::<F>(&values, Matrix::Kernel), row, rows, deep, depth);
}

/// From products `[36, rows, columns]` to the gradient to kernels `[rows, columns, 3, 3]`.
#[cube(launch_unchecked)]
pub fn gather_kernels<F: Float>(
    products: &Tensor<F>,
    output: &mut Tensor<F>,
    rows: u32,
    columns: u32,
    #[comptime] together: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let (column, row) = (thread(), group(together));
    if column >= columns || row >= rows {
        terminate!();
    }
    let values = points::<F>(products, row, rows, column, columns);
    let values = transformed::<F>(&values, Matrix::KernelGradient);
    #[unroll]
    for tap in 0..9u32 {
        output[((row * columns + column) * 9 + tap) as usize] = values[tap as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The identity that it all rests on, of one dimension: what comes of a window and a kernel is their convolution.
    #[test]
    fn transforms_convolve() {
        let (window, kernel) = ([3.0, -1.0, 4.0, 1.0, -5.0, 9.0f32], [2.0, -6.0, 5.0f32]);
        let by = |matrix: Matrix, values: &[f32]| -> Vec<f32> {
            let at = |row| values.iter().zip(0..).map(|(value, column)| value * matrix.at(row, column)).sum();
            (0..matrix.rows()).map(at).collect()
        };
        let (windows, kernels) = (by(Matrix::Window, &window), by(Matrix::Kernel, &kernel));
        let products: Vec<f32> = windows.iter().zip(&kernels).map(|(a, b)| a * b).collect();
        for (at, value) in by(Matrix::Gather, &products).into_iter().enumerate() {
            let expected: f32 = (0..3).map(|tap| window[at + tap] * kernel[tap]).sum();
            assert!((value - expected).abs() < 1e-4, "{at}: {value}, not {expected}");
        }
    }
}
