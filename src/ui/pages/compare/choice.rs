//! Who is compared, on what; and all four networks in one go.

use leptos::prelude::*;

use crate::dataset::Split;
use crate::engine::protocol::{Export, ModelSummary};
use crate::training::{InitialWeights, MODELS, Trainable};
use crate::ui::components::ActivityLine;
use crate::ui::session::{Queue, Session, Turn};

/// The choice, the run, and the file.
#[component]
pub fn Choice() -> impl IntoView {
    let session = Session::here();
    let comparing = session.comparing;
    let hindrance = Memo::new(move |_| session.comparison_hindrance());
    let entry = move |model: ModelSummary| {
        let id = model.id;
        let chosen = move || comparing.chosen.with(|chosen| chosen.contains(&id));
        let choose = move |event| {
            let wanted = event_target_checked(&event);
            comparing.chosen.update(|chosen| {
                chosen.retain(|other| *other != id);
                if wanted {
                    chosen.push(id);
                    chosen.sort_unstable();
                }
            });
        };
        view! {
            <li><label class="check">
                <input type="checkbox" data-testid=format!("compare-{id}") prop:checked=chosen on:change=choose />
                <span>{model.name} " " <span class="quiet">{model.origin}</span></span>
            </label></li>
        }
    };
    let pick_split = move |event| {
        let name = event_target_value(&event);
        comparing.split.set(Split::ALL.into_iter().find(|split| split.name() == name).unwrap_or(Split::Test));
    };
    let split_option = move |choice: Split| {
        view! { <option value=choice.name() prop:selected=move || comparing.split.get() == choice>{choice.name()}</option> }
    };
    view! {
        <aside class="choice" aria-label="What to compare">
            <h2>"Models"</h2>
            <Show when=move || session.models.with(Vec::is_empty)>
                <p class="quiet">"No model yet: train all four below, or one on the " <a href="#/train">"Train"</a> " page."</p>
            </Show>
            <ul class="checks">{move || session.models.get().into_iter().map(entry).collect_view()}</ul>
            <label class="field wide">
                <span>"Split"</span>
                <select data-testid="compare-split" on:change=pick_split>{Split::ALL.map(split_option).collect_view()}</select>
            </label>
            <div class="actions">
                <button type="button" class="strong" data-testid="compare-run" aria-describedby="compare-why"
                    disabled=move || hindrance.with(Option::is_some) on:click=move |_| session.compare()>"Compare"</button>
                <button type="button" data-testid="download-comparison" disabled=move || comparing.compared.with(Option::is_none)
                    on:click=move |_| session.download(Export::Comparison)>"Comparison (JSON)"</button>
                <button type="button" data-testid="download-comparison-document" disabled=move || comparing.compared.with(Option::is_none)
                    on:click=move |_| session.download(Export::ComparisonDocument)>"Comparison to read (HTML)"</button>
            </div>
            <p id="compare-why" class="quiet">{hindrance}</p>
            <ActivityLine activity=comparing.activity testid="compare-status" name="Comparison" doing="comparing" />
            <p class="complaint" role="alert">{move || session.notice.get()}</p>
            <AllFour />
        </aside>
    }
}

/// What a backbone can begin with here: the weights, how far it learns, and the words for it.
const BEGINNINGS: [(InitialWeights, Trainable, &str); 4] = [
    (InitialWeights::Imagenet, Trainable::Head, "ImageNet weights; the head learns"),
    (InitialWeights::Imagenet, Trainable::LastStage, "ImageNet weights; the last stage learns"),
    (InitialWeights::Imagenet, Trainable::All, "ImageNet weights; all learns"),
    (InitialWeights::Random, Trainable::All, "nothing"),
];

/// Trains every network by one plan, then compares them.
#[component]
fn AllFour() -> impl IntoView {
    let session = Session::here();
    let queue = session.comparing.queue;
    let beginning = RwSignal::new(0);
    let hindrance = Memo::new(move |_| session.training_hindrance());
    let is_on = move || queue.with(|queue| queue.as_ref().is_some_and(Queue::is_on));
    let start = move |_| {
        let (weights, trainable, _) = BEGINNINGS[beginning.get_untracked()];
        session.compare_all(weights, trainable);
    };
    let pick = move |event| {
        let words = event_target_value(&event);
        beginning.set(BEGINNINGS.iter().position(|(.., of)| *of == words).unwrap_or_default());
    };
    let option =
        |(.., words): (InitialWeights, Trainable, &'static str)| view! { <option value=words>{words}</option> };
    let plan = move || {
        session.settings.plan.with(|plan| {
            format!(
                "epochs: {}, {} x {} pixels, batches of {}",
                plan.epochs, plan.input_size, plan.input_size, plan.batch_size
            )
        })
    };
    view! {
        <h3>"All four networks"</h3>
        <p class="quiet">
            "Trains CustomCNN, VGG16, ResNet50 and EfficientNetB0 one after the other by the plan of the "
            <a href="#/train">"Train"</a> " page (" {plan} "), and compares what comes of it."
        </p>
        <label class="field wide">
            <span>"Backbones begin with"</span>
            <select data-testid="compare-all-beginning" on:change=pick>{BEGINNINGS.map(option).collect_view()}</select>
        </label>
        <div class="actions">
            <button type="button" data-testid="compare-all" disabled=move || hindrance.with(Option::is_some) on:click=start>"Train and compare all four"</button>
            <Show when=is_on><button type="button" data-testid="compare-all-stop" on:click=move |_| session.end_queue()>"End it"</button></Show>
        </div>
        <p class="quiet">{move || (!is_on()).then(|| hindrance.get())}</p>
        {move || queue.get().map(|queue| view! { <Turns queue /> })}
    }
}

/// How far the four are.
#[component]
fn Turns(queue: Queue) -> impl IntoView {
    let session = Session::here();
    let training = session.training;
    let ended = queue.ended;
    let turn = move |turn: &Turn| match turn {
        Turn::Waits if ended => "left out".into_any(),
        Turn::Waits => "its turn comes".into_any(),
        Turn::Trains => {
            (move || format!("{}, epoch {} of {}", training.phase.get(), training.epoch(), training.planned.get()))
                .into_any()
        }
        Turn::Done(_) => "trained".into_any(),
        Turn::Failed(why) => view! { <span class="complaint">{why.clone()}</span> }.into_any(),
    };
    let row = move |(name, of): &(&'static str, Turn)| {
        let current = matches!(of, Turn::Trains).then_some("step");
        view! { <li aria-current=current><b>{*name}</b> " " <span class="quiet">{turn(of)}</span></li> }
    };
    view! { <ol class="turns" data-testid="compare-turns">{queue.entries.iter().map(row).collect_view()}</ol> }
}

// The queue names networks as the plan does.
const _: () = assert!(MODELS.len() == 4, "the page speaks of four networks");
