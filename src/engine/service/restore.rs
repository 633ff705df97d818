//! What was kept, open again; and how the storage is.

use super::pace::rest;
use super::{Answer, Service};
use crate::engine::protocol::{Outcome, StorageReport};

/// Says that all is open again when it is dropped.
struct Restoring<'a>(&'a Service);

impl Drop for Restoring<'_> {
    fn drop(&mut self) {
        self.0.restoring.set(false);
    }
}

impl Service {
    pub(super) async fn restore(&self) -> Answer {
        self.restoring.set(true);
        let _restoring = Restoring(self);
        self.storage.clear_scratch().await;
        self.storage.clear_outgoing().await;
        self.restore_shipped().await;
        self.restore_models().await;
        self.restore_training().await;
        let dataset = self.restore_dataset().await;
        Ok((Outcome::Restored { models: self.summaries(), dataset }, None))
    }

    /// Waits until what was kept is open: what a person asks for meanwhile comes after it.
    pub(super) async fn restored(&self) {
        while self.restoring.get() {
            rest().await;
        }
    }

    pub(super) async fn look_at_storage(&self) -> Answer {
        let room = self.storage.room().await;
        let kept = self.dataset.borrow().clone().filter(|open| open.found.kept);
        let report = StorageReport {
            hindrance: self.storage.hindrance(),
            used: room.map(|room| room.used),
            quota: room.map(|room| room.quota),
            dataset: kept.map(|open| open.pixels().bytes()),
            unfinished: self.unfinished.borrow().as_ref().map(|kept| kept.unfinished.clone()),
            news: self.storage.take_news(),
        };
        Ok((Outcome::Storage(report), None))
    }
}
