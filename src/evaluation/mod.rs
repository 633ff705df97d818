//! Metrics and reports.

mod report;

pub use report::{AffectMetrics, ClassMetrics, ConfusionMatrix, ExpressionMetrics, Interval, Prediction, Report};
