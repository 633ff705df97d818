//! Evaluate: figures on faces the model has not seen.

mod choice;
mod closer;
mod confusion;
mod curves;
mod embedding;
mod errors;
mod metrics;
mod predictions;

use std::sync::Arc;

use leptos::prelude::*;

use crate::ui::charts::part_by_part;
use crate::ui::session::{Evaluation, Session};
use choice::Choice;
use confusion::Confusion;
use curves::Curves;
use embedding::SeenAlike;
use errors::{Errors, ResidualCharts};
use metrics::Metrics;
use predictions::{Predictions, answers};

/// The parts of what is found.
const PARTS: usize = 6;

/// The page: what is evaluated on the right; the figures, the matrix and the faces in the middle.
#[component]
pub fn Evaluate() -> impl IntoView {
    let session = Session::here();
    view! {
        <div class="page evaluate" class:empty=move || session.evaluation.with(Option::is_none)>
            <header>
                <h1>"Evaluate"</h1>
                <Show when=move || session.evaluation.with(Option::is_none)>
                    <p class="lead">"How good is a model on faces it was not trained on? Every figure of the field, and the faces behind it."</p>
                </Show>
            </header>
            <Choice />
            {move || session.evaluation.get().map(|evaluation| view! { <Findings evaluation /> })}
        </div>
    }
}

/// One evaluation, looked at from all sides. The filter joins the matrix and the faces.
#[component]
fn Findings(evaluation: Arc<Evaluation>) -> impl IntoView {
    let answers = answers(&evaluation);
    let evaluation = StoredValue::new(evaluation);
    let of = move || evaluation.get_value();
    let matrix = move || of().report.expression.is_some().then(|| view! { <Confusion evaluation=of() answers /> });
    // All at once they would hold the page.
    let there = RwSignal::new(0);
    part_by_part(there, PARTS);
    let part = move |number: usize| move || there.get() >= number;
    view! {
        <Show when=part(1)><Metrics evaluation=of() /></Show>
        <Show when=part(2)>
            <section class="pictures" aria-label="Errors">{matrix} <Errors evaluation=of() /></section>
        </Show>
        <Show when=part(3)><Curves evaluation=of() /></Show>
        <Show when=part(4)><ResidualCharts evaluation=of() /></Show>
        <Show when=part(5)><SeenAlike evaluation=of() /></Show>
        <Show when=part(PARTS)><Predictions evaluation=of() answers /></Show>
    }
    .into_any()
}
