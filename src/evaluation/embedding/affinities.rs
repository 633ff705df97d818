//! How likely each sample is to take another for its neighbour: the probabilities that t-SNE reproduces in the plane.

use super::features::Features;

/// How near the entropy must come to that of the perplexity, and after how many halvings that is given up; as in
/// scikit-learn.
const TOLERANCE: f64 = 1e-5;
const HALVINGS: usize = 100;
/// No probability is smaller.
const LEAST: f64 = f64::EPSILON;

/// Squared distances from one row to all that follow it, written on both sides of the diagonal of `matrix`.
pub(super) fn measure_row(features: &Features, row: usize, matrix: &mut [f32]) {
    let rows = features.rows();
    for other in row + 1..rows {
        let distance = squared_distance(features.row(row), features.row(other));
        matrix[row * rows + other] = distance;
        matrix[other * rows + row] = distance;
    }
}

/// Eight sums side by side, which compilers take at once.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a.remainder().iter().zip(b.remainder()).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    for (a, b) in a.zip(b) {
        for lane in 0..8 {
            sums[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Turns the squared distances of one sample into the probabilities `p_{j|i}`: a Gaussian whose width gives them the wanted
/// perplexity, found by bisection (van der Maaten & Hinton 2008, eq. 1).
pub(super) fn conditional(distances: &mut [f32], own: usize, perplexity: f64) {
    let wanted = perplexity.ln();
    // The distances from the nearest on: that changes no probability, and keeps the exponentials from vanishing.
    let others =
        || distances.iter().enumerate().filter(|(other, _)| *other != own).map(|(_, distance)| f64::from(*distance));
    let nearest = others().fold(f64::INFINITY, f64::min);
    let (mut sharpness, mut least, mut most) = (1.0, 0.0, f64::INFINITY);
    let mut sum = 0.0;
    for _ in 0..HALVINGS {
        let mut weighted = 0.0;
        sum = 0.0;
        for distance in others().map(|distance| distance - nearest) {
            let share = (-distance * sharpness).exp();
            sum += share;
            weighted += distance * share;
        }
        let excess = sum.ln() + sharpness * weighted / sum - wanted;
        if excess.abs() <= TOLERANCE {
            break;
        }
        if excess > 0.0 {
            least = sharpness;
            sharpness = if most.is_finite() { (sharpness + most) / 2.0 } else { sharpness * 2.0 };
        } else {
            most = sharpness;
            sharpness = (sharpness + least) / 2.0;
        }
    }
    for (other, distance) in distances.iter_mut().enumerate() {
        let share = (-(f64::from(*distance) - nearest) * sharpness).exp() / sum;
        *distance = if other == own { 0.0 } else { share as f32 };
    }
}

/// `p_ij = (p_{j|i} + p_{i|j}) / 2n`, on both sides of the diagonal.
pub(super) fn symmetrise(matrix: &mut [f32], rows: usize) {
    let scale = 1.0 / (2.0 * rows as f64);
    for row in 0..rows {
        matrix[row * rows + row] = 0.0;
        for other in row + 1..rows {
            let (here, there) = (row * rows + other, other * rows + row);
            let joint = ((f64::from(matrix[here]) + f64::from(matrix[there])) * scale).max(LEAST) as f32;
            (matrix[here], matrix[there]) = (joint, joint);
        }
    }
}
