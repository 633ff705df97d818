//! The circumplex of affect (Russell 1980): valence across, arousal up. The signature picture.

use std::collections::BTreeMap;
use std::f64::consts::{FRAC_PI_3, FRAC_PI_6};

use js_sys::Math;
use leptos::prelude::*;

use super::pen::Pen;
use super::sheet::Sheet;

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
}

/// Fewer places than this are shown one by one.
const FEW: usize = 150;

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
) -> impl IntoView {
    let label = Signal::derive(move || format!("Circumplex, valence across and arousal up. {}", caption.get()));
    view! {
        <figure class="circumplex">
            <Sheet label data=affect draw />
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
    pen.context.save();
    pen.context.begin_path();
    pen.context.rect(centre.0 - radius, centre.1 - radius, 2.0 * radius, 2.0 * radius);
    pen.context.clip();
    draw_density(pen, centre, radius, &affect.density);
    pen.context.restore();
    draw_frame(pen, centre, radius);
    match Arrow::are_few(&affect.arrows) {
        true => draw_arrows(pen, affect.arrows.iter().map(|arrow| (*arrow, 3.2)), at),
        false => draw_arrows(pen, mean_arrows(&affect.arrows), at),
    }
}

fn draw_frame(pen: &Pen, (x, y): (f64, f64), radius: f64) {
    let context = &pen.context;
    context.set_line_width(1.0);
    context.set_stroke_style_str(&pen.role("--rule"));
    pen.circle((x, y), radius);
    context.stroke();
    context.set_stroke_style_str(&pen.role("--hairline"));
    context.stroke_rect(x - radius, y - radius, 2.0 * radius, 2.0 * radius);
    pen.line((x - radius, y), (x + radius, y));
    pen.line((x, y - radius), (x, y + radius));
    context.set_fill_style_str(&pen.role("--quiet"));
    pen.write("excited", (x, y - radius - 5.0), 11.0, "center", "bottom");
    pen.write("calm", (x, y + radius + 5.0), 11.0, "center", "top");
    for (text, edge, turn) in [("unpleasant", x - radius - 5.0, -1.0), ("pleasant", x + radius + 5.0, 1.0)] {
        context.save();
        // A word that is not turned is still there.
        let _ = context.translate(edge, y);
        let _ = context.rotate(turn * std::f64::consts::FRAC_PI_2);
        pen.write(text, (0.0, 0.0), 11.0, "center", "bottom");
        context.restore();
    }
}

/// Many places as hexagons whose area is the count; few as dots.
fn draw_density(pen: &Pen, centre: (f64, f64), radius: f64, places: &[Place]) {
    let to_pixels = |&(valence, arousal): &Place| (f64::from(valence) * radius, -f64::from(arousal) * radius);
    pen.context.set_fill_style_str(&pen.role("--accent"));
    if places.len() < FEW {
        for (x, y) in places.iter().map(to_pixels) {
            pen.circle((centre.0 + x, centre.1 + y), 2.5);
            pen.context.fill();
        }
        return;
    }
    let side = radius / 16.0;
    let mut cells: BTreeMap<(i32, i32), u32> = BTreeMap::new();
    for place in places.iter().map(to_pixels) {
        *cells.entry(hexagon_of(place, side)).or_default() += 1;
    }
    let most = f64::from(cells.values().copied().max().unwrap_or(1));
    for (cell, count) in cells {
        let (x, y) = hexagon_centre(cell, side);
        let share = f64::from(count) / most;
        pen.context.set_global_alpha(0.35 + 0.65 * share);
        fill_hexagon(pen, (centre.0 + x, centre.1 + y), side * share.sqrt().max(0.22) * 0.96);
    }
    pen.context.set_global_alpha(1.0);
}

/// The cell of a grid of pointed-top hexagons with this side: (column, row), odd rows shifted by half a cell.
fn hexagon_of((x, y): (f64, f64), side: f64) -> (i32, i32) {
    let guess = ((x / (side * 3f64.sqrt())).round() as i32, (y / (side * 1.5)).round() as i32);
    let around = (-1..=1).flat_map(|column| (-1..=1).map(move |row| (guess.0 + column, guess.1 + row)));
    let distance = |cell: &(i32, i32)| {
        let centre = hexagon_centre(*cell, side);
        (centre.0 - x).powi(2) + (centre.1 - y).powi(2)
    };
    around.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(guess)
}

fn hexagon_centre((column, row): (i32, i32), side: f64) -> (f64, f64) {
    let shift = if row.rem_euclid(2) == 1 { 0.5 } else { 0.0 };
    ((f64::from(column) + shift) * side * 3f64.sqrt(), f64::from(row) * side * 1.5)
}

fn fill_hexagon(pen: &Pen, (x, y): (f64, f64), side: f64) {
    pen.context.begin_path();
    for corner in 0..6 {
        let angle = FRAC_PI_6 + FRAC_PI_3 * f64::from(corner);
        // The browser's own: the library's would be code to fetch.
        pen.context.line_to(x + side * Math::cos(angle), y + side * Math::sin(angle));
    }
    pen.context.fill();
}

/// One arrow for every hexagon in which something was so, with the dot's size: its area is their number.
fn mean_arrows(arrows: &[Arrow]) -> impl Iterator<Item = (Arrow, f64)> {
    let mut cells: BTreeMap<(i32, i32), (Arrow, f32)> = BTreeMap::new();
    for Arrow { from, to } in arrows {
        let cell = hexagon_of((f64::from(from.0), f64::from(from.1)), MEAN_SIDE);
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
fn draw_arrows(pen: &Pen, arrows: impl Iterator<Item = (Arrow, f64)>, at: impl Fn(Place) -> (f64, f64)) {
    let context = &pen.context;
    context.set_line_width(1.2);
    for (Arrow { from, to }, size) in arrows {
        let (from, to) = (at(from), at(to));
        context.set_stroke_style_str(&pen.role("--rule"));
        pen.line(from, to);
        context.set_fill_style_str(&pen.role("--paper"));
        context.set_stroke_style_str(&pen.role("--ink"));
        pen.circle(from, size.min(3.2));
        context.fill();
        context.stroke();
        context.set_fill_style_str(&pen.role("--wrong"));
        pen.circle(to, size);
        context.fill();
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

    #[test]
    fn a_hexagons_centre_lies_in_it() {
        for row in -5..5 {
            for column in -5..5 {
                assert_eq!(hexagon_of(hexagon_centre((column, row), 7.0), 7.0), (column, row));
            }
        }
    }

    #[test]
    fn a_place_belongs_to_the_nearest_hexagon() {
        assert_eq!(hexagon_of((0.9, -0.4), 3.0), (0, 0));
        assert_eq!(hexagon_of((3.0 * 3f64.sqrt() - 0.5, 0.2), 3.0), (1, 0));
        assert_eq!(hexagon_of((1.5 * 3f64.sqrt(), 4.4), 3.0), (0, 1));
    }
}
