//! What is read of one face: expression, valence and arousal, where it has been on the circumplex.

use leptos::prelude::*;

use super::showing::Showing;
use crate::live::Reading;
use crate::ui::charts::{Affect, Circumplex};
use crate::ui::components::{Class, Mark};
use crate::ui::figures;
use crate::ui::session::Session;

/// A neutral look is gathered for so long, seconds.
const NEUTRAL: f64 = 3.0;

/// The chosen face, in full.
#[component]
pub fn Readings(
    /// What is shown.
    showing: Showing,
) -> impl IntoView {
    let session = Session::here();
    let live = session.live;
    let reading = Memo::new(move |_| {
        let chosen = live.chosen.get();
        live.looked.with(|looked| looked.as_ref()?.0.readings.iter().find(|of| Some(of.track) == chosen).cloned())
    });
    let is_there = Memo::new(move |_| reading.with(Option::is_some));
    let of = move |text: fn(&Reading) -> String| move || reading.with(|reading| reading.as_ref().map(text));
    let said = move || {
        live.settings.track();
        reading.with(|reading| {
            let class = reading.as_ref().map(|reading| session.class_of(reading));
            class.map(|class| class.map_or("not sure".into(), |class| class.name))
        })
    };
    let affect = Signal::derive(move || Affect { trail: live.trail.get(), ..Affect::default() });
    let caption = move || {
        let place = reading.with(|of| {
            of.as_ref().map(|of| [of.smooth.valence, of.smooth.arousal].map(|of| figures::signed_hundredths(of.into())))
        });
        place.map_or(String::new(), |[valence, arousal]| {
            format!("Valence {valence}, arousal {arousal}; the line is where it was.")
        })
    };
    let face = move || {
        view! {
            <section aria-labelledby="face-title">
                <div class="bar-line">
                    <h2 id="face-title">{of(|reading| format!("Face {}", reading.track))}</h2>
                    <Faces />
                </div>
                <div class="closer-parts">
                    <div class="told">
                        <p class="said" data-testid="live-expression">{said}</p>
                        <dl class="counts small">
                            <div><dt>"valence"</dt><dd data-testid="live-valence">{of(|reading| figures::signed_hundredths(reading.smooth.valence.into()))}</dd></div>
                            <div><dt>"arousal"</dt><dd data-testid="live-arousal">{of(|reading| figures::signed_hundredths(reading.smooth.arousal.into()))}</dd></div>
                        </dl>
                        <p class="quiet">{move || session.reading_caveat()}</p>
                        <Neutral showing reading />
                    </div>
                    <Shares reading />
                    <Circumplex affect caption=Signal::derive(caption) />
                </div>
            </section>
        }
        .into_any()
    };
    (move || is_there.get().then(face)).into_any()
}

/// Which face is told, where there are several.
#[component]
fn Faces() -> impl IntoView {
    let live = Session::here().live;
    let tracks = Memo::new(move |_| {
        let mut tracks: Vec<u32> = live.looked.with(|looked| {
            looked.iter().flat_map(|(looked, _)| &looked.readings).map(|reading| reading.track).collect()
        });
        tracks.sort_unstable();
        tracks
    });
    let choose = move |track: u32| {
        live.trail.set(Vec::new());
        live.chosen.set(Some(track));
    };
    let button = move |track: u32| {
        let pressed = move || (live.chosen.get() == Some(track)).to_string();
        view! { <button type="button" aria-pressed=pressed on:click=move |_| choose(track)>{track}</button> }
    };
    view! {
        <div class="choices" role="group" aria-label="Which face" hidden=move || tracks.with(|tracks| tracks.len() < 2)>
            {move || tracks.get().into_iter().map(button).collect_view()}
        </div>
    }
    .into_any()
}

/// Holds what is read against the person's own neutral look.
#[component]
fn Neutral(showing: Showing, reading: Memo<Option<Reading>>) -> impl IntoView {
    let session = Session::here();
    let gather = move |forget: bool| {
        if let Some(track) = reading.with_untracked(|reading| reading.as_ref().map(|reading| reading.track)) {
            session.set_neutral(track, (!forget).then(|| showing.time() + NEUTRAL));
        }
    };
    view! {
        <p class="quiet">"Some faces look sad, or cheerful, at rest. Look neutral for three seconds, and the rest is held against that."</p>
        <div class="actions">
            <button type="button" on:click=move |_| gather(false)>"This is neutral"</button>
            <button type="button" on:click=move |_| gather(true)>"Forget it"</button>
        </div>
    }
}

/// The probability of every class: smoothed as a bar, and as it is in this picture.
#[component]
fn Shares(reading: Memo<Option<Reading>>) -> impl IntoView {
    let live = Session::here().live;
    let share = move |smooth: bool, class: usize| {
        reading.with(|reading| {
            let reading = reading.as_ref()?;
            let answer = if smooth { &reading.smooth } else { &reading.raw };
            answer.probabilities.get(class).copied().map(f64::from)
        })
    };
    let row = move |(number, class): (usize, Class)| {
        let role = class.role.trim_start_matches('-');
        let width = move || format!("{:.1}%", 100.0 * share(true, number).unwrap_or(0.0));
        view! {
            <tr>
                <th scope="row"><Mark class=class.clone() /></th>
                <td class=format!("bar {role}")><span aria-hidden="true"><i style:width=width></i></span></td>
                <td>{move || figures::percent(share(true, number))}</td>
                <td class="quiet">{move || figures::percent(share(false, number))}</td>
            </tr>
        }
    };
    let rows = move || {
        let classes = live.reader.with(|reader| reader.as_ref().map(|(_, label_set)| Class::all(label_set)));
        classes.unwrap_or_default().into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <table class="shares">
            <thead><tr><th scope="col"><span class="unseen">"class"</span></th><td></td><th scope="col">"smoothed"</th><th scope="col">"this picture"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
