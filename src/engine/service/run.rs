//! A run as one zip, out and in: its model with how it was trained and what it said of which faces.
//!
//! ```text
//! config.json         what it is called, its plan, how it was trained
//! history.csv         every epoch; where it was trained with Mien
//! report.json         the latest evaluation of the test split (without one, the latest of another split),
//! predictions.csv     and what was said of each face
//! evaluations/<split>-<dataset>-<faces>/report.json, predictions.csv     every other evaluation
//! model.safetensors   the model
//! ```
//!
//! Each part is the file that a person can download by itself. The zip of a run that was imported is the same to the byte,
//! but where it had to take another name.

mod config;
mod parts;
mod read;
mod write;

use crate::dataset::Split;
use crate::engine::protocol::EvaluationRecord;

const CONFIG: &str = "config.json";
const MODEL: &str = "model.safetensors";
const REPORT: &str = "report.json";

/// The evaluation whose files stand at the top.
fn foremost(evaluations: &[EvaluationRecord]) -> Option<&EvaluationRecord> {
    evaluations.iter().max_by_key(|of| (of.split == Split::Test, of.ended))
}
