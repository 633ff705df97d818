//! What a run's `config.json` says.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::engine::protocol::{ModelSummary, TrainingRecord};
use crate::engine::service::report::format_of;
use crate::training::{History, TrainingPlan};

/// The format this build writes and reads.
const FORMAT: &str = "mien-run/1";

/// The field of a [`TrainingRecord`] that is a table of its own.
const HISTORY: &str = "history";

#[derive(Serialize, Deserialize)]
pub(super) struct Config {
    format: String,
    /// What wrote it.
    program: String,
    pub model: About,
    /// For whoever opens the zip: the model brings its plan along.
    #[serde(skip_deserializing)]
    plan: Option<TrainingPlan>,
    /// A [`TrainingRecord`] without its history.
    training: Option<Value>,
}

/// What is known of a model that its own file does not say; and its architecture.
#[derive(Serialize, Deserialize)]
pub(super) struct About {
    pub name: String,
    pub note: String,
    pub architecture: String,
    pub origin: String,
}

/// Why a configuration cannot be read. Reads on after its name.
#[derive(Debug, Error)]
pub(in crate::engine::service) enum ConfigError {
    #[error("cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("is of format \"{0}\", not \"{FORMAT}\": another version of Mien wrote this run")]
    Format(String),
    #[error("has no name for the model")]
    NoName,
}

impl Config {
    pub(super) fn of(summary: &ModelSummary) -> Result<Config, ConfigError> {
        let ModelSummary { name, note, architecture, origin, plan, training, .. } = summary.clone();
        let mut training = training.map(serde_json::to_value).transpose()?;
        training.as_mut().and_then(Value::as_object_mut).and_then(|record| record.remove(HISTORY));
        Ok(Config {
            format: FORMAT.into(),
            program: format!("Mien {}", env!("CARGO_PKG_VERSION")),
            model: About { name, note, architecture, origin },
            plan,
            training,
        })
    }

    pub(super) fn read(file: &[u8]) -> Result<Config, ConfigError> {
        let format = format_of(file)?;
        if format != FORMAT {
            return Err(ConfigError::Format(format));
        }
        let config: Config = serde_json::from_slice(file)?;
        if config.model.name.trim().is_empty() {
            return Err(ConfigError::NoName);
        }
        Ok(config)
    }

    pub(super) fn write(&self) -> Result<Vec<u8>, ConfigError> {
        Ok(serde_json::to_vec_pretty(self)?)
    }

    /// Whether the model was trained where the run was written.
    pub(super) fn was_trained(&self) -> bool {
        self.training.is_some()
    }

    /// How the model was trained, with the history that belongs to it.
    pub(super) fn training(&self, history: &History) -> Result<Option<TrainingRecord>, ConfigError> {
        let Some(mut training) = self.training.clone() else { return Ok(None) };
        if let Some(record) = training.as_object_mut() {
            record.insert(HISTORY.into(), serde_json::to_value(history)?);
        }
        Ok(Some(serde_json::from_value(training)?))
    }
}
