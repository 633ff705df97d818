//! Copies of the model that look at shards of a batch on other cores (data parallelism).
//!
//! The gradient to a shard is the same whoever computes it, and shards are summed in their order, so that a training is the same
//! with any number of replicas. Batch normalisation takes the statistics of a shard (ghost batch normalisation, Hoffer et al.
//! 2017), and the running ones move to the mean over the shards.

use std::collections::BTreeMap;
use std::pin::Pin;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData, Transaction};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::gradients::Gradients;
use super::losses::figures;
use super::numbers::Numbers;
use super::trainer::{changing, is_statistic};
use super::{Labelled, Losses};
use crate::affect::Annotation;
use crate::models::{Architecture, Model, Output, Predictor, Weights, parameters, variant};

/// What crosses to a replica, and back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parcel {
    /// What it is about (postcard).
    pub header: Vec<u8>,
    /// Its numbers, which can cross without being looked at.
    pub numbers: Vec<f32>,
}

/// A way to a replica. Parcels are answered in their order; one is on its way before its answer is waited for.
pub trait Connection {
    /// Whether it has begun: until then nothing is sent.
    fn ready(&self) -> bool {
        true
    }

    /// Sends a parcel; the answer to it, or why there is none: the replica is then given up.
    fn ask(&self, parcel: Parcel) -> Pin<Box<dyn Future<Output = Result<Parcel, String>>>>;
}

/// What a replica is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Task {
    /// To be a copy of this model. The numbers are all its weights and statistics.
    Begin(Blueprint),
    /// To have these weights from now on: those that the training changes, of so many last stages of a pre-trained backbone.
    Weights { stages: Option<usize> },
    /// The gradient to a shard. The numbers are its images and its dropout mask.
    Learn(Lesson),
    /// To look at normalised images `[batch, 3, height, width]`.
    Look { images: [usize; 4], sight: Sight },
}

/// What is wanted of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Sight {
    /// What the model says: valence and arousal of all, then their logits.
    Said,
    /// The features that its head looks at.
    Features,
}

/// What a model is built by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blueprint {
    /// The architecture's name in the catalogue.
    pub architecture: String,
    /// Which of its variants.
    pub variant: String,
    /// Classes; 0 where it reads valence and arousal alone.
    pub classes: usize,
}

impl Blueprint {
    /// A model of this architecture, for so many classes.
    pub fn of(architecture: &Architecture, classes: usize) -> Blueprint {
        Blueprint { architecture: architecture.name.into(), variant: architecture.variant.into(), classes }
    }
}

/// A shard of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Lesson {
    /// `[batch, 3, height, width]`.
    pub images: [usize; 4],
    pub annotations: Vec<Annotation>,
    pub classes: usize,
    pub losses: Losses,
    /// Whether running statistics move: those of a pre-trained backbone do not.
    pub statistics: bool,
    /// What is labelled in the whole batch.
    pub whole: Labelled,
    /// Width of the dropout mask; `None` where nothing is hidden.
    pub mask: Option<usize>,
}

/// What a shard says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Learned {
    pub gradients: Gradients,
    /// The running statistics behind it, those that the training changes, in the order of their names.
    pub statistics: Vec<f32>,
    /// Its share of `[total loss, expression, affect, right]`.
    pub figures: [f32; 4],
}

/// Why a replica cannot answer.
#[derive(Debug, Error)]
pub enum ReplicaError {
    /// What it was sent is not what it was told.
    #[error("a replica was sent what it cannot read: {0}")]
    Parcel(String),
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(#[from] ExecutionError),
}

/// A copy of the model that is trained.
pub struct Replica {
    device: Device,
    model: Option<Copy>,
}

struct Copy {
    /// Of how many last stages of a pre-trained backbone the weights are trained.
    stages: Option<usize>,
    model: Model,
    /// The same in use, since it was asked what it says.
    predictor: Option<Predictor>,
}

impl Replica {
    /// One that is a copy of nothing yet. The device is without autodiff.
    pub fn new(device: &Device) -> Replica {
        Replica { device: device.clone().autodiff(), model: None }
    }

    /// Does what it is asked.
    ///
    /// # Errors
    /// [`ReplicaError`].
    pub async fn answer(&mut self, parcel: Parcel) -> Result<Parcel, ReplicaError> {
        let task = postcard::from_bytes(&parcel.header).map_err(|why| ReplicaError::Parcel(why.to_string()))?;
        match task {
            Task::Begin(blueprint) => {
                self.begin(&blueprint, &parcel.numbers)?;
                Ok(Parcel::default())
            }
            Task::Weights { stages } => {
                self.copy()?.change(stages, &parcel.numbers)?;
                Ok(Parcel::default())
            }
            Task::Learn(lesson) => {
                let device = self.device.clone();
                lesson.learn(&parcel.numbers, &mut self.copy()?.model, &device).await?.parcel()
            }
            Task::Look { images, sight } => {
                let device = self.device.clone().without_autodiff();
                let images = tensor(&parcel.numbers, images, &device)?;
                let predictor = self.copy()?.predictor();
                let numbers = match sight {
                    Sight::Said => said(predictor.forward(images)).await?,
                    Sight::Features => predictor.features(images).await?,
                };
                Ok(Parcel { header: Vec::new(), numbers })
            }
        }
    }

    fn begin(&mut self, blueprint: &Blueprint, numbers: &[f32]) -> Result<(), ReplicaError> {
        let unknown = || ReplicaError::Parcel(format!("there is no {}", blueprint.architecture));
        let architecture = variant(&blueprint.architecture, &blueprint.variant).ok_or_else(unknown)?;
        let model = Model::blank(architecture, blueprint.classes, &self.device);
        let model = parameters::load(model.clone(), &parted(numbers, &parameters::shapes(&model))?);
        self.model = Some(Copy { stages: None, model, predictor: None });
        Ok(())
    }

    fn copy(&mut self) -> Result<&mut Copy, ReplicaError> {
        self.model.as_mut().ok_or_else(|| ReplicaError::Parcel("no model".into()))
    }
}

impl Copy {
    fn change(&mut self, stages: Option<usize>, numbers: &[f32]) -> Result<(), ReplicaError> {
        if let Some(last) = stages.filter(|_| stages != self.stages) {
            self.model = self.model.clone().with_last_stages(last);
            self.stages = stages;
        }
        let weights = parted(numbers, &changing(&self.model, stages.is_some()))?;
        self.model = parameters::load(self.model.clone(), &weights);
        self.predictor = None;
        Ok(())
    }

    fn predictor(&mut self) -> &mut Predictor {
        self.predictor.get_or_insert_with(|| Predictor::new(self.model.valid()))
    }
}

impl Lesson {
    /// The gradient to this shard by a model with autodiff, whose running statistics stay as they are.
    pub async fn learn(&self, numbers: &[f32], model: &mut Model, device: &Device) -> Result<Learned, ReplicaError> {
        let (images, mask) = numbers.split_at(self.images.iter().product::<usize>().min(numbers.len()));
        let annotations: Vec<&Annotation> = self.annotations.iter().collect();
        let mut numbers = Numbers::default();
        let kinds = self.losses.numbers(&annotations, self.classes, &self.whole, &mut numbers);
        let targets = kinds.targets(&mut numbers.rows(device));
        let images = tensor(images, self.images, device)?;
        let mask = self.mask.map(|width| tensor(mask, [self.images[0], width], device)).transpose()?;
        let changes = |name: &str| self.statistics && is_statistic(name);
        let before = parameters::read(model, changes).await?;
        let output = model.forward(images, mask);
        let loss = self.losses.of(&output, &targets);
        let figures = figures(&loss, &output, &targets).into_data_async().await?;
        let gradients = GradientsParams::from_grads(loss.total.backward(), model);
        let statistics = parameters::read(model, changes).await?;
        *model = parameters::load(model.clone(), &before);
        let mut four = [0.0; 4];
        four.iter_mut().zip(figures.iter::<f32>()).for_each(|(figure, read)| *figure = read);
        Ok(Learned {
            gradients: Gradients::read(gradients, model).await?,
            statistics: joined(statistics),
            figures: four,
        })
    }
}

impl Learned {
    fn parcel(self) -> Result<Parcel, ReplicaError> {
        let header = (&self.gradients.there, self.statistics.len());
        let header = postcard::to_allocvec(&header).map_err(|why| ReplicaError::Parcel(why.to_string()))?;
        let mut numbers = self.gradients.values;
        numbers.extend(self.statistics);
        numbers.extend(self.figures);
        Ok(Parcel { header, numbers })
    }

    /// From what a replica answered.
    ///
    /// # Errors
    /// [`ReplicaError::Parcel`].
    pub fn of(parcel: Parcel) -> Result<Learned, ReplicaError> {
        let (there, statistics): (Vec<bool>, usize) =
            postcard::from_bytes(&parcel.header).map_err(|why| ReplicaError::Parcel(why.to_string()))?;
        let short = || ReplicaError::Parcel("too few numbers".into());
        let mut values = parcel.numbers;
        let figures = values.split_off(values.len().checked_sub(4).ok_or_else(short)?);
        let statistics = values.split_off(values.len().checked_sub(statistics).ok_or_else(short)?);
        let figures = figures.try_into().map_err(|_| short())?;
        Ok(Learned { gradients: Gradients { there, values }, statistics, figures })
    }
}

/// A task on its way.
pub(super) fn parcel(task: &Task, numbers: Vec<f32>) -> Result<Parcel, ReplicaError> {
    let header = postcard::to_allocvec(task).map_err(|why| ReplicaError::Parcel(why.to_string()))?;
    Ok(Parcel { header, numbers })
}

/// What was said about images, as [`read_said`] reads it.
async fn said(Output { logits, affect }: Output) -> Result<Vec<f32>, ReplicaError> {
    let transaction = Transaction::default().register(affect);
    let transaction = logits.into_iter().fold(transaction, |transaction, logits| transaction.register(logits));
    let data = transaction.execute_async().await?;
    Ok(data.iter().flat_map(|data| data.iter::<f32>().collect::<Vec<_>>()).collect())
}

/// What a replica said about so many images, on a device without autodiff.
///
/// # Errors
/// [`ReplicaError::Parcel`].
pub(super) fn read_said(
    parcel: &Parcel,
    images: usize,
    classes: usize,
    device: &Device,
) -> Result<Output, ReplicaError> {
    let (affect, logits) = parcel.numbers.split_at((2 * images).min(parcel.numbers.len()));
    let logits = (classes > 0).then(|| tensor(logits, [images, classes], device)).transpose()?;
    Ok(Output { logits, affect: tensor(affect, [images, 2], device)? })
}

/// Numbers in a shape, on a device.
///
/// # Errors
/// [`ReplicaError::Parcel`] where they are not as many.
pub(super) fn tensor<const D: usize>(
    numbers: &[f32],
    shape: [usize; D],
    device: &Device,
) -> Result<Tensor<D>, ReplicaError> {
    if numbers.len() != shape.iter().product::<usize>() {
        return Err(ReplicaError::Parcel(format!("{} numbers for {shape:?}", numbers.len())));
    }
    Ok(Tensor::from_data(TensorData::new(numbers.to_vec(), shape), device))
}

/// The values of weights, in the order of their names.
pub(super) fn joined(weights: BTreeMap<String, Weights>) -> Vec<f32> {
    let mut all = Vec::with_capacity(weights.values().map(|weights| weights.values.len()).sum());
    weights.into_values().for_each(|weights| all.extend(weights.values));
    all
}

/// The same with their names again.
///
/// # Errors
/// [`ReplicaError::Parcel`] where they are not as many as the shapes say.
pub(super) fn parted(
    values: &[f32],
    shapes: &BTreeMap<String, Vec<usize>>,
) -> Result<BTreeMap<String, Weights>, ReplicaError> {
    let mut rest = values;
    let mut weights = BTreeMap::new();
    for (name, shape) in shapes {
        let short = || ReplicaError::Parcel(format!("{} numbers are not all weights", values.len()));
        let (values, behind) = rest.split_at_checked(shape.iter().product()).ok_or_else(short)?;
        weights.insert(name.clone(), Weights { shape: shape.clone(), values: values.to_vec() });
        rest = behind;
    }
    Ok(weights)
}
