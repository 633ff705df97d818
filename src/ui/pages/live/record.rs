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
    let is_there = Memo::new(move |_| live.recording.get() != Recording::Nothing);
    let runs = move || live.recording.get() == Recording::Running;
    let shows_nothing = move || showing.source.with(|source| matches!(source, Source::Nothing | Source::Opening));
    let is_busy = move || showing.course.runs();
    view! {
        <section aria-labelledby="record-title">
            <div class="bar-line">
                <h2 id="record-title">"Record"</h2>
                <div class="actions">
                    <button type="button" data-testid="record-start" hidden=runs disabled=shows_nothing on:click=move |_| showing.begin_record()>
                        {move || if is_there.get() { "Begin another" } else { "Begin a record" }}
                    </button>
                    <button type="button" data-testid="record-end" hidden=move || !runs() disabled=is_busy
                        on:click=move |_| session.end_record()>"End it"</button>
                    <button type="button" data-testid="record-forget" hidden=move || !is_there.get() disabled=is_busy
                        on:click=move |_| session.forget_record()>"Forget it"</button>
                </div>
            </div>
            <p class="quiet" hidden=move || is_there.get()>
                "Readings are shown and forgotten. A record keeps them until it is forgotten or this page is closed, and gives them away as files."
            </p>
            {move || is_there.get().then(|| view! { <Kept showing /> })}
        </section>
    }
    .into_any()
}

/// What the record holds, and its files.
#[component]
fn Kept(showing: Showing) -> impl IntoView {
    let session = Session::here();
    let live = session.live;
    let runs = move || live.recording.get() == Recording::Running;
    let readings = move || live.recorded.with(|recorded| recorded.as_ref().map_or(0, |of| of.readings));
    let none = move || readings() == 0;
    let button = move |testid: &'static str, words: &'static str, what: Export| {
        view! { <button type="button" data-testid=testid disabled=none on:click=move |_| session.download(what)>{words}</button> }
    };
    view! {
        <p class="quiet" role="status">
            <span data-testid="record-readings">{move || figures::count(readings())}</span>
            {move || if runs() { " readings so far" } else { " readings; it has ended" }}
        </p>
        <Marking showing />
        <p data-testid="nobody" hidden=move || !none() || runs()>
            "No face was seen. They must be larger than about a fifteenth of the picture, and not much hidden."
        </p>
        <div hidden=none><TimeLine showing /> <Summary /></div>
        <div class="actions">
            {button("download-record", "Readings (CSV)", Export::Record)}
            {button("download-summary", "Summary (CSV)", Export::Summary)}
            {button("download-subtitles", "Subtitles (WebVTT)", Export::Subtitles)}
        </div>
        <p class="complaint">{session.notice}</p>
    }
    .into_any()
}

/// Notes what happens now.
#[component]
fn Marking(showing: Showing) -> impl IntoView {
    let session = Session::here();
    let runs = move || session.live.recording.get() == Recording::Running;
    let text = RwSignal::new(String::new());
    let mark = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        session.mark_record(showing.time(), text.get_untracked());
        text.set(String::new());
    };
    view! {
        <form class="actions" hidden=move || !runs() on:submit=mark>
            <input type="text" aria-label="What happens now" placeholder="what happens now" prop:value=text
                on:input=move |event| text.set(event_target_value(&event)) />
            <button type="submit">"Mark this moment"</button>
        </form>
    }
    .into_any()
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
    .into_any()
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
