//! The faces behind the figures: what was so and what was said, side by side.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::ImageData;

use crate::engine::client::Answer;
use crate::engine::protocol::{Command, Failure, Outcome, PredictionFilter};
use crate::evaluation::Prediction;
use crate::ui::components::{Class, Face, Mark, Pager, thumbnails};
use crate::ui::figures;
use crate::ui::session::{Evaluation, Session};

/// Faces a page.
const PAGE: usize = 24;

/// The predictions on the screen: which of them are wanted, and the page of them that the engine sent.
#[derive(Clone, Copy)]
pub struct Answers {
    /// Which are wanted.
    pub filter: RwSignal<PredictionFilter>,
    page: RwSignal<usize>,
    total: RwSignal<usize>,
    shown: RwSignal<Vec<(Prediction, Option<ImageData>)>, LocalStorage>,
    failed: RwSignal<Option<String>>,
}

impl Answers {
    /// All of an evaluation's, the first page being fetched.
    pub fn of(evaluation: &Evaluation) -> Answers {
        let answers = Answers {
            filter: RwSignal::default(),
            page: RwSignal::new(0),
            total: RwSignal::new(evaluation.report.samples as usize),
            shown: RwSignal::new_local(Vec::new()),
            failed: RwSignal::new(None),
        };
        answers.fetch();
        answers
    }

    /// Chooses other predictions, from the first page on.
    pub fn choose(&self, change: impl FnOnce(&mut PredictionFilter)) {
        self.page.set(0);
        self.filter.update(change);
    }

    /// Asks for a page whenever the filter or the page changes; an answer that was overtaken is dropped.
    fn fetch(self) {
        let session = Session::here();
        Effect::new(move |_| {
            let wanted = (self.filter.get(), self.page.get());
            let command = Command::ListPredictions { filter: wanted.0, skip: wanted.1 * PAGE, take: PAGE };
            spawn_local(async move {
                let answer = session.ask(command).await;
                if self.filter.try_get_untracked().zip(self.page.try_get_untracked()) == Some(wanted) {
                    self.take_in(answer);
                }
            });
        });
    }

    fn take_in(&self, answer: Result<Answer, Failure>) {
        match answer {
            Ok(Answer { outcome: Outcome::Predictions { total, predictions }, attachment, .. }) => {
                let mut images = attachment.as_ref().map(thumbnails).unwrap_or_default().into_iter();
                self.total.set(total);
                self.failed.set(None);
                self.shown.set(predictions.into_iter().map(|prediction| (prediction, images.next())).collect());
            }
            Ok(_) => {}
            Err(failure) => self.failed.set(Some(failure.message)),
        }
    }
}

/// The predictions, filtered and paged.
#[component]
pub fn Predictions(
    /// Whose predictions.
    evaluation: Arc<Evaluation>,
    /// Which of them are shown.
    answers: Answers,
) -> impl IntoView {
    let classes = StoredValue::new(Class::all(&evaluation.report.label_set));
    let cards = move || {
        let card = |(prediction, image): &(Prediction, Option<ImageData>)| {
            classes.with_value(|classes| card(prediction, classes, image.clone()))
        };
        answers.shown.with(|shown| shown.iter().map(card).collect_view())
    };
    view! {
        <section class="predictions" aria-labelledby="predictions-title">
            <div class="bar-line">
                <h2 id="predictions-title">"Faces and answers"</h2>
                <Filters answers classes />
                <Pager page=answers.page size=PAGE total=answers.total what="predictions" />
            </div>
            <p class="complaint">{answers.failed}</p>
            <ul class="cards">{cards}</ul>
        </section>
    }
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
        let all = move |_| answers.choose(|filter| *filter = PredictionFilter::default());
        Some(view! { <p class="chosen">{words} " " <button type="button" on:click=all>"Show all"</button></p> })
    };
    view! {
        <div class="choices" role="group" aria-label="Which answers">
            {[(None, "all"), (Some(true), "right"), (Some(false), "wrong")].map(option).into_iter().collect_view()}
        </div>
        {cell}
    }
}

fn card(prediction: &Prediction, classes: &[Class], image: Option<ImageData>) -> impl IntoView + use<> {
    let said = most_likely(&prediction.probabilities);
    let truth = prediction.truth.class();
    let class = |index: Option<usize>| index.and_then(|index| classes.get(index).cloned());
    let mark = |class: Option<Class>| match class {
        Some(class) => view! { <Mark class /> }.into_any(),
        None => figures::UNDEFINED.into_any(),
    };
    let name = |index| class(index).map_or(figures::UNDEFINED.into(), |class| class.name);
    let label = format!("{}: said {}, was {}", prediction.name, name(said), name(truth));
    let probability = said.map(|class| format!("{:.0} %", prediction.probabilities[class] * 100.0));
    let place =
        |valence: Option<f32>, arousal: Option<f32>| valence.zip(arousal).map(|(v, a)| format!("{v:+.2} {a:+.2}"));
    let was = place(prediction.truth.valence, prediction.truth.arousal);
    let verdict = match truth.is_some() && said.is_some() {
        true if truth == said => ("right", "\u{2713}"),
        true => ("wrong", "\u{2717}"),
        false => ("", ""),
    };
    view! {
        <li class=verdict.0 title=prediction.name.clone()>
            <Face image label />
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

/// The first of the largest.
fn most_likely(probabilities: &[f32]) -> Option<usize> {
    (0..probabilities.len()).reduce(|best, class| if probabilities[class] > probabilities[best] { class } else { best })
}
