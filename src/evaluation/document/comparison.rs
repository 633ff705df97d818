//! A comparison as one HTML file.

use super::html::{Cell, escaped, page, table};
use super::svg::{Axis, Line, plot};
use super::{NOTES, confusion, notes, warnings};
use crate::affect::LabelSet;
use crate::evaluation::{ClassMetrics, Figure, Side, Verdict, ahead, standings};

/// What a comparison's document tells.
#[derive(Clone, Debug)]
pub struct ComparisonDocument<'a> {
    /// Its title.
    pub title: String,
    /// Which faces, in words.
    pub about: String,
    /// The classes that every model is judged over.
    pub label_set: &'a LabelSet,
    /// The models.
    pub sides: Vec<Side<'a>>,
    /// The place of the one that the others are held against.
    pub leader: usize,
    /// What a person should know: one sentence each.
    pub warnings: Vec<String>,
    /// How they learned: a picture each.
    pub curves: Vec<LearningCurves>,
    /// What else is known of them.
    pub tables: Vec<Facts>,
}

/// A figure of several trainings, epoch by epoch.
#[derive(Clone, Debug)]
pub struct LearningCurves {
    /// Which figure.
    pub title: &'static str,
    /// A training each: epochs, and the figure then.
    pub lines: Vec<Line>,
}

/// A table of words.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Its heading.
    pub title: &'static str,
    /// A sentence above it; empty where there is none.
    pub lead: &'static str,
    /// What stands above each column; the first column has the rows' names.
    pub heads: Vec<String>,
    /// Row by row.
    pub rows: Vec<Vec<String>>,
}

/// How the comparison was made.
const HOW: [&str; 3] = [
    "Bold: the best value. \u{25b2} and \u{25bc}: shown to be better or worse than the one that is ahead, by McNemar's test for accuracy and by a paired bootstrap on the same faces for the rest (1,000 resamples, 95 %), corrected for the number of models figure by figure (Holm 1979).",
    "McNemar's test asks whether two models err equally often on the same faces. No difference shown does not mean that there is none.",
    "All together: the mean of what all models say. What a model does not know of the data's classes counts as missed.",
];

impl ComparisonDocument<'_> {
    /// The file.
    pub fn html(&self) -> String {
        let mut body = format!("<h1>{}</h1>\n<p>{}</p>\n", escaped(&self.title), escaped(&self.about));
        body += &self.verdict();
        body += "<h2>Side by side</h2>\n";
        body += &self.figures("Expression", Figure::of_expression());
        body += &self.figures("Valence and arousal", Figure::of_affect());
        body += &self.classes();
        body += &self.learning();
        self.tables.iter().for_each(|facts| body += &facts.html());
        body += &self.confusions();
        let how: Vec<&str> = HOW.into_iter().chain(NOTES).collect();
        body += &notes(&how);
        page(&self.title, &body)
    }

    fn verdict(&self) -> String {
        let others = standings(&self.sides, self.leader);
        let others: String = others.iter().map(|sentence| format!("<li>{}</li>\n", escaped(sentence))).collect();
        let others = if others.is_empty() { others } else { format!("<ul>\n{others}</ul>\n") };
        let ahead = ahead(&self.sides, self.leader);
        format!("<h2>Verdict</h2>\n<p><strong>{}</strong></p>\n{others}{}", escaped(&ahead), warnings(&self.warnings))
    }

    /// Figures down, models across; those that nobody has are left out.
    fn figures(&self, caption: &str, figures: Vec<Figure>) -> String {
        let row = |figure: Figure| {
            let best = figure.best(self.sides.iter().map(|of| figure.of(of.report)))?;
            let cell = |of: &Side| {
                let value = figure.of(of.report);
                let sign = match of.verdict(figure) {
                    Some(Verdict::Better) => " \u{25b2}",
                    Some(Verdict::Worse) => " \u{25bc}",
                    _ => "",
                };
                let is_best = value == Some(best) && self.sides.len() > 1;
                Cell::contested(value, figure.interval(of.report), is_best, sign)
            };
            Some(std::iter::once(Cell::head(&figure.label())).chain(self.sides.iter().map(cell)).collect())
        };
        self.table(caption, figures.into_iter().filter_map(row).collect())
    }

    /// The F1 of each class.
    fn classes(&self) -> String {
        let row = |(place, name): (usize, &String)| {
            let of_class = |of: &Side| -> Option<ClassMetrics> {
                of.report.expression.as_ref().and_then(|expression| expression.classes.get(place)).cloned()
            };
            let cell = |of: &Side| {
                let metrics = of_class(of);
                let value = |of: &ClassMetrics| of.f1;
                Cell::figure_within(metrics.as_ref().and_then(value), metrics.as_ref().and_then(|of| of.intervals.f1))
            };
            std::iter::once(Cell::head(name)).chain(self.sides.iter().map(cell)).collect()
        };
        self.table("F1 of each class against the rest", self.label_set.classes().iter().enumerate().map(row).collect())
    }

    fn table(&self, caption: &str, rows: Vec<Vec<Cell>>) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let heads: Vec<&str> = std::iter::once("").chain(self.sides.iter().map(|of| of.name)).collect();
        table(caption, &heads, rows)
    }

    fn learning(&self) -> String {
        if self.curves.is_empty() {
            return String::new();
        }
        let pictures: String = self.curves.iter().map(LearningCurves::picture).collect();
        format!("<h2>How they learned</h2>\n<div class=\"plots\">\n{pictures}</div>\n")
    }

    fn confusions(&self) -> String {
        let matrix = |of: &Side| {
            let expression = of.report.expression.as_ref()?;
            Some(confusion(of.name, self.label_set.classes(), &expression.confusion))
        };
        let matrices: String = self.sides.iter().filter_map(matrix).collect();
        if matrices.is_empty() {
            return matrices;
        }
        format!("<h2>What was (rows) taken for what (columns): faces</h2>\n{matrices}")
    }
}

impl LearningCurves {
    /// Whether nobody has the figure.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.points.is_empty())
    }

    fn picture(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let most = |axis: usize, at_least| points().map(|point| point[axis]).fold(at_least, f32::max);
        let least = points().map(|point| point[1]).fold(0.0, f32::min);
        let axes =
            [Axis { name: "epoch", from: 0.0, to: most(0, 2.0) }, Axis { name: "", from: least, to: most(1, 1.0) }];
        plot(self.title, axes, &self.lines, false)
    }
}

impl Facts {
    fn html(&self) -> String {
        let row = |cells: &Vec<String>| {
            let mut cells = cells.iter();
            let name = cells.next().map(|name| Cell::head(name));
            name.into_iter().chain(cells.map(|words| Cell::text(words))).collect()
        };
        let heads: Vec<&str> = self.heads.iter().map(String::as_str).collect();
        let lead = if self.lead.is_empty() { String::new() } else { format!("<p>{}</p>\n", escaped(self.lead)) };
        let rows = table("", &heads, self.rows.iter().map(row).collect());
        format!("<h2>{}</h2>\n{lead}{rows}", escaped(self.title))
    }
}
