//! Mien trains and runs facial-expression and affect models inside the visitor's own browser.
//!
//! The map of the house, from the ground up. A room may use what is below it, never what is above:
//!
//! | room | what is in it |
//! |---|---|
//! | [`affect`] | the field's words: expressions, label sets, annotations |
//! | [`imaging`] | pixels: decode, resize, normalise, augment |
//! | [`dataset`] | files in, samples out: archives, layouts, problems, splits; the sample faces |
//! | `kernels` | operations that Burn is slow at, for its backends |
//! | `models` | backbones, the multi-task head, checkpoints |
//! | [`detection`] | faces in pictures: found, followed, upright |
//! | [`live`] | what is read from faces as time goes on: smoothed, recorded |
//! | [`training`] | the plan, losses, schedules, the loop |
//! | [`evaluation`] | metrics and reports |
//! | [`figures`] | numbers as text |
//! | [`engine`] | the protocol between page and worker, and its two ends |
//! | `ui` | pages, components, charts |
//!
//! Feature `page` builds what the page needs (no tensors), feature `engine` what the worker needs (no views).

#![warn(missing_docs)]

pub mod affect;
mod choice;
pub mod dataset;
pub mod detection;
pub mod engine;
pub mod evaluation;
pub mod figures;
pub mod imaging;
#[cfg(feature = "engine")]
pub mod kernels;
pub mod live;
#[cfg(feature = "engine")]
pub mod models;
mod number;
pub mod training;
#[cfg(feature = "page")]
pub mod ui;

/// Compiles the example in ARCHITECTURE.md.
#[cfg(all(doctest, feature = "engine"))]
#[doc = include_str!("../ARCHITECTURE.md")]
struct Architecture;
