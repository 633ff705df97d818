//! A run's zip in: read whole and held against itself before anything is changed.

use super::config::Config;
use super::parts::{Parts, RunError};
use super::{CONFIG, MODEL, REPORT};
use crate::affect::LabelSet;
use crate::dataset::Source;
use crate::engine::protocol::{ModelSummary, Outcome, TrainingRecord};
use crate::engine::service::export::summarise;
use crate::engine::service::report::read_report;
use crate::engine::service::{Answer, Service, refused};
use crate::engine::storage::KeptEvaluation;
use crate::evaluation::{PREDICTIONS_FILE, is_of, read_predictions};
use crate::models::Checkpoint;
use crate::training::{HISTORY_FILE, History, read_history};

/// What a zip holds.
struct Run {
    config: Config,
    checkpoint: Checkpoint,
    training: Option<TrainingRecord>,
    /// The oldest first.
    evaluations: Vec<KeptEvaluation>,
}

impl Service {
    pub(in crate::engine::service) async fn import_run(&self, name: &str, file: Box<dyn Source>) -> Answer {
        let run = Run::read(file).map_err(|error| refused(format!("{name}: {error}")))?;
        let Run { config, checkpoint, training, evaluations } = run;
        let about = config.model;
        let summary = ModelSummary {
            name: self.unused_name(about.name.trim().into()),
            note: about.note,
            training,
            ..summarise(self.next_model(), "", &about.origin, &checkpoint)
        };
        let mut summary = self.shelve(summary, checkpoint.into()).await;
        for kept in &evaluations {
            summary = self.keep_evaluation(&summary, kept).await;
        }
        Ok((Outcome::Model(summary), None))
    }
}

impl Run {
    fn read(file: Box<dyn Source>) -> Result<Run, RunError> {
        let mut parts = Parts::open(file)?;
        let config = Config::read(&parts.read(CONFIG)?)?;
        let checkpoint = Checkpoint::read(&parts.read(MODEL)?)?;
        if checkpoint.card.architecture != config.model.architecture {
            return Err(RunError::Stray {
                part: MODEL.into(),
                why: "is of another architecture than config.json says",
            });
        }
        let history = if config.was_trained() { history(&mut parts)? } else { History::default() };
        let training = config.training(&history)?;
        let label_set = &checkpoint.card.label_set;
        let folders = parts.evaluations().into_iter();
        let mut evaluations =
            folders.map(|folder| evaluation(&mut parts, folder, label_set)).collect::<Result<Vec<_>, _>>()?;
        evaluations.sort_by_key(|kept| kept.record.ended);
        Ok(Run { config, checkpoint, training, evaluations })
    }
}

fn history(parts: &mut Parts) -> Result<History, RunError> {
    let table = parts.read(HISTORY_FILE)?;
    read_history(&table).map_err(|problem| RunError::Table { folder: String::new(), problem })
}

/// The evaluation in a folder of the zip, of a model with these classes.
fn evaluation(parts: &mut Parts, folder: String, label_set: &LabelSet) -> Result<KeptEvaluation, RunError> {
    let file = parts.read(&format!("{folder}{REPORT}"))?;
    let table = parts.read(&format!("{folder}{PREDICTIONS_FILE}"))?;
    let kept = read_report(&file).map_err(|why| RunError::Report { folder: folder.clone(), why })?;
    let KeptEvaluation { mut record, report, warnings, .. } = kept;
    let stray = |part: &str, why| RunError::Stray { part: format!("{folder}{part}"), why };
    if report.label_set != *label_set {
        return Err(stray(REPORT, "is over other classes than the model's"));
    }
    if record.split != report.split || !is_identity(&record.faces.identity) {
        return Err(stray(REPORT, "does not say of which faces it is"));
    }
    let predictions =
        read_predictions(label_set, &table).map_err(|problem| RunError::Table { folder: folder.clone(), problem })?;
    if record.faces.count != predictions.len() || !is_of(&report, &predictions) {
        return Err(stray(PREDICTIONS_FILE, "does not give the figures of report.json"));
    }
    record.accuracy = report.expression.as_ref().and_then(|expression| expression.accuracy);
    Ok(KeptEvaluation { record, report, warnings, predictions })
}

/// Whether this is what faces are known by: it becomes the name of a folder.
fn is_identity(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
