//! A run's zip out, part by part.

use std::io;

use super::config::Config;
use super::{CONFIG, MODEL, REPORT, foremost};
use crate::dataset::ArchiveWriter;
use crate::engine::protocol::{EvaluationRecord, Failure, ModelId, ModelSummary};
use crate::engine::service::export::{hand_over, slug};
use crate::engine::service::report::report_file;
use crate::engine::service::{Answer, Service, refused};
use crate::engine::storage::{KeptEvaluation, Outgoing};
use crate::evaluation::{PREDICTIONS_FILE, predictions_csv};
use crate::models::ModelCard;
use crate::training::{HISTORY_FILE, history_csv};

impl Service {
    pub(in crate::engine::service) async fn export_run(&self, model: ModelId) -> Answer {
        let (summary, _) = self.shelved(model)?;
        let file = self.model_file(model).await?;
        let mut out = self.storage.outgoing(foreseen(&summary, &file)).await;
        let written = self.write_run(&summary, &file, &mut out).await;
        hand_over(format!("{}.zip", slug(&summary.name)), written, out).await
    }

    async fn write_run(&self, summary: &ModelSummary, model: &[u8], out: &mut Outgoing) -> Result<(), Failure> {
        let lost = |error: io::Error| refused(format!("The run could not be written: {error}."));
        let card = ModelCard::read(model).map_err(refused)?;
        let mut zip = ArchiveWriter::new(out);
        let config = Config::of(summary).and_then(|config| config.write());
        zip.add(CONFIG, &config.map_err(refused)?).map_err(lost)?;
        if let Some(training) = &summary.training {
            zip.add(HISTORY_FILE, &history_csv(&training.history).map_err(refused)?).map_err(lost)?;
        }
        let foremost = foremost(&summary.evaluations);
        let others = summary.evaluations.iter().filter(|record| Some(*record) != foremost);
        for record in foremost.into_iter().chain(others) {
            let folder = if Some(record) == foremost { String::new() } else { folder(record) };
            let Some(kept) = self.evaluation_to_write(summary, record).await else { continue };
            let report = report_file(summary, Some(&card.preprocessing), &kept).map_err(refused)?;
            zip.add(&format!("{folder}{REPORT}"), &report).map_err(lost)?;
            let KeptEvaluation { report, predictions, .. } = &kept;
            let predictions = predictions_csv(&report.label_set, predictions);
            zip.add(&format!("{folder}{PREDICTIONS_FILE}"), predictions.as_bytes()).map_err(lost)?;
        }
        zip.add(MODEL, model).map_err(lost)?;
        zip.finish().map_err(lost)?;
        Ok(())
    }

    /// An evaluation; one that can no longer be read is left out, and that is told.
    async fn evaluation_to_write(&self, model: &ModelSummary, record: &EvaluationRecord) -> Option<KeptEvaluation> {
        let (of, split) = (&model.name, record.split.name());
        let tell = |why: Failure| {
            self.storage.tell(format!("The zip of {of} lacks its evaluation of a {split} split. {}", why.message));
        };
        self.made_evaluation(model.id, record).await.map_err(tell).ok()
    }
}

/// Where an evaluation lies that is not the foremost.
fn folder(EvaluationRecord { split, faces, .. }: &EvaluationRecord) -> String {
    format!("evaluations/{}-{}-{}/", split.name(), slug(&faces.dataset), faces.identity)
}

/// Bytes it takes at most, or little more.
fn foreseen(summary: &ModelSummary, model: &[u8]) -> u64 {
    const BESIDE_TABLES: u64 = 1 << 20;
    let of_face = 200 + 16 * summary.label_set.len() as u64;
    let faces: usize = summary.evaluations.iter().map(|record| record.faces.count).sum();
    model.len() as u64 + of_face * faces as u64 + BESIDE_TABLES
}
