//! A training under way: preparing its images, driving the loop, hearing Pause and Stop between two steps.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use burn::tensor::Device;
use web_time::Instant;

use super::memory::Memory;
use super::pace::{Pace, next_task, rest};
use super::unfinished::Keeper;
use super::{Answer, Service, catalogued, check_size, refused, sentence};
use crate::dataset::Split;
use crate::engine::protocol::{
    Ending, Failure, ModelSummary, Outcome, Progress, RequestId, TrainingProgress, TrainingRecord, UnfinishedTraining,
};
use crate::engine::replicas;
use crate::engine::storage::KeptTraining;
use crate::kernels::on_cpu;
use crate::models::{Architecture, Checkpoint, Graph, Model, ModelCard, Published};
use crate::training::{
    Advance, AffectLabels, SHARD, StepRecord, Trainable, Trainer, TrainingData, TrainingError, TrainingPlan,
};

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

    /// Trains by a plan, from the beginning or from where a training by it was `kept`.
    pub(super) async fn train(&self, id: RequestId, plan: TrainingPlan, kept: Option<KeptTraining>) -> Answer {
        let _task = self.begin("A training")?;
        // On the heap: it holds a training, and every request would have room for that on the stack.
        let answer = Box::pin(self.train_to_the_end(id, plan, kept)).await;
        self.storage.clear_scratch().await;
        answer
    }

    async fn train_to_the_end(&self, id: RequestId, plan: TrainingPlan, kept: Option<KeptTraining>) -> Answer {
        plan.check().map_err(sentence)?;
        let mut keeper = self.keeper(&plan, kept.as_ref())?;
        let control = Rc::new(Control(Cell::new(Wish::Go)));
        self.training.replace(Some(Rc::clone(&control)));
        let _control = ControlGuard(self);

        self.report(id, TrainingProgress::Preparing);
        let (mut trainer, warnings) = self.prepare(id, &plan, kept, &control).await?;
        let running = TrainingProgress::Running {
            steps_per_epoch: trainer.steps_per_epoch(),
            parameters: trainer.parameters(),
            warnings,
        };
        let meter = Meter::new(&plan, &trainer);
        let ended = self.run(id, &mut trainer, &control, meter, &mut keeper, running).await;
        if matches!(ended, Err(TrainingError::Diverged { .. })) {
            self.forget_training(&keeper).await;
        }
        let best_epoch = trainer.best().epoch;
        // A run that broke off after an epoch still leaves the best weights it had.
        let model = match &ended {
            Err(_) if best_epoch == 0 => Err(refused("The training ended before its first epoch did.")),
            _ => self.keep_best(&trainer, ended.as_ref().copied().unwrap_or(Ending::BrokenOff), &keeper).await,
        };
        let (ending, model) = (ended.map_err(sentence)?, model?);
        // Not before its model is there.
        if ending != Ending::Stopped {
            self.forget_training(&keeper).await;
        }
        Ok((Outcome::Trained { model, ending, best_epoch }, None))
    }

    async fn prepare(
        &self,
        id: RequestId,
        plan: &TrainingPlan,
        kept: Option<KeptTraining>,
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
            Some(published) => Some(self.pretrained(architecture, &published, &mut self.fetching(id, control)).await?),
            None => None,
        };
        let preprocessing = plan.preprocessing((architecture.preprocessing)(plan.input_size));
        let mut pace = Pace::new();
        let label_set = &open.dataset.label_set;
        let [mut train, mut validation] = [
            self.pack(&open, Split::Train, &preprocessing, &mut pace).await?,
            self.pack(&open, Split::Validation, &preprocessing, &mut pace).await?,
        ];
        if plan.affect_labels == AffectLabels::Derived {
            [train, validation] = [train, validation].map(|images| images.with_derived_affect(label_set));
        }
        let data = TrainingData { train: Box::new(train), validation: Box::new(validation) };
        let trainer = Trainer::with_weights(plan.clone(), label_set, data, pretrained.as_ref(), &device, seconds);
        let mut trainer = trainer.map_err(sentence)?;
        let mut warnings = trainer.warnings(label_set);
        if let Some(kept) = kept {
            let (taken_up, warning) = self.taken_up(trainer, &kept).await?;
            trainer = taken_up;
            warnings.extend(warning);
        }
        let trainer = self.with_kept_features(trainer, &open).await.with_read_every(self.read_every());
        Ok((if on_cpu(&device) { self.in_shards(trainer, plan) } else { trainer }, warnings))
    }

    /// On the CPU, a training looks at shards of its batches, on as many cores as there are. A GPU looks at whole ones.
    fn in_shards(&self, trainer: Trainer, plan: &TrainingPlan) -> Trainer {
        let hands = if trainer.wants_features() { self.cores.get() } else { self.hands(plan) };
        trainer.with_shards(SHARD, replicas::start(hands - 1))
    }

    /// How many cores the steps of a training by this plan run on: no more than its batches have shards.
    pub(super) fn hands(&self, plan: &TrainingPlan) -> usize {
        if plan.trainable == Trainable::Head {
            return 1;
        }
        let shards = (plan.batch_size as usize / SHARD).max(1);
        // With fewer, each would look at as many one after another.
        shards.div_ceil(shards.div_ceil(self.lookers()))
    }

    /// How many cores look at images.
    pub(super) fn lookers(&self) -> usize {
        if self.device().is_ok_and(|device| on_cpu(&device)) { self.cores.get() } else { 1 }
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
        keeper: &mut Keeper,
        running: TrainingProgress,
    ) -> Result<Ending, TrainingError> {
        self.report(id, running.clone());
        loop {
            match control.0.get() {
                Wish::Go => {}
                Wish::Stop => {
                    self.catch_up(id, trainer, &mut meter).await?;
                    self.keep_training(trainer, keeper).await;
                    trainer.stop();
                }
                Wish::Pause => {
                    self.catch_up(id, trainer, &mut meter).await?;
                    self.report(id, TrainingProgress::Paused);
                    self.keep_training(trainer, keeper).await;
                    while control.0.get() == Wish::Pause {
                        rest().await;
                    }
                    meter.resume();
                    self.report(id, running.clone());
                    continue;
                }
            }
            match trainer.advance().await? {
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
            if keeper.is_due() {
                self.catch_up(id, trainer, &mut meter).await?;
                self.keep_training(trainer, keeper).await;
                meter.resume();
            } else if meter.due() {
                self.flush(id, &mut meter);
            }
            next_task().await;
        }
    }

    async fn keep_best(&self, trainer: &Trainer, ending: Ending, keeper: &Keeper) -> Result<ModelSummary, Failure> {
        let open = self.open_dataset()?;
        let UnfinishedTraining { plan, kept: ended, seconds, device, faces, .. } = keeper.about();
        let (best, architecture) = (trainer.best(), trainer.architecture());
        let record = trainer.history().epochs.iter().find(|record| record.epoch == best.epoch);
        let card = ModelCard {
            architecture: architecture.name.into(),
            variant: architecture.variant.into(),
            label_set: open.dataset.label_set.clone(),
            preprocessing: trainer.preprocessing().clone(),
            plan: serde_json::to_value(&plan).ok(),
            metrics: record.and_then(|record| serde_json::to_value(record).ok()),
            dataset: Some(open.dataset.name.clone()),
            licence: begun_with(&plan, architecture).map(|weights| weights.terms()),
        };
        let checkpoint = Checkpoint::of(&best.model, card).await.map_err(sentence)?;
        let name = format!("{} {}", architecture.label, self.last_model.get() + 1);
        let history = trainer.history().clone();
        let record = TrainingRecord { ended, seconds, device, faces, ending, best_epoch: best.epoch, history };
        Ok(self.hold(&name, "trained with Mien", checkpoint, Some(record)).await)
    }

    fn report(&self, id: RequestId, progress: TrainingProgress) {
        self.progress(id, Progress::Training(progress));
    }

    /// Reads what is unread of the steps so far, and tells the page of it.
    async fn catch_up(&self, id: RequestId, trainer: &mut Trainer, meter: &mut Meter) -> Result<(), TrainingError> {
        meter.steps(trainer.read_steps().await?);
        self.flush(id, meter);
        Ok(())
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
    architecture.weights.filter(|_| plan.is_pretrained())
}

/// Seconds since the training's code first asked.
fn seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// How often the page is told of steps: what it draws takes a core from the training for a while.
const TELL: Duration = Duration::from_millis(250);

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
            steps_left: plan.epochs.saturating_mul(trainer.steps_per_epoch()).saturating_sub(trainer.steps()),
            images_per_step: trainer.images_per_epoch() as f64 / f64::from(trainer.steps_per_epoch().max(1)),
        }
    }

    fn steps(&mut self, records: Vec<StepRecord>) {
        self.steps_left = self.steps_left.saturating_sub(records.len() as u32);
        self.records.extend(records);
    }

    fn due(&self) -> bool {
        !self.records.is_empty() && self.told.elapsed() >= TELL
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
