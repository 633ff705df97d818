//! Files out and in: models, reports, predictions, problems.

use std::io::Read;

use super::comparison_file::{comparison_document, comparison_file};
use super::evaluate::Evaluation;
use super::report::report_file;
use super::{Answer, Attachment, Service, refused};
use crate::dataset::{Source, problems_csv};
use crate::engine::protocol::{Compared, Export, Failure, ModelId, ModelSummary, Outcome, RequestId};
use crate::engine::storage::Outgoing;
use crate::evaluation::predictions_csv;
use crate::models::{Checkpoint, onnx};

/// No model of Mien's comes near this size, bytes.
pub(super) const LARGEST_MODEL: u64 = 1 << 30;

impl Service {
    pub(super) async fn export(&self, id: RequestId, what: Export) -> Answer {
        let (name, media_type, bytes) = match what {
            Export::Dataset => return self.export_dataset(id).await,
            Export::Run(model) => return self.export_run(model).await,
            Export::Model(model) => {
                let (ModelSummary { name, .. }, _) = self.shelved(model)?;
                let file = self.model_file(model).await?;
                (format!("{}.safetensors", slug(&name)), "application/octet-stream", file)
            }
            Export::Onnx(model) => self.onnx_file(model).await?,
            Export::Report => {
                let evaluation = self.last_evaluation()?;
                let held = self.model(evaluation.model.id).await.ok();
                let preprocessing = held.as_ref().map(|held| &held.checkpoint.card.preprocessing);
                let bytes = report_file(&evaluation.model, preprocessing, &evaluation.kept).map_err(refused)?;
                (file_name(&evaluation, "report.json"), "application/json", bytes)
            }
            Export::Document => {
                let evaluation = self.last_evaluation()?;
                let html = self.document(&evaluation).await.into_bytes();
                (file_name(&evaluation, "report.html"), "text/html", html)
            }
            Export::Predictions => {
                let evaluation = self.last_evaluation()?;
                let csv = predictions_csv(&evaluation.kept.report.label_set, &evaluation.kept.predictions);
                (file_name(&evaluation, "predictions.csv"), "text/csv", csv.into_bytes())
            }
            Export::Comparison => {
                let compared = &self.last_comparison()?.compared;
                (comparison_name(compared, "json"), "application/json", comparison_file(compared).map_err(refused)?)
            }
            Export::ComparisonDocument => {
                let compared = &self.last_comparison()?.compared;
                (comparison_name(compared, "html"), "text/html", comparison_document(compared).into_bytes())
            }
            Export::Record => ("record.csv".into(), "text/csv", self.record_table()?),
            Export::Subtitles => ("record.vtt".into(), "text/vtt", self.record_subtitles()?),
            Export::Summary => ("summary.csv".into(), "text/csv", self.record_summary()?),
            Export::Problems => {
                let open = self.open_dataset()?;
                let csv = problems_csv(&open.dataset.problems).map_err(refused)?;
                (format!("{}-problems.csv", slug(&open.dataset.name)), "text/csv", csv)
            }
        };
        Ok((Outcome::File { name, media_type: media_type.into() }, Some(bytes.into())))
    }

    async fn onnx_file(&self, id: ModelId) -> Result<(String, &'static str, Vec<u8>), Failure> {
        let model = self.model(id).await?;
        let bytes = onnx(&model.checkpoint).map_err(refused)?;
        Ok((format!("{}.onnx", slug(&model.summary.name)), "application/octet-stream", bytes))
    }

    pub(super) async fn import_model(&self, name: String, files: Vec<Box<dyn Source>>) -> Answer {
        self.restored().await;
        let Ok([file]) = <[Box<dyn Source>; 1]>::try_from(files) else { return Err(refused("Choose one model file.")) };
        if name.to_lowercase().ends_with(".zip") {
            return self.import_run(&name, file).await;
        }
        if file.size() > LARGEST_MODEL {
            return Err(refused(format!("{name} is larger than 1 GiB: that is no model of Mien's.")));
        }
        let bytes = read_whole(&name, &*file)?;
        let unreadable = |error| refused(format!("{name}: {error}."));
        let checkpoint = self.checkpoint(&bytes, &mut |_, _| true, unreadable).await?;
        let summary = self.hold(&name, &name, checkpoint, None).await;
        Ok((Outcome::Model(summary), None))
    }
}

/// All of a file that fits into memory.
pub(super) fn read_whole(name: &str, file: &dyn Source) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = file.open().and_then(|reader| reader.take(file.size()).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| refused(format!("{name} cannot be read: {error}.")))
}

/// Hands a zip over once it is written; what was not written whole is removed.
pub(super) async fn hand_over(name: String, written: Result<(), Failure>, out: Outgoing) -> Answer {
    if let Err(failure) = written {
        out.discard().await;
        return Err(failure);
    }
    let file = out.finish().await.map_err(|why| refused(format!("{name} could not be written: {why}.")))?;
    Ok((Outcome::File { name, media_type: "application/zip".into() }, Some(Attachment::File(file))))
}

/// What the page shows of a checkpoint.
pub(super) fn summarise(id: ModelId, name: &str, origin: &str, checkpoint: &Checkpoint) -> ModelSummary {
    let card = &checkpoint.card;
    ModelSummary {
        id,
        name: name.trim_end_matches(".safetensors").to_string(),
        architecture: card.architecture.clone(),
        label_set: card.label_set.clone(),
        parameters: checkpoint.parameters(),
        input_size: card.preprocessing.size,
        origin: origin.to_string(),
        plan: card.plan.clone().and_then(|plan| serde_json::from_value(plan).ok()),
        shipped: None,
        note: String::new(),
        training: None,
        evaluations: Vec::new(),
    }
}

fn file_name(evaluation: &Evaluation, what: &str) -> String {
    format!("{}-{}-{what}", slug(&evaluation.model.name), evaluation.kept.record.split.name())
}

fn comparison_name(compared: &Compared, ending: &str) -> String {
    format!("comparison-{}-{}.{ending}", slug(&compared.faces.dataset), compared.split.name())
}

/// A name that every file system takes.
pub(super) fn slug(name: &str) -> String {
    let slug: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    slug.trim_matches('-').to_lowercase()
}
