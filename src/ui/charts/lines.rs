//! Curves over one axis.

use std::borrow::Cow;
use std::ops::Range;

use leptos::prelude::*;

use super::path::Path;
use super::pen::{Line, Pen};
use super::plane::Plane;
use super::saving::{Key, Symbol};
use super::sheet::{Picture, Share, Sheet};
use crate::ui::figures;

/// How a curve is drawn; curves of one chart differ in it, so that colour is not needed to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// Whole.
    Solid,
    /// In dashes, with a dot at each point.
    Dashed,
    /// In short dashes, without dots: of many points.
    Dotted,
    /// Thin and pale: raw values behind their average.
    Faint,
}

impl Stroke {
    fn line(self) -> Line {
        match self {
            Stroke::Solid => Line::of(2.0),
            Stroke::Dashed => Line { dashes: (5.0, 4.0), ..Line::of(1.6) },
            Stroke::Dotted => Line { dashes: (3.0, 2.0), ..Line::of(1.6) },
            Stroke::Faint => Line { opacity: 0.3, ..Line::of(1.0) },
        }
    }
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its name.
    pub label: Cow<'static, str>,
    /// The role of its colour.
    pub role: &'static str,
    /// How it is drawn.
    pub stroke: Stroke,
    /// Its points, in order.
    pub points: Vec<(f64, f64)>,
    /// What the legend tells of it; without, its latest value.
    pub note: Option<String>,
}

/// Curves over one axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// The curves; the later ones lie on top.
    pub curves: Vec<Curve>,
    /// Where the axis across ends; it begins at 0.
    pub across: f64,
    /// What the axis up must show at least.
    pub up: Option<(f64, f64)>,
    /// What the axes are called, across and up; nothing where the title says it.
    pub axes: [&'static str; 2],
    /// Figures for those who read rather than look: a heading for every column, and the rows.
    pub table: (Vec<Cow<'static, str>>, Vec<Vec<String>>),
}

impl Lines {
    /// The ends of the axis across.
    fn ends(&self) -> Range<f64> {
        0.0..self.across.max(1.0)
    }
}

/// A titled chart with its legend, which tells the latest values or those that are pointed at, and its table.
#[component]
pub fn LineChart(
    /// What is drawn.
    title: &'static str,
    /// The curves.
    lines: Signal<Lines>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let label = Signal::derive(move || lines.with(|lines| in_words(title, lines)));
    let size = RwSignal::new((0.0, 0.0));
    let pointed = RwSignal::new(None::<f64>);
    let point = Callback::new(move |share: Option<Share>| {
        let ends = lines.with_untracked(Lines::ends);
        let (width, names) = (size.get_untracked().0, lines.with_untracked(|lines| lines.axes));
        let at = share.map(|(across, _)| Plane::across_at(across, width, &ends, names));
        pointed.set(at.filter(|at| ends.contains(at)));
    });
    // What is pointed at; else the latest.
    let legend = move || {
        let at = pointed.get();
        lines.with(|lines| {
            let shown = lines.curves.iter().filter(|curve| curve.stroke != Stroke::Faint);
            shown.map(|curve| key(curve, at)).collect_view()
        })
    };
    let cursor = move || {
        let at = pointed.get()?;
        let (width, height) = size.get();
        let left = lines.with(|lines| Plane::left_of(at, width, &lines.ends(), lines.axes));
        Some(view! { <i style:left=format!("{left:.1}px") style:height=format!("{height:.0}px")></i> })
    };
    let rows = move || {
        open.get().then(|| {
            lines.with(|Lines { table: (_, rows), .. }| {
                let cell = |text: &String| view! { <td>{text.clone()}</td> };
                rows.iter().map(|row| view! { <tr>{row.iter().map(cell).collect_view()}</tr> }).collect_view()
            })
        })
    };
    let head = move || {
        lines
            .with(|lines| lines.table.0.iter().map(|name| view! { <th scope="col">{name.clone()}</th> }).collect_view())
    };
    view! {
        <figure class="chart">
            <figcaption><h3>{title}</h3><ul class="legend">{legend}</ul></figcaption>
            <div class="cursor" aria-hidden="true">{cursor}</div>
            <Sheet label picture=Picture::of(lines, draw, keys) title on_point=point on_size=size />
            <details on:toggle=move |_| open.update(|open| *open = !*open)>
                <summary>{format!("{title}, in figures")}</summary>
                <div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>
            </details>
        </figure>
    }
}

/// A curve of the legend, with its value at a place across, or else what is told of it.
fn key(curve: &Curve, at: Option<f64>) -> impl IntoView + use<> {
    let dashes = match curve.stroke {
        Stroke::Dashed => "4 3",
        Stroke::Dotted => "2 2",
        Stroke::Solid | Stroke::Faint => "",
    };
    let latest = at.and_then(|at| value_at(curve, at)).or_else(|| value(curve));
    let colour = format!("ink {}", curve.role.trim_start_matches('-'));
    view! {
        <li>
            <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true" class=colour>
                <line x1="1" y1="4" x2="23" y2="4" stroke-dasharray=dashes />
            </svg>
            {curve.label.clone()} " " <b>{latest}</b>
        </li>
    }
}

fn in_words(title: &str, lines: &Lines) -> String {
    let latest = |curve: &Curve| Some(format!("{} {}", curve.label, value(curve)?));
    let values: Vec<_> = lines.curves.iter().filter(|curve| curve.stroke != Stroke::Faint).filter_map(latest).collect();
    if values.is_empty() { format!("{title}: nothing yet") } else { format!("{title}: {}", values.join(", ")) }
}

fn draw(pen: &Pen, lines: &Lines) {
    let plane = Plane::new(pen, lines.ends(), reach(lines), lines.axes);
    plane.draw_axes(pen);
    for curve in &lines.curves {
        let spots = || curve.points.iter().map(|point| plane.at(*point));
        pen.stroke(&Path::through(spots()), curve.role, curve.stroke.line());
        let dots: Path = match curve.stroke {
            Stroke::Dashed => spots().fold(Path::new(), |dots, spot| dots.circle(spot, 2.2)),
            Stroke::Solid if curve.note.is_none() => {
                spots().next_back().map(|spot| Path::new().circle(spot, 3.0)).unwrap_or_default()
            }
            _ => continue,
        };
        pen.fill(&dots, curve.role, 1.0);
    }
}

fn keys(lines: &Lines) -> Vec<Key> {
    let key = |curve: &Curve| Key {
        label: format!("{} {}", curve.label, value(curve).unwrap_or_default()),
        role: curve.role,
        symbol: Symbol::Line(curve.stroke.line()),
    };
    lines.curves.iter().filter(|curve| curve.stroke != Stroke::Faint).map(key).collect()
}

/// The value of the point that is nearest across, and where that is.
fn value_at(curve: &Curve, at: f64) -> Option<String> {
    let near = curve.points.iter().min_by(|a, b| (a.0 - at).abs().total_cmp(&(b.0 - at).abs()))?;
    Some(format!("{} at {}", figures::brief(near.1), figures::brief(near.0)))
}

/// What the legend tells of a curve.
fn value(curve: &Curve) -> Option<String> {
    curve.note.clone().or_else(|| Some(figures::brief(curve.points.last()?.1)))
}

/// The range of the values, with a little air.
fn reach(lines: &Lines) -> Range<f64> {
    let values = lines.curves.iter().flat_map(|curve| curve.points.iter().map(|point| point.1));
    let wanted = lines.up.into_iter().flat_map(|(low, high)| [low, high]);
    let (low, high) = values
        .chain(wanted)
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    // No value, or nothing but zero: there is no scale yet.
    if low > high || (low, high) == (0.0, 0.0) {
        return 0.0..1.0;
    }
    let air = if high > low { (high - low) * 0.04 } else { high.abs() * 0.5 };
    low - air..high + air
}
