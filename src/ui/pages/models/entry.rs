//! A model of the list.

use leptos::html::{Button, Input};
use leptos::prelude::*;

use super::card::Card;
use super::layers::Layers;
use crate::engine::protocol::{EvaluationRecord, Export, ModelId, ModelSummary, Shipped, TrainingRecord};
use crate::training::TrainingPlan;
use crate::ui::components::DeleteButton;
use crate::ui::figures;
use crate::ui::session::Session;

/// What it is, and what can be done with it.
#[component]
pub fn ModelEntry(model: ModelSummary) -> impl IntoView {
    let session = Session::here();
    let delete = Callback::new(move |()| session.delete_model(model.id));
    let caveat = model.affect_caveat();
    let ModelSummary {
        id,
        name,
        shipped,
        architecture,
        label_set,
        parameters,
        input_size,
        origin,
        plan,
        note,
        training,
        evaluations,
    } = model;
    let own = shipped.is_none();
    let (size, card) = shipped.map(|shipped| (size(&shipped), shipped.card)).unzip();
    let head = match own {
        true => view! { <Name id name=name.clone() /> }.into_any(),
        false => view! { <h3>{name.clone()}</h3> }.into_any(),
    };
    let trained_for = plan.map(|plan| {
        let TrainingPlan { epochs, batch_size, learning_rate, seed, .. } = plan;
        let words = format!("{epochs} epochs, batch {batch_size}, rate {learning_rate}, seed {seed}");
        view! { <div><dt>"plan"</dt><dd>{words}</dd></div> }
    });
    view! {
        <li>
            {head}
            <dl class="facts">
                <div><dt>"from"</dt><dd>{origin}</dd></div>
                <div><dt>"network"</dt><dd>{format!("{architecture}, {} parameters", figures::count(parameters))}</dd></div>
                {size.map(|size| view! { <div><dt>"size"</dt><dd data-testid="model-size">{size}</dd></div> })}
                <div><dt>"input"</dt><dd>{format!("{input_size} x {input_size} pixels")}</dd></div>
                <div><dt>"classes"</dt><dd>{format!("{}: {}", label_set.name(), label_set.classes().join(", "))}</dd></div>
                {caveat.map(|caveat| view! { <div><dt>"note"</dt><dd>{caveat}</dd></div> })}
                {trained_for}
                {training.map(trained)}
                {evaluations.iter().map(evaluated).collect_view()}
            </dl>
            {own.then(|| view! { <Note id note /> })}
            {card.map(|address| view! { <Card address /> })}
            <Layers id />
            <div class="actions">
                <a class="button" href="#/evaluate" on:click=move |_| session.chosen_model.set(Some(id))>"Evaluate"</a>
                <button type="button" data-testid="download-model" on:click=move |_| session.download(Export::Model(id))>"Download"</button>
                <button type="button" data-testid="download-onnx" on:click=move |_| session.download(Export::Onnx(id))>"Download as ONNX"</button>
                <button type="button" data-testid="download-run" on:click=move |_| session.download(Export::Run(id))>"Run (zip)"</button>
                <button type="button" data-testid="copy-model" on:click=move |_| session.copy_model(id)>"Copy"</button>
                {own.then(|| view! { <DeleteButton what=name testid="delete-model" disabled=false on_delete=delete /> })}
            </div>
        </li>
    }
}

/// What is fetched of it, in words.
fn size(Shipped { bytes, backbone_bytes, .. }: &Shipped) -> String {
    let beside = match backbone_bytes {
        0 => String::new(),
        bytes => format!(", and {} of the pre-trained weights below", figures::bytes(*bytes)),
    };
    format!("{}{beside}: fetched from this site when it is first used", figures::bytes(*bytes))
}

/// How it was trained, in a line.
fn trained(training: TrainingRecord) -> impl IntoView {
    let TrainingRecord { ended, seconds, device, faces, best_epoch, history, .. } = training;
    let epochs = figures::counted(history.epochs.len(), "epoch", "epochs");
    let best = history.epochs.iter().find(|epoch| epoch.epoch == best_epoch);
    let accuracy = best.and_then(|epoch| epoch.validation_accuracy).map_or(String::new(), |accuracy| {
        format!(", validation accuracy {}", figures::percent(Some(f64::from(accuracy))))
    });
    let words = format!(
        "{} on {} ({} of training and validation), {epochs} in {}{accuracy}; {device}",
        moment(ended),
        faces.dataset,
        figures::counted(faces.count, "face", "faces"),
        figures::duration(seconds),
    );
    view! { <div><dt>"trained"</dt><dd>{words}</dd></div> }
}

/// An evaluation, in a line.
fn evaluated(evaluation: &EvaluationRecord) -> impl IntoView + use<> {
    let EvaluationRecord { ended, faces, split, accuracy, .. } = evaluation;
    let accuracy =
        accuracy.map_or(String::new(), |accuracy| format!("accuracy {}, ", figures::percent(Some(accuracy))));
    let count = figures::counted(faces.count, "face", "faces");
    let words = format!("{accuracy}{} of {}, {count}, {}", split.name(), faces.dataset, moment(*ended));
    view! { <div><dt>"evaluated"</dt><dd>{words}</dd></div> }
}

/// A moment in milliseconds since 1970, as the person's own clock has it: `2026-11-25 15:04`.
fn moment(milliseconds: u64) -> String {
    let date = js_sys::Date::new(&(milliseconds as f64).into());
    format!(
        "{}-{:02}-{:02} {:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// What a person writes about a model; kept when they leave the field.
#[component]
fn Note(id: ModelId, note: String) -> impl IntoView {
    let session = Session::here();
    let kept = StoredValue::new(note.clone());
    let keep = move |event| {
        let written = event_target_value(&event);
        if written.trim() != kept.get_value() {
            kept.set_value(written.trim().into());
            session.note_model(id, written);
        }
    };
    view! {
        <label class="field wide">
            <span>"Note"</span>
            <input type="text" maxlength="400" data-testid="model-note" value=note on:change=keep />
        </label>
    }
}

/// A model's name, and a field to change it.
#[component]
fn Name(id: ModelId, name: String) -> impl IntoView {
    let session = Session::here();
    let written = RwSignal::new(name.clone());
    let open = RwSignal::new(false);
    let name = StoredValue::new(name);
    let (field, button) = (NodeRef::<Input>::new(), NodeRef::<Button>::new());
    // Whoever opens the field is in it; whoever leaves it is where they were.
    let left = StoredValue::new(false);
    Effect::new(move |_| field.get().into_iter().for_each(|field| drop(field.focus())));
    Effect::new(move |_| {
        if let Some(button) = button.get()
            && left.get_value()
        {
            drop(button.focus());
        }
    });
    let rename = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        left.set_value(true);
        open.set(false);
        session.rename_model(id, written.get_untracked());
    };
    let leave = move |_| {
        written.set(name.get_value());
        left.set_value(true);
        open.set(false);
    };
    let heading = move || {
        view! {
            <div class="bar-line">
                <h3>{name.get_value()}</h3>
                <button type="button" data-testid="rename-model" node_ref=button on:click=move |_| open.set(true)>
                    "Rename" <span class="unseen">" " {name.get_value()}</span>
                </button>
            </div>
        }
    };
    view! {
        <Show when=move || open.get() fallback=heading>
            <form class="bar-line" on:submit=rename>
                <input type="text" aria-label="New name" data-testid="model-name" maxlength="80" required node_ref=field
                    prop:value=written on:input=move |event| written.set(event_target_value(&event)) />
                <button type="submit">"Save the name"</button>
                <button type="button" on:click=leave>"Leave it"</button>
            </form>
        </Show>
    }
}
