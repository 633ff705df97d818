//! Models: those at hand, files in, files out.

use leptos::prelude::*;

use crate::engine::protocol::{Export, ModelSummary};
use crate::training::TrainingPlan;
use crate::ui::components::{DeleteButton, FileButton};
use crate::ui::figures;
use crate::ui::files::Dropped;
use crate::ui::session::Session;

/// The models the engine holds.
#[component]
pub fn Models() -> impl IntoView {
    let session = Session::here();
    let empty = move || session.models.with(Vec::is_empty);
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
                    <p>"None yet. " <a href="#/train">"Train one"</a> ", or import a model file."</p>
                </Show>
                <ul class="models-list">
                    <For each=move || session.models.get().into_iter().rev() key=|model| (model.id, model.name.clone()) let:model><ModelEntry model /></For>
                </ul>
            </section>
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
            <FileButton label="Import a model file" testid="model-import" accept=".safetensors" disabled=false on_files=read />
        </div>
        <p class="quiet">"A safetensors file downloaded from Mien."</p>
        <p class="complaint" role="alert">{move || session.notice.get()}</p>
    }
}

#[component]
fn ModelEntry(model: ModelSummary) -> impl IntoView {
    let session = Session::here();
    let delete = Callback::new(move |()| session.delete_model(model.id));
    let ModelSummary { id, name, architecture, label_set, parameters, input_size, origin, plan } = model;
    let trained_for = plan.map(|plan| {
        let TrainingPlan { epochs, batch_size, learning_rate, seed, .. } = plan;
        let words = format!("{epochs} epochs, batch {batch_size}, rate {learning_rate}, seed {seed}");
        view! { <div><dt>"plan"</dt><dd>{words}</dd></div> }
    });
    view! {
        <li>
            <h3>{name.clone()}</h3>
            <dl class="facts">
                <div><dt>"from"</dt><dd>{origin}</dd></div>
                <div><dt>"network"</dt><dd>{format!("{architecture}, {} parameters", figures::count(parameters))}</dd></div>
                <div><dt>"input"</dt><dd>{format!("{input_size} x {input_size} pixels")}</dd></div>
                <div><dt>"classes"</dt><dd>{format!("{}: {}", label_set.name(), label_set.classes().join(", "))}</dd></div>
                {trained_for}
            </dl>
            <div class="actions">
                <a class="button" href="#/evaluate" on:click=move |_| session.chosen_model.set(Some(id))>"Evaluate"</a>
                <button type="button" data-testid="download-model" on:click=move |_| session.download(Export::Model(id))>"Download"</button>
                <DeleteButton what=name testid="delete-model" disabled=false on_delete=delete />
            </div>
        </li>
    }
}
