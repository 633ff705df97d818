//! The record of a session: nothing is kept unless it is asked for.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::showing::{Showing, Source};
use super::timeline::TimeLine;
use crate::engine::protocol::Export;
use crate::live::TrackSummary;
use crate::ui::components::{Class, Mark};
use crate::ui::figures;
use crate::ui::session::{Recording, Session};

/// How often the record is looked at, while it grows.
const REFRESH: Duration = Duration::from_secs(1);

/// The record's controls, its time line, and each face in all.
#[component]
pub fn Record(
    /// What is shown.
    showing: Showing,
) -> impl IntoView {
    let session = Session::here();
    let live = session.live;
    let refresh = move || {
        if live.recording.get_untracked() == Recording::Running {
            spawn_local(session.refresh_record());
        }
    };
    if let Ok(handle) = set_interval_with_handle(refresh, REFRESH) {
        on_cleanup(move || handle.clear());
    }
    Effect::new(move |_| {
        // From when a model is sure changes what is told of it.
        live.settings.track();
        if live.recording.get_untracked() != Recording::Nothing {
            spawn_local(session.refresh_record());
        }
    });
    let is_there = move || live.recording.get() != Recording::Nothing;
    let runs = move || live.recording.get() == Recording::Running;
    let readings = move || live.recorded.with(|recorded| recorded.as_ref().map_or(0, |of| of.readings));
    let none = move || readings() == 0;
    let shows_nothing = move || showing.source.with(|source| matches!(source, Source::Nothing | Source::Opening));
    view! {
        <section aria-labelledby="record-title">
            <div class="bar-line">
                <h2 id="record-title">"Record"</h2>
                <div class="actions">
                    <Show when=runs fallback=move || view! {
                        <button type="button" data-testid="record-start" disabled=shows_nothing on:click=move |_| showing.begin_record()>
                            {move || if is_there() { "Begin another" } else { "Begin a record" }}
                        </button>
                    }>
                        <button type="button" data-testid="record-end" disabled=move || showing.course.runs()
                            on:click=move |_| session.end_record()>"End it"</button>
                    </Show>
                    <Show when=is_there>
                        <button type="button" data-testid="record-forget" disabled=move || showing.course.runs()
                            on:click=move |_| session.forget_record()>"Forget it"</button>
                    </Show>
                </div>
            </div>
            <Show when=is_there fallback=|| view! { <p class="quiet">"Readings are shown and forgotten. A record keeps them until it is forgotten or this page is closed, and gives them away as files."</p> }>
                <p class="quiet" role="status">
                    <span data-testid="record-readings">{move || figures::count(readings())}</span>
                    {move || if runs() { " readings so far" } else { " readings; it has ended" }}
                </p>
                <Show when=runs><Marking showing /></Show>
                <Show when=move || none() && !runs()>
                    <p data-testid="nobody">"No face was seen. They must be larger than about a twentieth of the picture, upright or tilted a little, and not much hidden."</p>
                </Show>
                <Show when=move || !none()>
                    <TimeLine showing />
                    <Summary />
                </Show>
                <div class="actions">
                    <button type="button" data-testid="download-record" disabled=none on:click=move |_| session.download(Export::Record)>"Readings (CSV)"</button>
                    <button type="button" data-testid="download-summary" disabled=none on:click=move |_| session.download(Export::Summary)>"Summary (CSV)"</button>
                    <button type="button" data-testid="download-subtitles" disabled=none on:click=move |_| session.download(Export::Subtitles)>"Subtitles (WebVTT)"</button>
                </div>
                <p class="complaint">{session.notice}</p>
            </Show>
        </section>
    }
    .into_any()
}

/// Notes what happens now.
#[component]
fn Marking(showing: Showing) -> impl IntoView {
    let session = Session::here();
    let text = RwSignal::new(String::new());
    let mark = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        session.mark_record(showing.time(), text.get_untracked());
        text.set(String::new());
    };
    view! {
        <form class="actions" on:submit=mark>
            <input type="text" aria-label="What happens now" placeholder="what happens now" prop:value=text
                on:input=move |event| text.set(event_target_value(&event)) />
            <button type="submit">"Mark this moment"</button>
        </form>
    }
}

/// What was read of each face in all.
#[component]
fn Summary() -> impl IntoView {
    let recorded = Session::here().live.recorded;
    let classes = Memo::new(move |_| {
        recorded.with(|recorded| recorded.as_ref().map(|of| Class::all(&of.label_set)).unwrap_or_default())
    });
    let head =
        move || classes.get().into_iter().map(|class| view! { <th scope="col"><Mark class /></th> }).collect_view();
    let rows = move || recorded.with(|recorded| recorded.iter().flat_map(|of| &of.tracks).map(row).collect_view());
    view! {
        <div class="scroll">
            <table class="figures" data-testid="summary">
                <caption class="quiet">"Each face in all: the share of its time with each expression, and means"</caption>
                <thead><tr>
                    <th scope="col">"face"</th><th scope="col">"in view"</th>{head}<th scope="col">"not sure"</th>
                    <th scope="col">"valence"</th><th scope="col">"arousal"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(of: &TrackSummary) -> impl IntoView + use<> {
    let shares: Vec<f64> = of.shares.iter().copied().chain([of.not_sure()]).collect();
    let most = shares.iter().copied().fold(0.0, f64::max);
    let share = move |share: f64| view! { <td class:best=share == most>{format!("{:.0} %", 100.0 * share)}</td> };
    view! {
        <tr>
            <th scope="row">{of.track}</th>
            <td>{format!("{:.1} s", of.seconds)}</td>
            {shares.into_iter().map(share).collect_view()}
            <td>{figures::signed_hundredths(of.valence)}</td>
            <td>{figures::signed_hundredths(of.arousal)}</td>
        </tr>
    }
}
