//! Asks the engine to read faces as they come.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::{Activity, Session};
use crate::affect::LabelSet;
use crate::engine::client::Answer;
use crate::engine::protocol::{Command, FailureKind, LiveSettings, Looked, ModelId, Outcome, Photograph, Recorded};

/// So many places of the trail are drawn.
const TRAIL: usize = 60;

/// A second of readings counts half after so many seconds.
const RATE_HALF_LIFE: f64 = 1.0;

/// So many columns has the picture of a record.
const COLUMNS: usize = 480;

/// How a record of what is read stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recording {
    /// There is none.
    #[default]
    Nothing,
    /// It grows.
    Running,
    /// It is over, and still there.
    Ended,
}

/// What the page knows of faces that are read.
#[derive(Clone, Copy, Default)]
pub struct Live {
    /// The model that reads, and its classes; `None` where none does.
    pub reader: RwSignal<Option<(ModelId, LabelSet)>>,
    /// How readings are made.
    pub settings: RwSignal<LiveSettings>,
    /// The pre-trained weights that the model needs, while they come.
    pub fetching: RwSignal<Activity>,
    /// What the last picture showed, and its width and height.
    pub looked: RwSignal<Option<(Looked, (usize, usize))>>,
    /// The face that is told in full.
    pub chosen: RwSignal<Option<u32>>,
    /// Where that face was on the circumplex, the oldest first.
    pub trail: RwSignal<Vec<(f32, f32)>>,
    /// Readings a second, and when the last one came, seconds.
    pub rate: RwSignal<Option<(f64, f64)>>,
    /// From the last picture's being shown to what was read of it, milliseconds.
    pub delay: RwSignal<Option<f64>>,
    /// How the record stands.
    pub recording: RwSignal<Recording>,
    /// How long the film is of which it is, seconds; `None` where it is of something that goes on.
    pub length: RwSignal<Option<f64>>,
    /// What was recorded, when it was last asked for.
    pub recorded: RwSignal<Option<Recorded>>,
    /// What went wrong: a sentence.
    pub trouble: RwSignal<Option<String>>,
}

impl Session {
    /// Puts the chosen model to reading faces, unless it does so already. Whether one does.
    pub async fn open_live(self) -> bool {
        let live = self.live;
        let Some(model) = self.model_to_evaluate().map(|model| model.id) else { return false };
        if live.reader.with_untracked(|reader| reader.as_ref().is_some_and(|(of, _)| *of == model)) {
            return true;
        }
        live.trouble.set(None);
        let call = self.send(Command::OpenLive { model }, Vec::new());
        let request = call.id;
        let call = call.on_progress(move |progress| {
            live.fetching.update(|fetching| {
                if !fetching.is_running() {
                    *fetching = Activity::begun(Some(request), 0);
                }
                fetching.advance(&progress);
            });
        });
        let outcome = call.outcome().await;
        live.fetching.set(Activity::Idle);
        match outcome {
            Ok(Answer { outcome: Outcome::Live { label_set }, .. }) => {
                live.reader.set(Some((model, label_set)));
                self.set_live(|_| {});
                true
            }
            Ok(_) => false,
            Err(failure) if failure.kind == FailureKind::Cancelled => false,
            Err(failure) => {
                live.trouble.set(Some(failure.message));
                false
            }
        }
    }

    /// What a person should know of the valence and arousal of the model that reads.
    pub fn reading_caveat(&self) -> Option<&'static str> {
        let reader = self.live.reader.with(|reader| reader.as_ref().map(|(model, _)| *model))?;
        self.models.with(|models| models.iter().find(|model| model.id == reader)?.affect_caveat())
    }

    /// Changes how readings are made.
    pub fn set_live(self, change: impl FnOnce(&mut LiveSettings)) {
        self.live.settings.update(change);
        let settings = self.live.settings.get_untracked();
        self.tell(Command::SetLive { settings });
    }

    /// Ends reading; what was recorded stays.
    pub fn close_live(self) {
        if self.live.reader.try_set(None).is_none() {
            self.tell(Command::CloseLive);
        }
    }

    /// Reads the faces of a picture, an `ImageBitmap` of this size, taken at `time`. Whether the engine goes on.
    pub async fn look(self, picture: JsValue, size: (usize, usize), time: f64) -> bool {
        let call = self.engine.with_value(|engine| engine.send_frame(Command::Look { time, size }, picture));
        match call.outcome().await {
            Ok(Answer { outcome: Outcome::Looked(looked), .. }) => {
                self.note(looked, size);
                true
            }
            Ok(_) => true,
            Err(failure) => {
                self.live.trouble.set(Some(failure.message));
                self.live.reader.set(None);
                false
            }
        }
    }

    fn note(self, looked: Looked, size: (usize, usize)) {
        let Live { chosen, trail, rate, .. } = self.live;
        let now = js_sys::Date::now() / 1000.0;
        rate.update(|rate| {
            *rate = Some(match *rate {
                Some((rate, last)) if now > last && now - last < 2.0 => {
                    let share = 0.5f64.powf((now - last) / RATE_HALF_LIFE);
                    (share * rate + (1.0 - share) / (now - last), now)
                }
                _ => (0.0, now),
            });
        });
        let face = looked.readings.iter().find(|reading| Some(reading.track) == chosen.get_untracked());
        let face = face.or(looked.readings.first());
        if face.map(|face| face.track) != chosen.get_untracked() {
            chosen.set(face.map(|face| face.track));
            trail.set(Vec::new());
        }
        if let Some(face) = face {
            trail.update(|trail| {
                trail.push((face.smooth.valence, face.smooth.arousal));
                let old = trail.len().saturating_sub(TRAIL);
                trail.drain(..old);
            });
        }
        self.live.looked.set(Some((looked, size)));
    }

    /// Reads the faces of a photograph. The thumbnails of its faces are attached.
    ///
    /// # Errors
    /// Why it cannot be read: a sentence.
    pub async fn look_at_photograph(self, file: web_sys::File) -> Result<(Photograph, Answer), String> {
        let call = self.send(Command::LookAtPhotograph { name: file.name() }, vec![file]);
        let answer = call.outcome().await.map_err(|failure| failure.message)?;
        match &answer.outcome {
            Outcome::Photograph(photograph) => Ok((photograph.clone(), answer)),
            _ => Err("The engine did not read it.".into()),
        }
    }

    /// Takes what is said of a face, for the next three seconds, for the person's neutral look; or forgets that look.
    pub fn set_neutral(self, track: u32, end: Option<f64>) {
        self.tell(Command::NeutralLook { track, end });
    }

    /// Says that something else is read next.
    pub fn leave_scene(self) {
        self.forget_faces();
        self.tell(Command::LeaveScene);
    }

    /// Begins a record, anew, whose times count from `zero`; of a film of this length, where it is of one.
    pub fn begin_record(self, zero: f64, length: Option<f64>) {
        self.live.recording.set(Recording::Running);
        self.live.length.set(length);
        self.live.recorded.set(None);
        self.tell(Command::BeginRecord { zero });
    }

    /// Ends the record, where one runs.
    pub fn end_record(self) {
        if self.live.recording.get_untracked() == Recording::Running {
            self.live.recording.set(Recording::Ended);
            self.tell(Command::EndRecord);
            spawn_local(self.refresh_record());
        }
    }

    /// Forgets the record.
    pub fn forget_record(self) {
        self.live.recording.set(Recording::Nothing);
        self.live.recorded.set(None);
        self.tell(Command::ForgetRecord);
    }

    /// Notes something in the record.
    pub fn mark_record(self, time: f64, text: String) {
        self.tell(Command::MarkRecord { time, text });
    }

    /// Asks what was recorded.
    pub async fn refresh_record(self) {
        let Live { recording, recorded, length, .. } = self.live;
        let span = length.get_untracked().map(|length| (0.0, length));
        let answer = self.ask(Command::ShowRecord { span, columns: COLUMNS }).await;
        match answer {
            // It was forgotten meanwhile.
            _ if recording.get_untracked() == Recording::Nothing => {}
            Ok(Answer { outcome: Outcome::Recorded(now), .. }) => {
                if now.has_ended {
                    recording.set(Recording::Ended);
                }
                recorded.set(Some(now));
            }
            Ok(_) => {}
            // The engine was started anew: what it knew is gone.
            Err(_) => {
                recording.set(Recording::Nothing);
                recorded.set(None);
            }
        }
    }

    fn forget_faces(self) {
        let Live { looked, trail, rate, delay, chosen, .. } = self.live;
        looked.set(None);
        trail.set(Vec::new());
        rate.set(None);
        delay.set(None);
        chosen.set(None);
    }

    /// Tells the engine something that is soon done; where that fails, it is said.
    fn tell(self, command: Command) {
        spawn_local(async move {
            if let Err(failure) = self.ask(command).await {
                self.live.trouble.set(Some(failure.message));
            }
        });
    }
}
