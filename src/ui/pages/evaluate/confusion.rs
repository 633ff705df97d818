//! The confusion matrix, which filters the faces.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::PredictionFilter;
use crate::ui::charts::{ConfusionChart, Matrix, Shown};
use crate::ui::components::{Choices, Class};
use crate::ui::session::Evaluation;

use super::predictions::Answers;

/// The matrix. A cell that is clicked picks its faces; clicked again, all of them.
#[component]
pub fn Confusion(
    /// Whose matrix.
    evaluation: Arc<Evaluation>,
    /// The faces it filters.
    answers: Answers,
) -> impl IntoView {
    let classes = Class::all(&evaluation.report.label_set);
    let short: Vec<_> = classes.iter().map(|class| class.short.clone()).collect();
    let names: Vec<_> = classes.into_iter().map(|class| class.name).collect();
    let counts = evaluation.report.expression.as_ref().map(|of| of.confusion.counts.clone()).unwrap_or_default();
    let shown = RwSignal::new(Shown::default());
    let matrix = Signal::derive(move || {
        let PredictionFilter { truth, predicted, .. } = answers.filter.get();
        Matrix {
            short: short.clone(),
            names: names.clone(),
            counts: counts.clone(),
            picked: truth.zip(predicted),
            shown: shown.get(),
        }
    });
    let on_cell = Callback::new(move |(truth, predicted): (usize, usize)| {
        answers.choose(|filter| {
            let again = filter.truth == Some(truth) && filter.predicted == Some(predicted);
            let picked = |class| (!again).then_some(class);
            *filter = PredictionFilter {
                truth: picked(truth),
                predicted: picked(predicted),
                order: filter.order,
                ..PredictionFilter::default()
            };
        });
    });
    view! {
        <div>
            <div class="bar-line">
                <h2>"What was taken for what"</h2>
                <Choices label="What the cells tell" choices=Shown::ALL.into() chosen=shown />
            </div>
            <ConfusionChart matrix on_cell />
        </div>
    }
}
