//! What outlives the engine and the page, and what a fresh engine is given back.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use super::{Activity, Session};
use crate::dataset::DatasetSummary;
use crate::engine::client::EngineStatus;
use crate::engine::protocol::{Command, FailureKind, Outcome, StorageReport, UnfinishedTraining};

/// Engines that may break while they open what was kept. One may have broken of something else; the next would break of
/// the same.
const RESTORES: u32 = 2;

/// What is kept, and what there is to say about it.
#[derive(Clone, Copy)]
pub struct Keeping {
    /// How the browser's storage was at the last look.
    pub storage: RwSignal<Option<Arc<StorageReport>>>,
    /// Whether an engine is opening what was kept.
    pub restoring: RwSignal<bool>,
    /// Whether the dataset was imported on an earlier visit.
    pub reopened: RwSignal<bool>,
    /// What a person should know of engines that broke and of things that were not kept: one sentence each.
    pub news: RwSignal<Vec<String>>,
    /// Engines so far, and what broke the last one.
    engines: RwSignal<(u32, Option<String>)>,
    /// The import that made the current dataset, to be repeated where an engine breaks that did not keep it.
    import: StoredValue<Option<(Command, Vec<File>)>, LocalStorage>,
    /// How many engines in a row broke while they opened what was kept.
    broken_restores: StoredValue<u32>,
}

impl Default for Keeping {
    fn default() -> Self {
        Keeping {
            storage: RwSignal::default(),
            restoring: RwSignal::default(),
            reopened: RwSignal::default(),
            news: RwSignal::default(),
            engines: RwSignal::default(),
            import: StoredValue::new_local(None),
            broken_restores: StoredValue::new(0),
        }
    }
}

impl Keeping {
    pub(super) fn engine_replaced(&self, after: Option<String>) {
        self.engines.update(|(count, last)| (*count, *last) = (*count + 1, after));
    }

    pub(super) fn remember_import(&self, command: Command, files: Vec<File>) {
        self.reopened.set(false);
        self.import.set_value(Some((command, files)));
    }

    /// The import that made the current dataset, with its files; `None` where they are not there any more.
    pub(super) fn last_import(&self) -> Option<(Command, Vec<File>)> {
        self.import.get_value()
    }

    /// Whether the files of the current dataset are there, to be opened once more.
    pub fn has_files(&self) -> bool {
        self.import.with_value(|import| import.as_ref().is_some_and(|(_, files)| !files.is_empty()))
    }

    /// The training that can go on, where one was kept.
    pub fn unfinished(&self) -> Option<UnfinishedTraining> {
        self.storage.with(|storage| storage.as_ref()?.unfinished.clone())
    }

    fn tell(&self, sentence: String) {
        self.news.update(|news| news.push(sentence));
    }
}

impl Session {
    /// Has every engine, the first and those after it, open what was kept.
    pub(super) fn restore_into_every_engine(self) {
        Effect::new(move |_| {
            let (_, broken) = self.keeping.engines.get();
            spawn_local(self.restore(broken));
        });
    }

    async fn restore(self, broken: Option<String>) {
        if let Some(why) = broken {
            let why = why.trim_end_matches('.');
            self.keeping.tell(format!(
                "{why}. A fresh engine has taken its place; what it was doing has to be begun again, but for a training \
                 that was kept."
            ));
            self.evaluation.set(None);
            self.comparing.forget();
        }
        if self.keeping.broken_restores.get_value() >= RESTORES {
            self.models.set(Vec::new());
            self.reopen_dataset(None);
            return;
        }
        self.keeping.restoring.set(true);
        match self.ask(Command::Restore).await {
            Ok(answer) => {
                self.keeping.broken_restores.set_value(0);
                if let Outcome::Restored { models, dataset } = answer.outcome {
                    let lost = self.models.with_untracked(Vec::len).saturating_sub(models.len());
                    if lost > 0 {
                        self.keeping.tell(format!("Models that were neither kept nor downloaded are gone: {lost}."));
                    }
                    self.chosen_model.set(models.last().map(|model| model.id));
                    self.models.set(models);
                    self.reopen_dataset(dataset);
                }
            }
            // It did not start at all, and its status says why.
            Err(_) if self.engine_status.with_untracked(|status| matches!(status, EngineStatus::Failed(_))) => {}
            Err(failure) if failure.kind == FailureKind::Fatal => {
                self.keeping.broken_restores.update_value(|broken| *broken += 1);
                if self.keeping.broken_restores.get_value() >= RESTORES {
                    self.keeping.tell(
                        "What was kept could not be opened; it is left where it is until the page is reloaded.".into(),
                    );
                }
            }
            Err(failure) => self.keeping.tell(failure.message),
        }
        self.keeping.restoring.set(false);
        self.look_at_storage().await;
    }

    /// Shows the dataset that was kept. Where the page shows one that was not, its import is repeated: once only, since
    /// it may be what broke the engine.
    fn reopen_dataset(self, kept: Option<DatasetSummary>) {
        let shown = self.dataset.get_untracked();
        let in_memory =
            self.keeping.storage.with_untracked(|last| last.as_ref().is_some_and(|last| last.dataset.is_none()));
        match (kept, shown) {
            (Some(kept), None) => {
                self.keeping.reopened.set(true);
                self.dataset.set(Some(Arc::new(kept)));
            }
            (Some(kept), Some(_)) if !in_memory => self.dataset.set(Some(Arc::new(kept))),
            (_, Some(shown)) => match self.keeping.import.try_update_value(Option::take).flatten() {
                Some((command, files)) => self.open_dataset(command, files, shown.samples),
                None => {
                    self.dataset.set(None);
                    self.keeping.tell("The dataset has to be imported again.".into());
                }
            },
            (None, None) => {}
        }
    }

    /// Closes the dataset, and deletes it where it is kept.
    pub fn delete_dataset(self) {
        spawn_local(async move {
            match self.ask(Command::DeleteDataset).await {
                Ok(_) => {
                    self.keeping.import.set_value(None);
                    self.evaluation.set(None);
                    self.evaluating.set(Activity::Idle);
                    self.comparing.forget();
                    self.importing.set(Activity::Idle);
                    self.dataset.set(None);
                    self.look_at_storage().await;
                }
                Err(failure) => self.keeping.tell(failure.message),
            }
        });
    }

    /// Deletes the training that was kept.
    pub fn discard_training(self) {
        spawn_local(async move {
            if let Err(failure) = self.ask(Command::DiscardTraining).await {
                self.keeping.tell(failure.message);
            }
            self.look_at_storage().await;
        });
    }

    /// Asks how the storage is, and passes on what there is to say.
    pub(super) async fn look_at_storage(self) {
        if let Ok(answer) = self.ask(Command::LookAtStorage).await
            && let Outcome::Storage(report) = answer.outcome
        {
            self.keeping.news.update(|news| news.extend(report.news.iter().cloned()));
            self.keeping.storage.set(Some(Arc::new(report)));
        }
    }
}
