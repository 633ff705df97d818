//! What a training would cost: counted from the network, and timed on a few small images.

use std::borrow::Cow;

use burn::tensor::Device;
use web_time::Instant;

use super::memory::{Memory, moved_nodes};
use super::pace::next_task;
use super::{Answer, Service, cancelled, catalogued, check_size, sentence};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::{Split, StoreError};
use crate::engine::protocol::{Costs, Failure, Outcome};
use crate::imaging::Pixels;
use crate::models::{Architecture, Backbone, BackboneWeights, Graph, Model, Stage};
use crate::training::{Advance, InitialWeights, SampleSource, Trainable, Trainer, TrainingData, TrainingPlan};

/// Images of the two steps that are timed.
const FEW: usize = 2;
const MANY: usize = 6;

/// Multiplications that one timed image may cost.
const PROBE: u64 = 300_000_000;

/// Forward and backward cost about three times the forward pass, so that a validation image costs a third.
const BACKWARD: f64 = 3.0;

impl Service {
    pub(super) async fn estimate(&self, plan: TrainingPlan) -> Answer {
        plan.check().map_err(sentence)?;
        let architecture = catalogued(&plan)?;
        check_size(architecture, &plan)?;
        // The dataset itself is let go of: it may be deleted meanwhile.
        let (label_set, images) = {
            let dataset = &self.open_dataset()?.dataset;
            let images = [Split::Train, Split::Validation].map(|split| dataset.indices(split).len());
            (dataset.label_set.clone(), images)
        };
        let model = Model::blank(architecture, label_set.len(), &Device::flex());
        let graph = Graph::of(&model, plan.input_size as usize);
        let memory = Memory::of(&model, &graph, &plan, images.iter().sum());
        let mut costs = Costs {
            parameters: model.parameters(),
            moved: memory.moved,
            multiplications: graph.multiplications(),
            memory: memory.bytes(plan.batch_size),
            seconds: None,
            refusal: self.lack_of_memory(&memory, architecture, &plan),
        };
        if costs.refusal.is_none() {
            let read_every = self.read_every();
            let probe = Probe { architecture, plan: &plan, label_set: &label_set, device: self.device()?, read_every };
            let learning = epochs_of_learning(&plan, &graph, model.backbone.stages());
            costs.seconds = Some(self.time(&probe, &graph, images, learning).await?);
        }
        Ok((Outcome::Costs(costs), None))
    }

    /// Seconds of the whole plan, from the times of steps on few and on more images: what they differ by is a matter of
    /// images, and grows with their size; the rest is the same for every step. The images of `learning` epochs are learned from
    /// by all that is trainable.
    async fn time(&self, probe: &Probe<'_>, graph: &Graph, images: [usize; 2], learning: f64) -> Result<f64, Failure> {
        let [train, validation] = images.map(|images| images as f64);
        let (side, growth) = probe.side(graph);
        let epochs = f64::from(probe.plan.epochs);
        let steps = epochs * (train / f64::from(probe.plan.batch_size)).ceil();
        let (few, many) = (self.time_steps(probe, FEW, side).await?, self.time_steps(probe, MANY, side).await?);
        let an_image = ((many.step - few.step) / (MANY - FEW) as f64).max(0.0);
        let a_step = (few.step - FEW as f64 * an_image).max(0.0);
        if probe.plan.trainable == Trainable::Head {
            let looked = (train + validation) * many.features * growth / self.lookers() as f64;
            return Ok(looked + steps * a_step + epochs * train * an_image);
        }
        let an_image = an_image * growth / self.hands(probe.plan) as f64;
        Ok(steps * a_step + (learning * train + epochs * validation / BACKWARD) * an_image)
    }

    /// Seconds of one step on so many images, and of the features of one.
    async fn time_steps(&self, probe: &Probe<'_>, images: usize, side: u32) -> Result<Times, Failure> {
        let mut trainer = probe.trainer(images, side)?;
        let (mut looked, mut stepped) = (Timer::default(), Timer::default());
        loop {
            // Whatever begins meanwhile is what the person wants.
            if self.task.get().is_some() {
                return Err(cancelled());
            }
            match trainer.advance().await.map_err(sentence)? {
                Advance::Features { done, .. } => looked.reached(done),
                Advance::Steps(records) if !records.is_empty() => stepped.add(records.len()),
                Advance::Epoch(_) | Advance::Finished(_) => break,
                _ => {}
            }
            next_task().await;
        }
        Ok(Times { step: stepped.each(), features: looked.each() })
    }
}

/// As many epochs as the plan's would be if in each all that is trainable learned: less where the backbone's stages begin one after
/// another. Whatever learns is gone through once forward and twice backward.
fn epochs_of_learning(plan: &TrainingPlan, graph: &Graph, stages: &[Stage]) -> f64 {
    if plan.weights == InitialWeights::Random {
        return f64::from(plan.epochs);
    }
    let cost = |learning: usize| {
        let moved = moved_nodes(graph, stages, learning).map(|node| graph.multiplications_of(node));
        (graph.multiplications() + 2 * moved.sum::<u64>()) as f64
    };
    let whole = cost(plan.trainable.stages());
    (1..=plan.epochs).map(|epoch| cost(plan.stages(epoch)) / whole).sum()
}

/// Times how long one of many takes. What comes first is not timed: it compiles and allocates.
#[derive(Default)]
struct Timer {
    begun: Option<(Instant, usize)>,
    count: usize,
    seconds: f64,
}

impl Timer {
    fn add(&mut self, more: usize) {
        self.reached(self.count + more);
    }

    fn reached(&mut self, count: usize) {
        self.count = count;
        match self.begun {
            Some((began, _)) => self.seconds = began.elapsed().as_secs_f64(),
            None => self.begun = Some((Instant::now(), count)),
        }
    }

    fn each(&self) -> f64 {
        self.begun.map_or(0.0, |(_, first)| self.seconds / self.count.saturating_sub(first).max(1) as f64)
    }
}

#[derive(Default)]
struct Times {
    step: f64,
    features: f64,
}

/// A training of a few made-up images.
struct Probe<'a> {
    architecture: &'static Architecture,
    plan: &'a TrainingPlan,
    label_set: &'a LabelSet,
    device: Device,
    /// Steps between two read-backs of a training.
    read_every: usize,
}

impl Probe<'_> {
    /// Height and width of the images that are timed, and how many times more one of the plan's costs.
    fn side(&self, graph: &Graph) -> (u32, f64) {
        let (least, planned) = (self.architecture.sizes.0, self.plan.input_size);
        let whole = graph.multiplications() as f64;
        // A GPU waits longer for each command than it computes small images.
        let most = if self.read_every > 1 { 20 * PROBE } else { PROBE };
        let fits = |side: &u32| whole * f64::from(side * side) / f64::from(planned * planned) <= most as f64;
        let side = (least..=planned).rev().find(fits).unwrap_or(least.min(planned));
        (side, f64::from(planned * planned) / f64::from(side * side))
    }

    fn trainer(&self, images: usize, side: u32) -> Result<Trainer, Failure> {
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
        // Two reports of steps, of which the first is not timed; on the CPU three.
        let steps = if self.read_every > 1 { 2 * self.read_every } else { 3 };
        let data = TrainingData { train: source(steps * images), validation: source(0) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::architecture;

    #[test]
    fn stages_that_begin_later_cost_less() {
        let architecture = architecture("resnet50").unwrap();
        let model = Model::blank(architecture, 8, &Device::flex());
        let graph = Graph::of(&model, 96);
        let plan = TrainingPlan { weights: InitialWeights::Imagenet, epochs: 12, ..TrainingPlan::default() };
        let epochs = |plan: &TrainingPlan| epochs_of_learning(plan, &graph, model.backbone.stages());
        assert_eq!(epochs(&plan), 12.0);
        // Of the network's multiplications 3 % are the stem's, then 17, 25, 36 and 20 % the stages' (He et al. 2016, table 1).
        let shares = [0.0, 0.20, 0.36, 0.25, 0.17, 0.03];
        let learned = shares.iter().scan(0.0, |sum, share| {
            *sum += share;
            Some((1.0 + 2.0 * *sum) / 3.0)
        });
        let gradual = TrainingPlan { unfreeze_every: 2, ..plan };
        let (found, wanted) = (epochs(&gradual), 2.0 * learned.sum::<f64>());
        assert!((found - wanted).abs() < 0.15, "{found}, not {wanted}");
        // Two epochs of the head alone, ten of it and the last stage.
        let found = epochs(&TrainingPlan { trainable: Trainable::LastStage, ..gradual });
        let wanted = 10.0 + 2.0 / (1.0 + 2.0 * 0.20);
        assert!((found - wanted).abs() < 0.05, "{found}, not {wanted}");
    }
}
