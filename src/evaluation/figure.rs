//! The figures of a report, by name.

use serde::{Deserialize, Serialize};

use super::figures::{AFFECT, EXPRESSION};
use super::interval::Interval;
use super::report::{AffectMetrics, ExpressionMetrics, Report};

/// What the figures of the expression are called in handles and links, and what a person reads.
const EXPRESSION_NAMES: [(&str, &str); EXPRESSION.len()] = [
    ("accuracy", "Accuracy"),
    ("balanced-accuracy", "Balanced accuracy"),
    ("top-2", "Top-2 accuracy"),
    ("precision-macro", "Precision, macro"),
    ("recall-macro", "Recall, macro"),
    ("f1-macro", "F1, macro"),
    ("precision-weighted", "Precision, weighted"),
    ("recall-weighted", "Recall, weighted"),
    ("f1-weighted", "F1, weighted"),
    ("kappa", "Cohen's kappa"),
    ("roc-auc", "ROC-AUC, macro"),
    ("average-precision", "Average precision, macro"),
    ("ece", "Calibration error (ECE)"),
    ("brier", "Brier score"),
];

/// Those of valence and arousal.
const AFFECT_NAMES: [(&str, &str); AFFECT.len()] =
    [("rmse", "RMSE"), ("mae", "MAE"), ("pearson", "Pearson's r"), ("ccc", "CCC"), ("sagr", "Sign agreement")];

/// One figure of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Of the expression.
    Expression(ExpressionFigure),
    /// Of the valence.
    Valence(AffectFigure),
    /// Of the arousal.
    Arousal(AffectFigure),
}

/// A figure of [`ExpressionMetrics`], by the name it has there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the figures have the same names")]
pub enum ExpressionFigure {
    Accuracy,
    BalancedAccuracy,
    Top2,
    PrecisionMacro,
    RecallMacro,
    F1Macro,
    PrecisionWeighted,
    RecallWeighted,
    F1Weighted,
    Kappa,
    RocAucMacro,
    AveragePrecisionMacro,
    Ece,
    Brier,
}

/// A figure of [`AffectMetrics`], by the name it has there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the figures have the same names")]
pub enum AffectFigure {
    Rmse,
    Mae,
    Pearson,
    Ccc,
    Sagr,
}

impl Figure {
    /// Its value in a report.
    pub fn of(self, report: &Report) -> Option<f64> {
        match self {
            Figure::Expression(figure) => figure.of(report.expression.as_ref()?),
            Figure::Valence(figure) => figure.of(report.valence.as_ref()?),
            Figure::Arousal(figure) => figure.of(report.arousal.as_ref()?),
        }
    }

    /// Its 95 % interval in a report.
    pub fn interval(self, report: &Report) -> Option<Interval> {
        match self {
            Figure::Expression(figure) => figure.interval(report.expression.as_ref()?),
            Figure::Valence(figure) => figure.interval(report.valence.as_ref()?),
            Figure::Arousal(figure) => figure.interval(report.arousal.as_ref()?),
        }
    }

    /// The best of some values.
    pub fn best(self, values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
        let better = |a: f64, b: f64| if self.more_is_better() { a.max(b) } else { a.min(b) };
        values.into_iter().flatten().reduce(better)
    }

    /// What a person reads: "Accuracy", "CCC, valence".
    pub fn label(self) -> String {
        match self {
            Figure::Expression(figure) => figure.label().into(),
            Figure::Valence(figure) => format!("{}, valence", figure.label()),
            Figure::Arousal(figure) => format!("{}, arousal", figure.label()),
        }
    }

    /// Every figure of the expression, in the order of the table of figures.
    pub fn of_expression() -> Vec<Figure> {
        ExpressionFigure::ALL.map(Figure::Expression).into()
    }

    /// Every figure of valence and arousal, the two of a name side by side.
    pub fn of_affect() -> Vec<Figure> {
        AffectFigure::ALL.into_iter().flat_map(|of| [Figure::Valence(of), Figure::Arousal(of)]).collect()
    }

    /// Whether more of it is better; of errors, less is.
    pub fn more_is_better(self) -> bool {
        match self {
            Figure::Expression(figure) => !matches!(figure, ExpressionFigure::Ece | ExpressionFigure::Brier),
            Figure::Valence(figure) | Figure::Arousal(figure) => {
                !matches!(figure, AffectFigure::Rmse | AffectFigure::Mae)
            }
        }
    }
}

impl ExpressionFigure {
    /// All of them, in the order of the table of figures.
    pub const ALL: [ExpressionFigure; EXPRESSION.len()] = {
        use ExpressionFigure::*;
        [
            Accuracy,
            BalancedAccuracy,
            Top2,
            PrecisionMacro,
            RecallMacro,
            F1Macro,
            PrecisionWeighted,
            RecallWeighted,
            F1Weighted,
            Kappa,
            RocAucMacro,
            AveragePrecisionMacro,
            Ece,
            Brier,
        ]
    };

    /// Its name in handles and links: `f1-macro`.
    pub fn handle(self) -> &'static str {
        EXPRESSION_NAMES[self as usize].0
    }

    /// What a person reads.
    pub fn label(self) -> &'static str {
        EXPRESSION_NAMES[self as usize].1
    }

    /// Its value.
    pub fn of(self, metrics: &ExpressionMetrics) -> Option<f64> {
        EXPRESSION[self as usize].0(metrics)
    }

    /// Its 95 % interval.
    pub fn interval(self, metrics: &ExpressionMetrics) -> Option<Interval> {
        let mut intervals = metrics.intervals;
        *EXPRESSION[self as usize].1(&mut intervals)
    }
}

impl AffectFigure {
    /// All of them, in the order of the table of figures.
    pub const ALL: [AffectFigure; AFFECT.len()] = {
        use AffectFigure::*;
        [Rmse, Mae, Pearson, Ccc, Sagr]
    };

    /// Its name in handles and links: `ccc`.
    pub fn handle(self) -> &'static str {
        AFFECT_NAMES[self as usize].0
    }

    /// What a person reads.
    pub fn label(self) -> &'static str {
        AFFECT_NAMES[self as usize].1
    }

    /// Its value.
    pub fn of(self, metrics: &AffectMetrics) -> Option<f64> {
        AFFECT[self as usize].0(metrics)
    }

    /// Its 95 % interval.
    pub fn interval(self, metrics: &AffectMetrics) -> Option<Interval> {
        let mut intervals = metrics.intervals;
        *AFFECT[self as usize].1(&mut intervals)
    }
}
