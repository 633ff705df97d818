//! Which model, on which split; and what to take home.

use leptos::prelude::*;

use crate::dataset::Split;
use crate::engine::protocol::{Export, ModelId};
use crate::ui::components::{ActivityLine, ModelSelect};
use crate::ui::pages::models::ModelImport;
use crate::ui::session::Session;

/// The choice, the run, and the files.
#[component]
pub fn Choice() -> impl IntoView {
    let session = Session::here();
    let split = RwSignal::new(Split::Test);
    let hindrance = Memo::new(move |_| session.evaluation_hindrance());
    let pick_split = move |event| {
        let name = event_target_value(&event);
        split.set(Split::ALL.into_iter().find(|split| split.name() == name).unwrap_or(Split::Test));
    };
    let split_option = move |choice: Split| {
        let faces = move || {
            session.dataset.with(|dataset| dataset.as_ref().map(|dataset| dataset.split_sizes[choice as usize]))
        };
        view! {
            <option value=choice.name() selected=choice == Split::Test>
                {move || faces().map_or(choice.name().into(), |faces| format!("{} ({faces} faces)", choice.name()))}
            </option>
        }
    };
    view! {
        <aside class="choice" aria-label="What to evaluate">
            <h2>"Evaluation"</h2>
            <div class="fields">
                <label class="field wide"><span>"Model"</span><ModelSelect testid="evaluate-model" /></label>
                <label class="field wide">
                    <span>"Split"</span>
                    <select on:change=pick_split>{Split::ALL.map(split_option).collect_view()}</select>
                </label>
            </div>
            <div class="actions">
                <button type="button" class="strong" data-testid="evaluate-run" aria-describedby="evaluate-why"
                    disabled=move || hindrance.with(Option::is_some) on:click=move |_| session.evaluate(split.get_untracked())>"Evaluate"</button>
            </div>
            <p id="evaluate-why" class="quiet">{hindrance}</p>
            <ActivityLine activity=session.evaluating testid="evaluate-status" name="Evaluation" doing="evaluating" />
            <Downloads />
            <h3>"A model from a file"</h3>
            <ModelImport />
        </aside>
    }
}

/// The chosen model, and the last evaluation, as files.
#[component]
fn Downloads() -> impl IntoView {
    let session = Session::here();
    let no_model = move || session.models.with(Vec::is_empty);
    let no_evaluation = move || session.evaluation.with(Option::is_none);
    let save = move |what: fn(ModelId) -> Export| {
        session.model_to_evaluate().into_iter().for_each(|model| session.download(what(model.id)));
    };
    view! {
        <h3>"To keep"</h3>
        <div class="actions column">
            <button type="button" data-testid="download-model" disabled=no_model on:click=move |_| save(Export::Model)>"Model (safetensors)"</button>
            <button type="button" data-testid="download-run" disabled=no_model on:click=move |_| save(Export::Run)>"Run: all of it (zip)"</button>
            <button type="button" data-testid="download-report" disabled=no_evaluation
                on:click=move |_| session.download(Export::Report)>"Report (JSON)"</button>
            <button type="button" data-testid="download-document" disabled=no_evaluation
                on:click=move |_| session.download(Export::Document)>"Report to read (HTML)"</button>
            <button type="button" data-testid="download-predictions" disabled=no_evaluation
                on:click=move |_| session.download(Export::Predictions)>"Predictions (CSV)"</button>
        </div>
    }
}
