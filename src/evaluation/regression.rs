//! Figures of valence or arousal: what was so against what was said, value by value.
//!
//! Population form throughout (sums are divided by n), in f64. Every function returns `None` of no samples and where the
//! values leave no finite figure (a NaN among them), and panics where the slices differ in length.

use super::classification::ratio;

/// Root mean squared error.
pub fn rmse(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    mean_square(points(truth, predicted))
}

/// Mean absolute error.
pub fn mae(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    mean_size(points(truth, predicted))
}

/// Pearson's r: `cov / sqrt(var_x * var_y)`. `None` also where either side does not vary.
pub fn pearson(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    Moments::of(points(truth, predicted))?.pearson()
}

/// Concordance correlation coefficient (Lin 1989): `2*cov / (var_x + var_y + (mean_x - mean_y)^2)`.
///
/// `None` also where all values of both sides are one and the same. Where only one side does not vary, or both stand
/// still at different values, it is defined, and 0.
pub fn ccc(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    Moments::of(points(truth, predicted))?.ccc()
}

/// Sign agreement (Nicolaou, Gunes & Pantic 2011): share of samples with `sign(truth) == sign(predicted)`, where the sign
/// of 0, and of -0, is 0.
pub fn sagr(truth: &[f32], predicted: &[f32]) -> Option<f64> {
    agreement(points(truth, predicted))
}

/// What was so, what was said, and how often that counts.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
    pub n: f64,
}

/// Every pair, counted once.
pub(super) fn points<'a>(truth: &'a [f32], predicted: &'a [f32]) -> impl Iterator<Item = Point> + Clone + 'a {
    assert_eq!(truth.len(), predicted.len(), "one prediction a sample");
    truth.iter().zip(predicted).map(|(x, y)| Point { x: f64::from(*x), y: f64::from(*y), n: 1.0 })
}

/// The mean of what `of` makes of each point.
fn mean(points: impl Iterator<Item = Point>, of: impl Fn(Point) -> f64) -> Option<f64> {
    let (sum, n) = points.fold((0.0, 0.0), |(sum, n), point| (sum + point.n * of(point), n + point.n));
    ratio(sum, n)
}

/// See [`rmse`].
pub(super) fn mean_square(points: impl Iterator<Item = Point>) -> Option<f64> {
    mean(points, |Point { x, y, .. }| (y - x) * (y - x)).map(f64::sqrt)
}

/// See [`mae`].
pub(super) fn mean_size(points: impl Iterator<Item = Point>) -> Option<f64> {
    mean(points, |Point { x, y, .. }| (y - x).abs())
}

/// See [`sagr`].
pub(super) fn agreement(points: impl Iterator<Item = Point>) -> Option<f64> {
    let agrees = |x: f64, y: f64| Some(x.partial_cmp(&0.0)? == y.partial_cmp(&0.0)?);
    mean(points, |Point { x, y, .. }| agrees(x, y).map_or(f64::NAN, f64::from))
}

/// Means, variances and covariance of two columns.
pub(super) struct Moments {
    mean_gap: f64,
    var_x: f64,
    var_y: f64,
    cov: f64,
}

impl Moments {
    /// Two passes. A sum of equal f32 values is exact in f64, and so is their mean: a column that does not vary has a
    /// variance of exactly 0, without a residue that would turn "undefined" into noise.
    pub fn of(points: impl Iterator<Item = Point> + Clone) -> Option<Moments> {
        let (mut n, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
        for point in points.clone() {
            n += point.n;
            sum_x += point.n * point.x;
            sum_y += point.n * point.y;
        }
        let (mean_x, mean_y) = (ratio(sum_x, n)?, ratio(sum_y, n)?);
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for point in points {
            let (dx, dy) = (point.x - mean_x, point.y - mean_y);
            xx += point.n * (dx * dx);
            yy += point.n * (dy * dy);
            xy += point.n * (dx * dy);
        }
        Some(Moments { mean_gap: mean_x - mean_y, var_x: xx / n, var_y: yy / n, cov: xy / n })
    }

    /// See [`pearson`].
    pub fn pearson(&self) -> Option<f64> {
        // Two roots, not one of the product, which could underflow. Rounding may leave r a hair beyond 1.
        ratio(self.cov, self.var_x.sqrt() * self.var_y.sqrt()).map(|r| r.clamp(-1.0, 1.0))
    }

    /// See [`ccc`].
    pub fn ccc(&self) -> Option<f64> {
        ratio(2.0 * self.cov, self.var_x + self.var_y + self.mean_gap * self.mean_gap)
    }
}
