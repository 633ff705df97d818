//! Residuals: by how much what was said is above what was so, over what was so.

use leptos::prelude::*;

use super::hexagons::draw_density;
use super::path::{Path, Shape, Spot};
use super::pen::{Line, Pen};
use super::plane::Plane;
use super::saving::{Key, Symbol};
use super::sheet::{Picture, Sheet};
use crate::ui::figures;

/// What was so, and what was said.
pub type Pair = (f32, f32);

/// How many bins there are, of equal width over -1..=1.
const BINS: usize = 8;

/// The faces of a bin.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bin {
    /// Where it begins and ends.
    from: f64,
    to: f64,
    faces: usize,
    /// The mean of the residuals, and their standard deviation.
    mean: f64,
    deviation: f64,
}

/// A chart with its table.
#[component]
pub fn Residuals(
    /// What it is called.
    title: &'static str,
    /// What was so and what was said, face by face, each in -1..=1.
    pairs: Vec<Pair>,
) -> impl IntoView {
    let bins = bins(&pairs);
    let (below, above) = (bins.iter().filter(|bin| bin.mean < 0.0).count(), bins.len());
    let label = format!(
        "{title}: what was said less what was so, over what was so. The mean is below zero in {below} of {above} bins; the table below has them."
    );
    let row = |bin: &Bin| {
        let end = |value: f64| figures::hundredths(value);
        view! {
            <tr>
                <th scope="row">{format!("{} to {}", end(bin.from), end(bin.to))}</th>
                <td>{figures::count(bin.faces)}</td>
                <td>{figures::decimal(Some(bin.mean))}</td>
                <td>{figures::decimal(Some(bin.deviation))}</td>
            </tr>
        }
    };
    let rows = bins.iter().map(row).collect_view();
    let data = Signal::stored(pairs);
    view! {
        <figure class="chart">
            <figcaption><h3>{title}</h3></figcaption>
            <Sheet label picture=Picture::of(data, draw, keys) title />
            <details>
                <summary>{format!("{title}, in figures")}</summary>
                <div class="scroll">
                    <table>
                        <thead>
                            <tr><th scope="col">"was"</th><th scope="col">"faces"</th><th scope="col">"mean residual"</th><th scope="col">"standard deviation"</th></tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}

/// Over what was so, in bins that have a face.
fn bins(pairs: &[Pair]) -> Vec<Bin> {
    let width = 2.0 / BINS as f64;
    let bin_of = |was: f32| (((f64::from(was) + 1.0) / width).floor().max(0.0) as usize).min(BINS - 1);
    let of_bin = |bin: usize| {
        let inside = pairs.iter().filter(|(was, _)| bin_of(*was) == bin);
        let residuals: Vec<f64> = inside.map(|(was, said)| f64::from(said - was)).collect();
        let faces = residuals.len();
        let mean = residuals.iter().sum::<f64>() / faces as f64;
        let spread = residuals.iter().map(|residual| (residual - mean).powi(2)).sum::<f64>() / faces as f64;
        let from = bin as f64 * width - 1.0;
        (faces > 0).then(|| Bin { from, to: from + width, faces, mean, deviation: spread.sqrt() })
    };
    (0..BINS).filter_map(of_bin).collect()
}

#[allow(clippy::ptr_arg, reason = "a picture is drawn of what its signal holds")]
fn draw(pen: &Pen, pairs: &Vec<Pair>) {
    let residual = |(was, said): &Pair| (f64::from(*was), f64::from(said - was));
    let far = pairs.iter().map(|pair| residual(pair).1.abs()).fold(0.25, f64::max) * 1.08;
    let plane = Plane::new(pen, -1.05..1.05, -far..far, ["what was so", "said less so"]);
    plane.draw_axes(pen);
    pen.stroke(&Path::through([plane.at((-1.05, 0.0)), plane.at((1.05, 0.0))]), "--quiet", Line::of(1.0));
    let places: Vec<Spot> = pairs.iter().map(|pair| plane.at(residual(pair))).collect();
    draw_density(pen, &places, (pen.width / 90.0).clamp(3.5, 6.0), "--accent");
    let means: Vec<Spot> = bins(pairs).iter().map(|bin| plane.at(((bin.from + bin.to) / 2.0, bin.mean))).collect();
    pen.stroke(&Path::through(means.iter().copied()), "--wrong", MEAN);
    let dots = means.into_iter().fold(Path::new(), |dots, spot| dots.circle(spot, 3.0));
    pen.fill(&dots, "--wrong", 1.0);
}

const MEAN: Line = Line::of(2.0);

#[allow(clippy::ptr_arg, reason = "as above")]
fn keys(_: &Vec<Pair>) -> Vec<Key> {
    vec![
        Key { label: "faces".into(), role: "--accent", symbol: Symbol::Shape(Shape::Circle) },
        Key { label: "mean".into(), role: "--wrong", symbol: Symbol::Line(MEAN) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_are_what_was_said_less_what_was_so() {
        let bins = bins(&[(-1.0, -0.5), (-0.9, -0.6), (1.0, 0.75), (0.8, 0.75)]);
        assert_eq!(bins.iter().map(|bin| bin.faces).collect::<Vec<_>>(), [2, 2]);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(bins[0].mean, 0.4) && near(bins[0].deviation, 0.1) && near(bins[0].from, -1.0));
        assert!(near(bins[1].mean, -0.15) && near(bins[1].deviation, 0.1) && near(bins[1].to, 1.0));
    }

    #[test]
    fn bins_without_faces_are_left_out() {
        assert!(bins(&[]).is_empty());
        assert_eq!(bins(&[(0.1, 0.1)]).len(), 1);
    }
}
