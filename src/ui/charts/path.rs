//! A line on its way over the paper, in SVG's words: a canvas reads them as well as a file does.

use std::f64::consts::{FRAC_PI_2, TAU};
use std::fmt::Write;

use js_sys::Math;

/// A place on the paper, CSS pixels from its upper left corner.
pub type Spot = (f64, f64);

/// A mark for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A circle.
    Circle,
    /// A square that lies on a side.
    Square,
    /// A triangle that lies on a side.
    Triangle,
    /// A square that stands on a corner.
    Diamond,
}

impl Shape {
    /// Another for each of four numbers in a row.
    pub fn numbered(number: usize) -> Shape {
        [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond][number % 4]
    }
}

/// Lines and shapes, to be filled or stroked together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path(String);

impl Path {
    /// Nothing yet.
    pub fn new() -> Path {
        Path::default()
    }

    /// Through all these places. A place that is none interrupts the line.
    pub fn through(spots: impl IntoIterator<Item = Spot>) -> Path {
        let mut path = Path::new();
        let mut word = 'M';
        for (x, y) in spots {
            let is_place = x.is_finite() && y.is_finite();
            if is_place {
                path.push(format_args!("{word}{x:.2} {y:.2}"));
            }
            word = if is_place { 'L' } else { 'M' };
        }
        path
    }

    /// And a circle.
    pub fn circle(mut self, (x, y): Spot, radius: f64) -> Path {
        let (left, width) = (x - radius, 2.0 * radius);
        self.push(format_args!("M{left:.2} {y:.2}a{radius:.2} {radius:.2} 0 1 0 {width:.2} 0"));
        self.push(format_args!("a{radius:.2} {radius:.2} 0 1 0 -{width:.2} 0z"));
        self
    }

    /// And a rectangle: its upper left corner, its width and height.
    pub fn rectangle(mut self, (x, y): Spot, (width, height): (f64, f64)) -> Path {
        self.push(format_args!("M{x:.2} {y:.2}h{width:.2}v{height:.2}h-{width:.2}z"));
        self
    }

    /// And a hexagon that stands on a corner.
    pub fn hexagon(self, centre: Spot, side: f64) -> Path {
        self.polygon(centre, side, 6, 0.0)
    }

    /// And a mark, which looks as large as a circle of that radius.
    pub fn shape(self, centre: Spot, radius: f64, shape: Shape) -> Path {
        match shape {
            Shape::Circle => self.circle(centre, radius),
            Shape::Square => self.polygon(centre, 1.25 * radius, 4, 0.5),
            Shape::Triangle => self.polygon(centre, 1.45 * radius, 3, 0.0),
            Shape::Diamond => self.polygon(centre, 1.35 * radius, 4, 0.0),
        }
    }

    /// A regular polygon that stands on the side opposite to its uppermost corner, turned by a share of the angle between
    /// two corners.
    fn polygon(mut self, (x, y): Spot, radius: f64, corners: u32, turn: f64) -> Path {
        for corner in 0..corners {
            let angle = TAU * (f64::from(corner) + turn) / f64::from(corners) - FRAC_PI_2;
            // The browser's own: the library's would be code to fetch.
            let (x, y) = (x + radius * Math::cos(angle), y + radius * Math::sin(angle));
            self.push(format_args!("{}{x:.2} {y:.2}", if corner == 0 { 'M' } else { 'L' }));
        }
        self.push(format_args!("z"));
        self
    }

    /// As SVG writes it.
    pub fn words(&self) -> &str {
        &self.0
    }

    fn push(&mut self, words: std::fmt::Arguments) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_place_interrupts_a_line() {
        let path = Path::through([(0.0, 1.0), (2.0, f64::NAN), (3.0, 4.0), (5.0, 6.5)]);
        assert_eq!(path.words(), "M0.00 1.00M3.00 4.00L5.00 6.50");
    }

    #[test]
    fn shapes_are_closed() {
        let path = Path::new().rectangle((1.0, 2.0), (3.0, 4.0)).circle((5.0, 5.0), 1.0);
        assert_eq!(
            path.words(),
            "M1.00 2.00h3.00v4.00h-3.00zM4.00 5.00a1.00 1.00 0 1 0 2.00 0a1.00 1.00 0 1 0 -2.00 0z"
        );
    }
}
