//! Asks the engine for a dataset.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Activity, Session};
use crate::dataset::{Choices, DatasetSummary, SplitPlan};
use crate::engine::protocol::{Command, Outcome};
use crate::ui::files::Dropped;

impl Session {
    /// Imports files.
    pub fn import(self, dropped: Vec<Dropped>, splits: SplitPlan) {
        let total = dropped.len();
        let (paths, files) = dropped.into_iter().map(|Dropped { path, file }| (path, file)).unzip();
        self.open_dataset(Command::Import { paths, splits }, files, total);
    }

    /// Generates sample faces.
    pub fn import_sample(self, count: usize, seed: u64, splits: SplitPlan) {
        self.open_dataset(Command::ImportSample { count, seed, splits }, Vec::new(), count);
    }

    /// Says what a person decided about the dataset. What was evaluated was evaluated on another one.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn choose(self, choices: Choices) -> Result<(), String> {
        let answer = self.ask(Command::Choose { choices }).await.map_err(|failure| failure.message)?;
        if let Outcome::Dataset(summary) = answer.outcome {
            self.show_dataset(summary);
        }
        self.look_at_storage().await;
        Ok(())
    }

    fn show_dataset(self, summary: DatasetSummary) {
        self.evaluation.set(None);
        self.evaluating.set(Activity::Idle);
        self.dataset.set(Some(Arc::new(summary)));
    }

    pub(super) fn open_dataset(self, command: Command, files: Vec<web_sys::File>, total: usize) {
        let call = self.send(command.clone(), files.clone());
        self.importing.set(Activity::begun(Some(call.id), total));
        let call = call.on_progress(move |progress| self.importing.update(|importing| importing.advance(&progress)));
        spawn_local(async move {
            match call.outcome().await {
                Ok(answer) => {
                    if let Outcome::Dataset(summary) = answer.outcome {
                        self.show_dataset(summary);
                        self.keeping.remember_import(command, files);
                    }
                    self.importing.set(Activity::Done);
                }
                Err(failure) => self.importing.set(Activity::failed(failure)),
            }
            self.look_at_storage().await;
        });
    }
}
