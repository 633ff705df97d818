//! The faces behind the figures: what was so and what was said, side by side.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::ImageData;

use super::closer::Closer;
use crate::engine::protocol::{Command, Outcome, PredictionFilter, PredictionOrder};
use crate::evaluation::{Prediction, argmax};
use crate::ui::charts::part_by_part;
use crate::ui::components::{Class, Face, Listing, Mark, PAGE, Pager, Question};
use crate::ui::figures;
use crate::ui::session::Evaluation;

/// So many cards are laid out in a frame, when the page is new.
const SLICE: usize = 8;

/// The predictions on the screen.
pub type Answers = Listing<PredictionFilter, Prediction>;

/// All of an evaluation's predictions, the first page being fetched.
pub fn answers(evaluation: &Evaluation) -> Answers {
    let ask = |filter, skip, take| Command::ListPredictions { filter, skip, take };
    let take = |outcome| match outcome {
        Outcome::Predictions { total, predictions } => Some((total, predictions)),
        _ => None,
    };
    Answers::new(evaluation.report.samples as usize, Question { ask, take })
}

/// Which answers can come first, and the words for it.
const ORDERS: [(PredictionOrder, &str); 4] = [
    (PredictionOrder::MostConfident, "the most certain"),
    (PredictionOrder::LeastConfident, "the least certain"),
    (PredictionOrder::LargestLoss, "the largest loss"),
    (PredictionOrder::LargestAffectError, "the largest valence-arousal error"),
];

/// The predictions, filtered and paged.
#[component]
pub fn Predictions(
    /// Whose predictions.
    evaluation: Arc<Evaluation>,
    /// Which of them are shown.
    answers: Answers,
) -> impl IntoView {
    let classes = StoredValue::new(Class::all(&evaluation.report.label_set));
    let chosen = RwSignal::new(None::<Prediction>);
    let card = move |(prediction, image): &(Prediction, Option<ImageData>)| {
        classes.with_value(|classes| card(prediction, classes, image.clone(), chosen))
    };
    // At first the page has more to lay out than these.
    let there = RwSignal::new(0);
    part_by_part(there, PAGE / SLICE);
    let slice = move |number: usize| {
        let is_there = Memo::new(move |_| there.get() > number);
        let cards =
            move || answers.shown.with(|all| all.iter().skip(number * SLICE).take(SLICE).map(card).collect_view());
        move || is_there.get().then_some(cards)
    };
    view! {
        <section class="predictions" aria-labelledby="predictions-title">
            <div class="bar-line">
                <h2 id="predictions-title">"Faces and answers"</h2>
                <Filters answers classes />
                <Pager page=answers.page size=PAGE total=answers.total what="predictions" />
            </div>
            <p class="complaint">{answers.failed}</p>
            {move || chosen.get().map(|prediction| {
                view! { <Closer prediction classes on_close=Callback::new(move |()| chosen.set(None)) /> }
            })}
            <ul class="cards">{(0..PAGE / SLICE).map(slice).collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Filters(answers: Answers, classes: StoredValue<Vec<Class>>) -> impl IntoView {
    let filter = answers.filter;
    let option = move |(value, label): (Option<bool>, &'static str)| {
        let pressed = move || (filter.get().right == value).to_string();
        let choose = move |_| answers.choose(|filter| filter.right = value);
        view! { <button type="button" aria-pressed=pressed on:click=choose>{label}</button> }
    };
    let name = move |class: usize| {
        classes.with_value(|classes| classes.get(class).map(|class| class.name.clone())).unwrap_or_default()
    };
    let cell = move || {
        let PredictionFilter { truth, predicted, .. } = filter.get();
        let (truth, predicted) = truth.zip(predicted)?;
        let words = format!("{} said to be {}", name(truth), name(predicted));
        let all =
            move |_| answers.choose(|filter| *filter = PredictionFilter { order: filter.order, ..Default::default() });
        Some(view! { <p class="chosen">{words} " " <button type="button" on:click=all>"Show all"</button></p> })
    };
    let order = move |(order, words): (PredictionOrder, &'static str)| {
        view! { <option value=words prop:selected=move || filter.get().order == order>{words}</option> }
    };
    let sort = move |event| {
        let words = event_target_value(&event);
        let chosen = ORDERS.into_iter().find(|(_, of)| *of == words).map(|(order, _)| order).unwrap_or_default();
        answers.choose(|filter| filter.order = chosen);
    };
    view! {
        <div class="choices" role="group" aria-label="Which answers">
            {[(None, "all"), (Some(true), "right"), (Some(false), "wrong")].map(option).into_iter().collect_view()}
        </div>
        <label class="inline">
            <span class="quiet">"first"</span> " "
            <select data-testid="predictions-order" on:change=sort>{ORDERS.map(order).into_iter().collect_view()}</select>
        </label>
        {cell}
    }
}

/// A face, what was said of it, and what was so; its picture opens it in detail.
pub fn card(
    prediction: &Prediction,
    classes: &[Class],
    image: Option<ImageData>,
    chosen: RwSignal<Option<Prediction>>,
) -> impl IntoView + use<> {
    let own = prediction.clone();
    let said = argmax(&prediction.probabilities);
    let truth = prediction.truth.class();
    let class = |index: Option<usize>| index.and_then(|index| classes.get(index).cloned());
    let mark = |class: Option<Class>| match class {
        Some(class) => view! { <Mark class /> }.into_any(),
        None => figures::UNDEFINED.into_any(),
    };
    let name = |index| class(index).map_or(figures::UNDEFINED.into(), |class| class.name);
    let label = format!("{}: said {}, was {}", prediction.name, name(said), name(truth));
    let probability = said.map(|class| format!("{:.0} %", prediction.probabilities[class] * 100.0));
    let place = |valence: Option<f32>, arousal: Option<f32>| valence.zip(arousal).map(|(v, a)| figures::affect(v, a));
    let was = place(prediction.truth.valence, prediction.truth.arousal);
    let verdict = match truth.is_some() && said.is_some() {
        true if truth == said => ("right", "\u{2713}"),
        true => ("wrong", "\u{2717}"),
        false => ("", ""),
    };
    view! {
        <li class=verdict.0 title=prediction.name.clone()>
            <button type="button" class="picture" data-testid="look-closer" on:click=move |_| chosen.set(Some(own.clone()))>
                <Face image label />
            </button>
            <table>
                <tbody>
                    <tr><th scope="row">"said"</th><td>{mark(class(said))} " " {probability}</td></tr>
                    <tr><th scope="row">"was"</th><td>{mark(class(truth))} " " <span class="verdict" aria-hidden="true">{verdict.1}</span></td></tr>
                    <tr class="affect"><th scope="row">"said"</th><td>{place(Some(prediction.valence), Some(prediction.arousal))}</td></tr>
                    <tr class="affect"><th scope="row">"was"</th><td>{was.unwrap_or(figures::UNDEFINED.into())}</td></tr>
                </tbody>
            </table>
        </li>
    }
}
