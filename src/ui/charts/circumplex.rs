//! The circumplex of affect (Russell 1980): valence across, arousal up. The signature picture.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::hexagons::{Cell, cell_of, draw_density};
use super::path::{Path, Spot};
use super::pen::{Across, Line, Pen, Up, Words};
use super::sheet::{Picture, Sheet};

/// A place: (valence, arousal), each in -1..=1.
pub type Place = (f32, f32);

/// From what was so to what was said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// What was so.
    pub from: Place,
    /// What was said.
    pub to: Place,
}

impl Arrow {
    /// Whether so few that each is drawn.
    pub fn are_few(arrows: &[Arrow]) -> bool {
        arrows.len() < FEW_ARROWS
    }
}

/// What is drawn on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Affect {
    /// Places whose density is shown.
    pub density: Vec<Place>,
    /// Errors.
    pub arrows: Vec<Arrow>,
    /// Where a face was, one moment after the other; the last place is where it is.
    pub trail: Vec<Place>,
}

/// Fewer arrows than this are drawn one by one.
const FEW_ARROWS: usize = 40;

/// The side of the hexagons over which errors are averaged, in units of valence and arousal.
const MEAN_SIDE: f64 = 0.14;

/// Space around the square for the words on the axes, CSS pixels.
const MARGIN: f64 = 20.0;

/// The circumplex, with a sentence under it.
#[component]
pub fn Circumplex(
    /// What is drawn.
    affect: Signal<Affect>,
    /// The sentence under it; it is also what those hear who cannot see the picture.
    #[prop(into)]
    caption: Signal<String>,
    /// What it is called where it can be saved.
    #[prop(optional)]
    title: &'static str,
) -> impl IntoView {
    let label = Signal::derive(move || format!("Circumplex, valence across and arousal up. {}", caption.get()));
    view! {
        <figure class="circumplex">
            <Sheet label picture=Picture::of(affect, draw, |_| Vec::new()) title />
            <figcaption>{caption}</figcaption>
        </figure>
    }
}

fn draw(pen: &Pen, affect: &Affect) {
    let radius = (pen.width.min(pen.height) / 2.0 - MARGIN).max(1.0);
    let centre = (pen.width / 2.0, pen.height / 2.0);
    let at = |(valence, arousal): Place| {
        (
            centre.0 + f64::from(valence.clamp(-1.0, 1.0)) * radius,
            centre.1 - f64::from(arousal.clamp(-1.0, 1.0)) * radius,
        )
    };
    let places: Vec<Spot> = affect.density.iter().copied().map(at).collect();
    draw_density(pen, &places, radius / 16.0, "--accent");
    draw_frame(pen, centre, radius);
    match Arrow::are_few(&affect.arrows) {
        true => draw_arrows(pen, affect.arrows.iter().map(|arrow| (*arrow, 3.2)), at),
        false => draw_arrows(pen, mean_arrows(&affect.arrows), at),
    }
    if let Some(last) = affect.trail.last() {
        pen.stroke(
            &Path::through(affect.trail.iter().copied().map(at)),
            "--accent",
            Line { opacity: 0.6, ..Line::of(1.6) },
        );
        pen.fill(&Path::new().circle(at(*last), 5.0), "--accent", 1.0);
    }
}

fn draw_frame(pen: &Pen, (x, y): Spot, radius: f64) {
    let side = 2.0 * radius;
    let square = Path::new().rectangle((x - radius, y - radius), (side, side));
    pen.stroke(&square, "--hairline", Line::of(1.0));
    for cross in [[(x - radius, y), (x + radius, y)], [(x, y - radius), (x, y + radius)]] {
        pen.stroke(&Path::through(cross), "--hairline", Line::of(1.0));
    }
    pen.stroke(&Path::new().circle((x, y), radius), "--rule", Line::of(1.0));
    let above = Words::of(11.0, Across::Middle, Up::Above);
    pen.write("excited", (x, y - radius - 4.0), "--quiet", above);
    pen.write("calm", (x, y + radius + 4.0), "--quiet", Words { up: Up::Below, ..above });
    pen.write("unpleasant", (x - radius - 4.0, y), "--quiet", Words { turn: -1.0, ..above });
    pen.write("pleasant", (x + radius + 4.0, y), "--quiet", Words { turn: 1.0, ..above });
}

/// One arrow for every hexagon in which something was so, with the dot's size: its area is their number.
fn mean_arrows(arrows: &[Arrow]) -> impl Iterator<Item = (Arrow, f64)> {
    let mut cells: BTreeMap<Cell, (Arrow, f32)> = BTreeMap::new();
    for Arrow { from, to } in arrows {
        let cell = cell_of((f64::from(from.0), f64::from(from.1)), MEAN_SIDE);
        let (sum, count) = cells.entry(cell).or_insert((Arrow { from: (0.0, 0.0), to: (0.0, 0.0) }, 0.0));
        for (sum, place) in [(&mut sum.from, from), (&mut sum.to, to)] {
            *sum = (sum.0 + place.0, sum.1 + place.1);
        }
        *count += 1.0;
    }
    let most = cells.values().map(|cell| cell.1).fold(1.0, f32::max);
    cells.into_values().map(move |(sum, count)| {
        let mean = |place: Place| (place.0 / count, place.1 / count);
        let size = 1.6 + 4.0 * f64::from(count / most).sqrt();
        (Arrow { from: mean(sum.from), to: mean(sum.to) }, size)
    })
}

/// A ring where it was so, a line to a dot where it was said to be.
fn draw_arrows(pen: &Pen, arrows: impl Iterator<Item = (Arrow, f64)>, at: impl Fn(Place) -> Spot) {
    for (Arrow { from, to }, size) in arrows {
        let (from, to) = (at(from), at(to));
        pen.stroke(&Path::through([from, to]), "--rule", Line::of(1.2));
        let ring = Path::new().circle(from, size.min(3.2));
        pen.fill(&ring, "--paper", 1.0);
        pen.stroke(&ring, "--ink", Line::of(1.2));
        pen.fill(&Path::new().circle(to, size), "--wrong", 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_neighbourhood_become_their_mean() {
        let arrow = |from, to| Arrow { from, to };
        let mean: Vec<(Arrow, f64)> = mean_arrows(&[
            arrow((0.5, 0.5), (0.1, 0.0)),
            arrow((0.52, 0.5), (0.3, 0.4)),
            arrow((-0.5, 0.0), (0.0, 0.0)),
        ])
        .collect();
        assert_eq!(mean.len(), 2);
        let near = |a: Place, b: Place| (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6;
        assert!(mean.iter().any(|(mean, _)| near(mean.from, (0.51, 0.5)) && near(mean.to, (0.2, 0.2))));
        assert!(mean.iter().any(|(mean, _)| near(mean.from, (-0.5, 0.0))));
    }
}
