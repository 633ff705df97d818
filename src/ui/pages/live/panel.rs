//! What is read, by which model, and how.

use js_sys::Math;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Event, HtmlInputElement};

use super::arrivals::hear_arrivals;
use super::photographs::Album;
use super::showing::{Showing, Source};
use crate::live::Smoothing;
use crate::ui::components::{ActivityLine, FileButton, ModelSelect};
use crate::ui::figures;
use crate::ui::files::Dropped;
use crate::ui::film::{self, Camera, Origin};
use crate::ui::session::{Activity, Session};

/// The cut-off of the smoothing that is calmest, and liveliest, Hz; beyond that nothing is smoothed.
const CALMEST: f64 = 0.1;
const LIVELIEST: f64 = 3.0;

/// The panel.
#[component]
pub fn Panel(
    /// What is shown.
    showing: Showing,
    /// Where photographs go.
    album: Album,
) -> impl IntoView {
    let session = Session::here();
    let hindrance = Memo::new(move |_| match session.models.with(Vec::is_empty) {
        true => session.hindrance().or(Some("A model must be trained or imported first.".into())),
        false => session.hindrance(),
    });
    let cannot = move || hindrance.with(Option::is_some);
    let shows = move || showing.source.with(|source| *source != Source::Nothing);
    let camera = RwSignal::new(None::<String>);
    let cameras = RwSignal::new(Vec::<Camera>::new());
    let look_for_cameras = move || {
        spawn_local(async move {
            let found = film::cameras().await;
            cameras.try_set(found.into_iter().filter(|camera| !camera.id.is_empty()).collect());
        });
    };
    look_for_cameras();
    Effect::new(move |_| {
        // Their names are known once one may be used.
        if showing.source.with(|source| matches!(source, Source::Stream(_))) {
            look_for_cameras();
        }
    });
    let take = move |files: Vec<Dropped>| {
        if let Some(why) = hindrance.get_untracked() {
            return session.live.trouble.set(Some(why));
        }
        for Dropped { file, .. } in files {
            match file.type_().starts_with("video/") {
                true => showing.play(file),
                false => album.take(file),
            }
        }
    };
    hear_arrivals(take);
    // The model can be exchanged while it reads.
    let exchange = move |()| {
        if showing.source.with_untracked(|source| *source != Source::Nothing) {
            spawn_local(async move {
                session.open_live().await;
            });
        }
    };
    let option = move |of: Camera| {
        let (id, label) = (of.id.clone(), if of.label.is_empty() { "a camera".into() } else { of.label });
        view! { <option value=of.id prop:selected=move || camera.with(|chosen| chosen.as_ref() == Some(&id))>{label}</option> }
    };
    let choose_camera = move |event| camera.set(Some(event_target_value(&event)));
    view! {
        <aside class="choice" aria-label="What is read">
            <h2>"Reading"</h2>
            <div class="fields">
                <label class="field wide"><span>"Model"</span><ModelSelect testid="live-model" on_choose=Callback::new(exchange) /></label>
                <label class="field wide" hidden=move || cameras.with(|cameras| cameras.len() < 2)>
                    <span>"Camera"</span>
                    <select on:change=choose_camera>{move || cameras.get().into_iter().map(option).collect_view()}</select>
                </label>
            </div>
            <div class="actions">
                <button type="button" class="strong" data-testid="live-start" disabled=cannot aria-describedby="live-why"
                    on:click=move |_| showing.open(Origin::Camera(camera.get_untracked()))>"Start the camera"</button>
                <button type="button" data-testid="live-stop" disabled=move || !shows() on:click=move |_| showing.stop()>"Stop"</button>
            </div>
            <p id="live-why" class="quiet">{hindrance}</p>
            <Show when=move || session.live.fetching.with(Activity::is_running)>
                <ActivityLine activity=session.live.fetching testid="live-fetching" name="Model" doing="fetching" />
            </Show>
            <div class="actions">
                <FileButton label="Photographs or a film" testid="live-file" multiple=true accept="image/*,video/*"
                    disabled=Signal::derive(cannot) on_files=Callback::new(take) />
                {film::has_screens().then(|| view! {
                    <button type="button" disabled=cannot on:click=move |_| showing.open(Origin::Screen)>"A screen"</button>
                })}
            </div>
            <p class="quiet">"Or drop them anywhere here, or paste a picture."</p>
            <h3>"How it is told"</h3>
            <Strengths />
        </aside>
    }
    .into_any()
}

/// Where a slider stands. The browser has it as a number: to read it out of a text takes kilobytes of tables.
pub(super) fn slid_to(event: &Event) -> f64 {
    event_target::<HtmlInputElement>(event).value_as_number()
}

/// How calm the readings are, and how sure the model must be.
#[component]
fn Strengths() -> impl IntoView {
    let session = Session::here();
    let settings = session.live.settings;
    let steps = Math::log(LIVELIEST / CALMEST);
    // 0 is lively, 100 calm.
    let calm = move || {
        let cutoff = settings.with(|settings| settings.smoothing.map(|smoothing| smoothing.cutoff));
        cutoff.map_or(0, |cutoff| (100.0 * Math::log(LIVELIEST / cutoff) / steps).round() as i32)
    };
    let set_calm = move |event| {
        let calm = slid_to(&event);
        let cutoff = LIVELIEST * Math::exp(-steps * calm / 100.0);
        let smoothing = (calm > 0.0).then(|| Smoothing { cutoff, ..Smoothing::default() });
        session.set_live(|settings| settings.smoothing = smoothing);
    };
    let least = move || settings.with(|settings| (100.0 * settings.least).round() as i32);
    let set_least = move |event| {
        let least = slid_to(&event) as f32 / 100.0;
        session.set_live(|settings| settings.least = least);
    };
    view! {
        <div class="slider">
            <label for="live-calm">"Calm"</label>
            <output for="live-calm">{move || if calm() == 0 { "off".into() } else { format!("{} %", calm()) }}</output>
            <input type="range" id="live-calm" min="0" max="100" prop:value=calm on:input=set_calm aria-describedby="live-calm-help" />
            <p class="help" id="live-calm-help">"How much what trembles is smoothed (One-Euro filter)."</p>
        </div>
        <div class="slider">
            <label for="live-least">"Sure from"</label>
            <output for="live-least">{move || figures::percent(Some(f64::from(least()) / 100.0))}</output>
            <input type="range" id="live-least" min="0" max="95" prop:value=least on:input=set_least aria-describedby="live-least-help" />
            <p class="help" id="live-least-help">"Where the likeliest expression is less likely, the answer is \"not sure\"."</p>
        </div>
    }
}
