//! The transforms of F(4x4, 3x3) for the points 0, +-A, +-B and infinity, of kernels and of tiles.
//!
//! `A` and `B` are not the usual 1 and 2: with these the result is off by half as much, about twice what the definition
//! itself rounds (Barabasz et al. 2020, *Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural
//! Networks*, on why the points matter).

use core::array::from_fn;

use wide::f32x4;

use super::product::{COLUMNS, ROWS};
use super::{LANES, POINTS, load, plane, store};

/// Rows and columns of an output tile.
pub const TILE: usize = 4;
/// Rows and columns of the input window a tile is computed from, and of everything transformed.
pub const WINDOW: usize = TILE + 2;

/// The points, and what the transforms need of them; all exact in binary.
const A: f32 = 0.75;
const B: f32 = 1.5;
const AA: f32 = A * A;
const BB: f32 = B * B;

/// `Bt d`: of six values of the input.
#[inline(always)]
pub fn window(d: [f32x4; WINDOW]) -> [f32x4; WINDOW] {
    let edge = |d: [f32x4; 3]| times(AA * BB, d[0]) - times(AA + BB, d[1]) + d[2];
    let (even, odd) = (d[4] - times(BB, d[2]), times(A, d[3]) - times(A * BB, d[1]));
    let (far_even, far_odd) = (d[4] - times(AA, d[2]), times(B, d[3]) - times(AA * B, d[1]));
    [edge([d[0], d[2], d[4]]), even + odd, even - odd, far_even + far_odd, far_even - far_odd, edge([d[1], d[3], d[5]])]
}

/// `At m`: of six products, the four outputs.
#[inline(always)]
pub fn gather(m: [f32x4; WINDOW]) -> [f32x4; TILE] {
    let (even, odd) = (m[1] + m[2], m[1] - m[2]);
    let (far_even, far_odd) = (m[3] + m[4], m[3] - m[4]);
    [
        m[0] + even + far_even,
        times(A, odd) + times(B, far_odd),
        times(AA, even) + times(BB, far_even),
        times(A * AA, odd) + times(B * BB, far_odd) + m[5],
    ]
}

/// `A y`: the transpose of [`gather`].
#[inline(always)]
pub fn spread(y: [f32x4; TILE]) -> [f32x4; WINDOW] {
    let (even, odd) = (y[0] + times(AA, y[2]), times(A, y[1]) + times(A * AA, y[3]));
    let (far_even, far_odd) = (y[0] + times(BB, y[2]), times(B, y[1]) + times(B * BB, y[3]));
    [y[0], even + odd, even - odd, far_even + far_odd, far_even - far_odd, y[3]]
}

/// What the points' values of a kernel are divided by.
const DIVISORS: [f32; 3] = [AA * BB, 2.0 * AA * (AA - BB), 2.0 * BB * (BB - AA)];

/// `G g`: of three values of a kernel.
#[inline(always)]
fn kernel(g: [f32x4; 3]) -> [f32x4; WINDOW] {
    let (even, odd) = (g[0] + times(AA, g[2]), times(A, g[1]));
    let (far_even, far_odd) = (g[0] + times(BB, g[2]), times(B, g[1]));
    let [origin, near, far] = DIVISORS.map(|divisor| 1.0 / divisor);
    [
        times(origin, g[0]),
        times(near, even + odd),
        times(near, even - odd),
        times(far, far_even + far_odd),
        times(far, far_even - far_odd),
        g[2],
    ]
}

/// `Gt u`: the transpose of [`kernel`].
#[inline(always)]
fn kernel_gradient(u: [f32x4; WINDOW]) -> [f32x4; 3] {
    let [origin, near, far] = DIVISORS.map(|divisor| 1.0 / divisor);
    let (even, odd) = (times(near, u[1] + u[2]), times(near, u[1] - u[2]));
    let (far_even, far_odd) = (times(far, u[3] + u[4]), times(far, u[3] - u[4]));
    [
        times(origin, u[0]) + even + far_even,
        times(A, odd) + times(B, far_odd),
        times(AA, even) + times(BB, far_even) + u[5],
    ]
}

#[inline(always)]
fn times(factor: f32, values: f32x4) -> f32x4 {
    f32x4::splat(factor) * values
}

/// Where there is no kernel.
const ZERO: [f32; 9] = [0.0; 9];

/// `G g Gt` of kernels `[rows, depth, 3, 3]` (`turned`: `[depth, rows, 3, 3]`, turned round by half a turn), as
/// `[36, rows / ROWS, depth, ROWS]` with [`plane`] between the points, the rows filled up with zeros.
pub fn kernels_transformed(kernels: &[f32], rows: usize, depth: usize, turned: bool) -> Vec<f32> {
    let plane = plane(rows.next_multiple_of(ROWS) * depth);
    let mut transformed = vec![0.0; POINTS * plane];
    for row in (0..rows).step_by(LANES) {
        for channel in 0..depth {
            // Four rows' kernels, tap by tap.
            let four: [&[f32; 9]; LANES] = from_fn(|lane| {
                let (row, turned_at) = (row + lane, channel * rows + row + lane);
                let at = if turned { turned_at } else { row * depth + channel };
                if row < rows { &kernels.as_chunks().0[at] } else { &ZERO }
            });
            let lanes = |tap: usize| f32x4::new(four.map(|kernel| kernel[tap]));
            let tap = |y: usize, x: usize| if turned { 8 - 3 * y - x } else { 3 * y + x };
            let columns: [[f32x4; WINDOW]; 3] = from_fn(|x| kernel(from_fn(|y| lanes(tap(y, x)))));
            let place = row / ROWS * ROWS * depth + channel * ROWS + row % ROWS;
            for y in 0..WINDOW {
                let line = kernel([columns[0][y], columns[1][y], columns[2][y]]);
                for (x, values) in line.iter().enumerate() {
                    store(*values, &mut transformed[(y * WINDOW + x) * plane + place..]);
                }
            }
        }
    }
    transformed
}

/// `Gt u G` of sums `[36, rows, columns]` with [`plane`] between the points: the gradient of kernels `[channels out,
/// channels in, 3, 3]`.
pub fn kernels_gradient(
    sums: &[f32],
    channels_out: usize,
    channels_in: usize,
    rows: usize,
    columns: usize,
) -> Vec<f32> {
    let plane = plane(rows * columns);
    let mut gradient = vec![0.0; channels_out * channels_in * 9];
    for (row, gradient) in gradient.chunks_exact_mut(channels_in * 9).enumerate() {
        for (group, gradient) in gradient.chunks_mut(COLUMNS * 9).enumerate() {
            let place = row * columns + group * COLUMNS;
            let u = |y: usize, x: usize| load(&sums[(y * WINDOW + x) * plane + place..]);
            let lines: [[f32x4; 3]; WINDOW] = from_fn(|x| kernel_gradient(from_fn(|y| u(y, x))));
            for y in 0..3 {
                let line = kernel_gradient(from_fn(|x| lines[x][y]));
                for (x, values) in line.iter().enumerate() {
                    for (g, value) in gradient.chunks_exact_mut(9).zip(values.as_array()) {
                        g[3 * y + x] = *value;
                    }
                }
            }
        }
    }
    gradient
}
