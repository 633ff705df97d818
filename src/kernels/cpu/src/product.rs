//! Matrix products of channels: registers hold a small block of the result, memory is read in the order it lies.

use crate::vector::{Vector, WIDTH, fused, vectors};

/// Tiles, or places, that lie side by side in memory: operands are `[tiles / PANEL, channels, PANEL]`.
pub const PANEL: usize = 8;
/// Rows of the product that are computed together; channels out are rounded up to it. Enough that no sum waits for the one before.
pub const ROWS: usize = WIDTH;
/// Rows of the accumulated product that are computed together, with [`PAIR`] of its columns; channels are rounded up to it.
pub const COLUMNS: usize = 4;
const PAIR: usize = 2;
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
pub fn accumulate(outputs: &[f32], windows: &[f32], rows: usize, columns: usize, sums: &mut [f32]) {
    let (outputs, windows) = (by_channels::<COLUMNS>(outputs, rows), by_channels::<PAIR>(windows, columns));
    let values = outputs.len() / rows.max(1);
    for (row, outputs) in outputs.chunks_exact((COLUMNS * values).max(1)).enumerate() {
        for (column, windows) in windows.chunks_exact((PAIR * values).max(1)).enumerate() {
            let products: [[Vector; PAIR]; COLUMNS] = products(outputs, windows);
            for (offset, products) in products.iter().enumerate() {
                let sums = &mut sums[(row * COLUMNS + offset) * columns + column * PAIR..];
                sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product.reduce_add());
            }
        }
    }
}

/// The products of `N` rows with `M` others, each in parts to be added up, from `[values / WIDTH, N, WIDTH]` and `[values / WIDTH, M,
/// WIDTH]`. Eight sums and what they are made of are as much as WebAssembly's compilers keep in registers.
#[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
#[inline]
fn products<const N: usize, const M: usize>(rows: &[f32], others: &[f32]) -> [[Vector; M]; N] {
    let mut sums = [[Vector::ZERO; M]; N];
    let (rows, others) = (rows.as_chunks::<WIDTH>().0, others.as_chunks::<WIDTH>().0);
    for (rows, others) in rows.as_chunks::<N>().0.iter().zip(others.as_chunks::<M>().0) {
        let others = others.map(Vector::new);
        for (row, sums) in rows.iter().zip(&mut sums) {
            let row = Vector::new(*row);
            sums.iter_mut().zip(others).for_each(|(sum, other)| *sum = fused(row, other, *sum));
        }
    }
    sums
}

/// Panels `[panels, channels, PANEL]` as `[channels / N, panels * PANEL / WIDTH, N, WIDTH]`.
fn by_channels<const N: usize>(panels: &[f32], channels: usize) -> Vec<f32> {
    let mut all = Vec::with_capacity(panels.len());
    for first in (0..channels).step_by(N) {
        for panel in panels.chunks_exact((channels * PANEL).max(1)) {
            let channels = &panel.as_chunks::<PANEL>().0[first..][..N];
            for part in 0..VECTORS {
                channels.iter().for_each(|values| all.extend_from_slice(&values[part * WIDTH..][..WIDTH]));
            }
        }
    }
    all
}
