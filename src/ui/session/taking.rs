//! Asks the engine for the dataset as a file.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::models::save;
use super::{Activity, Session};
use crate::engine::protocol::{Command, Export};

impl Session {
    /// Has the engine write the dataset's file, and the browser save it.
    pub fn take_dataset(self) {
        let total = self.dataset.with_untracked(|dataset| dataset.as_ref().map_or(0, |dataset| dataset.samples));
        let call = self.send(Command::Export { what: Export::Dataset }, Vec::new());
        self.taking.set(Activity::begun(Some(call.id), total));
        let call = call.on_progress(move |progress| self.taking.update(|taking| taking.advance(&progress)));
        spawn_local(async move {
            self.taking.set(match call.outcome().await.map(|answer| save(&answer)) {
                Ok(Ok(())) => Activity::Done,
                Ok(Err(why)) => Activity::Failed(why),
                Err(failure) => Activity::failed(failure),
            });
            self.look_at_storage().await;
        });
    }
}
