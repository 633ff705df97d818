//! Curves over time, drawn by plotters.

use std::borrow::Cow;
use std::ops::Range;

use leptos::prelude::*;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_canvas::CanvasBackend;

use super::pen::{FONT, Pen};
use super::sheet::Sheet;
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
    /// Figures for those who read rather than look: a heading for every column, and the rows.
    pub table: (Vec<Cow<'static, str>>, Vec<Vec<String>>),
}

/// Space for the labels, CSS pixels.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 22.0;
const TOP: f64 = 8.0;
const RIGHT: f64 = 8.0;

/// A titled chart with its legend, which tells the latest values, and its table.
#[component]
pub fn LineChart(
    /// What is drawn.
    title: &'static str,
    /// The curves.
    lines: Signal<Lines>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let label = Signal::derive(move || lines.with(|lines| in_words(title, lines)));
    let legend = move || {
        lines.with(|lines| lines.curves.iter().filter(|curve| curve.stroke != Stroke::Faint).map(key).collect_view())
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
            <Sheet label data=lines draw />
            <details on:toggle=move |_| open.update(|open| *open = !*open)>
                <summary>{format!("{title}, in figures")}</summary>
                <div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>
            </details>
        </figure>
    }
}

fn key(curve: &Curve) -> impl IntoView + use<> {
    let dashes = match curve.stroke {
        Stroke::Dashed => "4 3",
        Stroke::Dotted => "2 2",
        Stroke::Solid | Stroke::Faint => "",
    };
    let latest = curve.note.clone().or_else(|| curve.points.last().map(|point| figures::brief(point.1)));
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
    let value = |curve: &Curve| curve.note.clone().or_else(|| Some(figures::brief(curve.points.last()?.1)));
    let latest = |curve: &Curve| Some(format!("{} {}", curve.label, value(curve)?));
    let values: Vec<_> = lines.curves.iter().filter(|curve| curve.stroke != Stroke::Faint).filter_map(latest).collect();
    if values.is_empty() { format!("{title}: nothing yet") } else { format!("{title}: {}", values.join(", ")) }
}

/// Nothing is drawn where plotters refuses; the table still tells.
fn draw(pen: &Pen, lines: &Lines) {
    let _ = try_draw(pen, lines);
}

type Refused = DrawingAreaErrorKind<<CanvasBackend as DrawingBackend>::ErrorType>;
type Plane = Cartesian2d<RangedCoordf64, RangedCoordf64>;

fn try_draw(pen: &Pen, lines: &Lines) -> Result<(), Refused> {
    let Some(backend) = CanvasBackend::with_canvas_object(pen.canvas.clone()) else { return Ok(()) };
    // Plotters counts screen pixels.
    let _ = pen.context.reset_transform();
    pen.context.set_line_join("round");
    let px = |length: f64| (length * pen.ratio).round() as i32;
    let across = 0.0..lines.across.max(1.0);
    let up = reach(lines);
    // The axis up runs from the bottom of the screen.
    let frame = (px(LEFT)..px(pen.width - RIGHT), px(pen.height - BOTTOM)..px(TOP));
    let area = backend.into_drawing_area();
    let plane = area.apply_coord_spec(Plane::new(across.clone(), up.clone(), frame));
    draw_axes(pen, &area, &plane, &across, &up)?;
    for curve in &lines.curves {
        let colour = pen.colour(curve.role);
        let points = || curve.points.iter().copied();
        match curve.stroke {
            Stroke::Faint => plane
                .draw(&PathElement::new(points().collect::<Vec<_>>(), colour.mix(0.3).stroke_width(px(1.0) as u32)))?,
            Stroke::Solid => {
                plane.draw(&PathElement::new(points().collect::<Vec<_>>(), colour.stroke_width(px(2.0) as u32)))?
            }
            Stroke::Dotted => {
                plane.draw(&DashedPathElement::new(points(), px(3.0), px(2.0), colour.stroke_width(px(1.6) as u32)))?
            }
            Stroke::Dashed => {
                plane.draw(&DashedPathElement::new(points(), px(5.0), px(4.0), colour.stroke_width(px(1.6) as u32)))?;
                for point in points() {
                    plane.draw(&Circle::new(point, px(2.2), colour.filled()))?;
                }
            }
        }
        if let (Stroke::Solid, None, Some(last)) = (curve.stroke, &curve.note, curve.points.last()) {
            plane.draw(&Circle::new(*last, px(3.0), colour.filled()))?;
        }
    }
    Ok(())
}

/// Hairlines across at round values, and labels outside the frame.
fn draw_axes(
    pen: &Pen,
    area: &DrawingArea<CanvasBackend, Shift>,
    plane: &DrawingArea<CanvasBackend, Plane>,
    across: &Range<f64>,
    up: &Range<f64>,
) -> Result<(), Refused> {
    let px = |length: f64| (length * pen.ratio).round() as i32;
    let hairline = pen.colour("--hairline").stroke_width(px(1.0).max(1) as u32);
    let style = (FONT, 11.0 * pen.ratio).into_font().color(&pen.colour("--quiet"));
    let aside = style.pos(Pos::new(HPos::Right, VPos::Center));
    let most = ((pen.height - TOP - BOTTOM) / 34.0).max(2.0) as usize;
    for (value, label) in ticks(up, most) {
        plane.draw(&PathElement::new(vec![(across.start, value), (across.end, value)], hairline))?;
        let (x, y) = plane.map_coordinate(&(across.start, value));
        area.draw_text(&label, &aside, (x - px(6.0), y))?;
    }
    let below = style.pos(Pos::new(HPos::Center, VPos::Top));
    let most = ((pen.width - LEFT - RIGHT) / 60.0).max(2.0) as usize;
    for (value, label) in ticks(across, most) {
        let (x, y) = plane.map_coordinate(&(value, up.start));
        area.draw_text(&label, &below, (x, y + px(6.0)))?;
    }
    Ok(())
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

/// Labels of round values, each as fine as the step between them asks.
fn ticks(axis: &Range<f64>, most: usize) -> Vec<(f64, String)> {
    let values = RangedCoordf64::from(axis.clone()).key_points(BoldPoints(most));
    let step = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(f64::INFINITY, f64::min);
    let decimals = (0..=6).find(|decimals| is_whole(step * 10f64.powi(*decimals))).unwrap_or(6) as usize;
    let label = |value: f64| if value.abs() < step / 1e3 { "0".into() } else { format!("{value:.decimals$}") };
    values.into_iter().map(|value| (value, label(value))).collect()
}

fn is_whole(value: f64) -> bool {
    !value.is_finite() || (value - value.round()).abs() < 1e-6 && value.round() != 0.0
}
