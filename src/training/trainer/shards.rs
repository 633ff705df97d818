//! A step whose batch is looked at in shards, and who looks at them: replicas on other cores, and this one.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};

use super::standing::is_statistic;
use super::{Phase, Trainer};
use crate::imaging::Images;
use crate::models::{Model, Weights, parameters};
use crate::training::batch::normalised;
use crate::training::crew::Crew;
use crate::training::replica::{Blueprint, Connection, Learned, Lesson, ReplicaError, Task, joined, parcel, parted};
use crate::training::{Labelled, TrainingError};

/// Images that a shard has at least: its batch normalisation goes by them.
pub const SHARD: usize = 16;

/// What the gradient to a batch came to.
struct Sum {
    gradients: GradientsParams,
    figures: Tensor<1>,
}

impl Trainer {
    /// Looks at every batch in shards of so many images or a few more, on the cores of these replicas and this one. The training is
    /// the same with any number of them.
    pub fn with_shards(mut self, images: usize, replicas: Vec<Box<dyn Connection>>) -> Self {
        self.shard = Some(images.max(2));
        match &mut self.phase {
            Phase::Features { readers, .. } => readers.take_on(replicas),
            _ => self.crew = Crew::new(replicas),
        }
        self
    }

    /// Whether a batch of so many images is looked at in shards.
    pub(super) fn in_shards(&self, indices: &[usize]) -> Option<Vec<Vec<usize>>> {
        let shards = self.shard.filter(|_| self.features.is_none()).map(|least| indices.len() / least)?;
        (shards > 1).then(|| shared_out(indices, shards))
    }

    /// Learns from a batch; its figures. What is drawn is drawn shard by shard, whoever looks at it.
    pub(super) async fn learn_in_shards(
        &mut self,
        shards: &[Vec<usize>],
        rate: f64,
    ) -> Result<Tensor<1>, TrainingError> {
        let Sum { gradients, figures } = self.gradients_in_shards(shards).await?;
        let (model, clip_norm) = (self.model.clone(), self.plan.clip_norm);
        self.model = self.optimizer.step(&self.rates, rate, clip_norm, model, gradients);
        self.send_ahead().await?;
        if let Some(ema) = &mut self.ema {
            ema.update(&self.model.valid());
        }
        Ok(figures)
    }

    /// The replicas take the weights in while this core does what is left of the step, if they will look at the next batch.
    pub(super) async fn send_ahead(&mut self) -> Result<(), TrainingError> {
        self.crew.current = false;
        let Phase::Training(left) = &self.phase else { return Ok(()) };
        if left.last().is_some_and(|next| self.in_shards(next).is_some()) {
            self.send_weights(None).await?;
        }
        Ok(())
    }

    async fn gradients_in_shards(&mut self, shards: &[Vec<usize>]) -> Result<Sum, TrainingError> {
        let samples = shards.iter().flatten();
        let whole = Labelled::of(samples.map(|&sample| self.data.train.annotation(sample)));
        self.begin_replicas().await?;
        if !self.crew.current {
            self.send_weights(None).await?;
        }
        // The replicas begin with theirs, the first ones, while this one still prepares its own.
        let replicas = self.crew.replicas().len();
        let away = shards.len() - shards.len().div_ceil(replicas + 1);
        let mut answers = Vec::new();
        for (at, shard) in shards[..away].iter().enumerate() {
            let (lesson, numbers) = self.lesson(shard, whole)?;
            let parcel = parcel(&Task::Learn(lesson.clone()), numbers.clone())?;
            answers.push((self.crew.replicas()[at % replicas].ask(parcel), lesson, numbers));
        }
        let mut own = Vec::new();
        for shard in &shards[away..] {
            let (lesson, numbers) = self.lesson(shard, whole)?;
            own.push(self.learn_here(&lesson, &numbers).await?);
        }
        let mut learned = Vec::new();
        for (answer, lesson, numbers) in answers {
            learned.push(match answer.await {
                Ok(answer) => Learned::of(answer)?,
                // Its core is gone, not its work.
                Err(_) => {
                    self.crew.disband();
                    self.learn_here(&lesson, &numbers).await?
                }
            });
        }
        learned.append(&mut own);
        self.sum(learned)
    }

    /// Makes replicas of those that have become ready.
    async fn begin_replicas(&mut self) -> Result<(), TrainingError> {
        let (architecture, classes) = (self.architecture, self.classes);
        Ok(self.crew.begin(&self.model, || Blueprint::of(architecture, classes)).await?)
    }

    /// Brings the replicas to the weights that are trained, or to these.
    pub(super) async fn send_weights(&mut self, instead: Option<&Model>) -> Result<(), TrainingError> {
        self.begin_replicas().await?;
        self.crew.current = instead.is_none();
        if self.crew.replicas().is_empty() {
            return Ok(());
        }
        let changing = self.changing();
        let weights = parameters::read(instead.unwrap_or(&self.model), |name| changing.contains_key(name)).await?;
        let stages = self.plan.is_pretrained().then(|| self.plan.stages(self.epoch.number));
        let weights = parcel(&Task::Weights { stages }, joined(weights))?;
        // They answer in their order: nobody waits for this.
        self.crew.replicas().into_iter().for_each(|replica| drop(replica.ask(weights.clone())));
        Ok(())
    }

    /// A shard, and its numbers.
    fn lesson(&mut self, shard: &[usize], whole: Labelled) -> Result<(Lesson, Vec<f32>), TrainingError> {
        let augmentation = self.plan.augmentation();
        let varied = Some((&augmentation, &mut self.augmentation));
        let source = self.data.train.as_ref();
        let Images { shape, mut numbers } = normalised(source, shard, &self.preprocessing, varied)?;
        let mask = self.draw_dropout(shard.len());
        let lesson = Lesson {
            images: shape,
            annotations: shard.iter().map(|&sample| self.data.train.annotation(sample).clone()).collect(),
            classes: self.classes,
            losses: self.losses.clone(),
            statistics: !self.plan.is_pretrained(),
            whole,
            mask: mask.is_some().then(|| self.model.head.pooled()),
        };
        numbers.extend(mask.into_iter().flatten());
        Ok((lesson, numbers))
    }

    async fn learn_here(&mut self, lesson: &Lesson, numbers: &[f32]) -> Result<Learned, ReplicaError> {
        lesson.learn(numbers, &mut self.model, &self.device).await
    }

    /// Adds shards up, in their order, and moves the running statistics.
    fn sum(&mut self, learned: Vec<Learned>) -> Result<Sum, TrainingError> {
        let shards = learned.len() as f32;
        let mut learned = learned.into_iter();
        let Some(Learned { mut gradients, mut statistics, mut figures }) = learned.next() else {
            return Err(ReplicaError::Parcel("no shard".into()).into());
        };
        for shard in learned {
            gradients.add(&shard.gradients);
            statistics.iter_mut().zip(shard.statistics).for_each(|(sum, value)| *sum += value);
            figures.iter_mut().zip(shard.figures).for_each(|(sum, value)| *sum += value);
        }
        statistics.iter_mut().for_each(|sum| *sum /= shards);
        let mut shapes = self.changing();
        shapes.retain(|name, _| is_statistic(name));
        let statistics: BTreeMap<String, Weights> = parted(&statistics, &shapes)?;
        self.model = parameters::load(self.model.clone(), &statistics);
        let figures = Tensor::from_data(TensorData::from(figures), &self.device.clone().without_autodiff());
        Ok(Sum { gradients: gradients.into_params(&self.model), figures })
    }
}

/// A batch in so many shards, the earlier ones one larger where they cannot be alike.
fn shared_out(batch: &[usize], shards: usize) -> Vec<Vec<usize>> {
    let (least, larger) = (batch.len() / shards, batch.len() % shards);
    let mut rest = batch.iter().copied();
    (0..shards).map(|shard| rest.by_ref().take(least + usize::from(shard < larger)).collect()).collect()
}
