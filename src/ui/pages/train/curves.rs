//! The curves of the run.

use std::borrow::Cow;

use leptos::prelude::*;

use crate::training::EpochRecord;
use crate::ui::charts::{Curve, LineChart, Lines, Stroke};
use crate::ui::figures;
use crate::ui::session::{Phase, Session, Training};
use crate::ui::trace::smoothed;

/// Points of a curve that a chart is wide enough for.
const POINTS: usize = 500;

/// What the axes are called: what is drawn stands in the title.
const EPOCHS: [&str; 2] = ["epoch", ""];

/// Points the smoothed loss looks back over.
const MEMORY: f64 = 15.0;

/// Losses, accuracy, concordance and learning rate over the epochs.
#[component]
pub fn Curves() -> impl IntoView {
    let training = Session::here().training;
    let loss = Signal::derive(move || losses(&training));
    let accuracy = Signal::derive(move || accuracies(&training));
    let concordance = Signal::derive(move || concordances(&training));
    let rate = Signal::derive(move || rates(&training));
    let begun = Memo::new(move |_| training.phase.get() != Phase::Idle);
    view! {
        <Show when=move || begun.get() fallback=|| view! { <p class="quiet">"The curves of the run are drawn here as it goes on."</p> }>
            <section class="curves" aria-label="Curves over the epochs">
                <LineChart title="Loss" lines=loss />
                <LineChart title="Accuracy" lines=accuracy />
                <LineChart title="CCC, validation" lines=concordance />
                <LineChart title="Learning rate" lines=rate />
            </section>
        </Show>
    }
}

fn losses(training: &Training) -> Lines {
    let raw = training.losses.with(|losses| losses.thinned(POINTS));
    let smooth = smoothed(&raw, MEMORY);
    let curves = vec![
        Curve { label: "each step".into(), role: "--series-1", stroke: Stroke::Faint, points: raw, note: None },
        Curve { label: "training".into(), role: "--series-1", stroke: Stroke::Solid, points: smooth, note: None },
        curve(training, "validation", "--series-2", Stroke::Dashed, |epoch| epoch.validation_loss),
    ];
    let table = table(training, vec!["epoch", "training", "validation", "best"], |epoch| {
        vec![
            figure(Some(epoch.train_loss)),
            figure(epoch.validation_loss),
            if epoch.best { "best so far".into() } else { String::new() },
        ]
    });
    Lines { curves, across: across(training), up: None, axes: EPOCHS, table }
}

fn accuracies(training: &Training) -> Lines {
    let curves = vec![
        curve(training, "training", "--series-1", Stroke::Solid, |epoch| epoch.train_accuracy),
        curve(training, "validation", "--series-2", Stroke::Dashed, |epoch| epoch.validation_accuracy),
    ];
    let table = table(training, vec!["epoch", "training", "validation"], |epoch| {
        vec![figure(epoch.train_accuracy), figure(epoch.validation_accuracy)]
    });
    Lines { curves, across: across(training), up: Some((0.0, 1.0)), axes: EPOCHS, table }
}

fn concordances(training: &Training) -> Lines {
    let curves = vec![
        curve(training, "valence", "--series-1", Stroke::Solid, |epoch| epoch.valence_ccc),
        curve(training, "arousal", "--series-2", Stroke::Dashed, |epoch| epoch.arousal_ccc),
    ];
    let table = table(training, vec!["epoch", "valence", "arousal"], |epoch| {
        vec![figure(epoch.valence_ccc), figure(epoch.arousal_ccc)]
    });
    Lines { curves, across: across(training), up: Some((0.0, 1.0)), axes: EPOCHS, table }
}

fn rates(training: &Training) -> Lines {
    let points = training.rates.with(|rates| rates.thinned(POINTS));
    let curves = vec![Curve { label: "rate".into(), role: "--series-1", stroke: Stroke::Solid, points, note: None }];
    let table = table(training, vec!["epoch", "rate"], |epoch| vec![figures::brief(epoch.learning_rate)]);
    Lines { curves, across: across(training), up: Some((0.0, 0.0)), axes: EPOCHS, table }
}

/// Where the axis ends: at the planned epochs while they are few, else a little ahead of the run.
fn across(training: &Training) -> f64 {
    let planned = f64::from(training.planned.get());
    let reached = training.history.with(|history| history.epochs.len()) as f64;
    planned.min((reached * 1.25).max(20.0))
}

fn curve(
    training: &Training,
    label: &'static str,
    role: &'static str,
    stroke: Stroke,
    value: impl Fn(&EpochRecord) -> Option<f32>,
) -> Curve {
    let point = |epoch: &EpochRecord| Some((f64::from(epoch.epoch), f64::from(value(epoch)?)));
    let points = training.history.with(|history| history.epochs.iter().filter_map(point).collect());
    Curve { label: label.into(), role, stroke, points, note: None }
}

type Table = (Vec<Cow<'static, str>>, Vec<Vec<String>>);

fn table(training: &Training, heads: Vec<&'static str>, cells: impl Fn(&EpochRecord) -> Vec<String>) -> Table {
    let row = |epoch: &EpochRecord| [vec![epoch.epoch.to_string()], cells(epoch)].concat();
    (
        heads.into_iter().map(Cow::from).collect(),
        training.history.with(|history| history.epochs.iter().map(row).collect()),
    )
}

fn figure(value: Option<f32>) -> String {
    figures::decimal(value.map(f64::from))
}
