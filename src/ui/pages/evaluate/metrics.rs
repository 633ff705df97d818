//! Every figure of the field.

use std::sync::Arc;

use leptos::prelude::*;

use crate::evaluation::{AffectMetrics, ClassMetrics, ExpressionMetrics, Interval};
use crate::ui::components::{Class, Mark};
use crate::ui::figures;
use crate::ui::session::Evaluation;

/// The tables.
#[component]
pub fn Metrics(
    /// Whose figures.
    evaluation: Arc<Evaluation>,
) -> impl IntoView {
    let report = &evaluation.report;
    let about = format!(
        "{} on the {} split: {} in {}.",
        evaluation.model.name,
        report.split.name(),
        figures::counted(report.samples as usize, "face", "faces"),
        figures::duration(evaluation.seconds),
    );
    let warning = |warning: &String| view! { <li>{warning.clone()}</li> };
    let expression = report.expression.clone();
    let classes = expression.as_ref().map(|expression| {
        let marks = Class::all(&report.label_set);
        view! { <ClassTable classes=expression.classes.clone() marks /> }
    });
    let has_affect = report.valence.is_some() || report.arousal.is_some();
    let (valence, arousal) = (report.valence, report.arousal);
    view! {
        <section class="metrics" aria-labelledby="metrics-title">
            <h2 id="metrics-title" class="reading">{about}</h2>
            <ul class="warnings">{evaluation.warnings.iter().map(warning).collect_view()}</ul>
            <div class="pair">
                {expression.map(|expression| view! { <ExpressionTable expression /> })}
                {has_affect.then(|| view! { <AffectTable valence arousal /> })}
            </div>
            {classes}
        </section>
    }
}

/// One figure; undefined ones read "n/a".
fn figure(name: &str, value: Option<f64>) -> impl IntoView + use<> {
    view! {
        <td data-testid=format!("metric-{name}") data-value=value.map(|value| value.to_string())>{figures::decimal(value)}</td>
    }
}

fn interval(interval: Option<Interval>) -> Option<String> {
    interval.map(|Interval { low, high }| format!("{low:.3} to {high:.3}"))
}

fn heads(first: &'static str, second: &'static str) -> impl IntoView {
    view! {
        <tr>
            <th scope="col"><span class="unseen">"metric"</span></th><th scope="col">{first}</th><th scope="col">{second}</th>
        </tr>
    }
}

#[component]
fn ExpressionTable(expression: ExpressionMetrics) -> impl IntoView {
    let of = &expression;
    let rows = [
        ("accuracy", "Accuracy", of.accuracy, of.accuracy_interval),
        ("balanced-accuracy", "Balanced accuracy", of.balanced_accuracy, None),
        ("top-2", "Top-2 accuracy", of.top2, None),
        ("f1-macro", "F1, macro", of.f1_macro, of.f1_macro_interval),
        ("f1-weighted", "F1, weighted", of.f1_weighted, None),
        ("precision-macro", "Precision, macro", of.precision_macro, None),
        ("precision-weighted", "Precision, weighted", of.precision_weighted, None),
        ("recall-macro", "Recall, macro", of.recall_macro, None),
        ("recall-weighted", "Recall, weighted", of.recall_weighted, None),
        ("kappa", "Cohen's kappa", of.kappa, None),
        ("roc-auc", "ROC-AUC, macro", of.roc_auc_macro, None),
        ("ece", "Calibration error (ECE)", of.ece, None),
        ("brier", "Brier score", of.brier, None),
    ];
    let row = |(name, label, value, between): (&str, &'static str, Option<f64>, Option<Interval>)| {
        view! { <tr><th scope="row">{label}</th>{figure(name, value)}<td class="interval">{interval(between)}</td></tr> }
    };
    view! {
        <table class="figures">
            <caption>{format!("Expression, {}", figures::counted(of.samples as usize, "face", "faces"))}</caption>
            <thead>{heads("value", "95 % interval")}</thead>
            <tbody>{rows.map(row).into_iter().collect_view()}</tbody>
        </table>
    }
}

/// Takes one figure out of many.
type Get = fn(AffectMetrics) -> Option<f64>;

#[component]
fn AffectTable(valence: Option<AffectMetrics>, arousal: Option<AffectMetrics>) -> impl IntoView {
    let rows: [(&str, &'static str, Get); 5] = [
        ("ccc", "CCC", |of| of.ccc),
        ("pearson", "Pearson's r", |of| of.pearson),
        ("rmse", "RMSE", |of| of.rmse),
        ("mae", "MAE", |of| of.mae),
        ("sagr", "Sign agreement", |of| of.sagr),
    ];
    let row = |(name, label, get): (&str, &'static str, Get)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                {figure(&format!("valence-{name}"), valence.and_then(get))}
                {figure(&format!("arousal-{name}"), arousal.and_then(get))}
            </tr>
        }
    };
    let ccc_interval =
        |of: Option<AffectMetrics>| view! { <td class="interval">{interval(of.and_then(|of| of.ccc_interval))}</td> };
    let samples =
        |of: Option<AffectMetrics>| view! { <td>{figures::count(of.map_or(0, |of| of.samples as usize))}</td> };
    view! {
        <table class="figures">
            <caption>"Valence and arousal"</caption>
            <thead>{heads("valence", "arousal")}</thead>
            <tbody>
                {rows.map(row).into_iter().collect_view()}
                <tr><th scope="row">"CCC, 95 % interval"</th>{ccc_interval(valence)}{ccc_interval(arousal)}</tr>
                <tr><th scope="row">"Faces"</th>{samples(valence)}{samples(arousal)}</tr>
            </tbody>
        </table>
    }
}

#[component]
fn ClassTable(classes: Vec<ClassMetrics>, marks: Vec<Class>) -> impl IntoView {
    let row = |(of, class): (ClassMetrics, Class)| {
        let name = class.name.clone();
        let role = class.role.trim_start_matches('-');
        let width = format!("{:.1}%", of.f1.unwrap_or(0.0) * 100.0);
        view! {
            <tr>
                <th scope="row"><Mark class /> " " <span class="quiet">{name}</span></th>
                <td>{figures::count(of.support as usize)}</td>
                <td>{figures::decimal(of.precision)}</td>
                <td>{figures::decimal(of.recall)}</td>
                <td>{figures::decimal(of.f1)}</td>
                <td class=format!("bar {role}")><span aria-hidden="true"><i style:width=width></i></span></td>
                <td>{figures::decimal(of.roc_auc)}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll">
            <table class="figures classes">
                <caption>"Each class against the rest"</caption>
                <thead>
                    <tr>
                        <th scope="col">"class"</th><th scope="col">"faces"</th><th scope="col">"precision"</th><th scope="col">"recall"</th>
                        <th scope="col">"F1"</th><td class="bar"></td><th scope="col">"ROC-AUC"</th>
                    </tr>
                </thead>
                <tbody>{classes.into_iter().zip(marks).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
