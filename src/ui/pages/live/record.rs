//! The record of a session: nothing is kept unless it is asked for.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::showing::Showing;
use super::stage::signed;
use crate::engine::protocol::Export;
use crate::live::TrackSummary;
use crate::ui::components::Class;
use crate::ui::figures;
use crate::ui::session::Session;

/// How often the record is looked at, while it grows.
const REFRESH: Duration = Duration::from_secs(1);

/// The record's controls, and each face in all.
#[component]
pub fn Record(
    /// What is shown.
    showing: Showing,
) -> impl IntoView {
    let session = Session::here();
    let live = session.live;
    let text = RwSignal::new(String::new());
    let refresh = move || {
        if live.recording.get_untracked() {
            spawn_local(session.refresh_record());
        }
    };
    if let Ok(handle) = set_interval_with_handle(refresh, REFRESH) {
        on_cleanup(move || handle.clear());
    }
    let mark = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        session.mark_record(showing.time(), text.get_untracked());
        text.set(String::new());
    };
    let readings = move || live.recorded.with(|recorded| recorded.as_ref().map_or(0, |of| of.readings));
    let none = move || readings() == 0;
    let rows = move || {
        live.recorded
            .with(|recorded| recorded.iter().flat_map(|of| &of.tracks).map(|of| row(session, of)).collect_view())
    };
    view! {
        <section aria-labelledby="record-title">
            <div class="bar-line">
                <h2 id="record-title">"Record"</h2>
                <div class="actions">
                    {move || match live.recording.get() {
                        false => view! {
                            <button type="button" data-testid="record-start" disabled=move || live.reader.with(Option::is_none)
                                on:click=move |_| session.keep_record(true)>"Begin a record"</button>
                        }.into_any(),
                        true => view! {
                            <button type="button" data-testid="record-forget" on:click=move |_| session.keep_record(false)>"Forget it"</button>
                        }.into_any(),
                    }}
                </div>
            </div>
            <Show when=move || live.recording.get() fallback=|| view! { <p class="quiet">"Readings are shown and forgotten. A record keeps them on this page until it is left or forgotten, and gives them away as files."</p> }>
                <p class="quiet" role="status"><span data-testid="record-readings">{move || figures::count(readings())}</span>" readings"</p>
                <form class="actions" on:submit=mark>
                    <input type="text" aria-label="What happens now" placeholder="what happens now" prop:value=text
                        on:input=move |event| text.set(event_target_value(&event)) />
                    <button type="submit">"Mark this moment"</button>
                </form>
                <div class="scroll">
                    <table class="figures">
                        <thead><tr><th scope="col">"face"</th><th scope="col">"seconds"</th><th scope="col">"mostly"</th><th scope="col">"valence"</th><th scope="col">"arousal"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <div class="actions">
                    <button type="button" data-testid="download-record" disabled=none on:click=move |_| session.download(Export::Record)>"Readings (CSV)"</button>
                    <button type="button" data-testid="download-subtitles" disabled=none on:click=move |_| session.download(Export::Subtitles)>"Subtitles (WebVTT)"</button>
                </div>
                <p class="complaint">{session.notice}</p>
            </Show>
        </section>
    }
    .into_any()
}

fn row(session: Session, of: &TrackSummary) -> impl IntoView + use<> {
    let most = (0..of.shares.len()).max_by(|a, b| of.shares[*a].total_cmp(&of.shares[*b]));
    let most = most.filter(|class| of.shares[*class] > 0.0);
    let mostly = most.and_then(|class| {
        let label_set = session.live.reader.with_untracked(|reader| reader.as_ref().map(|(_, of)| of.clone()))?;
        Some(format!("{}, {} of the time", Class::of(&label_set, class).name, figures::percent(Some(of.shares[class]))))
    });
    view! {
        <tr>
            <th scope="row">{of.track}</th>
            <td>{format!("{:.1}", of.seconds)}</td>
            <td>{mostly.unwrap_or("not sure".into())}</td>
            <td>{signed(of.valence as f32)}</td>
            <td>{signed(of.arousal as f32)}</td>
        </tr>
    }
}
