//! Asks the engine how fast the device is.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Activity, Session};
use crate::engine::client::EngineStatus;
use crate::engine::protocol::{Command, DeviceReport, Progress, Speed};

/// What was measured, and what is being measured.
#[derive(Clone, Copy, Default)]
pub struct Measuring {
    /// The work under way, or how the last one ended.
    pub activity: RwSignal<Activity>,
    /// What was measured last.
    pub measured: RwSignal<Measured>,
}

/// How fast a device is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Which.
    pub device: DeviceReport,
    /// Height and width of the images.
    pub size: u32,
    /// With each network, those that were measured so far.
    pub speeds: Vec<Speed>,
}

impl Session {
    /// Measures every network on images of this height and width.
    pub fn measure_speed(self, size: u32) {
        let EngineStatus::Ready(device) = self.engine_status.get_untracked() else { return };
        let Measuring { activity, measured } = self.measuring;
        let call = self.send(Command::MeasureSpeed { size }, Vec::new());
        activity.set(Activity::begun(Some(call.id), 0));
        measured.set(Measured { device, size, speeds: Vec::new() });
        let call = call.on_progress(move |progress| match progress {
            Progress::Speed(speed) => measured.update(|measured| measured.speeds.push(speed.clone())),
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
