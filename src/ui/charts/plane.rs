//! A plane with two axes, and round values along them.

use std::ops::Range;

use super::path::{Path, Spot};
use super::pen::{Across, Line, Pen, Up, Words};

/// Space for the values along the axes, and for what the axes are called, CSS pixels.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 22.0;
const TOP: f64 = 8.0;
const RIGHT: f64 = 8.0;
const NAME: f64 = 15.0;

/// The size of letters, CSS pixels.
const SIZE: f64 = 11.0;

/// Where values lie on the paper.
pub struct Plane {
    across: Range<f64>,
    up: Range<f64>,
    names: [&'static str; 2],
    corner: Spot,
    size: (f64, f64),
}

impl Plane {
    /// A plane of these ranges over the whole paper. `names`: what the axes are called, across and up; nothing where that
    /// is plain.
    pub fn new(pen: &Pen, across: Range<f64>, up: Range<f64>, names: [&'static str; 2]) -> Plane {
        let room = |name: &str| if name.is_empty() { 0.0 } else { NAME };
        let (left, length) = Plane::along(pen.width, names);
        let corner = (left, TOP);
        let size = (length, pen.height - BOTTOM - room(names[0]) - corner.1);
        Plane { across, up, names, corner, size: (size.0.max(1.0), size.1.max(1.0)) }
    }

    /// Where the axis across begins, and how long it is, on a paper of this width, CSS pixels.
    fn along(width: f64, names: [&'static str; 2]) -> (f64, f64) {
        let left = LEFT + if names[1].is_empty() { 0.0 } else { NAME };
        (left, (width - RIGHT - left).max(1.0))
    }

    /// The value across where a paper of this width is pointed at, in shares of the width.
    pub fn across_at(share: f64, width: f64, across: &Range<f64>, names: [&'static str; 2]) -> f64 {
        let (left, length) = Plane::along(width, names);
        across.start + (share * width - left) / length * (across.end - across.start)
    }

    /// Where a value across lies on such a paper, CSS pixels from its left.
    pub fn left_of(value: f64, width: f64, across: &Range<f64>, names: [&'static str; 2]) -> f64 {
        let (left, length) = Plane::along(width, names);
        left + (value - across.start) / (across.end - across.start) * length
    }

    /// Where a value across and one up lie.
    pub fn at(&self, (x, y): (f64, f64)) -> Spot {
        let share = |value: f64, of: &Range<f64>| (value - of.start) / (of.end - of.start);
        let (right, up) = (share(x, &self.across), share(y, &self.up));
        (self.corner.0 + self.size.0 * right, self.corner.1 + self.size.1 * (1.0 - up))
    }

    /// Hairlines across at round values, the values outside, and the axes' names.
    pub fn draw_axes(&self, pen: &Pen) {
        let (Range { start, end }, bottom) = (self.across.clone(), self.corner.1 + self.size.1);
        for (value, label) in ticks(&self.up, (self.size.1 / 34.0).max(2.0)) {
            let (left, right) = (self.at((start, value)), self.at((end, value)));
            pen.stroke(&Path::through([left, right]), "--hairline", Line::of(1.0));
            let beside = (left.0 - 6.0, left.1);
            pen.write(&label, beside, "--quiet", Words::of(SIZE, Across::Left, Up::Middle));
        }
        for (value, label) in ticks(&self.across, (self.size.0 / 60.0).max(2.0)) {
            let below = (self.at((value, self.up.start)).0, bottom + 6.0);
            pen.write(&label, below, "--quiet", Words::of(SIZE, Across::Middle, Up::Below));
        }
        let [across, up] = self.names;
        let middle = (self.corner.0 + self.size.0 / 2.0, self.corner.1 + self.size.1 / 2.0);
        pen.write(across, (middle.0, pen.height - 3.0), "--quiet", Words::of(SIZE, Across::Middle, Up::Above));
        let turned = Words { turn: -1.0, ..Words::of(SIZE, Across::Middle, Up::Below) };
        pen.write(up, (3.0, middle.1), "--quiet", turned);
    }
}

/// At most about so many round values within a range, each with its label, which is as fine as the step between them asks.
/// A step is one, two or five times a power of ten (Heckbert 1990, *Nice Numbers for Graph Labels*).
pub(super) fn ticks(axis: &Range<f64>, most: f64) -> Vec<(f64, String)> {
    let span = axis.end - axis.start;
    let steps = (-12..=12).flat_map(|power| [1.0, 2.0, 5.0].map(|times| (power, times * 10f64.powi(power))));
    let Some((power, step)) = steps.into_iter().find(|(_, step)| span / step <= most) else { return Vec::new() };
    let decimals = usize::try_from(-power).unwrap_or(0);
    let (first, last) = ((axis.start / step - 1e-6).ceil() as i64, (axis.end / step + 1e-6).floor() as i64);
    let value = |place: i64| place as f64 * step;
    (first..=last).map(value).map(|value| (value, format!("{value:.decimals$}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Range<f64>, most: f64) -> Vec<String> {
        ticks(&axis, most).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn values_along_an_axis_are_round() {
        assert_eq!(labels(0.0..1.0, 5.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(-0.04..1.04, 3.0), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.0..30.0, 7.0), ["0", "5", "10", "15", "20", "25", "30"]);
        assert_eq!(labels(-1.0..1.0, 4.0), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.00012..0.00081, 4.0), ["0.0002", "0.0004", "0.0006", "0.0008"]);
        assert_eq!(labels(0.0..250_000.0, 3.0), ["0", "100000", "200000"]);
    }

    #[test]
    fn an_axis_without_length_has_no_values() {
        assert!(ticks(&(1.0..f64::NAN), 4.0).is_empty());
    }
}
