//! Kept evaluations: beside the model they are of, and gone with it.

use serde::{Deserialize, Serialize};

use super::models::SHELF;
use super::seal::Seal;
use super::{Folder, Storage, StorageError, manifest};
use crate::engine::protocol::EvaluationRecord;
use crate::evaluation::{Prediction, Report};

/// The manifest this build writes and reads; another one where the figures mean something else.
const FORMAT: &str = "mien-kept-evaluation/1";
const FOLDER: &str = "evaluations";
const PREDICTIONS: &str = "predictions.json";

/// An evaluation, as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptEvaluation {
    /// When, on what, of what.
    pub record: EvaluationRecord,
    /// The figures.
    pub report: Report,
    /// What a person should know: one sentence each.
    pub warnings: Vec<String>,
    /// Sample by sample, in the dataset's order.
    pub predictions: Vec<Prediction>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    record: EvaluationRecord,
    report: Report,
    warnings: Vec<String>,
    predictions: Seal,
}

impl Storage {
    /// Keeps an evaluation of the model at `place`, in the place of an earlier one of the same faces.
    ///
    /// # Errors
    /// Why it is not kept.
    pub async fn keep_evaluation(&self, place: &str, kept: &KeptEvaluation) -> Result<(), StorageError> {
        let shelf = self.evaluations(place).await?;
        let name = folder_of(&kept.record);
        let folder = shelf.folder(&name).await?;
        let written = write(&folder, kept).await;
        if written.is_err() {
            // What was begun takes room.
            let _ = shelf.remove(&name).await;
        }
        written
    }

    /// The evaluations of the model at `place`, the oldest first. One that cannot be read is made anew when it is wanted.
    pub async fn kept_evaluations(&self, place: &str) -> Vec<EvaluationRecord> {
        let Ok(shelf) = self.evaluations(place).await else { return Vec::new() };
        let mut records = Vec::new();
        for name in shelf.names().await.unwrap_or_default() {
            let Ok(folder) = shelf.folder(&name).await else { continue };
            records.extend(manifest::read(&folder, FORMAT).await.ok().map(|manifest: Manifest| manifest.record));
        }
        records.sort_by_key(|record| record.ended);
        records
    }

    /// The evaluation with this record, of the model at `place`.
    ///
    /// # Errors
    /// Where it is not there, or not what was written.
    pub async fn evaluation(&self, place: &str, record: &EvaluationRecord) -> Result<KeptEvaluation, StorageError> {
        let folder = self.evaluations(place).await?.folder(&folder_of(record)).await?;
        let Manifest { record, report, warnings, predictions } = manifest::read(&folder, FORMAT).await?;
        let predictions = predictions.read(&folder).await?;
        let damaged =
            |error: serde_json::Error| StorageError::Damaged(format!("{PREDICTIONS} cannot be read: {error}"));
        let predictions = serde_json::from_slice(&predictions).map_err(damaged)?;
        Ok(KeptEvaluation { record, report, warnings, predictions })
    }

    async fn evaluations(&self, place: &str) -> Result<Folder, StorageError> {
        self.shelf(SHELF).await?.folder(place).await?.folder(FOLDER).await
    }
}

fn folder_of(record: &EvaluationRecord) -> String {
    format!("{}-{}", record.split.name(), record.faces.identity)
}

async fn write(folder: &Folder, kept: &KeptEvaluation) -> Result<(), StorageError> {
    let failed = |error: serde_json::Error| StorageError::Failed(error.to_string());
    let predictions = serde_json::to_vec(&kept.predictions).map_err(failed)?;
    manifest::remove(folder).await?;
    let predictions = Seal::write(folder, PREDICTIONS, &predictions).await?;
    let KeptEvaluation { record, report, warnings, .. } = kept.clone();
    manifest::write(folder, FORMAT, Manifest { record, report, warnings, predictions }).await
}
