//! The pre-trained weights that the site has.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::engine::client::{Answer, EngineStatus};
use crate::engine::protocol::{Command, Failure, FailureKind, Outcome, Progress, RequestId};

/// Weights on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetching {
    /// Whose.
    pub architecture: String,
    /// What to cancel.
    pub request: RequestId,
    /// Bytes so far.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

impl Session {
    /// Whether the engine answers.
    pub fn is_ready(&self) -> bool {
        self.engine_status.with(|status| matches!(status, EngineStatus::Ready(_)))
    }

    /// Asks which weights the site has, and which of them are here.
    pub fn list_weights(self) {
        spawn_local(async move { self.take_in_weights(self.ask(Command::ListWeights).await) });
    }

    /// Fetches weights into the browser.
    pub fn fetch_weights(self, architecture: String) {
        self.notice.set(None);
        let call = self.send(Command::FetchWeights { architecture: architecture.clone() }, Vec::new());
        let total = self.served.with_untracked(|served| {
            served.iter().find(|weights| weights.architecture == architecture).map_or(0, |weights| weights.bytes)
        });
        self.fetching.set(Some(Fetching { architecture, request: call.id, done: 0, total }));
        let call = call.on_progress(move |progress| {
            if let Progress::Bytes { done, total } = progress {
                self.fetching.update(|fetching| {
                    fetching.iter_mut().for_each(|fetching| (fetching.done, fetching.total) = (done, total));
                });
            }
        });
        spawn_local(async move {
            let answer = call.outcome().await;
            self.fetching.set(None);
            self.take_in_weights(answer);
            self.look_at_storage().await;
        });
    }

    /// Deletes weights from the browser.
    pub fn delete_weights(self, architecture: String) {
        self.notice.set(None);
        spawn_local(async move {
            self.take_in_weights(self.ask(Command::DeleteWeights { architecture }).await);
            self.look_at_storage().await;
        });
    }

    fn take_in_weights(&self, answer: Result<Answer, Failure>) {
        match answer {
            Ok(answer) => {
                if let Outcome::Weights(served) = answer.outcome {
                    self.served.set(served);
                }
            }
            Err(failure) if failure.kind == FailureKind::Cancelled => {}
            Err(failure) => self.notice.set(Some(failure.message)),
        }
    }
}
