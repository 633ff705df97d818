//! A step whose batch is looked at in shards, and who looks at them: replicas on other cores, and this one.

use std::collections::BTreeMap;

use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};

use super::Trainer;
use super::standing::is_statistic;
use crate::models::{Model, Output, Predictor, Weights, parameters};
use crate::training::replica::{
    Beginning, Connection, Learned, Lesson, ReplicaError, Task, joined, parcel, parted, read_said,
};
use crate::training::{InitialWeights, Labelled, TrainingError, batch};

/// Images that a shard has at least: its batch normalisation goes by them.
pub const SHARD: usize = 16;

/// Who looks at shards.
#[derive(Default)]
pub(super) struct Crew {
    /// Images that a shard has at least; `None` where a batch stays whole.
    pub shard: Option<usize>,
    hands: Vec<Hand>,
}

struct Hand {
    replica: Box<dyn Connection>,
    /// Whether it is a copy of the model yet.
    begun: bool,
}

impl Crew {
    /// The replicas that are copies of the model.
    fn replicas(&self) -> Vec<&dyn Connection> {
        self.hands.iter().filter(|hand| hand.begun).map(|hand| &*hand.replica).collect()
    }

    /// A batch in shards, the earlier ones one larger where they cannot be alike.
    fn shards(&self, batch: &[usize]) -> Vec<Vec<usize>> {
        let shards = self.shard.map_or(1, |least| (batch.len() / least).max(1));
        let (least, larger) = (batch.len() / shards, batch.len() % shards);
        let mut rest = batch.iter().copied();
        (0..shards).map(|shard| rest.by_ref().take(least + usize::from(shard < larger)).collect()).collect()
    }
}

/// What the gradient to a batch came to.
pub(super) struct Sum {
    pub gradients: GradientsParams,
    pub figures: Tensor<1>,
}

impl Trainer {
    /// Looks at every batch in shards of so many images or a few more, on the cores of these replicas and this one. The training is
    /// the same with any number of them.
    pub fn with_shards(mut self, images: usize, replicas: Vec<Box<dyn Connection>>) -> Self {
        let hands = replicas.into_iter().map(|replica| Hand { replica, begun: false }).collect();
        self.crew = Crew { shard: Some(images.max(2)), hands };
        self
    }

    /// Whether a batch of so many images is looked at in shards.
    pub(super) fn in_shards(&self, indices: &[usize]) -> Option<Vec<Vec<usize>>> {
        if self.features.is_some() {
            return None;
        }
        let shards = self.crew.shards(indices);
        (shards.len() > 1).then_some(shards)
    }

    /// The gradient to a batch. What is drawn is drawn shard by shard, whoever looks at it.
    pub(super) async fn learn_in_shards(&mut self, shards: &[Vec<usize>]) -> Result<Sum, TrainingError> {
        let samples = shards.iter().flatten();
        let whole = Labelled::of(samples.map(|&sample| self.data.train.annotation(sample)));
        self.send_weights(None).await?;
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
                    self.crew.hands.clear();
                    self.learn_here(&lesson, &numbers).await?
                }
            });
        }
        learned.append(&mut own);
        self.sum(learned)
    }

    /// Brings the replicas that are ready to the weights that are trained, or to these.
    pub(super) async fn send_weights(&mut self, instead: Option<&Model>) -> Result<(), TrainingError> {
        if !self.crew.hands.iter().any(|hand| hand.replica.ready()) {
            return Ok(());
        }
        let new = |hand: &&mut Hand| !hand.begun && hand.replica.ready();
        if self.crew.hands.iter_mut().any(|hand| new(&hand)) {
            let all = joined(parameters::read(&self.model, |_| true).await?);
            let begin = Task::Begin(self.beginning());
            for hand in self.crew.hands.iter_mut().filter(new) {
                drop(hand.replica.ask(parcel(&begin, all.clone())?));
                hand.begun = true;
            }
        }
        let changing = self.changing();
        let weights = parameters::read(instead.unwrap_or(&self.model), |name| changing.contains_key(name)).await?;
        let pretrained = self.plan.weights == InitialWeights::Imagenet;
        let stages = pretrained.then(|| self.plan.stages(self.epoch.number));
        let weights = parcel(&Task::Weights { stages }, joined(weights))?;
        // They answer in their order: nobody waits for this.
        self.crew.replicas().into_iter().for_each(|replica| drop(replica.ask(weights.clone())));
        Ok(())
    }

    fn beginning(&self) -> Beginning {
        Beginning {
            architecture: self.architecture.name.into(),
            variant: self.architecture.variant.into(),
            classes: self.classes,
            losses: self.losses.clone(),
            pretrained: self.plan.weights == InitialWeights::Imagenet,
        }
    }

    /// A shard, and its numbers.
    fn lesson(&mut self, shard: &[usize], whole: Labelled) -> Result<(Lesson, Vec<f32>), TrainingError> {
        let augmentation = self.plan.augmentation();
        let varied = Some((&augmentation, &mut self.augmentation));
        let mut numbers = batch::normalised(self.data.train.as_ref(), shard, &self.preprocessing, varied)?;
        let mask = self.draw_dropout(shard.len());
        let side = self.preprocessing.size as usize;
        let lesson = Lesson {
            images: [shard.len(), 3, side, side],
            annotations: shard.iter().map(|&sample| self.data.train.annotation(sample).clone()).collect(),
            whole,
            mask: mask.is_some().then(|| self.model.head.pooled()),
        };
        numbers.extend(mask.into_iter().flatten());
        Ok((lesson, numbers))
    }

    async fn learn_here(&mut self, lesson: &Lesson, numbers: &[f32]) -> Result<Learned, ReplicaError> {
        let beginning = self.beginning();
        lesson.learn(numbers, &mut self.model, &beginning, &self.device).await
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

    /// What a model says about the next images of the validation split, as many batches as there are hands; and how many images that
    /// were. The replicas have that model.
    pub(super) async fn look_at_next(
        &self,
        model: &mut Predictor,
        (done, batch): (usize, usize),
    ) -> Result<(Vec<Output>, usize), TrainingError> {
        let device = self.device.clone().without_autodiff();
        let replicas = self.crew.replicas();
        let left = &self.validation[done..];
        let batches: Vec<&[usize]> = left.chunks(batch).take(replicas.len() + 1).collect();
        let prepared =
            |samples: &[usize]| batch::normalised(self.data.validation.as_ref(), samples, &self.preprocessing, None);
        let side = self.preprocessing.size as usize;
        let Some((own, away)) = batches.split_last() else { return Ok((Vec::new(), 0)) };
        let mut answers = Vec::new();
        for (samples, replica) in away.iter().zip(&replicas) {
            let task = Task::Look { images: [samples.len(), 3, side, side] };
            answers.push(replica.ask(parcel(&task, prepared(samples)?)?));
        }
        let mut here = |samples: &[usize]| -> Result<Output, TrainingError> {
            let images = batch::images(self.data.validation.as_ref(), samples, &self.preprocessing, None, &device)?;
            Ok(model.forward(images))
        };
        let last = here(own)?;
        let mut outputs = Vec::new();
        for (answer, samples) in answers.into_iter().zip(away) {
            outputs.push(match answer.await {
                Ok(said) => read_said(&said, samples.len(), self.classes, &device)?,
                Err(_) => here(samples)?,
            });
        }
        outputs.push(last);
        Ok((outputs, batches.iter().map(|samples| samples.len()).sum()))
    }
}
