//! Points of several classes in a plane whose axes mean nothing by themselves.

use leptos::prelude::*;

use super::path::{Path, Shape, Spot};
use super::pen::{Line, Pen};
use super::saving::{Key, Symbol};
use super::sheet::{Picture, Sheet};

/// A class of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The role of its colour.
    pub role: &'static str,
}

/// A point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where it lies, in any units.
    pub place: (f32, f32),
    /// The class it is of; without one it is small and grey.
    pub group: Option<usize>,
    /// Whether it is drawn hollow: it was taken for another class.
    pub hollow: bool,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scatter {
    /// The classes.
    pub groups: Vec<Group>,
    /// The points.
    pub points: Vec<Point>,
    /// The point that is picked out.
    pub picked: Option<usize>,
}

/// Space around the points, as a share of the picture's side.
const MARGIN: f64 = 0.03;

/// The marks' radius, CSS pixels.
const RADIUS: f64 = 3.6;

/// How far the pointer may be from a point that it means, as a share of the picture's side.
const REACH: f64 = 0.03;

/// The points, and which of them the pointer is at.
#[component]
pub fn ScatterChart(
    /// What it is called.
    title: &'static str,
    /// The points.
    scatter: Signal<Scatter>,
    /// What it shows, for those who cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// Hears which point the pointer came to.
    on_pick: Callback<usize>,
) -> impl IntoView {
    let on_point = Callback::new(move |share: Option<(f64, f64)>| {
        let near = share.and_then(|share| scatter.with_untracked(|scatter| nearest(&scatter.points, share)));
        if let Some(point) = near.filter(|point| scatter.with_untracked(|scatter| scatter.picked != Some(*point))) {
            on_pick.run(point);
        }
    });
    // A finger does not hover.
    let on_tap = Callback::new(move |share| on_point.run(Some(share)));
    view! { <Sheet label picture=Picture::of(scatter, draw, keys) title on_point on_pick=on_tap /> }
}

/// Maps places to shares of the picture: both axes by one scale, the middle in the middle.
fn share_of(points: &[Point]) -> impl Fn((f32, f32)) -> (f64, f64) + use<> {
    let range = |axis: fn(&Point) -> f32| {
        let values = points.iter().map(axis);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let (left, right) = range(|point| point.place.0);
    let (low, high) = range(|point| point.place.1);
    let side = (right - left).max(high - low).max(f32::MIN_POSITIVE);
    let (x, y) = ((left + right) / 2.0, (low + high) / 2.0);
    let scale = (1.0 - 2.0 * MARGIN) / f64::from(side);
    move |place| (0.5 + f64::from(place.0 - x) * scale, 0.5 - f64::from(place.1 - y) * scale)
}

/// The point nearest to a place of the picture, unless that is far away.
fn nearest(points: &[Point], (across, down): (f64, f64)) -> Option<usize> {
    let share = share_of(points);
    let away = |point: &Point| {
        let (x, y) = share(point.place);
        (x - across).hypot(y - down)
    };
    let distances = points.iter().map(away).enumerate();
    distances.filter(|(_, away)| *away < REACH).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(point, _)| point)
}

fn draw(pen: &Pen, scatter: &Scatter) {
    let frame = Path::new().rectangle((0.5, 0.5), (pen.width - 1.0, pen.height - 1.0));
    pen.stroke(&frame, "--hairline", Line::of(1.0));
    let share = share_of(&scatter.points);
    let at = |point: &Point| -> Spot {
        let (x, y) = share(point.place);
        (x * pen.width, y * pen.height)
    };
    let of = |group: Option<usize>, hollow: bool| {
        scatter.points.iter().filter(move |point| point.group == group && point.hollow == hollow)
    };
    let nobody = of(None, false).fold(Path::new(), |path, point| path.circle(at(point), 1.8));
    pen.fill(&nobody, "--quiet", 0.6);
    for (number, group) in scatter.groups.iter().enumerate() {
        let marks = |hollow: bool| {
            of(Some(number), hollow)
                .fold(Path::new(), |path, point| path.shape(at(point), RADIUS, Shape::numbered(number)))
        };
        pen.fill(&marks(false), group.role, 0.85);
        pen.stroke(&marks(true), group.role, Line::of(1.5));
    }
    if let Some(point) = scatter.picked.and_then(|picked| scatter.points.get(picked)) {
        pen.stroke(&Path::new().circle(at(point), 3.0 * RADIUS), "--ink", Line::of(2.0));
    }
}

fn keys(scatter: &Scatter) -> Vec<Key> {
    let key = |(number, group): (usize, &Group)| Key {
        label: group.name.clone(),
        role: group.role,
        symbol: Symbol::Shape(Shape::numbered(number)),
    };
    scatter.groups.iter().enumerate().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, y: f32) -> Point {
        Point { place: (x, y), group: None, hollow: false }
    }

    #[test]
    fn the_pointer_means_the_nearest_point() {
        let points = [at(-10.0, -5.0), at(0.0, 0.0), at(10.0, 5.0)];
        assert_eq!(nearest(&points, (0.51, 0.49)), Some(1));
        assert_eq!(nearest(&points, (0.97, 0.265)), Some(2), "up is up, and both axes have one scale");
        assert_eq!(nearest(&points, (0.0, 0.0)), None, "nothing is near");
        assert_eq!(nearest(&[], (0.5, 0.5)), None);
    }
}
