//! Asks the engine how fast the device is.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Activity, Session};
use crate::engine::protocol::{Command, Progress, Speed};

/// What was measured, and what is being measured.
#[derive(Clone, Copy, Default)]
pub struct Measuring {
    /// The work under way, or how the last one ended.
    pub activity: RwSignal<Activity>,
    /// Height and width of the images that were measured, and how fast the device was with each network.
    pub measured: RwSignal<(u32, Vec<Speed>)>,
}

impl Session {
    /// Measures every network on images of this height and width.
    pub fn measure_speed(self, size: u32) {
        let Measuring { activity, measured } = self.measuring;
        let call = self.send(Command::MeasureSpeed { size }, Vec::new());
        activity.set(Activity::begun(Some(call.id), 0));
        measured.set((size, Vec::new()));
        let call = call.on_progress(move |progress| match progress {
            Progress::Speed(speed) => measured.update(|(_, speeds)| speeds.push(speed.clone())),
            progress => activity.update(|running| running.advance(&progress)),
        });
        spawn_local(async move {
            activity.set(match call.outcome().await {
                Ok(_) => Activity::Done,
                Err(failure) => Activity::failed(failure),
            });
        });
    }
}
