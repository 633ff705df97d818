//! A training under way: preparing its images, driving the loop, hearing Pause and Stop between two steps.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::OnceLock;

use burn::tensor::Device;
use web_time::Instant;

use super::memory::Memory;
use super::pace::{Pace, next_task, rest};
use super::{Answer, Service, catalogued, check_size, faces, refused, sentence};
use crate::dataset::Split;
use crate::engine::protocol::{
    Ending, Failure, ModelSummary, Outcome, Progress, RequestId, TrainingProgress, TrainingRecord,
};
use crate::engine::storage::now;
use crate::models::{Architecture, Checkpoint, Graph, Model, ModelCard, Published};
use crate::training::{Advance, InitialWeights, StepRecord, Trainer, TrainingData, TrainingPlan};

/// What the person wants of the training under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Go,
    Pause,
    Stop,
}

/// How Pause, Resume and Stop reach the training.
pub(super) struct Control(Cell<Wish>);

impl Control {
    pub(super) fn pause(&self) {
        self.0.set(Wish::Pause);
    }

    pub(super) fn resume(&self) {
        self.0.set(Wish::Go);
    }

    pub(super) fn stop(&self) {
        self.0.set(Wish::Stop);
    }
}

/// Takes the way to the training away when it ends, however it ends.
struct ControlGuard<'a>(&'a Service);

impl Drop for ControlGuard<'_> {
    fn drop(&mut self) {
        self.0.training.replace(None);
    }
}

impl Service {
    pub(super) fn control(&self, wish: fn(&Control)) -> Answer {
        let training = self.training.borrow();
        wish(training.as_ref().ok_or_else(|| refused("No training is under way."))?);
        Ok((Outcome::Done, None))
    }

    pub(super) async fn train(&self, id: RequestId, plan: TrainingPlan) -> Answer {
        let _task = self.begin("A training")?;
        let answer = self.train_to_the_end(id, plan).await;
        self.storage.clear_scratch().await;
        answer
    }

    async fn train_to_the_end(&self, id: RequestId, plan: TrainingPlan) -> Answer {
        plan.check().map_err(sentence)?;
        let began = Instant::now();
        let control = Rc::new(Control(Cell::new(Wish::Go)));
        self.training.replace(Some(Rc::clone(&control)));
        let _control = ControlGuard(self);

        self.report(id, TrainingProgress::Preparing);
        let (mut trainer, warnings) = self.prepare(id, &plan, &control).await?;
        let running = TrainingProgress::Running {
            steps_per_epoch: trainer.steps_per_epoch(),
            parameters: trainer.parameters(),
            warnings,
        };
        let meter = Meter::new(&plan, &trainer);
        let ended = self.run(id, &mut trainer, &control, meter, running).await;
        // A run that broke off after an epoch still leaves the best weights it had.
        if ended.is_ok() || trainer.best().epoch > 0 {
            let ending = ended.as_ref().copied().unwrap_or(Ending::BrokenOff);
            let model = self.keep_best(&trainer, &plan, ending, began).await?;
            return Ok((Outcome::Trained { model, ending: ended?, best_epoch: trainer.best().epoch }, None));
        }
        Err(ended.err().unwrap_or_else(|| refused("The training ended without a word.")))
    }

    async fn prepare(
        &self,
        id: RequestId,
        plan: &TrainingPlan,
        control: &Control,
    ) -> Result<(Trainer, Vec<String>), Failure> {
        let open = self.open_dataset()?;
        let device = self.device()?;
        let architecture = catalogued(plan)?;
        check_size(architecture, plan)?;
        let blank = Model::blank(architecture, open.dataset.label_set.len(), &Device::flex());
        let images = [Split::Train, Split::Validation].map(|split| open.dataset.indices(split).len());
        let graph = Graph::of(&blank, plan.input_size as usize);
        let memory = Memory::of(&blank, &graph, plan, images.iter().sum());
        if let Some(lack) = self.lack_of_memory(&memory, architecture, plan) {
            return Err(refused(lack));
        }
        drop(blank);
        let pretrained = match begun_with(plan, architecture) {
            Some(published) => Some(self.pretrained(architecture, &published, self.fetching(id, control)).await?),
            None => None,
        };
        let preprocessing = plan.preprocessing((architecture.preprocessing)(plan.input_size));
        let mut pace = Pace::new();
        let train = Box::new(self.pack(&open, Split::Train, &preprocessing, &mut pace).await?);
        let validation = Box::new(self.pack(&open, Split::Validation, &preprocessing, &mut pace).await?);
        let label_set = &open.dataset.label_set;
        let data = TrainingData { train, validation };
        let trainer = Trainer::with_weights(plan.clone(), label_set, data, pretrained.as_ref(), &device, seconds);
        let trainer = trainer.map_err(sentence)?;
        let trainer = self.with_kept_features(trainer, &open).await;
        let warnings = trainer.warnings(label_set);
        Ok((trainer.with_read_every(self.read_every()), warnings))
    }

    /// Tells how far the weights have come; Stop ends that.
    fn fetching(&self, id: RequestId, control: &Control) -> impl FnMut(u64, u64) -> bool {
        let mut pace = Pace::new();
        move |done, total| {
            if pace.report_due() || done == total {
                self.report(id, TrainingProgress::Fetching { done, total });
            }
            control.0.get() != Wish::Stop
        }
    }

    /// Steps between two read-backs: one waits for the device, and takes 50 to 100 ms on WebGPU.
    pub(super) fn read_every(&self) -> usize {
        let device = self.device.borrow();
        if device.as_ref().is_some_and(|(_, report)| report.backend == "WebGPU") { 8 } else { 1 }
    }

    /// Drives the loop to its end, and hears the person between two steps.
    async fn run(
        &self,
        id: RequestId,
        trainer: &mut Trainer,
        control: &Control,
        mut meter: Meter,
        running: TrainingProgress,
    ) -> Result<Ending, Failure> {
        self.report(id, running.clone());
        loop {
            match control.0.get() {
                Wish::Go => {}
                Wish::Stop => trainer.stop(),
                Wish::Pause => {
                    self.flush(id, &mut meter);
                    self.report(id, TrainingProgress::Paused);
                    while control.0.get() == Wish::Pause {
                        rest().await;
                    }
                    meter.resume();
                    self.report(id, running.clone());
                    continue;
                }
            }
            match trainer.advance().await.map_err(sentence)? {
                Advance::Steps(records) => meter.steps(records),
                Advance::Features { done, total } => {
                    // The steps' pace is theirs alone.
                    meter.resume();
                    self.report(id, TrainingProgress::Features { done, total });
                    if done == total {
                        self.keep_features(trainer).await;
                    }
                }
                Advance::Validating { .. } => {}
                Advance::Epoch(record) => {
                    self.flush(id, &mut meter);
                    self.report(id, TrainingProgress::Epoch(record));
                }
                Advance::Finished(ending) => {
                    self.flush(id, &mut meter);
                    return Ok(ending);
                }
            }
            if meter.due() {
                self.flush(id, &mut meter);
            }
            next_task().await;
        }
    }

    async fn keep_best(
        &self,
        trainer: &Trainer,
        plan: &TrainingPlan,
        ending: Ending,
        began: Instant,
    ) -> Result<ModelSummary, Failure> {
        let open = self.open_dataset()?;
        let best = trainer.best();
        let architecture = trainer.architecture();
        let record = trainer.history().epochs.iter().find(|record| record.epoch == best.epoch);
        let card = ModelCard {
            architecture: architecture.name.into(),
            variant: architecture.variant.into(),
            label_set: open.dataset.label_set.clone(),
            preprocessing: trainer.preprocessing().clone(),
            plan: serde_json::to_value(plan).ok(),
            metrics: record.and_then(|record| serde_json::to_value(record).ok()),
            dataset: Some(open.dataset.name.clone()),
            licence: begun_with(plan, architecture).map(|weights| weights.terms()),
        };
        let checkpoint = Checkpoint::of(&best.model, card).await.map_err(sentence)?;
        let name = format!("{} {}", architecture.label, self.last_model.get() + 1);
        let record = TrainingRecord {
            ended: now() as u64,
            seconds: began.elapsed().as_secs_f64(),
            device: self.device_name(),
            faces: faces(&open.dataset, &[Split::Train, Split::Validation]),
            ending,
            best_epoch: best.epoch,
            history: trainer.history().clone(),
        };
        Ok(self.hold(&name, "trained here", checkpoint, Some(record)).await)
    }

    fn report(&self, id: RequestId, progress: TrainingProgress) {
        self.progress(id, Progress::Training(progress));
    }

    /// Tells the page of the steps since the last time.
    fn flush(&self, id: RequestId, meter: &mut Meter) {
        if let Some(steps) = meter.take() {
            self.report(id, steps);
        }
    }
}

/// The published weights that a training of this architecture begins with; `None` where they are drawn.
fn begun_with(plan: &TrainingPlan, architecture: &Architecture) -> Option<Published> {
    architecture.weights.filter(|_| plan.weights == InitialWeights::Imagenet)
}

/// Seconds since the training's code first asked.
fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Collects steps until it is time to tell of them, and knows how long they took of late.
struct Meter {
    records: Vec<StepRecord>,
    /// When steps were last told of; time spent paused is taken out.
    told: Instant,
    /// Seconds a step, a moving average over the messages; validation counts.
    seconds_per_step: Option<f64>,
    steps_left: u32,
    images_per_step: f64,
}

impl Meter {
    fn new(plan: &TrainingPlan, trainer: &Trainer) -> Self {
        Meter {
            records: Vec::new(),
            told: Instant::now(),
            seconds_per_step: None,
            steps_left: plan.epochs.saturating_mul(trainer.steps_per_epoch()),
            images_per_step: trainer.images_per_epoch() as f64 / f64::from(trainer.steps_per_epoch().max(1)),
        }
    }

    fn steps(&mut self, records: Vec<StepRecord>) {
        self.steps_left = self.steps_left.saturating_sub(records.len() as u32);
        self.records.extend(records);
    }

    fn due(&self) -> bool {
        !self.records.is_empty() && self.told.elapsed().as_millis() >= 100
    }

    /// What was collected, and how fast it went; `None` where nothing was.
    fn take(&mut self) -> Option<TrainingProgress> {
        if self.records.is_empty() {
            return None;
        }
        let latest = self.told.elapsed().as_secs_f64().max(1e-6) / self.records.len() as f64;
        self.told = Instant::now();
        // A quarter of the latest: steady to read, and yet it follows.
        let average = self.seconds_per_step.map_or(latest, |average| 0.75 * average + 0.25 * latest);
        self.seconds_per_step = Some(average);
        Some(TrainingProgress::Steps {
            records: std::mem::take(&mut self.records),
            images_per_second: self.images_per_step / average,
            seconds_left: average * f64::from(self.steps_left),
        })
    }

    /// Time spent paused is nobody's.
    fn resume(&mut self) {
        self.told = Instant::now();
    }
}
