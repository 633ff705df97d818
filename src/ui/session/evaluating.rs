//! Asks the engine for an evaluation.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Activity, Session};
use crate::dataset::Split;
use crate::engine::protocol::{Command, EvaluationRecord, ModelSummary, Outcome};
use crate::evaluation::{Curves, Report};

/// An evaluation, as the page keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The model.
    pub model: ModelSummary,
    /// Of what, on what, when.
    pub record: EvaluationRecord,
    /// The figures.
    pub report: Report,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// What the figures are of, to be drawn.
    pub curves: Curves,
    /// (valence, arousal) as it was and as it was said to be.
    pub affect: Vec<[(f32, f32); 2]>,
}

/// What is said while a model file is read.
pub const READING_MODEL: &str = "A model file is being read.";

impl Session {
    /// The chosen model; the newest where none was chosen.
    pub fn model_to_evaluate(&self) -> Option<ModelSummary> {
        let chosen = self.chosen_model.get();
        self.models
            .with(|models| models.iter().find(|model| Some(model.id) == chosen).or_else(|| models.last()).cloned())
    }

    /// Why nothing can be evaluated now, in words; `None` where it can.
    pub fn evaluation_hindrance(&self) -> Option<String> {
        let missing = || {
            if self.dataset.with(Option::is_none) {
                return Some("There is no dataset yet: import one on the Data page.".into());
            }
            if self.models_coming.get() > 0 {
                return Some(READING_MODEL.into());
            }
            let no_model = self.models.with(Vec::is_empty);
            no_model.then(|| "There is no model yet: train one, or import a model file.".into())
        };
        self.hindrance().or_else(missing)
    }

    /// Evaluates the chosen model on a split.
    pub fn evaluate(self, split: Split) {
        let Some(model) = self.model_to_evaluate() else { return };
        let total = self
            .dataset
            .with_untracked(|dataset| dataset.as_ref().map_or(0, |dataset| dataset.split_sizes[split as usize]));
        let call = self.send(Command::Evaluate { model: model.id, split }, Vec::new());
        self.evaluating.set(Activity::begun(Some(call.id), total));
        let call = call.on_progress(move |progress| self.evaluating.update(|running| running.advance(&progress)));
        spawn_local(async move {
            match call.outcome().await {
                Ok(answer) => {
                    self.placing.embedded.set(None);
                    if let Outcome::Evaluated { record, report, warnings, curves, affect } = answer.outcome {
                        self.evaluation.set(Some(Arc::new(Evaluation {
                            model,
                            record,
                            report,
                            warnings,
                            curves,
                            affect,
                        })));
                    }
                    self.evaluating.set(Activity::Done);
                    self.renew_models().await;
                }
                Err(failure) => self.evaluating.set(Activity::failed(failure)),
            }
        });
    }
}
