//! An evaluation as files: for programs, and to be read.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Service;
use super::evaluate::{Evaluation, affect_pairs};
use crate::engine::protocol::{EvaluationRecord, ModelSummary, TrainingRecord};
use crate::engine::storage::KeptEvaluation;
use crate::evaluation::{Document, Report, curves};
use crate::imaging::Preprocessing;
use crate::training::{SETTINGS, TrainingPlan};

/// The format this build writes and reads.
const FORMAT: &str = "mien-report/1";

/// What the report file says: the figures, and where they come from.
#[derive(Serialize)]
struct ReportFile<'a> {
    format: &'static str,
    model: ModelProvenance<'a>,
    evaluation: &'a EvaluationRecord,
    warnings: &'a [String],
    #[serde(flatten)]
    report: &'a Report,
}

/// What is read of a report file; the model tells of itself.
#[derive(Deserialize)]
struct ReadReport {
    evaluation: EvaluationRecord,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(flatten)]
    report: Report,
}

/// Why a report file cannot be read. Reads on after its name.
#[derive(Debug, Error)]
pub(super) enum ReportError {
    #[error("cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("is of format \"{0}\", not \"{FORMAT}\"")]
    Format(String),
}

/// Reads what [`report_file`] wrote: an evaluation without its predictions.
pub(super) fn read_report(file: &[u8]) -> Result<KeptEvaluation, ReportError> {
    let format = format_of(file)?;
    if format != FORMAT {
        return Err(ReportError::Format(format));
    }
    let ReadReport { evaluation, warnings, report } = serde_json::from_slice(file)?;
    Ok(KeptEvaluation { record: evaluation, report, warnings, predictions: Vec::new() })
}

/// The format that a file names; empty where it names none. The rest of another format may be anything.
pub(super) fn format_of(file: &[u8]) -> Result<String, serde_json::Error> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        format: String,
    }
    serde_json::from_slice(file).map(|Named { format }| format)
}

#[derive(Serialize)]
struct ModelProvenance<'a> {
    name: &'a str,
    architecture: &'a str,
    parameters: usize,
    preprocessing: Option<&'a Preprocessing>,
    plan: Option<&'a TrainingPlan>,
}

/// The report of an evaluation: JSON.
pub(super) fn report_file(
    model: &ModelSummary,
    preprocessing: Option<&Preprocessing>,
    kept: &KeptEvaluation,
) -> Result<Vec<u8>, serde_json::Error> {
    let model = ModelProvenance {
        name: &model.name,
        architecture: &model.architecture,
        parameters: model.parameters,
        preprocessing,
        plan: model.plan.as_ref(),
    };
    let KeptEvaluation { record, report, warnings, .. } = kept;
    serde_json::to_vec_pretty(&ReportFile { format: FORMAT, model, evaluation: record, warnings, report })
}

impl Service {
    /// The evaluation as one HTML file.
    pub(super) async fn document(&self, evaluation: &Evaluation) -> String {
        let Evaluation { model, kept: KeptEvaluation { record, report, warnings, predictions }, .. } = evaluation;
        let held = self.model(model.id).await.ok();
        let preprocessing = held.as_ref().map(|held| &held.checkpoint.card.preprocessing);
        let curves = curves(&report.label_set, record.split, predictions);
        let mut provenance = vec![("Evaluation", evaluated(record)), ("Model", of_model(model, preprocessing))];
        provenance.extend(model.training.as_ref().map(|training| ("Training", trained(training))));
        provenance.extend(model.plan.as_ref().map(|plan| ("Training plan", planned(plan))));
        let title = format!("{} on {}, {} split", model.name, record.faces.dataset, record.split.name());
        let affect = affect_pairs(predictions);
        Document { title, provenance, warnings, report, curves: &curves, affect: &affect }.html()
    }
}

/// Names and what is known under them.
pub(super) type Facts = Vec<(String, String)>;

fn facts<const N: usize>(facts: [(&str, String); N]) -> Facts {
    facts.map(|(name, value)| (name.into(), value)).into()
}

pub(super) fn evaluated(record: &EvaluationRecord) -> Facts {
    facts([
        ("data", record.faces.dataset.clone()),
        ("split", record.split.name().into()),
        ("faces", record.faces.count.to_string()),
        ("identity of faces and labels", record.faces.identity.clone()),
        ("computed on", record.device.clone()),
        ("seconds", format!("{:.1}", record.seconds)),
        ("when (UTC)", moment(record.ended)),
        ("program", format!("Mien {}", env!("CARGO_PKG_VERSION"))),
    ])
}

pub(super) fn of_model(model: &ModelSummary, preprocessing: Option<&Preprocessing>) -> Facts {
    let mut of_model = facts([
        ("network", model.architecture.clone()),
        ("parameters", model.parameters.to_string()),
        ("classes", model.label_set.classes().join(", ")),
        ("comes from", model.origin.clone()),
    ]);
    let input = preprocessing.map(|of| {
        let Preprocessing { size, crop, colour, filter, mean, std, .. } = of;
        let (crop, colour, filter) = (crop.name(), colour.name(), filter.name());
        format!("{size} x {size} pixels, crop {crop}, {colour}, {filter}; mean {mean:?}, standard deviation {std:?}")
    });
    of_model.extend(input.map(|input| ("input".into(), input)));
    of_model.extend((!model.note.is_empty()).then(|| ("note".into(), model.note.clone())));
    of_model
}

pub(super) fn trained(record: &TrainingRecord) -> Facts {
    facts([
        ("data", record.faces.dataset.clone()),
        ("faces of training and validation", record.faces.count.to_string()),
        ("identity of faces and labels", record.faces.identity.clone()),
        ("epochs", record.history.epochs.len().to_string()),
        ("weights are from epoch", record.best_epoch.to_string()),
        ("computed on", record.device.clone()),
        ("seconds", format!("{:.1}", record.seconds)),
        ("ended (UTC)", moment(record.ended)),
    ])
}

fn planned(plan: &TrainingPlan) -> Facts {
    let value = |name: &str| plan.get(name).unwrap_or_default();
    SETTINGS.iter().map(|setting| (setting.label.to_lowercase(), value(setting.name))).collect()
}

/// Milliseconds since 1970 as `2026-11-25 15:04`, by the civil calendar (Hinnant 2013, *chrono-Compatible Low-Level Date
/// Algorithms*).
fn moment(milliseconds: u64) -> String {
    let minutes = milliseconds / 60_000;
    let (day, minute) = (minutes / 1440, minutes % 1440);
    // Years begin in March, so that the odd day ends them; eras are of 400 years.
    let day = day + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Python's `datetime.fromtimestamp(..., UTC)` has it.
    #[test]
    fn moments_are_of_the_calendar() {
        assert_eq!(moment(0), "1970-01-01 00:00");
        assert_eq!(moment(951_782_400_000), "2000-02-29 00:00");
        assert_eq!(moment(1_795_619_040_000), "2026-11-25 15:04");
        assert_eq!(moment(4_107_542_340_000), "2100-02-28 23:59");
    }
}
