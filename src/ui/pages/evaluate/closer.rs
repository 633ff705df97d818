//! One face, large: what the network sees, what it says, and where in the face it finds that.

use leptos::html::Canvas;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, ImageData};

use crate::engine::client::Answer;
use crate::engine::protocol::{Command, Explained, Outcome};
use crate::evaluation::{Prediction, argmax};
use crate::ui::charts::{Affect, Arrow, Circumplex};
use crate::ui::components::{Class, Mark, pictures};
use crate::ui::figures;
use crate::ui::session::Session;

/// What lies over the face.
#[derive(Clone, Copy, PartialEq)]
enum Over {
    Nothing,
    Heat(Explained),
    Attention(usize),
}

/// The pictures of a face: itself, the heat of what was explained, the attention of each block.
type Pictures = RwSignal<Vec<ImageData>, LocalStorage>;

/// The face and its answer.
#[component]
pub fn Closer(
    /// The answer.
    prediction: Prediction,
    /// The model's classes.
    classes: StoredValue<Vec<Class>>,
    /// Closes it.
    on_close: Callback<()>,
) -> impl IntoView {
    let said = argmax(&prediction.probabilities);
    let truth = prediction.truth.class();
    let first = said.map_or(Explained::Valence, Explained::Class);
    let over = RwSignal::new(Over::Heat(first));
    let shown = Pictures::new_local(Vec::new());
    let failed = RwSignal::new(None);
    fetch(prediction.sample, first, over, shown, failed);
    let name = move |class: usize| {
        classes.with_value(|classes| classes.get(class).map_or(String::new(), |of| of.name.clone()))
    };
    let mut choices = vec![(Over::Nothing, "the face alone".to_string())];
    choices.extend(said.map(|class| (Over::Heat(Explained::Class(class)), format!("what speaks for {}", name(class)))));
    let other = truth.filter(|truth| Some(*truth) != said);
    choices
        .extend(other.map(|class| (Over::Heat(Explained::Class(class)), format!("what speaks for {}", name(class)))));
    choices.push((Over::Heat(Explained::Valence), "what raises valence".into()));
    choices.push((Over::Heat(Explained::Arousal), "what raises arousal".into()));
    let choice = move |(value, words): (Over, String)| {
        let pressed = move || (over.get() == value).to_string();
        view! { <button type="button" aria-pressed=pressed on:click=move |_| over.set(value)>{words}</button> }
    };
    let attention = move || {
        let blocks = shown.with(Vec::len).saturating_sub(2);
        (0..blocks)
            .map(|block| choice((Over::Attention(block), format!("attention, block {}", block + 1))))
            .collect_view()
    };
    let top = Signal::derive_local(move || {
        shown.with(|pictures| match over.get() {
            Over::Nothing => None,
            Over::Heat(_) => pictures.get(1).cloned(),
            Over::Attention(block) => pictures.get(2 + block).cloned(),
        })
    });
    let face = Signal::derive_local(move || shown.with(|pictures| pictures.first().cloned()));
    let affect = prediction.truth.valence.zip(prediction.truth.arousal);
    let place = (prediction.valence, prediction.arousal);
    let arrow = Arrow { from: affect.unwrap_or(place), to: place };
    let said_at = figures::affect(place.0, place.1);
    let caption = match affect {
        Some((valence, arousal)) => {
            format!("Was {} (ring), said {said_at} (dot): valence, arousal.", figures::affect(valence, arousal))
        }
        None => format!("Said {said_at}: valence, arousal."),
    };
    let evaluation = Session::here().evaluation;
    let caveat = evaluation.with_untracked(|of| of.as_ref()?.model.affect_caveat());
    let on_circumplex = Signal::stored(Affect { arrows: vec![arrow], ..Affect::default() });
    view! {
        <section class="closer" aria-label="A face in detail" data-testid="closer">
            <div class="bar-line">
                <h3>{prediction.name.clone()}</h3>
                <button type="button" data-testid="closer-close" on:click=move |_| on_close.run(())>"Close"</button>
            </div>
            <p class="complaint">{failed}</p>
            <div class="closer-parts">
                <div>
                    <div class="layers">
                        <Layer image=face label="The face as the network sees it".into() />
                        <Layer image=top label="Where it finds what it says".into() />
                    </div>
                    <div class="choices" role="group" aria-label="What lies over the face">
                        {choices.into_iter().map(choice).collect_view()} {attention}
                    </div>
                </div>
                <Shares prediction=prediction.clone() classes />
                <Circumplex affect=on_circumplex caption />
            </div>
            <p class="quiet">{caveat}</p>
            <p class="quiet">
                "Warm where the network looks (Grad-CAM, Selvaraju et al. 2017), as coarse as its feature maps are. It tells what moved the answer, not whether that was a good reason."
            </p>
        </section>
    }
}

/// Asks for the pictures whenever something else is to be explained; an answer that was overtaken is dropped.
fn fetch(sample: usize, first: Explained, over: RwSignal<Over>, shown: Pictures, failed: RwSignal<Option<String>>) {
    let session = Session::here();
    let wanted = Memo::new(move |last: Option<&Explained>| match over.get() {
        Over::Heat(what) => what,
        _ => last.copied().unwrap_or(first),
    });
    Effect::new(move |_| {
        let what = wanted.get();
        spawn_local(async move {
            let answer = session.ask(Command::Explain { sample, what }).await;
            if wanted.try_get_untracked() != Some(what) {
                return;
            }
            match answer {
                Ok(Answer { outcome: Outcome::Explanation { side, .. }, attachment: Some(bytes), .. }) => {
                    failed.set(None);
                    shown.set(pictures(&bytes, side));
                }
                Ok(_) => {}
                Err(failure) => failed.set(Some(failure.message)),
            }
        });
    });
}

/// A picture on a canvas of its own; several lie on one another.
#[component]
fn Layer(image: Signal<Option<ImageData>, LocalStorage>, label: String) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        let image = image.get();
        let side = image.as_ref().map_or(1, ImageData::width);
        // This also wipes it.
        canvas.set_width(side);
        canvas.set_height(side);
        let context = canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into().ok());
        if let Some((context, image)) = context.zip(image) {
            let context: CanvasRenderingContext2d = context;
            // Fails for an image whose buffer was given away; this one is kept.
            let _ = context.put_image_data(&image, 0.0, 0.0);
        }
    });
    view! { <canvas node_ref=canvas role="img" aria-label=label></canvas> }
}

/// The probability of every class, the most likely first.
#[component]
fn Shares(prediction: Prediction, classes: StoredValue<Vec<Class>>) -> impl IntoView {
    let truth = prediction.truth.expression.clone().unwrap_or_default();
    let mut order: Vec<usize> = (0..prediction.probabilities.len()).collect();
    order.sort_by(|a, b| prediction.probabilities[*b].total_cmp(&prediction.probabilities[*a]));
    let row = move |class: usize| {
        let share = prediction.probabilities[class];
        let of = classes.with_value(|classes| classes.get(class).cloned())?;
        let role = of.role.trim_start_matches('-');
        let was = truth.get(class).filter(|share| **share > 0.0).map(|share| figures::percent(Some(f64::from(*share))));
        Some(view! {
            <tr>
                <th scope="row"><Mark class=of.clone() /></th>
                <td class=format!("bar {role}")><span aria-hidden="true"><i style:width=format!("{:.1}%", share * 100.0)></i></span></td>
                <td>{figures::percent(Some(f64::from(share)))}</td>
                <td>{was}</td>
            </tr>
        })
    };
    view! {
        <table class="shares">
            <thead><tr><th scope="col"><span class="unseen">"class"</span></th><td></td><th scope="col">"said"</th><th scope="col">"was"</th></tr></thead>
            <tbody>{order.into_iter().filter_map(row).collect_view()}</tbody>
        </table>
    }
}
