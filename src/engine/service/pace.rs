//! Keeps long work from holding the event loop.

use std::time::Duration;

use web_time::Instant;

/// Work between two looks at the event loop.
const SLICE: Duration = Duration::from_millis(30);

/// Time between two progress messages.
const REPORT: Duration = Duration::from_millis(100);

/// Counts the time since the last yield and the last report.
pub(super) struct Pace {
    yielded: Instant,
    reported: Option<Instant>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Pace { yielded: Instant::now(), reported: None }
    }

    /// Lets other messages in, if it is time.
    pub(super) async fn breathe(&mut self) {
        if self.yielded.elapsed() >= SLICE {
            next_task().await;
            self.yielded = Instant::now();
        }
    }

    /// Whether it is time to report; the first time always.
    pub(super) fn report_due(&mut self) -> bool {
        let due = self.reported.is_none_or(|last| last.elapsed() >= REPORT);
        if due {
            self.reported = Some(Instant::now());
        }
        due
    }
}

/// Ends this task of the event loop and goes on in a later one, after every message that waits now.
pub(super) async fn next_task() {
    #[cfg(target_family = "wasm")]
    gloo::timers::future::TimeoutFuture::new(0).await;
    #[cfg(not(target_family = "wasm"))]
    yield_once().await;
}

/// Waits a little: between two looks at whether a pause is over.
pub(super) async fn rest() {
    #[cfg(target_family = "wasm")]
    gloo::timers::future::TimeoutFuture::new(30).await;
    #[cfg(not(target_family = "wasm"))]
    {
        std::thread::sleep(Duration::from_millis(1));
        yield_once().await;
    }
}

/// Pending once, then ready: natively, lets the other futures of the same executor run.
#[cfg(not(target_family = "wasm"))]
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(move |context| {
        if yielded {
            return std::task::Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
