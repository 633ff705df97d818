//! The table of figures: how each is taken from the metrics, and where its interval goes.

use super::interval::{AffectIntervals, ExpressionIntervals, Interval};
use super::report::{AffectMetrics, ExpressionMetrics};

/// A figure, and where its interval goes.
pub(super) type Pairing<M, I> = (fn(&M) -> Option<f64>, fn(&mut I) -> &mut Option<Interval>);

pub(super) const EXPRESSION: [Pairing<ExpressionMetrics, ExpressionIntervals>; 14] = [
    (|of| of.accuracy, |to| &mut to.accuracy),
    (|of| of.balanced_accuracy, |to| &mut to.balanced_accuracy),
    (|of| of.top2, |to| &mut to.top2),
    (|of| of.precision_macro, |to| &mut to.precision_macro),
    (|of| of.recall_macro, |to| &mut to.recall_macro),
    (|of| of.f1_macro, |to| &mut to.f1_macro),
    (|of| of.precision_weighted, |to| &mut to.precision_weighted),
    (|of| of.recall_weighted, |to| &mut to.recall_weighted),
    (|of| of.f1_weighted, |to| &mut to.f1_weighted),
    (|of| of.kappa, |to| &mut to.kappa),
    (|of| of.roc_auc_macro, |to| &mut to.roc_auc_macro),
    (|of| of.average_precision_macro, |to| &mut to.average_precision_macro),
    (|of| of.ece, |to| &mut to.ece),
    (|of| of.brier, |to| &mut to.brier),
];

pub(super) const AFFECT: [Pairing<AffectMetrics, AffectIntervals>; 5] = [
    (|of| of.rmse, |to| &mut to.rmse),
    (|of| of.mae, |to| &mut to.mae),
    (|of| of.pearson, |to| &mut to.pearson),
    (|of| of.ccc, |to| &mut to.ccc),
    (|of| of.sagr, |to| &mut to.sagr),
];

/// Puts the next of `intervals` in every place of the table.
#[cfg(feature = "engine")]
pub(super) fn place<M, I>(
    table: &[Pairing<M, I>],
    intervals: &mut impl Iterator<Item = Option<Interval>>,
    destination: &mut I,
) {
    for ((_, slot), interval) in table.iter().zip(intervals) {
        *slot(destination) = interval;
    }
}
