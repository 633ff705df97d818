//! Every figure of the field.

use std::sync::Arc;

use leptos::prelude::*;

use crate::evaluation::{AffectFigure, AffectMetrics, ClassMetrics, ExpressionFigure, ExpressionMetrics, Interval};
use crate::ui::components::{Class, Mark, Scroll};
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
        <span data-testid=format!("metric-{name}") data-value=value.map(|value| value.to_string())>{figures::decimal(value)}</span>
    }
}

fn in_words(interval: Option<Interval>) -> Option<String> {
    interval.map(|interval| interval.to_string())
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
    let row = |name: ExpressionFigure| {
        let between = in_words(name.interval(of));
        view! { <tr><th scope="row">{name.label()}</th><td>{figure(name.handle(), name.of(of))}</td><td class="interval">{between}</td></tr> }
    };
    view! {
        <table class="figures">
            <caption>{format!("Expression, {}", figures::counted(of.samples as usize, "face", "faces"))}</caption>
            <thead>{heads(["value", "95 % interval"])}</thead>
            <tbody>{ExpressionFigure::ALL.map(row).into_iter().collect_view()}</tbody>
        </table>
    }
}

#[component]
fn AffectTable(valence: Option<AffectMetrics>, arousal: Option<AffectMetrics>) -> impl IntoView {
    let cell = |side: &str, of: Option<AffectMetrics>, name: AffectFigure| {
        let between = in_words(of.and_then(|of| name.interval(&of)));
        let value = of.and_then(|of| name.of(&of));
        view! { <td>{figure(&format!("{side}-{}", name.handle()), value)}<span class="interval">{between}</span></td> }
    };
    let row = |name: AffectFigure| {
        view! {
            <tr>
                <th scope="row">{name.label()}</th>
                {cell("valence", valence, name)}
                {cell("arousal", arousal, name)}
            </tr>
        }
    };
    let samples = |of: Option<AffectMetrics>| {
        let samples = of.map_or(0, |of| of.samples as usize);
        view! { <td>{figures::count(samples)}</td> }
    };
    view! {
        <table class="figures classes">
            <caption>"Valence and arousal, 95 % intervals under them"</caption>
            <thead>{heads(["valence", "arousal"])}</thead>
            <tbody>
                {AffectFigure::ALL.map(row).into_iter().collect_view()}
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
        let cell = |value, between| {
            view! { <td>{figures::decimal(value)}<span class="interval">{in_words(between)}</span></td> }
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
    let table = view! {
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
    };
    view! {
        <Scroll label="Each class against the rest" tall=true>{table}</Scroll>
    }
}
