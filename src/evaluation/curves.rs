//! Curves of one class against the rest, as points to draw.

use serde::{Deserialize, Serialize};

use super::calibration::ReliabilityBin;
use super::ranking::{Above, Ranking};
use super::thinning::thinned;

/// The most points of a curve that is sent and drawn.
pub const CURVE_POINTS: usize = 200;

/// What the figures of a report are of, to be drawn: a curve is empty where it is undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Every class, in the label set's order.
    pub classes: Vec<ClassCurves>,
    /// Confidence against accuracy.
    pub reliability: Vec<ReliabilityBin>,
}

/// One class against the rest, at most [`CURVE_POINTS`] points a curve.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassCurves {
    /// The class name.
    pub class: String,
    /// False positive rate and true positive rate.
    pub roc: Vec<[f32; 2]>,
    /// Recall and precision, in steps.
    pub precision_recall: Vec<[f32; 2]>,
}

impl ClassCurves {
    /// `scores` for `class`, and which samples are of it.
    ///
    /// # Panics
    /// Where the slices differ in length.
    pub fn new(class: &str, positive: &[bool], scores: &[f32]) -> ClassCurves {
        let drawn = |points: Option<Vec<[f64; 2]>>| {
            let points = thinned(&points.unwrap_or_default(), CURVE_POINTS);
            points.into_iter().map(|point| point.map(|coordinate| coordinate as f32)).collect()
        };
        ClassCurves {
            class: class.into(),
            roc: drawn(roc_curve(positive, scores)),
            precision_recall: drawn(precision_recall_curve(positive, scores).map(|curve| in_steps(&curve))),
        }
    }
}

/// The ROC curve from (0, 0) to (1, 1): false positive rate and true positive rate at every score, the highest first,
/// without points where both counts rise as they rose before. The points are those of scikit-learn's `roc_curve`.
/// `None` without positives, without negatives, or with a NaN.
///
/// # Panics
/// Where the slices differ in length.
pub fn roc_curve(positive: &[bool], scores: &[f32]) -> Option<Vec<[f64; 2]>> {
    let steps = steps(positive, scores)?;
    let end = *steps.last().filter(|end| end.positives > 0 && end.negatives > 0)?;
    let goes_on = |a: Above, b: Above, c: Above| {
        b.positives - a.positives == c.positives - b.positives && b.negatives - a.negatives == c.negatives - b.negatives
    };
    let is_end = |place: usize| place == 0 || place + 1 == steps.len();
    let is_corner = |&place: &usize| is_end(place) || !goes_on(steps[place - 1], steps[place], steps[place + 1]);
    let corners = (0..steps.len()).filter(is_corner).map(|place| steps[place]);
    let share = |count: u64, of: u64| count as f64 / of as f64;
    let point = |above: Above| [share(above.negatives, end.negatives), share(above.positives, end.positives)];
    Some([Above::default()].into_iter().chain(corners).map(point).collect())
}

/// The precision-recall curve: recall and precision at every score, the highest first, after a point of recall 0 and
/// precision 1. The points are those of scikit-learn's `precision_recall_curve`, from the end. `None` without positives,
/// or with a NaN.
///
/// # Panics
/// Where the slices differ in length.
pub fn precision_recall_curve(positive: &[bool], scores: &[f32]) -> Option<Vec<[f64; 2]>> {
    let steps = steps(positive, scores)?;
    let positives = steps.last().filter(|end| end.positives > 0)?.positives as f64;
    let point = |above: &Above| [above.positives as f64 / positives, above.precision()];
    Some([[0.0, 1.0]].into_iter().chain(steps.iter().map(point)).collect())
}

/// A precision-recall curve as it is drawn: from one point to the next, precision is the next one's. A straight line would
/// promise what no threshold gives (Davis & Goadrich 2006, *The Relationship Between Precision-Recall and ROC Curves*), and
/// more area than the average precision.
fn in_steps(curve: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let rises = curve.windows(2).flat_map(|pair| [[pair[0][0], pair[1][1]], pair[1]]);
    curve.first().copied().into_iter().chain(rises).collect()
}

fn steps(positive: &[bool], scores: &[f32]) -> Option<Vec<Above>> {
    let mut steps = Vec::new();
    Ranking::new(positive, scores)?.descend(|_| 1, |above| steps.push(above));
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_under_the_drawn_precision_is_the_average_precision() {
        let (positive, scores) = ([false, false, true, true], [0.1, 0.4, 0.35, 0.8]);
        let drawn = in_steps(&precision_recall_curve(&positive, &scores).unwrap());
        let area: f64 = drawn.windows(2).map(|pair| (pair[1][0] - pair[0][0]) * (pair[0][1] + pair[1][1]) / 2.0).sum();
        // scikit-learn's `average_precision_score`, from its documentation.
        assert!((area - 0.8333333333).abs() < 1e-9, "{area}");
        assert!(in_steps(&[]).is_empty());
    }
}
