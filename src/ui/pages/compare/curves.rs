//! The learning curves of the models whose training is known, over one another.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Compared, TrainingRecord};
use crate::training::EpochRecord;
use crate::ui::charts::{Curve, LineChart, Lines, Stroke};
use crate::ui::figures;

/// Roles of the curves' colours; dashes tell apart what comes again.
const ROLES: [&str; 5] = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5"];

/// A model's name, and how it was trained.
type Trained = (String, TrainingRecord);

/// Validation accuracy, loss, and concordance, epoch by epoch.
#[component]
pub fn Curves(
    /// Whose.
    compared: Arc<Compared>,
) -> impl IntoView {
    let trained: Vec<Trained> = compared
        .contestants
        .iter()
        .filter_map(|of| Some((of.name.clone(), of.model.as_ref()?.training.clone()?)))
        .filter(|(_, training)| !training.history.epochs.is_empty())
        .collect();
    if trained.is_empty() {
        return ().into_any();
    }
    let chart = |title: &'static str, up: Option<(f64, f64)>, value: fn(&EpochRecord) -> Option<f32>| {
        let lines = lines(&trained, up, value);
        // Nobody has it: faces without valence and arousal.
        let empty = lines.curves.iter().all(|curve| curve.points.is_empty());
        (!empty).then(|| view! { <LineChart title lines=Signal::stored(lines) /> })
    };
    view! {
        <section aria-labelledby="curves-title">
            <h2 id="curves-title">"How they learned"</h2>
            <div class="curves">
                {chart("Validation accuracy", Some((0.0, 1.0)), |epoch| epoch.validation_accuracy)}
                {chart("Validation loss", None, |epoch| epoch.validation_loss)}
                {chart("CCC of valence, validation", Some((0.0, 1.0)), |epoch| epoch.valence_ccc)}
                {chart("CCC of arousal, validation", Some((0.0, 1.0)), |epoch| epoch.arousal_ccc)}
            </div>
        </section>
    }
    .into_any()
}

fn lines(trained: &[Trained], up: Option<(f64, f64)>, value: fn(&EpochRecord) -> Option<f32>) -> Lines {
    let point = |epoch: &EpochRecord| Some((f64::from(epoch.epoch), f64::from(value(epoch)?)));
    let curve = |(place, (name, training)): (usize, &Trained)| Curve {
        label: name.clone().into(),
        role: ROLES[place % ROLES.len()],
        stroke: if place % 2 == 0 { Stroke::Solid } else { Stroke::Dashed },
        points: training.history.epochs.iter().filter_map(point).collect(),
        note: None,
    };
    let longest = trained.iter().map(|(_, training)| training.history.epochs.len()).max().unwrap_or(0);
    let cell = |(_, training): &Trained, epoch: usize| {
        let figure = training.history.epochs.get(epoch).and_then(value);
        figures::decimal(figure.map(f64::from))
    };
    let row = |epoch: usize| {
        let cells = trained.iter().map(|of| cell(of, epoch));
        std::iter::once((epoch + 1).to_string()).chain(cells).collect()
    };
    let heads = std::iter::once("epoch".into()).chain(trained.iter().map(|(name, _)| name.clone().into())).collect();
    Lines {
        curves: trained.iter().enumerate().map(curve).collect(),
        across: longest as f64,
        up,
        axes: ["epoch", ""],
        table: (heads, (0..longest).map(row).collect()),
    }
}
