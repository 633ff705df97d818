//! What changes over time, a lane for each that does: shares as bands, valence and arousal as lines.

use leptos::prelude::*;

use super::path::{Path, Shape};
use super::pen::{Across, Line, Pen, Up, Words};
use super::plane::ticks;
use super::saving::{Key, Symbol};
use super::sheet::{Picture, Share, Sheet};

/// The parts of a lane, CSS pixels: its name, its bands, its lines, the space to the next.
const NAME: f64 = 16.0;
const BANDS: f64 = 28.0;
const LINES: f64 = 34.0;
const SPACE: f64 = 10.0;

/// The whole of a lane, CSS pixels; below the last one, the times.
const LANE: f64 = NAME + BANDS + LINES + SPACE;
/// The space for the times, CSS pixels.
const TIMES: f64 = 20.0;

const SIZE: f64 = 11.0;
const VALENCE: Line = Line::of(1.6);
const AROUSAL: Line = Line { dashes: (3.0, 2.0), ..Line::of(1.6) };

/// One column of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The share of each class, together 1.
    pub shares: Vec<f32>,
    /// -1..1.
    pub valence: f32,
    /// -1..1.
    pub arousal: f32,
}

/// One lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its name.
    pub label: String,
    /// What it shows over the whole span, in columns of equal length; `None` where there is nothing.
    pub columns: Vec<Option<Column>>,
}

/// Lanes over one stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeLine {
    /// From when to when, seconds.
    pub span: (f64, f64),
    /// The classes: names, and roles of their colours.
    pub classes: Vec<(String, &'static str)>,
    /// The lanes, from above.
    pub lanes: Vec<Lane>,
    /// Moments that somebody marked, seconds.
    pub marks: Vec<f64>,
}

/// The picture, which tells where it was clicked: a moment, in seconds.
#[component]
pub fn TimeLineChart(
    /// Its title.
    title: &'static str,
    /// What is drawn.
    line: Signal<TimeLine>,
    /// What it shows, in words.
    #[prop(into)]
    label: Signal<String>,
    /// The moment that is looked at, seconds.
    moment: Signal<Option<f64>>,
    /// Hears of a moment that was chosen.
    on_pick: Callback<f64>,
) -> impl IntoView {
    let pick = Callback::new(move |(across, _): Share| {
        let (from, to) = line.with_untracked(|line| line.span);
        on_pick.run(from + across.clamp(0.0, 1.0) * (to - from));
    });
    let height = move || line.with(|line| format!("{:.0}px", LANE * line.lanes.len().max(1) as f64 + TIMES));
    let cursor = move || {
        let (from, to) = line.with(|line| line.span);
        let place =
            moment.get().filter(|moment| (from..=to).contains(moment)).map(|at| (at - from) / (to - from).max(1e-9));
        place.map(|place| view! { <i style:left=format!("{:.3}%", 100.0 * place)></i> })
    };
    let classes = Memo::new(move |_| line.with(|line| line.classes.clone()));
    let key = |(name, role): (String, &'static str)| {
        view! { <li class=format!("mark {}", role.trim_start_matches('-'))>{name}</li> }
    };
    view! {
        <figure class="chart timeline" style=("--height", height)>
            <figcaption><ul class="legend">
                {move || classes.get().into_iter().map(key).collect_view()}
                <li><svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true" class="ink series-1"><line x1="1" y1="4" x2="23" y2="4" /></svg>"valence"</li>
                <li><svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true" class="ink series-2"><line x1="1" y1="4" x2="23" y2="4" stroke-dasharray="3 2" /></svg>"arousal"</li>
            </ul></figcaption>
            <div class="cursor" aria-hidden="true">{cursor}</div>
            <Sheet label picture=Picture::of(line, draw, keys) title on_pick=pick />
        </figure>
    }    .into_any()
}

fn draw(pen: &Pen, line: &TimeLine) {
    let (from, to) = line.span;
    let at = |time: f64| pen.width * (time - from) / (to - from).max(1e-9);
    let bottom = pen.height - TIMES;
    for (value, label) in ticks(&(from..to), (pen.width / 70.0).max(2.0)) {
        pen.stroke(&Path::through([(at(value), 0.0), (at(value), bottom)]), "--hairline", Line::of(1.0));
        let across = match at(value) {
            place if place < 12.0 => Across::Right,
            place if place > pen.width - 12.0 => Across::Left,
            _ => Across::Middle,
        };
        pen.write(&format!("{label} s"), (at(value), bottom + 5.0), "--quiet", Words::of(SIZE, across, Up::Below));
    }
    for (number, lane) in line.lanes.iter().enumerate() {
        draw_lane(pen, line, lane, LANE * number as f64);
    }
    for mark in &line.marks {
        let dashes = Line { dashes: (2.0, 3.0), ..Line::of(1.2) };
        pen.stroke(&Path::through([(at(*mark), 0.0), (at(*mark), bottom)]), "--ink", dashes);
    }
}

fn draw_lane(pen: &Pen, line: &TimeLine, lane: &Lane, top: f64) {
    pen.write(&lane.label, (2.0, top + 2.0), "--ink", Words::of(SIZE, Across::Right, Up::Below));
    let width = pen.width / lane.columns.len().max(1) as f64;
    // Neighbours overlap a little: else the paper shines through between them.
    let size = |share: f32| (width + 0.4, BANDS * f64::from(share));
    let mut bands = vec![Path::new(); line.classes.len()];
    for (place, column) in lane.columns.iter().enumerate() {
        let mut below = 0.0;
        for (share, band) in column.iter().flat_map(|column| &column.shares).zip(&mut bands) {
            let corner = (width * place as f64, top + NAME + BANDS * f64::from(below));
            *band = std::mem::take(band).rectangle(corner, size(*share));
            below += share;
        }
    }
    for (band, (_, role)) in bands.iter().zip(&line.classes) {
        pen.fill(band, role, 1.0);
    }
    let zero = top + NAME + BANDS + LINES / 2.0;
    pen.stroke(&Path::through([(0.0, zero), (pen.width, zero)]), "--hairline", Line::of(1.0));
    let through = |value: fn(&Column) -> f32| {
        Path::through(lane.columns.iter().enumerate().map(|(place, column)| {
            let value = column.as_ref().map_or(f64::NAN, |column| f64::from(value(column)));
            (width * (place as f64 + 0.5), zero - (LINES / 2.0 - 2.0) * value)
        }))
    };
    pen.stroke(&through(|column| column.valence), "--series-1", VALENCE);
    pen.stroke(&through(|column| column.arousal), "--series-2", AROUSAL);
}

fn keys(line: &TimeLine) -> Vec<Key> {
    let class =
        |(name, role): &(String, &'static str)| Key { label: name.clone(), role, symbol: Symbol::Shape(Shape::Square) };
    let lines = [("valence", "--series-1", VALENCE), ("arousal", "--series-2", AROUSAL)];
    let lines = lines.map(|(label, role, line)| Key { label: label.into(), role, symbol: Symbol::Line(line) });
    line.classes.iter().map(class).chain(lines).collect()
}
