//! How far valence and arousal were missed, and which way.

use std::sync::Arc;

use leptos::prelude::*;

use crate::ui::charts::{Affect, Arrow, Circumplex, Residuals};
use crate::ui::components::Choices;
use crate::ui::figures;
use crate::ui::session::Evaluation;

/// What lies on the circumplex.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Errors,
    Truth,
    Said,
}

const SIDES: [(Side, &str); 3] =
    [(Side::Errors, "errors"), (Side::Truth, "what was so"), (Side::Said, "what was said")];

/// What was so and what was said, on the circumplex. Nothing where no face has a valence and an arousal.
#[component]
pub fn Errors(
    /// Whose.
    evaluation: Arc<Evaluation>,
) -> impl IntoView {
    if evaluation.affect.is_empty() {
        return ().into_any();
    }
    let side = RwSignal::new(Side::Errors);
    let arrows: Vec<Arrow> = evaluation.affect.iter().map(|&[from, to]| Arrow { from, to }).collect();
    let in_words = errors_in_words(&arrows);
    let faces = figures::counted(arrows.len(), "face", "faces");
    let caption = Signal::derive(move || match side.get() {
        Side::Errors => in_words.clone(),
        Side::Truth => format!("Where {faces} were: the more in a place, the larger and darker."),
        Side::Said => format!("Where {faces} were said to be: the more in a place, the larger and darker."),
    });
    let affect = Signal::derive(move || match side.get() {
        Side::Errors => Affect { arrows: arrows.clone(), ..Affect::default() },
        Side::Truth => Affect { density: arrows.iter().map(|arrow| arrow.from).collect(), ..Affect::default() },
        Side::Said => Affect { density: arrows.iter().map(|arrow| arrow.to).collect(), ..Affect::default() },
    });
    view! {
        <div>
            <div class="bar-line">
                <h2>"Valence and arousal"</h2>
                <Choices label="What lies on the circumplex" choices=SIDES.into() chosen=side />
            </div>
            <Circumplex affect caption title="Valence and arousal" />
        </div>
    }
    .into_any()
}

/// By how much valence and arousal were missed, over what they were. Nothing where no face has both.
#[component]
pub fn ResidualCharts(
    /// Whose.
    evaluation: Arc<Evaluation>,
) -> impl IntoView {
    let pairs = |axis: fn((f32, f32)) -> f32| {
        evaluation.affect.iter().map(|&[was, said]| (axis(was), axis(said))).collect::<Vec<_>>()
    };
    (!evaluation.affect.is_empty()).then(|| {
        view! {
            <section aria-labelledby="residuals-title">
                <h2 id="residuals-title">"Residuals"</h2>
                <div class="curves square">
                    <Residuals title="Valence residuals" pairs=pairs(|(valence, _)| valence) />
                    <Residuals title="Arousal residuals" pairs=pairs(|(_, arousal)| arousal) />
                </div>
            </section>
        }
        .into_any()
    })
}

fn errors_in_words(arrows: &[Arrow]) -> String {
    let length = |arrow: &Arrow| f64::from((arrow.from.0 - arrow.to.0).hypot(arrow.from.1 - arrow.to.1));
    let mean = arrows.iter().map(length).sum::<f64>() / arrows.len().max(1) as f64;
    let faces = figures::counted(arrows.len(), "face", "faces");
    let drawn = match Arrow::are_few(arrows) {
        true => "from where they were (ring) to where they were said to be (dot)",
        false => "each arrow is the mean of its neighbourhood, from what was so (ring) to what was said (dot)",
    };
    format!("Errors of {faces}: {drawn}. Mean distance {mean:.2}.")
}
