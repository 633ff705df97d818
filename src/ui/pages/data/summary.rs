//! A dataset at a glance.

use std::sync::Arc;

use leptos::prelude::*;

use super::classes::Classes;
use super::keeping::Keeping;
use super::opening::Opening;
use super::problems::Problems;
use crate::dataset::{DatasetSummary, Division, Split};
use crate::ui::charts::{Affect, Bar, Bars, Circumplex};
use crate::ui::components::Class;
use crate::ui::figures;

/// What was recognised, how much of it there is, and what was left out.
#[component]
pub fn Summary(
    /// The dataset.
    dataset: Arc<DatasetSummary>,
) -> impl IntoView {
    let bars = class_bars(&dataset);
    let affect = (!dataset.affect_points.is_empty()).then(|| {
        let drawn = Signal::stored(Affect { density: dataset.affect_points.clone(), ..Affect::default() });
        view! { <Circumplex affect=drawn caption=affect_in_words(&dataset) /> }
    });
    view! {
        <section class="summary" aria-labelledby="summary-title">
            <h2 id="summary-title" class="reading">{dataset.name.clone()}</h2>
            <p class="reading">{sentence(&dataset.recognised)}</p>
            <Opening opened=dataset.opened.clone() />
            <Counts dataset=dataset.clone() />
            <Keeping />
            <div class="pair">
                <div>
                    {(!bars.is_empty()).then(|| view! {
                        <Bars caption="Faces of each class" heads=["train", "validation", "test"] bars />
                    })}
                </div>
                {affect}
            </div>
            <Omissions dataset=dataset.clone() />
            {(!dataset.found.is_empty()).then(|| view! { <Classes dataset /> })}
            <p class="next"><a class="button strong" href="#/train">"Next: train a model on these faces"</a></p>
        </section>
    }
}

#[component]
fn Counts(dataset: Arc<DatasetSummary>) -> impl IntoView {
    let split =
        |(split, size): (Split, &usize)| view! { <div><dt>{split.name()}</dt><dd>{figures::count(*size)}</dd></div> };
    view! {
        <dl class="counts">
            <div><dt>"faces"</dt><dd data-testid="dataset-samples">{dataset.samples}</dd></div>
            <div><dt>"classes"</dt><dd>{dataset.label_set.len()}</dd></div>
            <div><dt>"valence, arousal"</dt><dd>{figures::count(dataset.with_affect)}</dd></div>
            {Split::ALL.into_iter().zip(&dataset.split_sizes).map(split).collect_view()}
            <div class:attention=dataset.problem_count.gt(&0)>
                <dt>"problems"</dt><dd data-testid="dataset-problems">{dataset.problem_count}</dd>
            </div>
        </dl>
        <p class="quiet">
            {divided(&dataset)}
        </p>
    }
}

/// What was left out on purpose, and what could not be read.
#[component]
fn Omissions(dataset: Arc<DatasetSummary>) -> impl IntoView {
    let excluded =
        |(reason, count): &(String, usize)| view! { <li><b>{figures::count(*count)}</b> " " {reason.clone()}</li> };
    let excluded = (!dataset.excluded.is_empty()).then(|| {
        view! {
            <div class="excluded">
                <h3>"Left out on purpose"</h3>
                <ul>{dataset.excluded.iter().map(excluded).collect_view()}</ul>
            </div>
        }
    });
    let problems = (dataset.problem_count > 0).then(|| view! { <Problems dataset /> });
    view! { {excluded} {problems} }
}

fn class_bars(dataset: &DatasetSummary) -> Vec<Bar> {
    let count = |split: usize, class: usize| dataset.counts[split].get(class).copied().unwrap_or(0);
    let bar = |(index, class): (usize, Class)| Bar {
        short: class.short,
        name: class.name,
        role: class.role,
        parts: (0..3).map(|split| count(split, index)).collect(),
    };
    Class::all(&dataset.label_set).into_iter().enumerate().map(bar).collect()
}

/// Who divided the faces, and how.
fn divided(dataset: &DatasetSummary) -> &'static str {
    match &dataset.choices.division {
        Some(Division { persons: Some(_), .. }) => {
            "The splits were drawn anew: the faces of one person, and twins, are in one split."
        }
        Some(Division { persons: None, .. }) => "The splits were drawn anew, class by class: twins are in one split.",
        None if dataset.own_splits => "The splits are the data's own.",
        None => "The splits were drawn here, class by class, from the seed.",
    }
}

/// Where the faces lie, by quarter.
fn affect_in_words(dataset: &DatasetSummary) -> String {
    let points = &dataset.affect_points;
    let share = |pleasant: bool, excited: bool| {
        let inside = points.iter().filter(|(v, a)| (*v >= 0.0) == pleasant && (*a >= 0.0) == excited).count();
        inside as f64 * 100.0 / points.len().max(1) as f64
    };
    format!(
        "Valence and arousal of {}: {:.0} % pleasant and excited, {:.0} % unpleasant and excited, {:.0} % unpleasant and calm, {:.0} % pleasant and calm.",
        figures::counted(dataset.with_affect, "face", "faces"),
        share(true, true),
        share(false, true),
        share(false, false),
        share(true, false),
    )
}

/// A capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
