//! Matrix products of channels: registers hold a small block of the result, memory is read in the order it lies.

use wide::f32x4;

/// Numbers a vector register holds.
pub const LANES: usize = 4;
/// Tiles, or places, that lie side by side in memory: operands are `[tiles / PANEL, channels, PANEL]`.
pub const PANEL: usize = 8;
/// Rows of the result that are computed together; channels out are rounded up to it.
pub const ROWS: usize = 4;
/// Columns of the accumulated result that are computed together; channels in are rounded up to it.
pub const COLUMNS: usize = 4;

/// `products[panel, row, tile] = sum over depth of kernels[row, depth] * windows[panel, depth, tile]`, with the kernels
/// as `[rows / ROWS, depth, ROWS]`.
pub fn multiply(kernels: &[f32], windows: &[f32], rows: usize, depth: usize, products: &mut [f32]) {
    for (window, product) in windows.chunks_exact(depth * PANEL).zip(products.chunks_exact_mut(rows * PANEL)) {
        for (kernel, product) in kernels.chunks_exact(depth * ROWS).zip(product.chunks_exact_mut(ROWS * PANEL)) {
            let mut sums = [[f32x4::ZERO; 2]; ROWS];
            for (kernel, window) in kernel.as_chunks::<ROWS>().0.iter().zip(window.as_chunks::<PANEL>().0) {
                let (left, right) = (load(window), load(&window[LANES..]));
                for row in 0..ROWS {
                    let kernel = f32x4::splat(kernel[row]);
                    sums[row][0] = kernel.mul_add(left, sums[row][0]);
                    sums[row][1] = kernel.mul_add(right, sums[row][1]);
                }
            }
            for (sums, product) in sums.iter().zip(product.as_chunks_mut::<PANEL>().0) {
                store(sums[0], product);
                store(sums[1], &mut product[LANES..]);
            }
        }
    }
}

/// `sums[row, column] += sum over tiles of outputs[panel, row, tile] * windows[panel, column, tile]`.
pub fn accumulate(outputs: &[f32], windows: &[f32], rows: usize, columns: usize, sums: &mut [f32]) {
    for row in (0..rows).step_by(ROWS) {
        for column in (0..columns).step_by(COLUMNS) {
            let mut partial = [[f32x4::ZERO; COLUMNS]; ROWS];
            for (output, window) in outputs.chunks_exact(rows * PANEL).zip(windows.chunks_exact(columns * PANEL)) {
                let output = &output[row * PANEL..][..ROWS * PANEL];
                let window = &window[column * PANEL..][..COLUMNS * PANEL];
                for half in 0..PANEL / LANES {
                    let windows: [f32x4; COLUMNS] =
                        core::array::from_fn(|column| load(&window[column * PANEL + half * LANES..]));
                    for row in 0..ROWS {
                        let output = load(&output[row * PANEL + half * LANES..]);
                        for column in 0..COLUMNS {
                            partial[row][column] = output.mul_add(windows[column], partial[row][column]);
                        }
                    }
                }
            }
            for (offset, partial) in partial.iter().enumerate() {
                for (sum, partial) in sums[(row + offset) * columns + column..].iter_mut().zip(partial) {
                    *sum += partial.reduce_add();
                }
            }
        }
    }
}

#[inline(always)]
pub fn load(values: &[f32]) -> f32x4 {
    let values = &values[..LANES];
    f32x4::new([values[0], values[1], values[2], values[3]])
}

#[inline(always)]
pub fn store(vector: f32x4, values: &mut [f32]) {
    values[..LANES].copy_from_slice(vector.as_array());
}
