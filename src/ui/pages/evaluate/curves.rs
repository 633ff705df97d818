//! Curves over all thresholds, and whether the model's certainty can be trusted.

use std::sync::Arc;

use leptos::prelude::*;

use crate::evaluation::{ClassCurves, ClassMetrics, ReliabilityBin};
use crate::ui::charts::{Curve, LineChart, Lines, Stroke};
use crate::ui::components::Class;
use crate::ui::figures;
use crate::ui::session::Evaluation;

/// Takes a curve of a class, and the figure that is its area.
type Of = (fn(&ClassCurves) -> &Vec<[f32; 2]>, fn(&ClassMetrics) -> Option<f64>);

/// ROC, precision against recall, and reliability. Nothing where there are no classes.
#[component]
pub fn Curves(
    /// Whose.
    evaluation: Arc<Evaluation>,
) -> impl IntoView {
    if evaluation.curves.classes.is_empty() {
        return ().into_any();
    }
    let of_classes = |of: Of, axes, diagonal: bool| Signal::stored(of_classes(&evaluation, of, axes, diagonal));
    let roc = of_classes((|of| &of.roc, |of| of.roc_auc), ["false positive rate", "true positive rate"], true);
    let precision_recall =
        of_classes((|of| &of.precision_recall, |of| of.average_precision), ["recall", "precision"], false);
    let reliability = Signal::stored(reliability(
        &evaluation.curves.reliability,
        evaluation.report.expression.as_ref().and_then(|of| of.ece),
    ));
    view! {
        <section aria-labelledby="thresholds-title">
            <h2 id="thresholds-title">"At every threshold"</h2>
            <div class="curves square">
                <LineChart title="ROC; area" lines=roc />
                <LineChart title="Precision and recall; average precision" lines=precision_recall />
                <LineChart title="Reliability" lines=reliability />
            </div>
        </section>
    }
    .into_any()
}

fn of_classes(evaluation: &Evaluation, (points, area): Of, axes: [&'static str; 2], diagonal: bool) -> Lines {
    let marks = Class::all(&evaluation.report.label_set);
    let metrics = evaluation.report.expression.iter().flat_map(|of| &of.classes);
    let of_class = |(place, ((of, metrics), class)): (usize, ((&ClassCurves, &ClassMetrics), Class))| Curve {
        label: class.short.into(),
        role: class.role,
        stroke: if place % 2 == 0 { Stroke::Solid } else { Stroke::Dotted },
        points: points(of).iter().map(|[x, y]| (f64::from(*x), f64::from(*y))).collect(),
        note: Some(figures::decimal(area(metrics))),
    };
    let of_all = evaluation.curves.classes.iter().zip(metrics).zip(marks);
    let curves: Vec<Curve> = of_all.enumerate().map(of_class).collect();
    let rows = curves.iter().map(|curve| vec![curve.label.to_string(), curve.note.clone().unwrap_or_default()]);
    let table = (vec!["class".into(), "area".into()], rows.collect());
    let chance = diagonal.then(by_chance);
    Lines { curves: chance.into_iter().chain(curves).collect(), across: 1.0, up: Some((0.0, 1.0)), axes, table }
}

/// The diagonal: chance in a ROC plot, what is well calibrated in a reliability diagram.
fn by_chance() -> Curve {
    let points = vec![(0.0, 0.0), (1.0, 1.0)];
    Curve { label: "diagonal".into(), role: "--quiet", stroke: Stroke::Faint, points, note: None }
}

fn reliability(bins: &[ReliabilityBin], ece: Option<f64>) -> Lines {
    let known = || bins.iter().filter_map(|bin| Some((bin, bin.confidence?, bin.accuracy?)));
    let measured = Curve {
        label: "ECE".into(),
        role: "--series-1",
        stroke: Stroke::Dashed,
        points: known().map(|(_, confidence, accuracy)| (confidence, accuracy)).collect(),
        note: Some(figures::decimal(ece)),
    };
    let row = |(bin, confidence, accuracy): (&ReliabilityBin, f64, f64)| {
        vec![figures::count(bin.samples as usize), figures::decimal(Some(confidence)), figures::decimal(Some(accuracy))]
    };
    let table = (vec!["faces".into(), "mean confidence".into(), "accuracy".into()], known().map(row).collect());
    let axes = ["confidence", "accuracy"];
    Lines { curves: vec![by_chance(), measured], across: 1.0, up: Some((0.0, 1.0)), axes, table }
}
