//! Models: those at hand, files in, files out; the pre-trained weights that the site has; how fast the device is with each network.

mod card;
mod entry;
mod layers;
mod speed;
mod weights;

use leptos::prelude::*;

use entry::ModelEntry;
use speed::Speeds;
use weights::Weights;

use crate::ui::components::FileButton;
use crate::ui::files::Dropped;
use crate::ui::session::{READING_MODEL, Session};

/// The models the engine holds.
#[component]
pub fn Models() -> impl IntoView {
    let session = Session::here();
    let models = move |shipped| {
        session
            .models
            .with(|models| models.iter().filter(|model| model.is_shipped() == shipped).cloned().collect::<Vec<_>>())
    };
    let (own, shipped) = (move || models(false), move || models(true));
    let empty = move || own().is_empty();
    let fate = move || {
        let hindrance = session.keeping.storage.with(|storage| storage.as_ref()?.hindrance.clone());
        hindrance.unwrap_or_else(|| {
            "Models are kept in this browser until they are deleted here, or the browser's data is cleared; some browsers clear it themselves after a while. Download what must last."
                .into()
        })
    };
    view! {
        <div class="page models">
            <header>
                <h1>"Models"</h1>
                <p class="lead">"What was trained or imported here. " {fate}</p>
            </header>
            <aside aria-label="Import">
                <h2>"Import"</h2>
                <ModelImport />
            </aside>
            <section aria-label="Models at hand">
                <Show when=empty>
                    <p>"None yet. " <a href="#/train">"Train one"</a> ", or import a model or a run."</p>
                </Show>
                <ul class="models-list">
                    <For each=move || own().into_iter().rev() key=|model| (model.id, model.name.clone(), model.evaluations.len()) let:model><ModelEntry model /></For>
                </ul>
            </section>
            <section aria-label="Models that come with Mien" hidden=move || shipped().is_empty()>
                <h2>"They come with Mien"</h2>
                <ul class="models-shipped">
                    <For each=shipped key=|model| (model.id, model.evaluations.len()) let:model><ModelEntry model /></For>
                </ul>
            </section>
            <Weights />
            <Speeds />
        </div>
    }
}

/// A button that reads a model file, and the sentence on what went wrong.
#[component]
pub fn ModelImport() -> impl IntoView {
    let session = Session::here();
    let read = Callback::new(move |chosen: Vec<Dropped>| {
        chosen.into_iter().for_each(|Dropped { file, .. }| session.import_model(file));
    });
    view! {
        <div class="actions">
            <FileButton label="Import a model or a run" testid="model-import" accept=".safetensors,.zip" disabled=false on_files=read />
        </div>
        <p class="quiet">"A safetensors file or a run's zip, downloaded from Mien."</p>
        <p class="quiet" role="status">{move || (session.models_coming.get() > 0).then_some(READING_MODEL)}</p>
        <p class="complaint" role="alert">{move || session.notice.get()}</p>
    }
}
