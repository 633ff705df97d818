//! What a training would cost: counted from the network, and timed on a few small images.

use burn::tensor::Device;

use super::memory::{Memory, moved_nodes};
use super::probe::Probe;
use super::{Answer, Service, cancelled, catalogued, check_size, sentence};
use crate::affect::LabelSet;
use crate::dataset::Split;
use crate::engine::protocol::{Costs, Failure, Outcome};
use crate::models::{Architecture, Backbone, Graph, Model, Stage};
use crate::training::{InitialWeights, Trainable, TrainingPlan};

/// Images of the two steps that are timed.
const FEW: usize = 2;
const MANY: usize = 6;

/// What needs more memory, in bytes, is not rehearsed: nobody has said that it be trained.
const REHEARSED: u64 = 1 << 30;

impl Service {
    pub(super) async fn estimate(&self, plan: TrainingPlan) -> Answer {
        self.estimates.update(|estimates| estimates.wrapping_add(1));
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
            drop(self.tilings.lock().await);
            let probe = self.probe(architecture, &plan, &label_set)?;
            let stages = model.backbone.stages();
            // A GPU compiles what it is timed with: the training's own steps at once, rather than those of fewer images first.
            let is_whole = probe.read_every > 1 && costs.memory <= REHEARSED && plan.trainable != Trainable::Head;
            let epochs = (epochs_of_learning(&plan, &graph, stages), epochs_of_looking(&plan, &graph, stages));
            costs.seconds = Some(self.time(&probe, &graph, images, epochs, is_whole).await?);
        }
        Ok((Outcome::Costs(costs), None))
    }

    pub(super) async fn warm_up(&self, plan: TrainingPlan) -> Answer {
        let done = Ok((Outcome::Done, None));
        // Only a GPU reads back seldom; a CPU compiles nothing.
        if self.read_every() == 1 {
            return done;
        }
        plan.check().map_err(sentence)?;
        let architecture = catalogued(&plan)?;
        check_size(architecture, &plan)?;
        let label_set = self.open_dataset()?.dataset.label_set.clone();
        let model = Model::blank(architecture, label_set.len(), &Device::flex());
        let graph = Graph::of(&model, plan.input_size as usize);
        if Memory::of(&model, &graph, &plan, 0).bytes(plan.batch_size) > REHEARSED {
            return done;
        }
        drop(model);
        let asked = self.estimates.get();
        let is_wanted = || self.task.get().is_none() && self.estimates.get() == asked;
        let go_on = || if is_wanted() { Ok(()) } else { Err(cancelled()) };
        self.probe(architecture, &plan, &label_set)?.rehearse(go_on).await?;
        done
    }

    pub(super) fn probe<'a>(
        &self,
        architecture: &'static Architecture,
        plan: &'a TrainingPlan,
        label_set: &'a LabelSet,
    ) -> Result<Probe<'a>, Failure> {
        Ok(Probe { architecture, plan, label_set, device: self.device()?, read_every: self.read_every() })
    }

    /// Seconds of the whole plan: from the time of one of its steps, where that `is_whole`; else from those of steps on few and on more
    /// images: what they differ by is a matter of images, and grows with their size; the rest is the same for every step. The images
    /// of `learning` epochs are learned from by all that is trainable, and those of the validation split take as long as if `looking`
    /// epochs of them were.
    async fn time(
        &self,
        probe: &Probe<'_>,
        graph: &Graph,
        images: [usize; 2],
        (learning, looking): (f64, f64),
        is_whole: bool,
    ) -> Result<f64, Failure> {
        let [train, validation] = images.map(|images| images as f64);
        // Whatever begins meanwhile is what the person wants.
        let go_on = || if self.task.get().is_some() { Err(cancelled()) } else { Ok(()) };
        if is_whole {
            let of_step = f64::from(probe.plan.batch_size).min(train.max(2.0));
            let step = probe.step(of_step as usize, probe.plan.input_size, go_on).await?;
            let steps = (train / f64::from(probe.plan.batch_size)).ceil();
            return Ok((learning * steps + looking * validation / of_step) * step);
        }
        let (side, growth) = probe.side(graph);
        let epochs = f64::from(probe.plan.epochs);
        let steps = epochs * (train / f64::from(probe.plan.batch_size)).ceil();
        let (few, many) = (probe.time(FEW, side, go_on).await?, probe.time(MANY, side, go_on).await?);
        let an_image = ((many.step - few.step) / (MANY - FEW) as f64).max(0.0);
        let a_step = (few.step - FEW as f64 * an_image).max(0.0);
        if probe.plan.trainable == Trainable::Head {
            let looked = (train + validation) * many.features * growth / as_fast(self.lookers());
            return Ok(looked + steps * a_step + epochs * train * an_image);
        }
        let an_image = an_image * growth / as_fast(self.hands(probe.plan));
        Ok(steps * a_step + (learning * train + looking * validation) * an_image)
    }
}

/// How many times as fast so many cores are as one (bench/README.md, "Cores").
fn as_fast(cores: usize) -> f64 {
    1.0 + 0.7 * (cores - 1) as f64
}

/// As many epochs as the plan's would be if in each all that is trainable learned: less where the backbone's stages begin one after
/// another.
fn epochs_of_learning(plan: &TrainingPlan, graph: &Graph, stages: &[Stage]) -> f64 {
    let whole = learned(plan, graph, stages, plan.trainable.stages());
    (1..=plan.epochs).map(|epoch| learned(plan, graph, stages, plan.stages(epoch)) / whole).sum()
}

/// As many of those as it takes to only look at as many images in each of the plan's epochs.
fn epochs_of_looking(plan: &TrainingPlan, graph: &Graph, stages: &[Stage]) -> f64 {
    let forward = graph.multiplications() as f64;
    f64::from(plan.epochs) * forward / learned(plan, graph, stages, plan.trainable.stages())
}

/// Multiplications for an image from which so many last stages learn: whatever learns is gone through once forward and twice backward.
fn learned(plan: &TrainingPlan, graph: &Graph, stages: &[Stage], learning: usize) -> f64 {
    let forward = graph.multiplications();
    if plan.weights == InitialWeights::Random {
        return (3 * forward) as f64;
    }
    let moved = moved_nodes(graph, stages, learning).map(|node| graph.multiplications_of(node));
    (forward + 2 * moved.sum::<u64>()) as f64
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
        // To look costs a third of learning by the whole network.
        let found = epochs_of_looking(
            &TrainingPlan { weights: InitialWeights::Random, ..gradual.clone() },
            &graph,
            model.backbone.stages(),
        );
        assert_eq!(found, 4.0);
        // Two epochs of the head alone, ten of it and the last stage.
        let found = epochs(&TrainingPlan { trainable: Trainable::LastStage, ..gradual });
        let wanted = 10.0 + 2.0 / (1.0 + 2.0 * 0.20);
        assert!((found - wanted).abs() < 0.05, "{found}, not {wanted}");
    }
}
