//! How much memory a training needs, and whether there is as much.

use super::Service;
use crate::models::{Architecture, Backbone, Graph, Model, Node, Operation, Stage};
use crate::training::{FEATURE_BATCH, InitialWeights, Optimizer, Trainable, TrainingPlan};

/// A wasm memory ends at 4 GiB; the dataset and the engine itself need some of it.
const MOST_BYTES: u64 = 3 << 30;

/// Numbers that a training holds.
pub(super) struct Memory {
    /// Parameters that are moved.
    pub moved: usize,
    /// Whatever the batch: weights, the best weights and their moving average; gradients, and what the optimiser remembers.
    always: u64,
    /// For one image: what is kept for the gradient, and a few of the largest tensors on the way.
    an_image: u64,
    /// The largest output of one image.
    widest: u64,
    /// The head alone is trained: few images at once go through the backbone, whatever the batch.
    head_alone: bool,
}

impl Memory {
    /// What a plan needs of a model, which is written down as `graph`, and of so many images to train on and validate.
    pub(super) fn of(model: &Model, graph: &Graph, plan: &TrainingPlan, images: usize) -> Memory {
        let all = model.backbone.stages();
        let stages = if plan.weights == InitialWeights::Random { all.len() } else { plan.trainable.stages() };
        let (mut kept, mut moved) = (0, 0);
        for node in moved_nodes(graph, all, stages) {
            kept += node.shape.iter().product::<usize>() as u64;
            moved += node.parameters;
        }
        let copies = if plan.ema_decay > 0.0 { 3 } else { 2 };
        let of_moved = if plan.optimizer == Optimizer::Adamw { 3 } else { 2 };
        let head_alone = plan.trainable == Trainable::Head;
        let features = if head_alone { images * model.backbone.channels() } else { 0 };
        let always = (copies * model.parameters() + of_moved * moved + features) as u64;
        let widest = graph.widest() as u64;
        Memory { moved, always, an_image: kept + 4 * widest, widest, head_alone }
    }

    /// Bytes in all, about.
    pub(super) fn bytes(&self, batch: u32) -> u64 {
        4 * (self.always + u64::from(self.at_once(batch)) * self.an_image)
    }

    /// Bytes of the largest tensor.
    fn largest(&self, batch: u32) -> u64 {
        4 * u64::from(self.at_once(batch)) * self.widest
    }

    fn at_once(&self, batch: u32) -> u32 {
        if self.head_alone { FEATURE_BATCH as u32 } else { batch }
    }
}

impl Service {
    /// Why a training does not fit into the device's memory, and what would: a sentence. `None` where it fits.
    pub(super) fn lack_of_memory(
        &self,
        memory: &Memory,
        architecture: &Architecture,
        plan: &TrainingPlan,
    ) -> Option<String> {
        let largest = self.device.borrow().as_ref().and_then(|(_, report)| report.largest_tensor);
        // How much memory a GPU has nobody says; how large one tensor may be it does.
        let (needs, most): (Box<dyn Fn(u32) -> u64>, u64) = match largest {
            Some(largest) => (Box::new(|batch| memory.largest(batch)), largest),
            None => (Box::new(|batch| memory.bytes(batch)), MOST_BYTES),
        };
        if needs(plan.batch_size) <= most {
            return None;
        }
        let way = match (2..plan.batch_size).rev().find(|batch| needs(*batch) <= most) {
            Some(batch) => format!("a batch of {batch} fits"),
            None if memory.head_alone => "choose smaller images".into(),
            None => "choose smaller images, or train the head alone".into(),
        };
        let what = if largest.is_some() { "in one piece" } else { "of memory" };
        let gigabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
        Some(format!(
            "{} needs about {} {what} with batches of {} at {} pixels, and there are {}: {way}.",
            architecture.label,
            gigabytes(needs(plan.batch_size)),
            plan.batch_size,
            plan.input_size,
            gigabytes(most)
        ))
    }
}

/// The nodes that learn where the last `stages` of all stages do; what has no parameters goes with what is before it.
pub(super) fn moved_nodes<'a>(graph: &'a Graph, all: &'a [Stage], stages: usize) -> impl Iterator<Item = &'a Node> {
    let last = &all[all.len().saturating_sub(stages)..];
    let mut moves = false;
    graph.nodes.iter().filter(move |node| {
        moves = is_moved(&node.operation, last).unwrap_or(moves);
        moves
    })
}

/// Whether the parameters of an operation are moved; `None` where it has none, and goes with what is before it.
fn is_moved(operation: &Operation, stages: &[Stage]) -> Option<bool> {
    let (Operation::Convolution { layer, .. } | Operation::Normalisation { layer, .. } | Operation::Dense { layer }) =
        operation
    else {
        return None;
    };
    let in_backbone = layer.strip_prefix("backbone.").map(|layer| format!("{layer}."));
    Some(in_backbone.is_none_or(|layer| stages.iter().any(|stage| stage.has(&layer))))
}
