//! Work that is counted: imports and evaluations.

use crate::engine::protocol::{Failure, FailureKind, Progress, RequestId};

/// What is done while bytes come.
const FETCHING: &str = "fetching the model";

/// Something that is under way, or was.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Activity {
    /// Nothing was begun, or what was begun was cancelled.
    #[default]
    Idle,
    /// It goes on.
    Running(Counting),
    /// It is done.
    Done,
    /// It failed, and why.
    Failed(String),
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Counting {
    /// What to cancel; `None` before the engine was asked (a dropped folder is still being listed).
    pub request: Option<RequestId>,
    /// Images so far.
    pub done: usize,
    /// Images in all, as far as is known.
    pub total: usize,
    /// What is done that has no images to count: words, and the share of it that is done, 0..=1.
    pub share: Option<(String, f64)>,
    /// When it began, milliseconds of the clock.
    began: f64,
}

impl Activity {
    /// Begun now.
    pub fn begun(request: Option<RequestId>, total: usize) -> Activity {
        Activity::Running(Counting { request, done: 0, total, share: None, began: js_sys::Date::now() })
    }

    /// Whether it goes on.
    pub fn is_running(&self) -> bool {
        matches!(self, Activity::Running(_))
    }

    /// Takes in what the engine says.
    pub fn advance(&mut self, progress: &Progress) {
        let Activity::Running(counting) = self else { return };
        match progress {
            Progress::Count { done, total } => {
                (counting.done, counting.total, counting.share) = (*done, *total, None);
            }
            Progress::Bytes { done, total } => {
                counting.share = Some((FETCHING.into(), *done as f64 / (*total).max(1) as f64));
            }
            Progress::Share { doing, done } => counting.share = Some((doing.clone(), *done)),
            _ => {}
        }
    }

    /// How it is after `failure`: cancelling is no failure.
    pub fn failed(failure: Failure) -> Activity {
        match failure.kind {
            FailureKind::Cancelled => Activity::Idle,
            FailureKind::Refused | FailureKind::Fatal => Activity::Failed(failure.message),
        }
    }

    /// `idle | <doing> n/N | <doing what> p % | done | failed: <why>`.
    pub fn text(&self, doing: &str) -> String {
        match self {
            Activity::Idle => "idle".into(),
            Activity::Running(Counting { share: Some((doing, done)), .. }) => format!("{doing} {:.0} %", 100.0 * done),
            Activity::Running(Counting { done, total, .. }) => format!("{doing} {done}/{total}"),
            Activity::Done => "done".into(),
            Activity::Failed(why) => format!("failed: {why}"),
        }
    }
}

impl Counting {
    /// The share that is done, 0..=1.
    pub fn done(&self) -> f64 {
        self.share.as_ref().map_or(self.done as f64 / self.total.max(1) as f64, |(_, done)| *done)
    }

    /// Images a second since it began; `None` before there is one.
    pub fn rate(&self) -> Option<f64> {
        let seconds = (js_sys::Date::now() - self.began) / 1000.0;
        (self.done > 0 && seconds > 0.0).then(|| self.done as f64 / seconds)
    }

    /// Seconds left at that rate.
    pub fn seconds_left(&self) -> Option<f64> {
        self.rate().map(|rate| self.total.saturating_sub(self.done) as f64 / rate)
    }
}
