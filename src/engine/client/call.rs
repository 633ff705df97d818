//! One request under way.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::Uint8Array;
use web_sys::Blob;

use crate::engine::protocol::{Failure, FailureKind, Outcome, Progress, RequestId};

pub(super) type ProgressListener = Box<dyn Fn(Progress)>;

/// How a request ended well.
#[derive(Debug)]
pub struct Answer {
    /// What the engine said.
    pub outcome: Outcome,
    /// The bytes beside it: thumbnails (RGBA, one after the other) or a file's content.
    pub attachment: Option<Uint8Array>,
    /// A file beside it, too large for that.
    pub file: Option<Blob>,
}

/// A request under way. Dropping it does not end it.
pub struct Call {
    /// What [`Command::Cancel`](crate::engine::protocol::Command::Cancel) names it by.
    pub id: RequestId,
    pub(super) on_progress: Rc<RefCell<Option<ProgressListener>>>,
    pub(super) end: oneshot::Receiver<Result<Answer, Failure>>,
}

impl Call {
    /// Hears of every progress from now on.
    pub fn on_progress(self, listener: impl Fn(Progress) + 'static) -> Call {
        *self.on_progress.borrow_mut() = Some(Box::new(listener));
        self
    }

    /// Waits for the terminal reply.
    ///
    /// # Errors
    /// The engine's [`Failure`]; a fatal one where the engine broke meanwhile.
    pub async fn outcome(self) -> Result<Answer, Failure> {
        self.end.await.unwrap_or_else(|_| {
            Err(Failure { kind: FailureKind::Fatal, message: "The engine was closed before it answered.".into() })
        })
    }
}
