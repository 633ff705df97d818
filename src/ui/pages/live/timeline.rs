//! The record over time: to look at, and to wind the film by.

use leptos::prelude::*;

use super::panel::slid_to;
use super::showing::Showing;
use crate::engine::protocol::Recorded;
use crate::live::Answer;
use crate::ui::charts::{Column, Lane, TimeLine as Line, TimeLineChart};
use crate::ui::components::Class;
use crate::ui::figures;
use crate::ui::session::Session;

/// More lanes would be too many to look at: those of the faces that were longest in view are shown.
const MOST_LANES: usize = 6;

/// The lanes of the faces, and what was read at a moment.
#[component]
pub fn TimeLine(
    /// What is shown.
    showing: Showing,
) -> impl IntoView {
    let session = Session::here();
    let live = session.live;
    let line = Memo::new(move |_| live.recorded.with(|recorded| recorded.as_ref().map(line).unwrap_or_default()));
    let chosen = RwSignal::new(None::<f64>);
    let moment = move || match showing.can_wind() {
        true => {
            live.looked.track();
            Some(showing.time())
        }
        false => chosen.get(),
    };
    let go = move |seconds: f64| {
        chosen.set(Some(seconds));
        if showing.can_wind() {
            showing.wind(seconds);
        }
    };
    let span = move || line.with(|line| line.span);
    let label = move || {
        let lanes = live.recorded.with(|recorded| recorded.as_ref().map_or(0, |recorded| recorded.tracks.len()));
        format!(
            "Time line of {} s: {}",
            figures::hundredths(span().1 - span().0),
            figures::counted(lanes, "face", "faces")
        )
    };
    let told = move || match moment() {
        Some(moment) => live.recorded.with(|recorded| recorded.as_ref().map(|recorded| session.told(recorded, moment))),
        None => Some("Choose a moment in the time line.".into()),
    };
    let slide = move |event| go(slid_to(&event));
    let left_out = move || {
        let faces = live.recorded.with(|recorded| recorded.as_ref().map_or(0, |recorded| recorded.tracks.len()));
        (faces > MOST_LANES)
            .then(|| format!("The {MOST_LANES} faces that were longest in view, of {faces}. The files have all."))
    };
    view! {
        <div class="time" data-testid="time-line">
            <TimeLineChart title="Time line" line=line.into() label=Signal::derive(label) moment=Signal::derive(moment)
                on_pick=Callback::new(go) />
            <input type="range" aria-label="Moment" data-testid="moment" step="any" min=move || span().0 max=move || span().1
                prop:value=move || moment().unwrap_or(span().0) on:input=slide
                aria-valuetext=move || moment().map_or(String::new(), figures::clock) />
            <p class="quiet">{left_out}</p>
            <p data-testid="at-moment">{told}</p>
        </div>
    }
    .into_any()
}

/// The faces that are shown, in the order they came.
fn shown(recorded: &Recorded) -> Vec<usize> {
    let mut places: Vec<usize> = (0..recorded.tracks.len()).collect();
    places.sort_unstable_by(|a, b| recorded.tracks[*b].seconds.total_cmp(&recorded.tracks[*a].seconds));
    places.truncate(MOST_LANES);
    places.sort_unstable();
    places
}

fn line(recorded: &Recorded) -> Line {
    let column = |answer: &Answer| Column {
        shares: answer.probabilities.clone(),
        valence: answer.valence,
        arousal: answer.arousal,
    };
    let lane = |place: usize| Lane {
        label: format!("Face {}", recorded.tracks[place].track),
        columns: recorded.bands.get(place).into_iter().flatten().map(|of| of.as_ref().map(column)).collect(),
    };
    Line {
        span: recorded.span,
        classes: Class::all(&recorded.label_set).into_iter().map(|class| (class.name, class.role)).collect(),
        lanes: shown(recorded).into_iter().map(lane).collect(),
        marks: recorded.marks.iter().map(|mark| mark.time).collect(),
    }
}

impl Session {
    /// What was read of every face at a moment, in words, and what was noted just before it.
    fn told(self, recorded: &Recorded, moment: f64) -> String {
        let least = self.live.settings.with(|settings| settings.least);
        let (from, to) = recorded.span;
        let said = |place: usize| {
            let columns = recorded.bands.get(place)?;
            let column = ((moment - from) / (to - from).max(1e-9) * columns.len() as f64) as usize;
            let answer = columns.get(column.min(columns.len().saturating_sub(1)))?.as_ref()?;
            let class = answer.class(least).map(|class| {
                format!(
                    "{} {}",
                    Class::of(&recorded.label_set, class).name,
                    figures::percent(Some(f64::from(answer.probabilities[class])))
                )
            });
            let affect = [answer.valence, answer.arousal].map(|value| figures::signed_hundredths(f64::from(value)));
            let class = class.unwrap_or("not sure".into());
            Some(format!(
                " Face {}: {class}, valence {}, arousal {}.",
                recorded.tracks[place].track, affect[0], affect[1]
            ))
        };
        let faces: String = shown(recorded).into_iter().filter_map(said).collect();
        let faces = if faces.is_empty() { " No face.".into() } else { faces };
        let mark = recorded.marks.iter().rev().find(|mark| (0.0..5.0).contains(&(moment - mark.time)));
        let mark = mark.map_or(String::new(), |mark| format!(" \"{}\" at {}.", mark.text, figures::clock(mark.time)));
        format!("{}:{faces}{mark}", figures::clock(moment))
    }
}
