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
        figures::duration(evaluation.record.seconds),
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
    let end = |value| figures::decimal(Some(value));
    interval.map(|Interval { low, high }| format!("{} to {}", end(low), end(high)))
}

fn heads<const N: usize>(columns: [&'static str; N]) -> impl IntoView {
    let head = |column| view! { <th scope="col">{column}</th> };
    view! {
        <tr><th scope="col"><span class="unseen">"metric"</span></th>{columns.map(head).into_iter().collect_view()}</tr>
    }
}

#[component]
fn ExpressionTable(expression: ExpressionMetrics) -> impl IntoView {
    let of = &expression;
    let within = &expression.intervals;
    let rows = [
        ("accuracy", "Accuracy", of.accuracy, within.accuracy),
        ("balanced-accuracy", "Balanced accuracy", of.balanced_accuracy, within.balanced_accuracy),
        ("top-2", "Top-2 accuracy", of.top2, within.top2),
        ("f1-macro", "F1, macro", of.f1_macro, within.f1_macro),
        ("f1-weighted", "F1, weighted", of.f1_weighted, within.f1_weighted),
        ("precision-macro", "Precision, macro", of.precision_macro, within.precision_macro),
        ("precision-weighted", "Precision, weighted", of.precision_weighted, within.precision_weighted),
        ("recall-macro", "Recall, macro", of.recall_macro, within.recall_macro),
        ("recall-weighted", "Recall, weighted", of.recall_weighted, within.recall_weighted),
        ("kappa", "Cohen's kappa", of.kappa, within.kappa),
        ("roc-auc", "ROC-AUC, macro", of.roc_auc_macro, within.roc_auc_macro),
        ("average-precision", "Average precision, macro", of.average_precision_macro, within.average_precision_macro),
        ("ece", "Calibration error (ECE)", of.ece, within.ece),
        ("brier", "Brier score", of.brier, within.brier),
    ];
    let row = |(name, label, value, between): (&str, &'static str, Option<f64>, Option<Interval>)| {
        view! { <tr><th scope="row">{label}</th>{figure(name, value)}<td class="interval">{interval(between)}</td></tr> }
    };
    view! {
        <table class="figures">
            <caption>{format!("Expression, {}", figures::counted(of.samples as usize, "face", "faces"))}</caption>
            <thead>{heads(["value", "95 % interval"])}</thead>
            <tbody>{rows.map(row).into_iter().collect_view()}</tbody>
        </table>
    }
}

/// Takes one figure out of many, and its interval.
type Get = fn(AffectMetrics) -> (Option<f64>, Option<Interval>);

#[component]
fn AffectTable(valence: Option<AffectMetrics>, arousal: Option<AffectMetrics>) -> impl IntoView {
    let rows: [(&str, &'static str, Get); 5] = [
        ("ccc", "CCC", |of| (of.ccc, of.intervals.ccc)),
        ("pearson", "Pearson's r", |of| (of.pearson, of.intervals.pearson)),
        ("rmse", "RMSE", |of| (of.rmse, of.intervals.rmse)),
        ("mae", "MAE", |of| (of.mae, of.intervals.mae)),
        ("sagr", "Sign agreement", |of| (of.sagr, of.intervals.sagr)),
    ];
    let cells = |name: String, of: Option<AffectMetrics>, get: Get| {
        let (value, between) = of.map(get).unwrap_or_default();
        view! { {figure(&name, value)}<td class="interval">{interval(between)}</td> }
    };
    let row = |(name, label, get): (&str, &'static str, Get)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                {cells(format!("valence-{name}"), valence, get)}
                {cells(format!("arousal-{name}"), arousal, get)}
            </tr>
        }
    };
    let samples = |of: Option<AffectMetrics>| {
        let samples = of.map_or(0, |of| of.samples as usize);
        view! { <td>{figures::count(samples)}</td><td></td> }
    };
    view! {
        <div class="scroll">
            <table class="figures">
                <caption>"Valence and arousal"</caption>
                <thead>{heads(["valence", "95 % interval", "arousal", "95 % interval"])}</thead>
                <tbody>
                    {rows.map(row).into_iter().collect_view()}
                    <tr><th scope="row">"Faces"</th>{samples(valence)}{samples(arousal)}</tr>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn ClassTable(classes: Vec<ClassMetrics>, marks: Vec<Class>) -> impl IntoView {
    let row = |(of, class): (ClassMetrics, Class)| {
        let name = class.name.clone();
        let role = class.role.trim_start_matches('-');
        let width = format!("{:.1}%", of.f1.unwrap_or(0.0) * 100.0);
        let cell = |value, between| {
            view! { <td>{figures::decimal(value)}<span class="interval">{interval(between)}</span></td> }
        };
        view! {
            <tr>
                <th scope="row"><Mark class /> " " <span class="quiet">{name}</span></th>
                <td>{figures::count(of.support as usize)}</td>
                {cell(of.precision, of.intervals.precision)}
                {cell(of.recall, of.intervals.recall)}
                {cell(of.f1, of.intervals.f1)}
                <td class=format!("bar {role}")><span aria-hidden="true"><i style:width=width></i></span></td>
                {cell(of.roc_auc, of.intervals.roc_auc)}
                {cell(of.average_precision, of.intervals.average_precision)}
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
                        <th scope="col">"average precision"</th>
                    </tr>
                </thead>
                <tbody>{classes.into_iter().zip(marks).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
