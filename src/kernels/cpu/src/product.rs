//! Matrix products of channels: registers hold a small block of the result, memory is read in the order it lies.

use crate::vector::{Vector, WIDTH, fused, vectors};

/// Tiles, or places, that lie side by side in memory: operands are `[tiles / PANEL, channels, PANEL]`.
pub const PANEL: usize = 8;
/// Rows of the product that are computed together; channels out are rounded up to it. Enough that no sum waits for the one before.
pub const ROWS: usize = WIDTH;
/// Rows and columns of the accumulated product that are computed together; channels in are rounded up to it.
pub const COLUMNS: usize = 4;
/// Registers that hold a panel.
const VECTORS: usize = PANEL / WIDTH;

/// `products[panel, row, tile] = sum over depth of kernels[row, depth] * windows[panel, depth, tile]`, with the kernels
/// as `[rows / ROWS, depth, ROWS]`.
#[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
pub fn multiply(kernels: &[f32], windows: &[f32], rows: usize, depth: usize, products: &mut [f32]) {
    for (window, product) in windows.chunks_exact(depth * PANEL).zip(products.chunks_exact_mut(rows * PANEL)) {
        for (kernel, product) in kernels.chunks_exact(depth * ROWS).zip(product.chunks_exact_mut(ROWS * PANEL)) {
            let mut sums = [[Vector::ZERO; VECTORS]; ROWS];
            for (kernel, window) in kernel.as_chunks::<ROWS>().0.iter().zip(window.as_chunks::<PANEL>().0) {
                let window: [Vector; VECTORS] = vectors(window);
                for (sums, kernel) in sums.iter_mut().zip(kernel) {
                    let kernel = Vector::splat(*kernel);
                    sums.iter_mut().zip(window).for_each(|(sum, window)| *sum = fused(kernel, window, *sum));
                }
            }
            for (sums, product) in sums.iter().zip(product.as_chunks_mut::<PANEL>().0) {
                let product = product.as_chunks_mut::<WIDTH>().0;
                product.iter_mut().zip(sums).for_each(|(product, sum)| *product = sum.to_array());
            }
        }
    }
}

/// `sums[row, column] += sum over tiles of outputs[panel, row, tile] * windows[panel, column, tile]`.
#[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
pub fn accumulate(outputs: &[f32], windows: &[f32], rows: usize, columns: usize, sums: &mut [f32]) {
    for row in (0..rows).step_by(COLUMNS) {
        for column in (0..columns).step_by(COLUMNS) {
            let mut partial = [[Vector::ZERO; COLUMNS]; COLUMNS];
            for (output, window) in outputs.chunks_exact(rows * PANEL).zip(windows.chunks_exact(columns * PANEL)) {
                let output = output[row * PANEL..][..COLUMNS * PANEL].as_chunks::<PANEL>().0;
                let window = window[column * PANEL..][..COLUMNS * PANEL].as_chunks::<PANEL>().0;
                for part in 0..VECTORS {
                    let of = |panel: &[f32; PANEL]| vectors::<VECTORS>(panel)[part];
                    let windows: [Vector; COLUMNS] = std::array::from_fn(|column| of(&window[column]));
                    for (output, sums) in output.iter().zip(&mut partial) {
                        let output = of(output);
                        sums.iter_mut().zip(windows).for_each(|(sum, window)| *sum = fused(output, window, *sum));
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
