//! Which tilings of convolutions are the fastest on this GPU: tried for about a second a visit, when nothing else is done, and
//! remembered.

use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::Service;
use crate::kernels::gpu::{Probe, Tiling, Tilings, WORKS, Work, choose};

/// Of what is remembered. Another number where kernels have changed, and what was found no longer holds.
const FORMAT: &str = "mien-tilings-2";

/// Seconds after which no further one is tried in this visit.
const LONG: f64 = 0.7;

/// What was found about one GPU.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    /// As it describes itself.
    adapter: String,
    /// How many times as fast a tiling is as the one that holds anywhere.
    speeds: Vec<(Work, Tiling, f64)>,
    /// What failed there, or computed something else.
    never: Vec<(Work, Tiling)>,
    /// What is being tried. If it still stands here later, the engine ended with it.
    trying: Option<(Work, Tiling)>,
    /// With what that happened once: somebody may have left the page just then.
    ended: Vec<(Work, Tiling)>,
}

impl Known {
    /// Never again what the engine has ended with twice.
    fn bury(&mut self) {
        let Some(trial) = self.trying.take() else { return };
        let again = self.ended.contains(&trial);
        if again { self.never.push(trial) } else { self.ended.push(trial) }
    }

    /// What may be tried, and was not yet.
    fn next(&self) -> Option<(Work, Tiling)> {
        let tried = |trial| self.speeds.iter().any(|(work, tiling, _)| (*work, *tiling) == trial);
        let mut all = WORKS.into_iter().flat_map(|work| work.tilings().skip(1).map(move |tiling| (work, tiling)));
        all.find(|trial| !tried(*trial) && !self.never.contains(trial))
    }

    /// What came of a trial.
    fn note(&mut self, trial: (Work, Tiling), speed: Option<f64>) {
        self.trying = None;
        self.ended.retain(|ended| *ended != trial);
        match speed {
            Some(speed) => self.speeds.push((trial.0, trial.1, speed)),
            None => self.never.push(trial),
        }
    }

    /// The fastest of each work.
    fn fastest(&self) -> Tilings {
        let mut speeds = self.speeds.clone();
        speeds.retain(|(work, tiling, _)| !self.never.contains(&(*work, *tiling)));
        Tilings::fastest(&speeds)
    }
}

/// What is known of this GPU, among others.
struct Notes {
    all: Vec<Known>,
    at: usize,
}

impl Notes {
    fn of(&mut self) -> &mut Known {
        &mut self.all[self.at]
    }
}

impl Service {
    /// Chooses what is known to be the fastest on this GPU.
    pub(super) async fn choose_tilings(&self) {
        if let Some(mut notes) = self.notes().await {
            choose(notes.of().fastest());
        }
    }

    /// Tries what is not known yet, as long as nothing else is to be done, and chooses what turns out to be the fastest.
    pub(super) async fn settle_tilings(&self) {
        let _settling = self.tilings.lock().await;
        let Some(mut notes) = self.notes().await else { return };
        let Ok(device) = self.device() else { return };
        notes.of().bury();
        let begun = Instant::now();
        let mut probe: Option<(Work, Probe)> = None;
        while let Some(trial) = notes.of().next() {
            if begun.elapsed().as_secs_f64() > LONG || self.task.get().is_some() {
                break;
            }
            let (work, tiling) = trial;
            let of_work = match probe.take().filter(|(of, _)| *of == work) {
                Some((_, probe)) => probe,
                None => match Probe::new(work, &device).await {
                    Ok(probe) => probe,
                    Err(_) => return,
                },
            };
            notes.of().trying = Some(trial);
            // What cannot be remembered is not tried: it would fail at every visit.
            if self.storage.keep_gpus(FORMAT, &notes.all).await.is_err() {
                return;
            }
            // Where the device fails it stands as tried, as where the engine ends.
            let Ok(speed) = of_work.speed(tiling).await else { return };
            if self.task.get().is_some() {
                // It was not alone: that says nothing.
                notes.of().trying = None;
                break;
            }
            notes.of().note(trial, speed);
            probe = Some((work, of_work));
        }
        // What is not kept is found again.
        let _ = self.storage.keep_gpus(FORMAT, &notes.all).await;
        // A training is computed in one way from its beginning to its end.
        if self.task.get().is_none() {
            choose(notes.of().fastest());
        }
    }

    /// What was kept; `None` where there is no GPU.
    async fn notes(&self) -> Option<Notes> {
        let adapter = self.device.borrow().as_ref().map(|(_, report)| report.clone());
        let adapter = adapter.filter(|report| report.backend == "WebGPU")?.description;
        let mut all: Vec<Known> = self.storage.gpus(FORMAT).await.unwrap_or_default();
        let at = all.iter().position(|known| known.adapter == adapter).unwrap_or_else(|| {
            all.push(Known { adapter, ..Known::default() });
            all.len() - 1
        });
        Some(Notes { all, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_ended_with_twice_is_never_tried_again() {
        let trial = Known::default().next().unwrap();
        let mut known = Known { speeds: vec![(trial.0, trial.1, 3.0)], ..Known::default() };
        for never in [&[][..], &[trial]] {
            known.trying = Some(trial);
            known.bury();
            assert_eq!((known.trying, &known.never[..]), (None, never));
        }
        assert_eq!(known.fastest(), Tilings::SAFE, "however fast it was");
        while let Some(other) = known.next() {
            assert_ne!(other, trial);
            known.note(other, Some(1.0));
        }
        assert_eq!(known.speeds.len(), 2 * 2 + 2 * 4, "Winograd's algorithm is for kernels of 3x3 places");
    }

    #[test]
    fn what_goes_well_later_counts_from_anew() {
        let trial = Known::default().next().unwrap();
        let mut known = Known { trying: Some(trial), ..Known::default() };
        known.bury();
        known.note(trial, Some(2.0));
        known.trying = Some(trial);
        known.bury();
        assert_eq!(known.never, []);
        assert_eq!(known.fastest(), Tilings::fastest(&[(trial.0, trial.1, 2.0)]));
        assert_ne!(known.fastest(), Tilings::SAFE);
    }

    #[test]
    fn the_fastest_is_chosen_where_it_is_clearly_faster() {
        let (first, second) = (Tiling::Workgroup, Tiling::Registers32);
        let speeds = vec![(WORKS[0], first, 1.5), (WORKS[0], second, 1.3), (WORKS[1], second, 1.05)];
        let known = Known { speeds, ..Known::default() };
        assert_eq!(known.fastest(), Tilings::fastest(&[(WORKS[0], first, 1.5)]));
    }
}
