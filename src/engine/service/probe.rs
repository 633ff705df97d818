//! A short training of made-up images, to be timed.

use std::borrow::Cow;

use burn::tensor::Device;
use web_time::Instant;

use super::pace::next_task;
use super::sentence;
use crate::affect::{Annotation, LabelSet};
use crate::dataset::StoreError;
use crate::engine::protocol::Failure;
use crate::imaging::Pixels;
use crate::models::{Architecture, BackboneWeights, Graph, MOST_AT_ONCE};
use crate::training::{Advance, SampleSource, Trainable, Trainer, TrainingData, TrainingPlan};

/// Multiplications that one timed image may cost.
const PROBE: u64 = 300_000_000;

/// Steps of a training on a CPU that are timed at most; and after how many seconds no more than the least.
const MOST_STEPS: usize = 24;
const LEAST_STEPS: usize = 3;
const LONG: f64 = 0.6;

/// Where a step takes less, seconds, waiting for each would be much of it.
const SHORT: f64 = 0.2;

/// Some browsers' clocks go by a tenth of a second: less than this, seconds, is not told apart.
const TELLS: f64 = 0.15;

/// Times how long one of many takes: as long as in the fastest stretch of several. What comes first is not timed, it compiles and
/// allocates; and a browser's better code only comes while the quick one runs.
#[derive(Default)]
struct Timer {
    /// When this stretch began, with how many; and how long it is, with how many more.
    stretch: Option<(Instant, usize)>,
    latest: f64,
    least: Option<f64>,
}

impl Timer {
    fn reached(&mut self, count: usize) {
        let Some((begun, before)) = self.stretch else {
            self.stretch = Some((Instant::now(), count));
            return;
        };
        let seconds = begun.elapsed().as_secs_f64();
        self.latest = seconds / count.saturating_sub(before).max(1) as f64;
        if seconds >= TELLS {
            self.least = Some(self.least.map_or(self.latest, |least| least.min(self.latest)));
            self.stretch = Some((Instant::now(), count));
        }
    }

    fn each(&self) -> f64 {
        self.least.unwrap_or(self.latest)
    }
}

/// What takes how long, seconds.
#[derive(Default)]
pub(super) struct Times {
    /// A step.
    pub step: f64,
    /// The features of an image, where they are computed once.
    pub features: f64,
}

/// A training of a few made-up images.
pub(super) struct Probe<'a> {
    pub architecture: &'static Architecture,
    pub plan: &'a TrainingPlan,
    pub label_set: &'a LabelSet,
    pub device: Device,
    /// Steps between two read-backs of a training.
    pub read_every: usize,
}

impl Probe<'_> {
    /// Height and width of the images that are timed, and how many times more one of the plan's costs.
    pub fn side(&self, graph: &Graph) -> (u32, f64) {
        let (least, planned) = (self.architecture.sizes.0, self.plan.input_size);
        let whole = graph.multiplications() as f64;
        // A GPU waits longer for each command than it computes small images.
        let most = if self.read_every > 1 { 20 * PROBE } else { PROBE };
        let fits = |side: &u32| whole * f64::from(side * side) / f64::from(planned * planned) <= most as f64;
        let side = (least..=planned).rev().find(fits).unwrap_or(least.min(planned));
        (side, f64::from(planned * planned) / f64::from(side * side))
    }

    /// How long a step on so many images of this height and width takes, and the features of one. `go_on` says, between two steps,
    /// whether to.
    pub async fn time(
        &self,
        images: usize,
        side: u32,
        go_on: impl Fn() -> Result<(), Failure>,
    ) -> Result<Times, Failure> {
        let steps = match self.read_every {
            // Features of few are enough.
            1 if self.plan.trainable == Trainable::Head => LEAST_STEPS,
            1 => MOST_STEPS,
            // The first is told of alone, and not timed.
            every => 2 * every,
        };
        let mut trainer = self.trainer(images, side, steps, 0)?;
        let (mut looked, mut stepped, mut taken) = (Timer::default(), Timer::default(), 0);
        let begun = Instant::now();
        loop {
            go_on()?;
            if self.read_every == 1 && taken >= LEAST_STEPS && begun.elapsed().as_secs_f64() > LONG {
                break;
            }
            match trainer.advance().await.map_err(sentence)? {
                Advance::Features { done, .. } => looked.reached(done),
                Advance::Steps(records) if !records.is_empty() => {
                    taken += records.len();
                    stepped.reached(taken);
                }
                Advance::Epoch(_) | Advance::Finished(_) => break,
                _ => {}
            }
            next_task().await;
        }
        Ok(Times { step: stepped.each(), features: looked.each() })
    }

    /// How long a step on so many images takes, seconds, told as seldom as in a training where it is short.
    pub async fn step(
        &self,
        images: usize,
        side: u32,
        go_on: impl Fn() -> Result<(), Failure>,
    ) -> Result<f64, Failure> {
        let told_each = Probe { device: self.device.clone(), read_every: 1, ..*self };
        let step = told_each.time(images, side, &go_on).await?.step;
        if step < SHORT && self.read_every > 1 {
            return Ok(self.time(images, side, &go_on).await?.step);
        }
        Ok(step)
    }

    /// Takes one step of the plan, and looks at as many images as a validation does at a time.
    pub async fn rehearse(&self, go_on: impl Fn() -> Result<(), Failure>) -> Result<(), Failure> {
        go_on()?;
        let mut trainer = self.trainer(self.plan.batch_size as usize, self.plan.input_size, 1, MOST_AT_ONCE)?;
        loop {
            go_on()?;
            if let Advance::Finished(_) = trainer.advance().await.map_err(sentence)? {
                return Ok(());
            }
            next_task().await;
        }
    }

    /// Of so many steps on so many images each, and a validation on others.
    fn trainer(&self, images: usize, side: u32, steps: usize, validation: usize) -> Result<Trainer, Failure> {
        let plan = TrainingPlan {
            epochs: 1,
            batch_size: images as u32,
            input_size: side,
            warmup_epochs: 0,
            // As in an epoch in which all that is trainable learns.
            unfreeze_every: 0,
            ..self.plan.clone()
        };
        let source = |images| Box::new(MadeUp::new(images, side, self.label_set.len()));
        let data = TrainingData { train: source(steps * images), validation: source(validation) };
        let weights = BackboneWeights::as_drawn(self.architecture);
        // Time since any moment, and only differences are looked at.
        let clock = || 0.0;
        let trainer = Trainer::with_weights(plan, self.label_set, data, Some(&weights), &self.device, clock);
        Ok(trainer.map_err(sentence)?.with_read_every(self.read_every))
    }
}

/// Gray images of two shades.
struct MadeUp {
    images: [Pixels; 2],
    annotations: Vec<Annotation>,
}

impl MadeUp {
    fn new(len: usize, side: u32, classes: usize) -> Self {
        let side = side as usize;
        let image = |shade| Pixels { width: side, height: side, channels: 1, data: vec![shade; side * side] };
        let annotation = |index: usize| {
            let labelled =
                if classes > 0 { Annotation::one_hot(index % classes, classes) } else { Annotation::default() };
            let affect = index as f32 / len as f32 - 0.5;
            Annotation { valence: Some(affect), arousal: Some(-affect), ..labelled }
        };
        MadeUp { images: [image(90), image(170)], annotations: (0..len).map(annotation).collect() }
    }
}

impl SampleSource for MadeUp {
    fn len(&self) -> usize {
        self.annotations.len()
    }

    fn image(&self, index: usize) -> Result<Cow<'_, Pixels>, StoreError> {
        Ok(Cow::Borrowed(&self.images[index % 2]))
    }

    fn extent(&self, _: usize) -> (usize, usize) {
        (self.images[0].width, self.images[0].height)
    }

    fn annotation(&self, index: usize) -> &Annotation {
        &self.annotations[index]
    }
}
