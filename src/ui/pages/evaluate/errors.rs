//! How far valence and arousal were missed, and which way.

use leptos::prelude::*;

use crate::ui::charts::{Affect, Arrow, Circumplex};
use crate::ui::figures;
use crate::ui::session::Evaluation;

/// The errors of an evaluation on the circumplex. Nothing where no face has a valence and an arousal.
#[component]
pub fn Errors<'a>(
    /// Whose.
    evaluation: &'a Evaluation,
) -> impl IntoView + use<> {
    let arrows: Vec<Arrow> = evaluation.affect.iter().map(|&[from, to]| Arrow { from, to }).collect();
    (!arrows.is_empty()).then(|| {
        let caption = errors_in_words(&arrows);
        let affect = Signal::stored(Affect { density: Vec::new(), arrows });
        view! { <Circumplex affect caption /> }
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
