//! An evaluation, or a comparison, as one HTML file: no script, no other file, prints well. Enough for a paper's results
//! section.

mod comparison;
mod html;
mod svg;

use super::report::{AffectMetrics, ClassMetrics, ConfusionMatrix, ExpressionMetrics, Report};
use super::{AffectFigure, Curves, ExpressionFigure, Interval};
pub use comparison::{ComparisonDocument, Facts, LearningCurves};
use html::{Cell, escaped, table};
pub use svg::Line;
use svg::{Axis, circumplex, plot};

/// What an evaluation's document tells.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// Its title: the model, and what it was evaluated on.
    pub title: String,
    /// Where model and data come from: a heading, and what is known under it, name by name.
    pub provenance: Vec<(&'static str, Vec<(String, String)>)>,
    /// What a person should know of it: one sentence each.
    pub warnings: &'a [String],
    /// The figures.
    pub report: &'a Report,
    /// What the figures are of.
    pub curves: &'a Curves,
    /// (valence, arousal) as it was and as it was said to be.
    pub affect: &'a [[(f32, f32); 2]],
}

/// How the figures were made, and what they cannot say.
const NOTES: [&str; 5] = [
    "Intervals hold 95 %: percentile bootstrap over the faces, 1,000 resamples, seeded, stratified by true class.",
    "Macro means are over the classes that occur; a class whose figure is 0/0 counts as 0 in them. n/a: undefined.",
    "A soft label counts as its most likely class.",
    "The figures hold for faces like these: another population, camera or way of labelling gives others.",
    "A predicted expression is not what a person feels. Models inherit the biases of their data; do not use them for decisions about people.",
];

impl Document<'_> {
    /// The file.
    pub fn html(&self) -> String {
        let mut body = format!("<h1>{}</h1>\n", escaped(&self.title));
        body += &warnings(self.warnings);
        if let Some(expression) = &self.report.expression {
            self.expression(expression, &mut body);
        }
        self.valence_and_arousal(&mut body);
        for (heading, facts) in &self.provenance {
            let rows = facts.iter().map(|(name, value)| vec![Cell::head(name), Cell::text(value)]).collect();
            body += &format!("<h2>{}</h2>\n{}", escaped(heading), table("", &[], rows));
        }
        body += &notes(&NOTES);
        html::page(&self.title, &body)
    }

    fn expression(&self, metrics: &ExpressionMetrics, body: &mut String) {
        let row = |figure: ExpressionFigure| {
            let (value, interval) = (figure.of(metrics), figure.interval(metrics));
            vec![Cell::head(figure.label()), Cell::figure(value), Cell::interval(interval)]
        };
        let rows = ExpressionFigure::ALL.map(row).into();
        *body += &format!("<h2>Expression ({} faces)</h2>\n", metrics.samples);
        *body += &table("Figures over all classes", &["", "value", "95 % interval"], rows);
        *body += &classes(&metrics.classes);
        let caption = "What was (rows) taken for what (columns): faces";
        *body += &confusion(caption, self.report.label_set.classes(), &metrics.confusion);
        let of_class = |points: fn(&super::ClassCurves) -> &Vec<[f32; 2]>| {
            let line = |of: &super::ClassCurves| Line { name: of.class.clone(), points: points(of).clone() };
            self.curves.classes.iter().map(line).collect::<Vec<_>>()
        };
        let known = self.curves.reliability.iter();
        let reliability = known.filter_map(|bin| Some([bin.confidence? as f32, bin.accuracy? as f32])).collect();
        *body += "<div class=\"plots\">\n";
        let axes = |across, up| [Axis::share(across), Axis::share(up)];
        *body += &plot("ROC", axes("false positive rate", "true positive rate"), &of_class(|of| &of.roc), true);
        *body +=
            &plot("Precision and recall", axes("recall", "precision"), &of_class(|of| &of.precision_recall), false);
        let line = Line { name: "measured".into(), points: reliability };
        *body += &plot("Reliability", axes("confidence", "accuracy"), &[line], true);
        *body += "</div>\n";
    }

    fn valence_and_arousal(&self, body: &mut String) {
        let (valence, arousal) = (self.report.valence.as_ref(), self.report.arousal.as_ref());
        if valence.or(arousal).is_none() {
            return;
        }
        let row = |figure: AffectFigure| {
            let value = |of: Option<&AffectMetrics>| Cell::figure(of.and_then(|of| figure.of(of)));
            let within = |of: Option<&AffectMetrics>| Cell::interval(of.and_then(|of| figure.interval(of)));
            vec![Cell::head(figure.label()), value(valence), within(valence), value(arousal), within(arousal)]
        };
        let faces = |of: Option<&AffectMetrics>| of.map_or(0, |of| of.samples);
        *body += &format!("<h2>Valence ({} faces) and arousal ({} faces)</h2>\n", faces(valence), faces(arousal));
        let heads = ["", "valence", "95 % interval", "arousal", "95 % interval"];
        *body += &table("Figures", &heads, AffectFigure::ALL.map(row).into());
        *body += &circumplex(self.affect);
    }
}

fn classes(classes: &[ClassMetrics]) -> String {
    let row = |of: &ClassMetrics| {
        let with = |value, interval: Option<Interval>| Cell::figure_within(value, interval);
        vec![
            Cell::head(&of.class),
            Cell::number(&of.support.to_string()),
            with(of.precision, of.intervals.precision),
            with(of.recall, of.intervals.recall),
            with(of.f1, of.intervals.f1),
            with(of.roc_auc, of.intervals.roc_auc),
            with(of.average_precision, of.intervals.average_precision),
        ]
    };
    let heads = ["", "faces", "precision", "recall", "F1", "ROC-AUC", "average precision"];
    table("Each class against the rest", &heads, classes.iter().map(row).collect())
}

fn warnings(warnings: &[String]) -> String {
    warnings.iter().map(|warning| format!("<p class=\"warning\">{}</p>\n", escaped(warning))).collect()
}

fn notes(notes: &[&str]) -> String {
    let notes: String = notes.iter().map(|note| format!("<li>{}</li>\n", escaped(note))).collect();
    format!("<h2>How to read this</h2>\n<ul>\n{notes}</ul>\n")
}

fn confusion(caption: &str, names: &[String], ConfusionMatrix { counts }: &ConfusionMatrix) -> String {
    let row = |(truth, counts): (usize, &Vec<u64>)| {
        let all: u64 = counts.iter().sum();
        let cell = |(said, count): (usize, &u64)| Cell::shaded(*count, all, truth == said);
        let name = names.get(truth).map(String::as_str).unwrap_or_default();
        std::iter::once(Cell::head(name)).chain(counts.iter().enumerate().map(cell)).collect()
    };
    let heads: Vec<&str> = std::iter::once("").chain(names.iter().map(String::as_str)).collect();
    table(caption, &heads, counts.iter().enumerate().map(row).collect())
}
