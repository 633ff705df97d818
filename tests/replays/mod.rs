//! Steps that a GPU does over are those that it is asked for one by one.

use burn::tensor::Tensor;
use mien::affect::{Annotation, LabelSet};
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::imaging::Pixels;
use mien::kernels::gpu::{Recorded, copied, known, put};
use mien::models::{BackboneWeights, architecture};
#[cfg(not(target_family = "wasm"))]
use mien::training::InitialWeights;
use mien::training::{Advance, Optimizer, Part, StepRecord, Trainer, TrainingData, TrainingPlan};

use crate::in_memory::Faces;
use crate::waves::wave;

const SIDE: usize = 32;
const BATCH: u32 = 4;

/// Stripes, as wide as their class says. Some have no valence.
fn faces(count: usize) -> Faces {
    let face = |at: usize| {
        let class = at % 2;
        let mut image = Pixels::filled(SIDE, SIDE, 1, 0);
        for (place, value) in image.data.iter_mut().enumerate() {
            *value = if (place % SIDE) >> (class + 1) & 1 == 0 { 40 } else { 90 + (at * 37 % 101) as u8 };
        }
        let valence = (!at.is_multiple_of(3)).then_some(class as f32 - 0.5);
        (image, Annotation { valence, arousal: Some((at % 5) as f32 / 5.0), ..Annotation::one_hot(class, 2) })
    };
    Faces((0..count).map(face).collect())
}

/// Of 13 steps an epoch, the last of fewer images.
fn plan(optimizer: Optimizer) -> TrainingPlan {
    TrainingPlan { epochs: 2, batch_size: BATCH, input_size: SIDE as u32, optimizer, ..TrainingPlan::default() }
}

/// What the steps say of themselves, files of what lasts, and how many of the steps were done over.
async fn trained(plan: &TrainingPlan, with_replays: bool) -> (Vec<StepRecord>, Vec<Vec<u8>>, u32) {
    let (device, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is an adapter");
    let labels = LabelSet::custom("stripes", ["wide", "narrow"]);
    let data = TrainingData { train: Box::new(faces(50)), validation: Box::new(faces(6)) };
    let weights = BackboneWeights::as_drawn(architecture(&plan.model).unwrap());
    let trainer = Trainer::with_weights(plan.clone(), &labels, data, Some(&weights), &device, || 0.0);
    let mut trainer = trainer.unwrap().with_read_every(4);
    if !with_replays {
        trainer = trainer.without_replays();
    }
    let mut steps = Vec::new();
    loop {
        match trainer.advance().await.unwrap() {
            Advance::Steps(records) => steps.extend(records),
            Advance::Finished(_) => break,
            _ => {}
        }
    }
    let mut lasting = Vec::new();
    for part in [Part::Weights, Part::Average, Part::Best, Part::FirstMoment] {
        lasting.push(trainer.part(part).await.unwrap());
    }
    (steps, lasting, trainer.replayed_steps())
}

async fn assert_replayed_as_ordinary(plan: TrainingPlan) {
    let (steps, lasting, replayed) = trained(&plan, true).await;
    let (ordinary, expected, none) = trained(&plan, false).await;
    let what = format!("{} by {:?}", plan.model, plan.optimizer);
    assert_eq!(steps.len() as u32, 13 * plan.epochs);
    // Of each epoch's steps the first is an ordinary one, the second is recorded, or the next that can be, and the last has fewer images.
    assert!(
        (5 * plan.epochs..=10 * plan.epochs).contains(&replayed) && none == 0,
        "{what}: {replayed} and {none} replayed"
    );
    assert_eq!(steps, ordinary, "{what}");
    assert!(lasting == expected, "{what}: what lasts differs");
}

/// Over two epochs with a validation between them: with moving averages, clipped, with dropout and augmentation.
pub async fn replayed_steps_are_ordinary_ones() {
    assert_replayed_as_ordinary(plan(Optimizer::Adamw)).await;
}

/// By the other rule; and by both with stages that learn from an epoch on: what is moved as one is then other than it was.
#[cfg(not(target_family = "wasm"))]
pub async fn replayed_steps_are_ordinary_ones_however_they_move() {
    assert_replayed_as_ordinary(plan(Optimizer::Sgd)).await;
    for optimizer in [Optimizer::Adamw, Optimizer::Sgd] {
        let weights = InitialWeights::Imagenet;
        let model = "efficientnet-b0".into();
        let plan = TrainingPlan { model, weights, unfreeze_every: 1, epochs: 3, ..plan(optimizer) };
        assert_replayed_as_ordinary(plan).await;
    }
}

/// A recording that would take memory which is not there is none; what it would have changed can be gone on with.
pub async fn what_is_not_recorded_leaves_what_there_was() {
    let (device, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is an adapter");
    let read = async |tensor: Tensor<1>| tensor.into_data_async().await.unwrap().try_to_vec::<f32>().unwrap();
    let (large, other) = (wave([1 << 22], 0.0, &device), wave([300], 1.0, &device));
    let mut lasts = copied(wave([300], 0.0, &device));
    let mut copies = Vec::new();
    let work = |memory: &Tensor<1>| {
        // More the second time.
        copies.extend((0..8 * copies.len() + 1).map(|_| copied(large.clone())));
        lasts = put(lasts.clone(), lasts.clone() + memory.clone());
        lasts.clone()
    };
    let (first, recorded) = Recorded::new(other.clone(), work).await.unwrap();
    assert!(recorded.is_none(), "there was no memory for copies");
    drop(copies);
    assert!(lasts.clone().into_data_async().await.is_err(), "nobody has written it");
    let lasts = known(lasts);
    assert_eq!(read(lasts.clone()).await, read(first.clone()).await);
    assert_eq!(read(lasts + other.clone()).await, read(first + other).await);
}
