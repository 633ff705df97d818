//! Faces as they come: a camera's pictures, a film's, photographs.

use std::collections::HashMap;
use std::rc::Rc;

use burn::tensor::{Device, ExecutionError};
use web_time::Instant;

use super::export::read_whole;
use super::gallery::Thumbnails;
use super::{Answer, Service, refused};
use crate::affect::{Expression, LabelSet};
use crate::dataset::Source;
use crate::detection::{Detector, Face, Search, Tracker, upright};
use crate::engine::protocol::{Failure, LiveSettings, Looked, ModelId, Outcome, Photograph, RequestId};
use crate::imaging::{Pixels, Preprocessing, decode, fit_within};
use crate::live::{self, Reader, Reading, Record, Smoothing, Stillness};
use crate::models::{BLAZEFACE, Predictor, normalised};

/// More faces of one picture are not read: the surest are.
const MOST_FACES: usize = 16;

/// Faces are looked for in a photograph of this longer side at most, and in parts of it down to this side, pixels.
const PHOTOGRAPH: usize = 2048;
const PART: usize = 256;

/// No photograph is larger, bytes.
const LARGEST_PHOTOGRAPH: u64 = 256 << 20;

/// What reads faces.
pub(super) struct Live {
    detector: Detector,
    device: Device,
    network: Predictor,
    preprocessing: Preprocessing,
    label_set: LabelSet,
    tracker: Tracker,
    readers: HashMap<u32, Reader>,
    still: Stillness,
    /// What may be faces, and is if it is found again.
    candidates: Vec<Face>,
    /// How many pictures faces were looked for in.
    searches: usize,
}

impl Service {
    /// Puts a model to reading faces. Faces that are followed keep their numbers, and what is known of them where the model's
    /// classes are the same; a record of other classes ends.
    pub(super) async fn open_live(&self, id: RequestId, model: ModelId) -> Answer {
        let device = self.device()?;
        let checkpoint = Rc::clone(&self.model_heard(model, &mut self.hearing_bytes(id)).await?.checkpoint);
        let network = Predictor::new(checkpoint.build(&device).map_err(refused)?);
        let label_set = checkpoint.card.label_set.clone();
        let mut live = self.live.lock().await;
        let (detector, tracker, readers) = match live.take() {
            Some(Live { detector, tracker, readers, label_set: of, .. }) => {
                (detector, tracker, if of == label_set { readers } else { HashMap::new() })
            }
            None => (self.detector(&device).await?, Tracker::default(), HashMap::new()),
        };
        live.replace(Live {
            detector,
            device,
            network,
            preprocessing: checkpoint.card.preprocessing.clone(),
            label_set: label_set.clone(),
            tracker,
            readers,
            still: Stillness::default(),
            candidates: Vec::new(),
            searches: 0,
        });
        self.record.borrow_mut().iter_mut().filter(|of| *of.label_set() != label_set).for_each(Record::end);
        Ok((Outcome::Live { label_set }, None))
    }

    async fn detector(&self, device: &Device) -> Result<Detector, Failure> {
        let unusable = |why: String| refused(format!("The detector of faces cannot be used: {why}."));
        let file = self.weight_file(&BLAZEFACE, &mut |_, _| true, &unusable).await?;
        Detector::read(&file, device).map_err(|error| unusable(error.to_string()))
    }

    pub(super) async fn close_live(&self) -> Answer {
        self.live.lock().await.take();
        Ok((Outcome::Done, None))
    }

    pub(super) async fn leave_scene(&self) -> Answer {
        if let Some(live) = &mut *self.live.lock().await {
            (live.tracker, live.still) = (Tracker::default(), Stillness::default());
            live.readers.clear();
            live.candidates.clear();
        }
        self.record.borrow_mut().iter_mut().for_each(Record::leave);
        Ok((Outcome::Done, None))
    }

    pub(super) fn set_live(&self, settings: LiveSettings) -> Answer {
        self.live_settings.set(settings);
        Ok((Outcome::Done, None))
    }

    /// The classes of the model that reads faces.
    pub(super) async fn live_label_set(&self) -> Result<LabelSet, Failure> {
        Ok(self.live.lock().await.as_ref().ok_or_else(nobody)?.label_set.clone())
    }

    /// Takes what is said of a face for its neutral look, until `end` in seconds; without an end it forgets that look.
    pub(super) async fn neutral_look(&self, track: u32, end: Option<f64>) -> Answer {
        let mut live = self.live.lock().await;
        let reader = live.as_mut().ok_or_else(nobody)?.readers.entry(track).or_default();
        match end {
            Some(end) => reader.gather_neutral(end),
            None => reader.forget_neutral(),
        }
        Ok((Outcome::Done, None))
    }

    /// Reads the faces of a camera's or a film's picture: `width * height` RGBA pixels beside the request.
    pub(super) async fn look(&self, time: f64, (width, height): (usize, usize), files: &[Box<dyn Source>]) -> Answer {
        let picture = picture(width, height, files)?;
        let mut live = self.live.lock().await;
        let live = live.as_mut().ok_or_else(nobody)?;
        let recorded = self.record.borrow().as_ref().map(|record| record.faces_at(time));
        live.tracker.recall(recorded.unwrap_or_default(), time);
        let looked = live.look(&picture, time, self.live_settings.get().smoothing).await.map_err(refused)?;
        let mut record = self.record.borrow_mut();
        record.iter_mut().filter(|of| *of.label_set() == live.label_set).for_each(|of| of.push(time, &looked.readings));
        Ok((Outcome::Looked(looked), None))
    }

    /// Reads the faces of a photograph.
    pub(super) async fn look_at_photograph(&self, name: &str, files: &[Box<dyn Source>]) -> Answer {
        let [file] = files else { return Err(refused("Choose one photograph.")) };
        if file.size() > LARGEST_PHOTOGRAPH {
            return Err(refused(format!("{name} is larger than 256 MiB: scale it down.")));
        }
        let bytes = read_whole(name, &**file)?;
        let picture = decode(&bytes).map_err(|error| refused(format!("{name} {error}.")))?;
        drop(bytes);
        let mut live = self.live.lock().await;
        let (readings, faces) = live.as_mut().ok_or_else(nobody)?.read_photograph(&picture).await.map_err(refused)?;
        let mut thumbnails = Thumbnails::with_capacity(faces.len());
        faces.iter().for_each(|face| thumbnails.push(face));
        let photograph = Photograph { width: picture.width, height: picture.height, readings };
        Ok((Outcome::Photograph(photograph), Some(thumbnails.into_bytes().into())))
    }
}

impl Live {
    async fn look(
        &mut self,
        picture: &Pixels,
        time: f64,
        smoothing: Option<Smoothing>,
    ) -> Result<Looked, ExecutionError> {
        let began = Instant::now();
        let still = self.still.faces(picture, time).filter(|_| self.candidates.is_empty()).map(<[Face]>::to_vec);
        let searched = still.is_none();
        let faces = match still {
            Some(faces) => faces,
            None => self.search(picture, time).await?,
        };
        let found = began.elapsed();
        let tracks = self.tracker.follow(&faces, time);
        let (answers, _) = self.read(picture, &faces).await?;
        let neutral = self.label_set.index_of(Expression::Neutral.name());
        let mut readings = Vec::with_capacity(faces.len());
        for (track, raw) in tracks.iter().zip(answers) {
            let reader = self.readers.entry(track.id).or_default();
            let smooth = reader.read(time, &raw, neutral, smoothing);
            readings.push(Reading { track: track.id, face: track.face, raw, smooth });
        }
        self.readers.retain(|track, reader| reader.knows_neutral() || self.tracker.remembers(*track));
        let whole = began.elapsed();
        let milliseconds = (1e3 * found.as_secs_f64(), 1e3 * (whole - found).as_secs_f64());
        Ok(Looked { readings, searched, milliseconds })
    }

    /// Looks for faces in a picture of a film.
    async fn search(&mut self, picture: &Pixels, time: f64) -> Result<Vec<Face>, ExecutionError> {
        let known: Vec<Face> = self.tracker.faces().chain(self.candidates.drain(..)).take(MOST_FACES).collect();
        let (mut faces, candidates) = self.detector.look_again(picture, &known, self.searches).await?;
        self.searches = self.searches.wrapping_add(1);
        self.candidates = candidates;
        faces.truncate(MOST_FACES);
        self.still.remember(picture, time, &faces);
        Ok(faces)
    }

    async fn read_photograph(&mut self, picture: &Pixels) -> Result<(Vec<Reading>, Vec<Pixels>), ExecutionError> {
        let small = fit_within(picture, PHOTOGRAPH);
        let scale = picture.width.max(picture.height) as f32 / small.width.max(small.height) as f32;
        let faces = self.detector.look(&small, Search::Parts(PART)).await?;
        let mut faces: Vec<Face> =
            faces.iter().map(|face| face.moved(scale, |(x, y)| (x * scale, y * scale))).collect();
        faces.sort_by(|a, b| a.bounds.left.total_cmp(&b.bounds.left));
        let (answers, cut) = self.read(picture, &faces).await?;
        let reading = |(number, (face, raw)): (usize, (&Face, live::Answer))| Reading {
            track: number as u32 + 1,
            face: *face,
            smooth: raw.clone(),
            raw,
        };
        Ok((faces.iter().zip(answers).enumerate().map(reading).collect(), cut))
    }

    /// What the model says of each face, and the face as the model sees it.
    async fn read(
        &mut self,
        picture: &Pixels,
        faces: &[Face],
    ) -> Result<(Vec<live::Answer>, Vec<Pixels>), ExecutionError> {
        let side = self.preprocessing.size as usize;
        let cut = faces.iter().map(|face| self.preprocessing.apply(&upright(picture, face, side)));
        let cut: Vec<Pixels> = cut.collect();
        let mut answers = Vec::with_capacity(faces.len());
        for batch in cut.chunks(self.network.batch(side)) {
            let images = normalised(batch, &self.preprocessing, &self.device);
            answers.extend(self.network.predict(images).await?.into_iter().map(live::Answer::from));
        }
        Ok((answers, cut))
    }
}

fn nobody() -> Failure {
    refused("No model reads faces now: choose a model.")
}

/// The picture beside a request, without its opacity.
fn picture(width: usize, height: usize, files: &[Box<dyn Source>]) -> Result<Pixels, Failure> {
    let strange = || refused("The engine got a picture of another size than was said.");
    let [file] = files else { return Err(strange()) };
    if width == 0 || height == 0 || width.checked_mul(height).map(|pixels| 4 * pixels as u64) != Some(file.size()) {
        return Err(strange());
    }
    let bytes = read_whole("The picture", &**file)?;
    let (pixels, _) = bytes.as_chunks::<4>();
    let mut data = Vec::with_capacity(3 * pixels.len());
    pixels.iter().for_each(|[colour @ .., _]| data.extend_from_slice(colour));
    Ok(Pixels { width, height, channels: 3, data })
}
