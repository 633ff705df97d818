//! Bootstrap intervals: one for every figure, under the figure's own name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::figures;

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// Writes `0.412 to 0.543`.
impl fmt::Display for Interval {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{} to {}", figures::decimal(Some(self.low)), figures::decimal(Some(self.high)))
    }
}

/// Intervals of [`ExpressionMetrics`](super::ExpressionMetrics): 1,000 resamples, seeded, stratified by true class. `None` where the figure is
/// undefined in every resample, or there is one sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the figures have the same names")]
pub struct ExpressionIntervals {
    pub accuracy: Option<Interval>,
    pub balanced_accuracy: Option<Interval>,
    pub top2: Option<Interval>,
    pub precision_macro: Option<Interval>,
    pub recall_macro: Option<Interval>,
    pub f1_macro: Option<Interval>,
    pub precision_weighted: Option<Interval>,
    pub recall_weighted: Option<Interval>,
    pub f1_weighted: Option<Interval>,
    pub kappa: Option<Interval>,
    pub roc_auc_macro: Option<Interval>,
    pub average_precision_macro: Option<Interval>,
    pub ece: Option<Interval>,
    pub brier: Option<Interval>,
}

/// Intervals of [`ClassMetrics`](super::ClassMetrics), from the same resamples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the figures have the same names")]
pub struct ClassIntervals {
    pub precision: Option<Interval>,
    pub recall: Option<Interval>,
    pub f1: Option<Interval>,
    pub roc_auc: Option<Interval>,
    pub average_precision: Option<Interval>,
}

/// Intervals of [`AffectMetrics`](super::AffectMetrics): 1,000 resamples, seeded, without strata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the figures have the same names")]
pub struct AffectIntervals {
    pub rmse: Option<Interval>,
    pub mae: Option<Interval>,
    pub pearson: Option<Interval>,
    pub ccc: Option<Interval>,
    pub sagr: Option<Interval>,
}
