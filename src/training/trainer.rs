//! The loop, one step a call, so that its caller can yield, pause and stop between steps.

mod beginning;
mod epoch;
mod looking;
#[cfg(feature = "gpu")]
mod replays;
mod shards;
mod standing;
mod steps;
mod whole;

use std::mem;

use burn::module::Module;
use burn::tensor::Device;
use rand_chacha::ChaCha8Rng;

use super::crew::Crew;
use super::features::Features;
use super::validation::Validation;
use super::{
    Blueprint, Descent, Ema, Ending, EpochRecord, History, InitialWeights, LearningRate, Losses, Rates, Readers,
    SampleSource, StepRecord, Stopping, Trainable, TrainingError, TrainingPlan, Watched, batches_per_epoch,
};
use crate::affect::LabelSet;
use crate::imaging::Preprocessing;
#[cfg(feature = "gpu")]
use crate::kernels::gpu::Replays;
use crate::models::{Architecture, Backbone, BackboneWeights, Model, Predictor, architecture};
use beginning::{labelled, losses, streams, watched};
use epoch::{Epoch, epoch_batches};
use steps::Unread;

pub use beginning::augmentation_stream;
pub use shards::SHARD;
pub use standing::{Part, Standing};
pub(super) use standing::{changing, is_statistic};

/// Images that a core looks at at once where nothing is learned from them: a large network takes its time, and Pause is heard
/// between two batches.
pub const FEATURE_BATCH: usize = 8;

/// The two splits a training looks at.
pub struct TrainingData {
    /// Weights are fitted to it.
    pub train: Box<dyn SampleSource>,
    /// The best epoch is chosen on it; it may be empty.
    pub validation: Box<dyn SampleSource>,
}

/// What a call of [`Trainer::advance`] did.
#[derive(Clone, Debug, PartialEq)]
pub enum Advance {
    /// The features of some images were computed, before the first step: only the head is trained.
    Features {
        /// Images so far.
        done: usize,
        /// Images in all.
        total: usize,
    },
    /// A step was taken. The figures of this and earlier steps; none where they have not been read yet.
    Steps(Vec<StepRecord>),
    /// A batch of the validation split was looked at.
    Validating {
        /// Samples so far.
        done: usize,
        /// Samples in all.
        total: usize,
    },
    /// An epoch is over.
    Epoch(EpochRecord),
    /// The training is over; further calls say so again.
    Finished(Ending),
}

/// The best weights of a training so far.
#[derive(Clone, Debug)]
pub struct Best {
    /// The model, without autodiff.
    pub model: Model,
    /// The epoch it is from; 0 where no epoch has been finished (it is then the last one).
    pub epoch: u32,
}

/// A training under way.
///
/// The same plan, data and device give the same run, bit for bit: weights, order, augmentation and dropout are drawn on
/// the host, from four streams of one seeded generator. Samples without any label take no part.
pub struct Trainer {
    plan: TrainingPlan,
    architecture: &'static Architecture,
    data: TrainingData,
    device: Device,
    crew: Crew,
    /// Images that a shard has at least; `None` where a batch stays whole.
    shard: Option<usize>,
    clock: fn() -> f64,
    /// Steps between two read-backs at most, and until the next one.
    read_every: usize,
    read_after: usize,
    /// When the first of the unread steps began.
    unread_since: f64,
    preprocessing: Preprocessing,
    classes: usize,
    losses: Losses,
    model: Model,
    optimizer: Descent,
    rates: Rates,
    rate: LearningRate,
    stopping: Stopping,
    ema: Option<Ema>,
    #[cfg(feature = "gpu")]
    replays: Replays<replays::Kind>,
    #[cfg(feature = "gpu")]
    replayed_steps: u32,
    /// Of the training and of the validation split, where only the head is trained.
    features: Option<[Features; 2]>,
    best: Option<Best>,
    order: ChaCha8Rng,
    augmentation: ChaCha8Rng,
    dropout: ChaCha8Rng,
    train: Vec<usize>,
    validation: Vec<usize>,
    phase: Phase,
    epoch: Epoch,
    step: u32,
    unread: Vec<Unread>,
    history: History,
}

enum Phase {
    /// How many images' features were computed, by whom; and the first epoch's batches.
    Features {
        done: usize,
        readers: Box<Readers>,
        then: Vec<Vec<usize>>,
    },
    /// The batches of the epoch that are left, the next one last.
    Training(Vec<Vec<usize>>),
    /// How many samples of the validation split were looked at, and by which model.
    Validating {
        done: usize,
        model: Box<Predictor>,
        batch: usize,
        seen: Validation,
    },
    Over(Ending),
}

impl Trainer {
    /// Prepares a training from scratch: checks the plan and the data, and draws the weights.
    ///
    /// `device` is one without autodiff. `clock` gives seconds since any fixed moment; it is only asked within
    /// [`advance`](Self::advance), so that pauses are not counted.
    ///
    /// # Errors
    /// [`TrainingError`], where the plan or the data cannot be trained with.
    pub fn new(
        plan: TrainingPlan,
        label_set: &LabelSet,
        data: TrainingData,
        device: &Device,
        clock: fn() -> f64,
    ) -> Result<Self, TrainingError> {
        Trainer::with_weights(plan, label_set, data, None, device, clock)
    }

    /// Prepares a training from these weights of a backbone, which must be there where the plan wants them.
    ///
    /// # Errors
    /// As for [`Trainer::new`].
    pub fn with_weights(
        plan: TrainingPlan,
        label_set: &LabelSet,
        data: TrainingData,
        pretrained: Option<&BackboneWeights>,
        device: &Device,
        clock: fn() -> f64,
    ) -> Result<Self, TrainingError> {
        plan.check()?;
        let architecture = architecture(&plan.model).ok_or_else(|| TrainingError::UnknownModel(plan.model.clone()))?;
        let pretrained = pretrained.filter(|weights| weights.architecture().name == plan.model);
        let (architecture, pretrained) = match (plan.weights, pretrained) {
            (InitialWeights::Random, _) => (architecture, None),
            (InitialWeights::Imagenet, Some(weights)) => (weights.architecture(), Some(weights)),
            (InitialWeights::Imagenet, None) => return Err(TrainingError::NoWeights(architecture.label)),
        };
        let ((least, most), size) = (architecture.sizes, plan.input_size);
        if !architecture.sizes().contains(&size) {
            return Err(TrainingError::InputSize { model: architecture.label, least, most, size });
        }
        let classes = label_set.len();
        let train = labelled("train", data.train.as_ref(), classes, size)?;
        let validation = labelled("validation", data.validation.as_ref(), classes, size)?;
        if train.len() < 2 {
            return Err(TrainingError::TooFewSamples(train.len()));
        }

        let [mut weights, mut order, augmentation, dropout] = streams(plan.seed);
        let device = device.clone().autodiff();
        let mut model = Model::init(architecture, classes, &mut weights, &device);
        let mut rates = Rates::alike();
        if let Some(weights) = pretrained {
            model = weights.put_into(model).with_last_stages(plan.stages(1));
            rates = Rates::with_backbone(&model, plan.backbone_rate);
        }
        let batches = epoch_batches(&train, &plan, &mut order);
        let (features, phase) = if plan.trainable == Trainable::Head {
            let room = |source: &dyn SampleSource| Features::new(source.len(), model.backbone.channels());
            let room = [room(data.train.as_ref()), room(data.validation.as_ref())];
            let blueprint = Blueprint::of(architecture, classes);
            let without_autodiff = device.clone().without_autodiff();
            let readers = Box::new(Readers::new(model.valid(), blueprint, &without_autodiff, Vec::new()));
            (Some(room), Phase::Features { done: 0, readers, then: batches })
        } else {
            (None, Phase::Training(batches))
        };
        let steps_per_epoch = batches_per_epoch(train.len(), plan.batch_size as usize) as u32;
        let watched = watched(&plan, data.validation.as_ref(), &validation);
        Ok(Trainer {
            architecture,
            clock,
            read_every: 1,
            read_after: 1,
            unread_since: 0.0,
            preprocessing: plan.preprocessing((architecture.preprocessing)(size)),
            classes,
            losses: losses(&plan, data.train.as_ref(), &train, classes),
            optimizer: Descent::new(&plan),
            rate: LearningRate::new(&plan, steps_per_epoch),
            stopping: Stopping::new(&plan, watched),
            ema: (plan.ema_decay > 0.0).then(|| Ema::new(plan.ema_decay, &model)),
            rates,
            #[cfg(feature = "gpu")]
            replays: Replays::default(),
            #[cfg(feature = "gpu")]
            replayed_steps: 0,
            features,
            best: None,
            phase,
            epoch: Epoch { number: 1, ..Epoch::default() },
            step: 0,
            unread: Vec::new(),
            history: History::default(),
            model,
            order,
            augmentation,
            dropout,
            train,
            validation,
            plan,
            data,
            device,
            crew: Crew::default(),
            shard: None,
        })
    }

    /// Reads losses every so many steps, or more often where steps are long. A read-back waits for the device: 1, the default, suits
    /// the CPU; a WebGPU device wants more.
    pub fn with_read_every(self, steps: usize) -> Self {
        Trainer { read_every: steps.max(1), ..self }
    }

    /// Computes the features of some images, takes one step, looks at one batch of the validation split, or ends an
    /// epoch.
    ///
    /// # Errors
    /// [`TrainingError::Diverged`] where the loss is no number any more, [`TrainingError::Device`] where the device
    /// fails. [`best`](Self::best) still has the weights of the best epoch before.
    pub async fn advance(&mut self) -> Result<Advance, TrainingError> {
        let begun = (self.clock)();
        let advance = match &mut self.phase {
            Phase::Features { .. } => self.compute_features().await?,
            Phase::Training(batches) => match batches.pop() {
                Some(batch) => {
                    self.take_step(&batch).await?;
                    let epoch_ends = matches!(&self.phase, Phase::Training(left) if left.is_empty());
                    let records = if epoch_ends || self.unread.len() >= self.read_after {
                        self.read_steps().await?
                    } else {
                        Vec::new()
                    };
                    Advance::Steps(records)
                }
                None => self.begin_validation().await?,
            },
            Phase::Validating { done, .. } if *done < self.validation.len() => self.validate_batch().await?,
            Phase::Validating { .. } => self.end_epoch().await?,
            Phase::Over(ending) => return Ok(Advance::Finished(*ending)),
        };
        self.epoch.seconds += (self.clock)() - begun;
        Ok(match advance {
            Advance::Epoch(mut record) => {
                record.seconds = mem::take(&mut self.epoch.seconds);
                self.history.epochs.push(record.clone());
                Advance::Epoch(record)
            }
            other => other,
        })
    }

    /// Ends the training: [`advance`](Self::advance) then says it is finished.
    pub fn stop(&mut self) {
        if !matches!(self.phase, Phase::Over(_)) {
            self.phase = Phase::Over(Ending::Stopped);
        }
    }

    /// The best weights so far, by the monitored metric; before the first epoch is over, the [`last`](Self::last).
    pub fn best(&self) -> Best {
        self.best.clone().unwrap_or_else(|| Best { model: self.current(), epoch: 0 })
    }

    /// The last weights (their moving average, where the plan wants one), without autodiff. Within an epoch they are that until the next
    /// step: a GPU may change them where they lie.
    pub fn last(&self) -> Model {
        self.current()
    }

    /// What prepares images for this model.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    /// The plan.
    pub fn plan(&self) -> &TrainingPlan {
        &self.plan
    }

    /// The network that is trained, in the variant of its pre-trained weights where there are such.
    pub fn architecture(&self) -> &'static Architecture {
        self.architecture
    }

    /// Parameters that are trained.
    pub fn parameters(&self) -> usize {
        self.model.moved_parameters()
    }

    /// Steps in an epoch.
    pub fn steps_per_epoch(&self) -> u32 {
        batches_per_epoch(self.train.len(), self.plan.batch_size as usize) as u32
    }

    /// Steps taken so far.
    pub fn steps(&self) -> u32 {
        self.step
    }

    /// Training images an epoch: those that have a label.
    pub fn images_per_epoch(&self) -> usize {
        self.train.len()
    }

    /// Every finished epoch.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What a person should know before the first step, one sentence each.
    pub fn warnings(&self, label_set: &LabelSet) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.validation.is_empty() {
            warnings
                .push("There is no labelled validation image: the best epoch is chosen by the training loss.".into());
        } else if self.stopping.watched() != Watched::Validation(self.plan.monitor) {
            let name = self.plan.monitor.name();
            warnings.push(format!("The validation split has no labels for \"{name}\": its loss is monitored instead."));
        }
        for (class, name) in label_set.classes().iter().enumerate() {
            let of_class = |i: &&usize| self.data.train.annotation(**i).class() == Some(class);
            match self.train.iter().filter(of_class).count() {
                0 => warnings.push(format!("No training image is labelled \"{name}\": the model will not learn it.")),
                1 => warnings.push(format!("Only one training image is labelled \"{name}\".")),
                _ => {}
            }
        }
        warnings
    }
}
