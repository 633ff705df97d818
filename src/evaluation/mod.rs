//! Metrics and reports.
//!
//! Every figure is exact, in f64, and `None` where it is undefined: never NaN, never 0 in its place.
//! The functions take plain slices, so the training loop can ask for one figure without building a report;
//! [`evaluate`] asks for all of them, and for the interval of each.

#[cfg(feature = "engine")]
mod aligned;
#[cfg(feature = "engine")]
mod bootstrap;
mod calibration;
mod classification;
#[cfg(feature = "engine")]
mod classified;
#[cfg(feature = "engine")]
mod comparing;
mod comparison;
mod curves;
#[cfg(feature = "engine")]
mod document;
#[cfg(feature = "engine")]
mod embedding;
#[cfg(feature = "engine")]
mod ensemble;
#[cfg(feature = "engine")]
mod evaluate;
mod export;
mod figure;
mod figures;
mod holm;
#[cfg(feature = "engine")]
mod import;
mod interval;
#[cfg(feature = "engine")]
mod intervals;
mod mcnemar;
mod ranking;
#[cfg(feature = "engine")]
mod rated;
mod regression;
mod report;
mod sentences;
#[cfg(feature = "engine")]
mod temperature;
mod thinning;

#[cfg(feature = "engine")]
pub use aligned::{Mismatch, Said};
pub use calibration::{CALIBRATION_BINS, ReliabilityBin, brier, ece, reliability};
pub use classification::{accuracy, argmax, top2};
#[cfg(feature = "engine")]
pub use comparing::Comparing;
pub use comparison::{Comparison, Difference, Incomparable, Verdict, after_holm};
pub use curves::{CURVE_POINTS, ClassCurves, Curves, precision_recall_curve, roc_curve};
#[cfg(feature = "engine")]
pub use document::{ComparisonDocument, Document, Facts, LearningCurves, Line};
#[cfg(feature = "engine")]
pub use embedding::{Features, PERPLEXITY, Pca, Principal, Tsne, kinship};
#[cfg(feature = "engine")]
pub use ensemble::soft_vote;
#[cfg(feature = "engine")]
pub use evaluate::{curves, evaluate, measure};
pub use export::predictions_csv;
pub use figure::{AffectFigure, ExpressionFigure, Figure};
pub use holm::holm;
#[cfg(feature = "engine")]
pub use import::{PREDICTIONS_FILE, is_of, read_predictions};
pub use interval::{AffectIntervals, ClassIntervals, ExpressionIntervals, Interval};
#[cfg(feature = "engine")]
pub use intervals::Intervals;
pub use mcnemar::McNemar;
pub use ranking::{average_precision, roc_auc};
pub use regression::{ccc, mae, pearson, rmse, sagr};
pub use report::{AffectMetrics, ClassMetrics, ConfusionMatrix, ExpressionMetrics, Prediction, Report};
pub use sentences::{Side, ahead, standings};
#[cfg(feature = "engine")]
pub use temperature::temperature;
