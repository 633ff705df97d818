//! Figures of valence or arousal: what was so against what was said, value by value.
//!
//! Population form throughout (sums are divided by n), in f64. Every function returns `None` of no samples and where the
//! values leave no finite figure (a NaN among them), and panics where the slices differ in length.

use super::classification::{mean, ratio};

/// Root mean squared error.
pub fn rmse(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    mean(errors(truth, predicted).map(|error| error * error)).map(f64::sqrt)
}

/// Mean absolute error.
pub fn mae(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    mean(errors(truth, predicted).map(f64::abs))
}

/// Pearson's r: `cov / sqrt(var_x * var_y)`. `None` also where either side does not vary.
pub fn pearson(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    let Moments { var_x, var_y, cov, .. } = Moments::of(truth, predicted)?;
    // Two roots, not one of the product, which could underflow. Rounding may leave r a hair beyond 1.
    ratio(cov, var_x.sqrt() * var_y.sqrt()).map(|r| r.clamp(-1.0, 1.0))
}

/// Concordance correlation coefficient (Lin 1989): `2*cov / (var_x + var_y + (mean_x - mean_y)^2)`.
///
/// `None` also where all values of both sides are one and the same. Where only one side does not vary, or both stand
/// still at different values, it is defined, and 0.
pub fn ccc(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    let Moments { mean_gap, var_x, var_y, cov } = Moments::of(truth, predicted)?;
    ratio(2.0 * cov, var_x + var_y + mean_gap * mean_gap)
}

/// Sign agreement (Nicolaou, Gunes & Pantic 2011): share of samples with `sign(truth) == sign(predicted)`, where the sign
/// of 0, and of -0, is 0.
pub fn sagr(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a sample");
    let sign = |value: &f32| value.partial_cmp(&0.0);
    let agreements = truth.iter().zip(predicted).map(|(t, p)| Some(f64::from(sign(t)? == sign(p)?)));
    ratio(agreements.sum::<Option<f64>>()?, truth.len() as f64)
}

fn errors<'a>(truth: &'a [f32], predicted: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
    assert_eq!(truth.len(), predicted.len(), "one prediction a sample");
    truth.iter().zip(predicted).map(|(t, p)| f64::from(*p) - f64::from(*t))
}

/// Means, variances and covariance of two columns.
struct Moments {
    mean_gap: f64,
    var_x: f64,
    var_y: f64,
    cov: f64,
}

impl Moments {
    /// Two passes. A sum of equal f32 values is exact in f64, and so is their mean: a column that does not vary has a
    /// variance of exactly 0, without a residue that would turn "undefined" into noise.
    fn of(x: &[f32], y: &[f32]) -> Option<Moments> {
        assert_eq!(x.len(), y.len(), "one prediction a sample");
        let n = x.len() as f64;
        let pairs = || x.iter().zip(y).map(|(x, y)| (f64::from(*x), f64::from(*y)));
        let (sum_x, sum_y) = pairs().fold((0.0, 0.0), |(sum_x, sum_y), (x, y)| (sum_x + x, sum_y + y));
        let (mean_x, mean_y) = (ratio(sum_x, n)?, ratio(sum_y, n)?);
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for (x, y) in pairs() {
            let (dx, dy) = (x - mean_x, y - mean_y);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        Some(Moments { mean_gap: mean_x - mean_y, var_x: xx / n, var_y: yy / n, cov: xy / n })
    }
}
