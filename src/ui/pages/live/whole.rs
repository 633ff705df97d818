//! A film that is read picture by picture: none is left out, however long that takes.

use std::collections::VecDeque;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::showing::Showing;
use crate::live::{Heard, Pacing};
use crate::ui::film::{Film, Picture, Shown};

/// So many pictures may wait to be read: then the film waits.
const MOST_WAITING: usize = 4;

/// The first picture is waited for so long.
const FIRST: Duration = Duration::from_millis(1500);

/// And the last, after the film's end.
const LAST: Duration = Duration::from_millis(1000);

/// How far a film is read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// The moment of the last picture that was read, seconds.
    pub at: f64,
    /// How long the film is, seconds, where it says so.
    pub length: Option<f64>,
    /// How many pictures were read.
    pub pictures: usize,
    /// Between how many there may be others that the browser did not show.
    pub gaps: usize,
    /// When it began, milliseconds.
    pub began: f64,
    /// Whether it is over.
    pub is_over: bool,
}

#[derive(Default)]
struct State {
    pacing: Pacing,
    waiting: VecDeque<(f64, Picture)>,
    is_reading: bool,
    /// Whether its first picture is taken.
    has_begun: bool,
    /// Whether the film waits.
    holds: bool,
}

/// The reading of a whole film. A cheap handle.
#[derive(Clone, Copy)]
pub struct Course {
    /// How far it is; `None` where none is read, and none was.
    pub progress: RwSignal<Option<Progress>>,
    state: StoredValue<State, LocalStorage>,
}

impl Default for Course {
    fn default() -> Self {
        Course { progress: RwSignal::new(None), state: StoredValue::new_local(State::default()) }
    }
}

impl Course {
    /// Whether a film is being read.
    pub fn runs(&self) -> bool {
        self.progress.with(|progress| progress.is_some_and(|progress| !progress.is_over))
    }

    /// The same, once.
    pub fn runs_untracked(&self) -> bool {
        self.progress.try_get_untracked().flatten().is_some_and(|progress| !progress.is_over)
    }

    /// Forgets it.
    pub fn forget(&self) {
        self.progress.try_set(None);
        self.state.try_set_value(State::default());
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> Option<T> {
        self.state.try_update_value(change)
    }
}

impl Showing {
    /// Reads the film from its beginning to its end, and keeps a record of it.
    pub fn read_whole(self) {
        let (Some(turn), Some(film)) = (self.next_turn(), self.film()) else { return };
        film.pause();
        self.course.forget();
        self.session.leave_scene();
        self.begin_record();
        let progress = Progress { length: film.length(), began: js_sys::Date::now(), ..Progress::default() };
        self.course.progress.set(Some(progress));
        film.set_rate(1.0);
        film.wind(0.0);
        self.wait(turn);
        self.begin_by_itself(turn);
    }

    /// The film runs once its first picture is taken, which some browser may not show anew.
    fn begin_by_itself(self, turn: u32) {
        let begin = move || match self.film().filter(|_| !self.is_over(turn)) {
            Some(film) if film.is_winding() => self.begin_by_itself(turn),
            Some(film) if self.course.with(|state| !state.has_begun) == Some(true) => film.run(),
            _ => {}
        };
        set_timeout(begin, FIRST);
    }

    /// Ends it; what was read stays.
    pub fn end_whole(self) {
        if !self.course.runs_untracked() {
            return;
        }
        if let Some(film) = self.film() {
            film.pause();
            film.set_rate(1.0);
        }
        self.course.progress.update(|progress| progress.iter_mut().for_each(|progress| progress.is_over = true));
        self.session.end_record();
    }

    /// Hears that the film has come to its end: what waits is still read.
    pub fn hear_end(self) {
        // The last picture may be told of after the end.
        let end = move || {
            let is_idle = self.course.with(|state| !state.is_reading && state.waiting.is_empty());
            if is_idle == Some(true) && self.film().is_some_and(|film| film.has_ended()) {
                self.end_whole();
            }
        };
        set_timeout(end, LAST);
    }

    /// Hears of a picture of a film that is read whole.
    pub(super) fn hear_next(self, turn: u32, film: &Film, time: f64, shown: Option<&Shown>) {
        let (tally, is_winding) = (film.tally(shown), film.is_winding());
        let Some(heard) = self.course.with(|state| state.pacing.hear(time, tally, is_winding)) else { return };
        match heard {
            Heard::Known => {}
            Heard::Next => {
                if let Some(picture) = film.picture() {
                    self.course.with(|state| state.waiting.push_back((time, picture)));
                }
                if self.course.with(|state| std::mem::replace(&mut state.has_begun, true)) == Some(false) {
                    film.run();
                }
                self.hold(film);
                self.read_what_waits(turn);
            }
            Heard::Missed(since) => {
                film.wind(since);
                self.set_pace(film);
                if self.course.with(|state| !state.holds).unwrap_or(false) {
                    film.run();
                }
            }
        }
    }

    /// Lets the film wait where too many pictures do.
    fn hold(self, film: &Film) {
        let holds = self.course.with(|state| {
            let is_full = state.waiting.len() >= MOST_WAITING && !state.holds;
            if is_full {
                state.holds = true;
                state.pacing.waited_for_a_reading();
            }
            is_full
        });
        if holds == Some(true) {
            film.pause();
            self.set_pace(film);
        }
    }

    fn set_pace(self, film: &Film) {
        if let Some(rate) = self.course.with(|state| state.pacing.rate()) {
            film.set_rate(rate);
        }
    }

    fn read_what_waits(self, turn: u32) {
        if self.course.with(|state| std::mem::replace(&mut state.is_reading, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            while let Some((time, picture)) = self.course.with(|state| state.waiting.pop_front()).flatten() {
                let size = picture.size;
                let Some(bitmap) = picture.bitmap().await else { continue };
                if self.is_over(turn) || !self.course.runs_untracked() {
                    return;
                }
                let went_on = self.session.look(bitmap, size, time).await;
                if self.is_over(turn) {
                    return;
                }
                if !went_on {
                    return self.end_whole();
                }
                self.note(time);
                self.go_on();
            }
            self.course.with(|state| state.is_reading = false);
            if self.film().is_some_and(|film| film.has_ended()) {
                self.hear_end();
            }
        });
    }

    fn note(self, time: f64) {
        let gaps = self.course.with(|state| state.pacing.gaps()).unwrap_or(0);
        // Who is quick has it read before the browser knows how long it is.
        let length = self.length();
        if self.session.live.length.with_untracked(Option::is_none) && length.is_some() {
            self.session.live.length.set(length);
        }
        self.course.progress.try_update(|progress| {
            if let Some(progress) = progress {
                progress.length = length;
                (progress.at, progress.gaps) = (time, gaps);
                progress.pictures += 1;
            }
        });
    }

    /// After a reading: the film runs on, or faster, where it was waited for.
    fn go_on(self) {
        let Some(film) = self.film() else { return };
        let runs_on = self.course.with(|state| {
            if state.waiting.is_empty() && !state.holds {
                state.pacing.waited_for_a_picture();
            }
            let runs_on = state.holds && state.waiting.len() <= MOST_WAITING / 2;
            state.holds &= !runs_on;
            runs_on
        });
        self.set_pace(&film);
        // A film at its end would begin anew.
        if runs_on == Some(true) && !film.has_ended() {
            film.run();
        }
    }
}
