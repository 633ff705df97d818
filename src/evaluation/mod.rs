//! Metrics and reports.
//!
//! Every figure is exact, in f64, and `None` where it is undefined: never NaN, never 0 in its place.
//! The functions take plain slices, so the training loop can ask for one figure without building a report;
//! [`evaluate`] asks for all of them.

#[cfg(feature = "engine")]
mod bootstrap;
mod calibration;
mod classification;
#[cfg(feature = "engine")]
mod evaluate;
mod export;
mod regression;
mod report;

#[cfg(feature = "engine")]
pub use bootstrap::{accuracy_and_f1_intervals, ccc_interval};
pub use calibration::{CALIBRATION_BINS, brier, ece};
pub use classification::{accuracy, argmax, roc_auc, top2};
#[cfg(feature = "engine")]
pub use evaluate::evaluate;
pub use export::predictions_csv;
pub use regression::{ccc, mae, pearson, rmse, sagr};
pub use report::{AffectMetrics, ClassMetrics, ConfusionMatrix, ExpressionMetrics, Interval, Prediction, Report};
