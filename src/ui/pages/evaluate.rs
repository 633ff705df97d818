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

use crate::ui::session::{Evaluation, Session};
use choice::Choice;
use confusion::Confusion;
use curves::Curves;
use embedding::SeenAlike;
use errors::{Errors, ResidualCharts};
use metrics::Metrics;
use predictions::{Predictions, answers};

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
    let matrix =
        evaluation.report.expression.is_some().then(|| view! { <Confusion evaluation=evaluation.clone() answers /> });
    view! {
        <Metrics evaluation=evaluation.clone() />
        <section class="pictures" aria-label="Errors">{matrix} <Errors evaluation=evaluation.clone() /></section>
        <Curves evaluation=evaluation.clone() />
        <ResidualCharts evaluation=evaluation.clone() />
        <SeenAlike evaluation=evaluation.clone() />
        <Predictions evaluation answers />
    }
    .into_any()
}
