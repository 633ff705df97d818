//! Where a training stands between two steps, so that another engine can go on from there, bit for bit.

use std::collections::{BTreeMap, HashMap, HashSet};

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor, TensorData, Transaction};
use rand_chacha::ChaCha8Rng;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::{Best, Epoch, Phase, Trainer, epoch_batches};
use crate::models::{CheckpointError, Model, Weights, moved, parameters, weights};
use crate::training::optimizer::Moments;
use crate::training::{History, LearningRate, Stopping};

/// Everything of a training but its tensors. Plan, data, device and the weights it began with are its caller's to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    history: History,
    step: u32,
    epoch: Epoch,
    /// Batches of the epoch that are left.
    left: usize,
    /// Words drawn from their streams so far.
    augmentation: u64,
    dropout: u64,
    rate: LearningRate,
    stopping: Stopping,
    /// How often the moving average was updated.
    averaged: u32,
    best_epoch: u32,
    /// How often the optimiser has moved each parameter, by name.
    moved: BTreeMap<String, usize>,
    parts: Vec<Part>,
}

/// The tensors of a training: each kind is a file of its own, so that never more than one is in memory a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The weights that are trained, and the running statistics.
    Weights,
    /// Their moving average.
    Average,
    /// Those of the best epoch.
    Best,
    /// The optimiser's first moments, or its velocities.
    FirstMoment,
    /// Its second moments.
    SecondMoment,
}

impl Part {
    /// What its file is called.
    pub fn file(self) -> &'static str {
        match self {
            Part::Weights => "weights.safetensors",
            Part::Average => "average.safetensors",
            Part::Best => "best.safetensors",
            Part::FirstMoment => "first-moment.safetensors",
            Part::SecondMoment => "second-moment.safetensors",
        }
    }
}

impl Standing {
    /// Steps taken so far.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Which tensors belong to it.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl Trainer {
    /// Where the training stands; `None` before its first step, after its end, and where the figures of a step have not
    /// been read ([`read_steps`](Self::read_steps) does that).
    pub fn standing(&self) -> Option<Standing> {
        let left = match &self.phase {
            Phase::Training(left) => left.len(),
            // The validation split is looked at once more, from its beginning.
            Phase::Validating { .. } => 0,
            Phase::Features { .. } | Phase::Over(_) => return None,
        };
        if self.step == 0 || !self.unread.is_empty() {
            return None;
        }
        let names = parameters::names(&self.model);
        let moments = self.optimizer.moments().iter();
        Some(Standing {
            history: self.history.clone(),
            step: self.step,
            epoch: self.epoch.clone(),
            left,
            augmentation: drawn(&self.augmentation),
            dropout: drawn(&self.dropout),
            rate: self.rate.clone(),
            stopping: self.stopping.clone(),
            averaged: self.ema.as_ref().map_or(0, |ema| ema.updates()),
            best_epoch: self.best.as_ref().map_or(0, |best| best.epoch),
            moved: moments.filter_map(|(id, moments)| Some((names.get(id)?.clone(), moments.steps))).collect(),
            parts: self.parts(),
        })
    }

    fn parts(&self) -> Vec<Part> {
        let moments = self.optimizer.moments().values().map(|moments| moments.tensors.len()).max().unwrap_or(0);
        let has = [
            (Part::Weights, true),
            (Part::Average, self.ema.is_some()),
            (Part::Best, self.best.is_some()),
            (Part::FirstMoment, moments > 0),
            (Part::SecondMoment, moments > 1),
        ];
        has.into_iter().filter_map(|(part, has)| has.then_some(part)).collect()
    }

    /// The file of a part (safetensors), the tensors under their parameters' names.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn part(&self, part: Part) -> Result<Vec<u8>, CheckpointError> {
        let changing = self.changing();
        let wanted = |name: &str| changing.contains_key(name);
        let tensors = match (part, &self.ema, &self.best) {
            (Part::Weights, ..) => parameters::read(&self.model, wanted).await?,
            (Part::Average, Some(ema), _) => parameters::read(ema.model(), wanted).await?,
            (Part::Best, _, Some(best)) => parameters::read(&best.model, wanted).await?,
            (Part::FirstMoment, ..) => self.read_moments(0).await?,
            (Part::SecondMoment, ..) => self.read_moments(1).await?,
            (Part::Average | Part::Best, ..) => BTreeMap::new(),
        };
        Ok(safetensors::serialize(&tensors, None)?)
    }

    /// How many bytes the files of all parts have, about.
    pub fn parts_bytes(&self) -> u64 {
        let numbers = |shape: &Vec<usize>| shape.iter().product::<usize>() as u64;
        let changing: u64 = self.changing().values().map(numbers).sum();
        4 * changing * self.parts().len() as u64
    }

    async fn read_moments(&self, which: usize) -> Result<BTreeMap<String, Weights>, ExecutionError> {
        let (names, shapes) = (parameters::names(&self.model), parameters::shapes(&self.model));
        let mut transaction = Transaction::default();
        let mut read = Vec::new();
        for (id, moments) in self.optimizer.moments() {
            if let (Some(name), Some(tensor)) = (names.get(id), moments.tensors.get(which)) {
                transaction = transaction.register(tensor.clone());
                read.push(name);
            }
        }
        let values = transaction.execute_async().await?.into_iter().map(|data| data.iter::<f32>().collect());
        let named = read.into_iter().zip(values);
        Ok(named.map(|(name, values)| (name.clone(), Weights { shape: shapes[name].clone(), values })).collect())
    }

    /// The shapes of what this training changes, by name.
    pub(super) fn changing(&self) -> BTreeMap<String, Vec<usize>> {
        changing(&self.model, self.plan.is_pretrained())
    }

    /// Goes on from where a training of the same plan and data, on the same device, stood. `file` gives the file of each of
    /// its parts.
    ///
    /// # Errors
    /// Those of `file`; and where one has other tensors than it should.
    pub async fn resume<E: From<CheckpointError>>(
        mut self,
        standing: Standing,
        mut file: impl AsyncFnMut(Part) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        for epoch in 2..=standing.epoch.number {
            self.thaw(epoch);
        }
        let changing = self.changing();
        let mut with_moments = changing.clone();
        with_moments.retain(|name, _| standing.moved.contains_key(name));
        let mut moments = Vec::new();
        for part in standing.parts.iter().copied() {
            let is_moment = matches!(part, Part::FirstMoment | Part::SecondMoment);
            let tensors = read(&file(part).await?, if is_moment { &with_moments } else { &changing })?;
            match part {
                Part::Weights => self.model = parameters::load(self.model, &tensors),
                Part::Average => self.ema.iter_mut().for_each(|ema| ema.resume(standing.averaged, &tensors)),
                Part::Best => {
                    let model = parameters::load(self.model.valid(), &tensors);
                    self.best = Some(Best { model, epoch: standing.best_epoch });
                }
                Part::FirstMoment | Part::SecondMoment => moments.push(tensors),
            }
        }
        self.remember(&standing.moved, moments);
        self.stand(standing);
        Ok(self)
    }

    /// Gives the optimiser its moments back: the first ones, then the second ones, where it has such.
    fn remember(&mut self, moved: &BTreeMap<String, usize>, mut moments: Vec<BTreeMap<String, Weights>>) {
        let device = self.device.clone().without_autodiff();
        let mut tensors = |name: &String| -> Vec<Tensor<1>> {
            let values = moments.iter_mut().filter_map(|moments| Some(moments.remove(name)?.values));
            values.map(|values| Tensor::from_data(TensorData::from(values.as_slice()), &device)).collect()
        };
        let mut remembered = HashMap::new();
        for (id, name) in parameters::names(&self.model) {
            if let Some(&steps) = moved.get(&name) {
                remembered.insert(id, Moments { steps, tensors: tensors(&name) });
            }
        }
        self.optimizer.remember(remembered);
    }

    /// Takes the place of what has happened so far, the tensors aside.
    fn stand(&mut self, standing: Standing) {
        self.order.set_word_pos(standing.epoch.order.into());
        self.augmentation.set_word_pos(standing.augmentation.into());
        self.dropout.set_word_pos(standing.dropout.into());
        let mut batches = epoch_batches(&self.train, &self.plan, &mut self.order);
        batches.truncate(standing.left);
        match &mut self.phase {
            Phase::Features { then, .. } => *then = batches,
            phase => *phase = Phase::Training(batches),
        }
        self.history = standing.history;
        self.step = standing.step;
        self.epoch = standing.epoch;
        self.rate = standing.rate;
        self.stopping = standing.stopping;
    }
}

/// The shapes of what a training changes of a model with autodiff, by name: a pre-trained backbone is what it was, as far as it is
/// frozen, and its statistics stay.
pub(in crate::training) fn changing(model: &Model, pretrained: bool) -> BTreeMap<String, Vec<usize>> {
    let mut shapes = parameters::shapes(model);
    if pretrained {
        let names = parameters::names(model);
        let moved: HashSet<&String> = moved(model).keys().filter_map(|id| names.get(id)).collect();
        shapes.retain(|name, _| moved.contains(name));
    }
    shapes
}

/// Whether what a module calls by this name is measured, not trained.
pub(in crate::training) fn is_statistic(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| last.starts_with("running_"))
}

/// Words that were drawn from a stream: no training draws as many as 64 bits count.
pub(super) fn drawn(stream: &ChaCha8Rng) -> u64 {
    stream.get_word_pos() as u64
}

/// The tensors of a part's file, of these shapes.
fn read(file: &[u8], expected: &BTreeMap<String, Vec<usize>>) -> Result<BTreeMap<String, Weights>, CheckpointError> {
    let tensors = weights::tensors(&SafeTensors::deserialize(file)?, |name| Some(name.into()))?;
    weights::check(&tensors, expected.clone())?;
    Ok(tensors)
}
