//! What the stage shows, and the loop that has it read: the latest picture, as soon as the one before is read.

use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use web_sys::{File, Url};

use super::whole::Course;
use crate::ui::film::{self, Film, Hearing, Origin, Shown, Stream};
use crate::ui::session::Session;

/// Where the pictures come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Source {
    /// Nowhere.
    #[default]
    Nothing,
    /// A camera or a screen that is being opened.
    Opening,
    /// A camera or a screen.
    Stream(Origin),
    /// A film of this name.
    Film(String),
}

/// The stage's state. A cheap handle.
#[derive(Clone, Copy)]
pub struct Showing {
    pub(super) session: Session,
    /// The video element.
    pub video: NodeRef<Video>,
    /// Where the pictures come from.
    pub source: RwSignal<Source>,
    stream: StoredValue<Option<Stream>, LocalStorage>,
    /// The film's address, given back when another comes.
    address: StoredValue<Option<String>>,
    /// When the stream began, seconds: its time counts from there.
    began: StoredValue<f64>,
    /// Counts what was shown: an answer to what is no longer shown is dropped.
    turn: StoredValue<u32>,
    /// The turn of which the record is.
    recorded: StoredValue<Option<u32>>,
    /// A film that is read whole.
    pub(super) course: Course,
    on_frame: StoredValue<Option<Hearing>, LocalStorage>,
    /// The call that tells of the next picture.
    waiting: StoredValue<Option<i32>>,
    /// The picture that was shown last, where it is not read yet: its time, and when it was shown, milliseconds of the page.
    unread: StoredValue<Option<(f64, f64)>>,
    is_reading: StoredValue<bool>,
    on_end: StoredValue<Option<Closure<dyn FnMut()>>, LocalStorage>,
}

impl Showing {
    /// Nothing is shown yet. What is shown ends with the view.
    pub fn new(session: Session) -> Showing {
        let showing = Showing {
            session,
            video: NodeRef::new(),
            source: RwSignal::default(),
            stream: StoredValue::new_local(None),
            address: StoredValue::new(None),
            began: StoredValue::new(0.0),
            turn: StoredValue::new(0),
            recorded: StoredValue::new(None),
            course: Course::default(),
            on_frame: StoredValue::new_local(None),
            waiting: StoredValue::new(None),
            unread: StoredValue::new(None),
            is_reading: StoredValue::new(false),
            on_end: StoredValue::new_local(None),
        };
        let hear = move |now: f64, shown: Option<Shown>| showing.hear(now, shown.as_ref());
        showing.on_frame.set_value(Some(Closure::new(hear)));
        let ended = move || {
            showing.stop();
            session.live.trouble.set(Some("The camera or the screen is gone: start again when it is back.".into()));
        };
        showing.on_end.set_value(Some(Closure::new(ended)));
        on_cleanup(move || {
            showing.stop();
            session.close_live();
        });
        showing
    }

    pub(super) fn film(&self) -> Option<Film> {
        self.video.try_get_untracked().flatten().map(|video| video.unchecked_into())
    }

    /// The time of what is shown, seconds.
    pub fn time(&self) -> f64 {
        match self.source.get_untracked() {
            Source::Film(_) => self.film().map_or(0.0, |film| film.time()),
            _ => js_sys::Date::now() / 1000.0 - self.began.get_value(),
        }
    }

    /// How long the film is, seconds; `None` where it does not say, or what is shown is none.
    pub fn length(&self) -> Option<f64> {
        let is_film = self.source.with_untracked(|source| matches!(source, Source::Film(_)));
        self.film().filter(|_| is_film).and_then(|film| film.length())
    }

    /// Begins a record of what is shown.
    pub fn begin_record(&self) {
        let is_film = self.source.with_untracked(|source| matches!(source, Source::Film(_)));
        self.recorded.set_value(self.turn.try_get_value());
        self.session.begin_record(if is_film { 0.0 } else { self.time() }, self.length());
    }

    /// Whether the record is of the film that is shown, and it can be wound.
    pub fn can_wind(&self) -> bool {
        let is_film = self.source.with(|source| matches!(source, Source::Film(_)));
        is_film && self.recorded.get_value() == self.turn.try_get_value() && !self.course.runs()
    }

    /// Goes to a moment of the film, in seconds.
    pub fn wind(&self, seconds: f64) {
        if let Some(film) = self.film() {
            film.wind(seconds);
        }
    }

    /// Opens a camera or a screen, and has it read.
    pub fn open(self, origin: Origin) {
        self.stop();
        let turn = self.turn.get_value();
        self.session.live.trouble.set(None);
        self.source.set(Source::Opening);
        spawn_local(async move {
            if !self.session.open_live().await || self.is_over(turn) {
                return self.give_up(turn);
            }
            let hear_end = self.on_end.try_with_value(|hear| hear.as_ref().map(|hear| hear.as_ref().clone())).flatten();
            let opened = film::open(&origin, hear_end.unwrap_or_default().unchecked_ref()).await;
            match opened {
                Ok(stream) if self.is_over(turn) => stream.end(),
                Ok(stream) => {
                    self.began.set_value(js_sys::Date::now() / 1000.0);
                    self.stream.set_value(Some(stream.clone()));
                    self.source.set(Source::Stream(origin));
                    if let Some(film) = self.film() {
                        film.show(&stream).await;
                    }
                    self.wait(turn);
                }
                Err(why) => {
                    self.session.live.trouble.set(Some(why));
                    self.give_up(turn);
                }
            }
        });
    }

    /// Plays a film, and has it read.
    pub fn play(self, file: File) {
        self.stop();
        let turn = self.turn.get_value();
        self.session.live.trouble.set(None);
        spawn_local(async move {
            if !self.session.open_live().await || self.is_over(turn) {
                return;
            }
            let Ok(address) = Url::create_object_url_with_blob(&file) else { return };
            self.address.set_value(Some(address.clone()));
            self.source.set(Source::Film(file.name()));
            let Some(film) = self.film() else { return };
            match film.show_file(&address).await {
                Ok(()) => self.wait(turn),
                Err(_) if self.is_over(turn) => {}
                Err(why) => {
                    self.stop();
                    self.session.live.trouble.set(Some(format!("{}: {why}", file.name())));
                }
            }
        });
    }

    /// Shows nothing any more: a camera's light goes out.
    pub fn stop(self) {
        self.next_turn();
        if let Some(stream) = self.stream.try_update_value(Option::take).flatten() {
            stream.end();
        }
        if let Some(address) = self.address.try_update_value(Option::take).flatten() {
            // A name that is given back twice harms nobody.
            let _ = Url::revoke_object_url(&address);
        }
        if self.source.try_get_untracked().is_some_and(|source| source != Source::Nothing) {
            if let Some(film) = self.film() {
                film.clear();
                if let Some(call) = self.waiting.try_update_value(Option::take).flatten() {
                    film.forget_next(call);
                }
            }
            self.source.try_set(Source::Nothing);
            self.course.forget();
            self.session.end_record();
            self.session.leave_scene();
        }
    }

    pub(super) fn turn(&self) -> Option<u32> {
        self.turn.try_get_value()
    }

    /// Something else is shown from now on, or the same anew.
    pub(super) fn next_turn(&self) -> Option<u32> {
        self.turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        })
    }

    pub(super) fn is_over(&self, turn: u32) -> bool {
        self.turn.try_get_value() != Some(turn)
    }

    fn give_up(&self, turn: u32) {
        if !self.is_over(turn) {
            self.source.set(Source::Nothing);
        }
    }

    /// Waits for the next picture: none comes while the page is hidden.
    pub(super) fn wait(&self, turn: u32) {
        if self.is_over(turn) || self.waiting.try_get_value() != Some(None) {
            return;
        }
        let film = self.film();
        self.on_frame.try_with_value(|hear| {
            if let Some((film, hear)) = film.zip(hear.as_ref()) {
                self.waiting.set_value(Some(film.on_next(hear)));
            }
        });
    }

    /// Hears of a picture, at `now` in milliseconds of the page.
    fn hear(self, now: f64, shown: Option<&Shown>) {
        self.waiting.try_set_value(None);
        let (Some(turn), Some(film)) = (self.turn(), self.film()) else { return };
        self.wait(turn);
        let time = match self.source.get_untracked() {
            Source::Film(_) => film.time_of(shown),
            _ => self.time(),
        };
        match self.course.runs_untracked() {
            true => self.hear_next(turn, &film, time, shown),
            false => {
                self.unread.set_value(Some((time, now)));
                self.read_latest(turn);
            }
        }
    }

    /// Reads the picture that is shown, and as soon as that is done the one that is shown then.
    fn read_latest(self, turn: u32) {
        if self.is_reading.try_update_value(|is_reading| std::mem::replace(is_reading, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            while let Some((time, now)) = self.unread.try_update_value(Option::take).flatten() {
                let Some(picture) = self.film().and_then(|film| film.picture()) else { break };
                let size = picture.size;
                let Some(bitmap) = picture.bitmap().await else { break };
                if self.is_over(turn) {
                    break;
                }
                let went_on = self.session.look(bitmap, size, time).await;
                if self.is_over(turn) {
                    break;
                }
                self.session.live.delay.set(performance().map(|clock| clock.now() - now));
                // After a failure the model is put to reading again.
                if !went_on && !self.session.open_live().await {
                    self.stop();
                    break;
                }
            }
            self.is_reading.try_set_value(false);
        });
    }
}

fn performance() -> Option<web_sys::Performance> {
    window().performance()
}
