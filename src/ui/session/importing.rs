//! Asks the engine for a dataset.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use super::{Activity, Session, columns};
use crate::dataset::{Choices, DatasetSummary, Layout, Mapping, Opening, SplitPlan, TableView};
use crate::engine::client::Answer;
use crate::engine::protocol::{Command, Outcome};
use crate::ui::files::Dropped;

/// An import that waits for a person to say what the columns of tables are.
pub struct Unopened {
    /// The tables.
    pub tables: Vec<TableView>,
    import: (Command, Vec<File>),
}

impl Session {
    /// Imports files.
    pub fn import(self, dropped: Vec<Dropped>, splits: SplitPlan) {
        let total = dropped.len();
        let (paths, files) = dropped.into_iter().map(|Dropped { path, file }| (path, file)).unzip();
        let opening = Opening { layout: None, mappings: columns::remembered() };
        self.open_dataset(Command::Import { paths, splits, opening }, files, total);
    }

    /// Opens the files of the current dataset once more, as something else.
    pub fn open_as(self, layout: Layout) {
        self.open_again(Opening { layout: Some(layout), mappings: columns::remembered() });
    }

    /// Opens files once more, by what a person says the columns of their tables are. That is remembered.
    pub fn open_by_columns(self, said: Vec<Mapping>) {
        said.iter().cloned().for_each(columns::remember);
        let mappings = said.into_iter().chain(columns::remembered()).collect();
        self.open_again(Opening { layout: Some(Layout::Table), mappings });
    }

    /// Forgets what a person said of tables with this first row, and opens the files once more.
    pub fn forget_columns(self, header: &[String]) {
        columns::forget(header);
        self.open_again(Opening { layout: None, mappings: columns::remembered() });
    }

    /// Repeats the import that waits for this, else the one that made the current dataset.
    fn open_again(self, opening: Opening) {
        let waiting =
            self.unopened.with_untracked(|unopened| unopened.as_ref().map(|unopened| unopened.import.clone()));
        if let Some((Command::Import { paths, splits, .. }, files)) = waiting.or_else(|| self.keeping.last_import()) {
            let total = files.len();
            self.open_dataset(Command::Import { paths, splits, opening }, files, total);
        }
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
        self.taking.set(Activity::Idle);
        self.dataset.set(Some(Arc::new(summary)));
    }

    pub(super) fn open_dataset(self, command: Command, files: Vec<File>, total: usize) {
        let call = self.send(command.clone(), files.clone());
        self.importing.set(Activity::begun(Some(call.id), total));
        self.unopened.set(None);
        let call = call.on_progress(move |progress| self.importing.update(|importing| importing.advance(&progress)));
        spawn_local(async move {
            match call.outcome().await {
                Ok(Answer { outcome: Outcome::Unclear { why, tables }, .. }) => {
                    self.unopened.set(Some(Rc::new(Unopened { tables, import: (command, files) })));
                    self.importing.set(Activity::Failed(why));
                }
                Ok(answer) => {
                    if let Outcome::Dataset(summary) = answer.outcome {
                        // What can be done with the files depends on their being there.
                        self.keeping.remember_import(command, files);
                        self.show_dataset(summary);
                    }
                    self.importing.set(Activity::Done);
                }
                Err(failure) => self.importing.set(Activity::failed(failure)),
            }
            self.look_at_storage().await;
        });
    }
}
