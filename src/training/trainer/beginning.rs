//! What a training begins with: the samples that have a label, what is watched, the streams it draws from.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::affect::Annotation;
use crate::training::{Losses, Monitor, SampleSource, TrainingError, TrainingPlan, Watched, balanced_class_weights};

/// Four generators of one seed: weights, order, augmentation, dropout.
pub(super) fn streams(seed: u64) -> [ChaCha8Rng; 4] {
    [0, 1, 2, 3].map(|stream| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        rng
    })
}

/// What draws the augmentation of a training, as it is before the first batch.
pub fn augmentation_stream(seed: u64) -> ChaCha8Rng {
    let [_, _, augmentation, _] = streams(seed);
    augmentation
}

/// The samples of a split that have a label, once all are known to fit the network.
pub(super) fn labelled(
    split: &'static str,
    source: &dyn SampleSource,
    classes: usize,
    size: u32,
) -> Result<Vec<usize>, TrainingError> {
    let mut samples = Vec::with_capacity(source.len());
    for sample in 0..source.len() {
        let annotation = source.annotation(sample);
        match annotation.expression.as_ref().map(Vec::len) {
            Some(found) if found != classes => {
                return Err(TrainingError::Label { split, sample, expected: classes, found });
            }
            _ => {}
        }
        let (width, height) = source.extent(sample);
        if width != size as usize || height != size as usize {
            return Err(TrainingError::Image { split, sample, width, height, size });
        }
        if !annotation.is_empty() {
            samples.push(sample);
        }
    }
    Ok(samples)
}

pub(super) fn losses(plan: &TrainingPlan, source: &dyn SampleSource, samples: &[usize], classes: usize) -> Losses {
    let annotations = || samples.iter().map(|&i| source.annotation(i));
    Losses {
        label_smoothing: plan.label_smoothing as f32,
        class_weights: plan.class_weights.then(|| balanced_class_weights(annotations(), classes)),
        affect_loss: plan.affect_loss,
        affect_weight: plan.affect_weight as f32,
    }
}

/// The plan's metric where the validation split has labels for it; else its loss; else the training loss.
pub(super) fn watched(plan: &TrainingPlan, source: &dyn SampleSource, samples: &[usize]) -> Watched {
    let has = |known: &dyn Fn(&Annotation) -> bool| samples.iter().any(|&i| known(source.annotation(i)));
    let there = match plan.monitor {
        Monitor::Loss => true,
        Monitor::Accuracy => has(&|annotation| annotation.expression.is_some()),
        Monitor::Ccc => has(&|annotation| annotation.valence.is_some() || annotation.arousal.is_some()),
    };
    match (samples.is_empty(), there) {
        (true, _) => Watched::TrainingLoss,
        (false, true) => Watched::Validation(plan.monitor),
        (false, false) => Watched::Validation(Monitor::Loss),
    }
}
