//! Faces as they come: a camera's pictures, a film's, photographs.

use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

use burn::tensor::{Device, ExecutionError};
use web_time::Instant;

use super::gallery::Thumbnails;
use super::{Answer, Service, refused};
use crate::affect::{Expression, LabelSet};
use crate::dataset::Source;
use crate::detection::{Detector, Face, Search, Tracker, upright};
use crate::engine::protocol::{Failure, LiveSettings, Looked, ModelId, Outcome, Photograph, Recorded};
use crate::imaging::{Pixels, Preprocessing, decode, fit_within};
use crate::live::{self, Reader, Reading, Record, Stillness, subtitles};
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
    detector: Rc<Detector>,
    device: Device,
    network: Predictor,
    preprocessing: Preprocessing,
    label_set: LabelSet,
    tracker: Tracker,
    readers: HashMap<u32, Reader>,
    still: Stillness,
    settings: LiveSettings,
    record: Option<Record>,
}

impl Service {
    /// Puts a model to reading faces. Faces that are followed keep their numbers, and what is known of them where the model's
    /// classes are the same.
    pub(super) async fn open_live(&self, model: ModelId) -> Answer {
        let device = self.device()?;
        let checkpoint = Rc::clone(&self.model(model).await?.checkpoint);
        let network = Predictor::new(checkpoint.build(&device).map_err(refused)?);
        let label_set = checkpoint.card.label_set.clone();
        let before = self.live.take();
        let detector = match &before {
            Some(before) => Rc::clone(&before.detector),
            None => {
                let unusable = |why: String| refused(format!("The detector of faces cannot be used: {why}."));
                let file = self.weight_file(&BLAZEFACE, |_, _| true, &unusable).await?;
                Rc::new(Detector::read(&file, &device).map_err(|error| unusable(error.to_string()))?)
            }
        };
        let mut live = Live {
            detector,
            device: device.clone(),
            network,
            preprocessing: checkpoint.card.preprocessing.clone(),
            label_set: label_set.clone(),
            tracker: Tracker::default(),
            readers: HashMap::new(),
            still: Stillness::default(),
            settings: LiveSettings::default(),
            record: None,
        };
        if let Some(Live { tracker, readers, settings, record, label_set, .. }) = before {
            (live.tracker, live.settings) = (tracker, settings);
            if live.label_set == label_set {
                (live.readers, live.record) = (readers, record);
            }
        }
        self.live.replace(Some(live));
        Ok((Outcome::Live { label_set }, None))
    }

    pub(super) fn close_live(&self) -> Answer {
        self.live.replace(None);
        Ok((Outcome::Done, None))
    }

    pub(super) fn set_live(&self, settings: LiveSettings) -> Answer {
        self.with_live(|live| live.settings = settings)
    }

    /// Takes what is said of a face for its neutral look, until `end` in seconds; without an end it forgets that look.
    pub(super) fn neutral_look(&self, track: u32, end: Option<f64>) -> Answer {
        self.with_live(|live| {
            let reader = live.readers.entry(track).or_default();
            match end {
                Some(end) => reader.gather_neutral(end),
                None => reader.forget_neutral(),
            }
        })
    }

    /// Begins a record, or ends and forgets it.
    pub(super) fn keep_record(&self, keep: bool) -> Answer {
        self.with_live(|live| live.record = keep.then(|| Record::new(live.label_set.clone())))
    }

    pub(super) fn mark_record(&self, time: f64, text: &str) -> Answer {
        self.with_live(|live| live.record.iter_mut().for_each(|record| record.mark(time, text)))
    }

    pub(super) fn show_record(&self, span: (f64, f64), columns: usize) -> Answer {
        let live = self.live.borrow();
        let (record, least) = recorded(live.as_ref())?;
        let tracks = record.summaries(least);
        let bands = tracks.iter().map(|of| record.bands(of.track, span, columns.min(MOST_COLUMNS))).collect();
        Ok((Outcome::Recorded(Recorded { readings: record.len(), tracks, bands }), None))
    }

    pub(super) fn record_table(&self) -> Result<Vec<u8>, Failure> {
        let live = self.live.borrow();
        let (record, least) = recorded(live.as_ref())?;
        record.csv(least).map_err(refused)
    }

    pub(super) fn record_subtitles(&self) -> Result<Vec<u8>, Failure> {
        let live = self.live.borrow();
        let (record, least) = recorded(live.as_ref())?;
        Ok(subtitles(record, least).into_bytes())
    }

    fn with_live(&self, change: impl FnOnce(&mut Live)) -> Answer {
        change(self.live.borrow_mut().as_mut().ok_or_else(nobody)?);
        Ok((Outcome::Done, None))
    }

    /// Reads the faces of a camera's or a film's picture: `width * height` RGBA pixels beside the request.
    pub(super) async fn look(&self, time: f64, (width, height): (usize, usize), files: &[Box<dyn Source>]) -> Answer {
        let picture = picture(width, height, files)?;
        // Taken out while it works: who asks meanwhile is told so.
        let mut live = self.live.take().ok_or_else(nobody)?;
        let looked = live.look(&picture, time).await;
        self.live.borrow_mut().get_or_insert(live);
        Ok((Outcome::Looked(looked.map_err(refused)?), None))
    }

    /// Reads the faces of a photograph.
    pub(super) async fn look_at_photograph(&self, name: &str, files: &[Box<dyn Source>]) -> Answer {
        let [file] = files else { return Err(refused("Choose one photograph.")) };
        if file.size() > LARGEST_PHOTOGRAPH {
            return Err(refused(format!("{name} is larger than 256 MiB: scale it down.")));
        }
        let mut bytes = Vec::new();
        let read = file.open().and_then(|mut reader| reader.read_to_end(&mut bytes));
        read.map_err(|error| refused(format!("{name} cannot be read: {error}.")))?;
        let picture = decode(&bytes).map_err(|error| refused(format!("{name} {error}.")))?;
        drop(bytes);
        let mut live = self.live.take().ok_or_else(nobody)?;
        let read = live.read_photograph(&picture).await;
        self.live.borrow_mut().get_or_insert(live);
        let (readings, faces) = read.map_err(refused)?;
        let mut thumbnails = Thumbnails::with_capacity(faces.len());
        faces.iter().for_each(|face| thumbnails.push(face));
        let photograph = Photograph { width: picture.width, height: picture.height, readings };
        Ok((Outcome::Photograph(photograph), Some(thumbnails.into_bytes().into())))
    }
}

/// No picture of a time line is wider.
const MOST_COLUMNS: usize = 4096;

impl Live {
    async fn look(&mut self, picture: &Pixels, time: f64) -> Result<Looked, ExecutionError> {
        let began = Instant::now();
        let known = self.still.faces(picture, time).map(<[Face]>::to_vec);
        let searched = known.is_none();
        let faces = match known {
            Some(faces) => faces,
            None => {
                let mut faces = self.detector.look(picture, Search::Whole).await?;
                faces.truncate(MOST_FACES);
                self.still.remember(picture, time, &faces);
                faces
            }
        };
        let found = began.elapsed();
        let tracks = self.tracker.follow(&faces, time);
        let (answers, _) = self.read(picture, &faces).await?;
        let neutral = self.label_set.index_of(Expression::Neutral.name());
        let mut readings = Vec::with_capacity(faces.len());
        for (track, raw) in tracks.iter().zip(answers) {
            let reader = self.readers.entry(track.id).or_default();
            let smooth = reader.read(time, &raw, neutral, self.settings.smoothing);
            readings.push(Reading { track: track.id, face: track.face, raw, smooth });
        }
        self.readers.retain(|track, reader| reader.knows_neutral() || self.tracker.remembers(*track));
        if let Some(record) = &mut self.record {
            readings.iter().for_each(|reading| record.push(time, reading));
        }
        let whole = began.elapsed();
        let milliseconds = (1e3 * found.as_secs_f64(), 1e3 * (whole - found).as_secs_f64());
        Ok(Looked { readings, searched, milliseconds })
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
    refused("No model reads faces now, or it still looks at the picture before: choose a model, or wait a moment.")
}

fn recorded(live: Option<&Live>) -> Result<(&Record, f32), Failure> {
    let live = live.ok_or_else(nobody)?;
    let record = live.record.as_ref().ok_or_else(|| refused("Nothing was recorded: begin a record first."))?;
    Ok((record, live.settings.least))
}

/// The picture beside a request, without its opacity.
fn picture(width: usize, height: usize, files: &[Box<dyn Source>]) -> Result<Pixels, Failure> {
    let strange = || refused("The engine got a picture of another size than was said.");
    let [file] = files else { return Err(strange()) };
    if width == 0 || height == 0 || width.checked_mul(height).map(|pixels| 4 * pixels as u64) != Some(file.size()) {
        return Err(strange());
    }
    let mut bytes = Vec::with_capacity(file.size() as usize);
    let read = file.open().and_then(|mut reader| reader.read_to_end(&mut bytes));
    read.map_err(|error| refused(format!("The picture cannot be read: {error}.")))?;
    let (pixels, _) = bytes.as_chunks::<4>();
    let data = pixels.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
    Ok(Pixels { width, height, channels: 3, data })
}
