//! A batch in shards: the training is the same whoever looks at them.

mod in_memory;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use burn::tensor::Device;
use in_memory::Faces;
use mien::affect::{Annotation, LabelSet};
use mien::imaging::{Images, Pixels};
use mien::models::{BackboneWeights, Checkpoint, Model, ModelCard, Weights, architecture, published};
use mien::training::{
    Advance, AffectLoss, Blueprint, Connection, InitialWeights, Parcel, Readers, Replica, ReplicaError, StepRecord,
    Trainable, Trainer, TrainingData, TrainingPlan,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SIDE: usize = 32;

/// Faces of which some lack a label.
fn faces(count: usize, seed: u64) -> Faces {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let face = |i: usize| {
        let mut image = Pixels::filled(SIDE, SIDE, 1, 0);
        image.data.iter_mut().for_each(|value| *value = rng.random_range(0..50 + 60 * (i % 4) as u8));
        let mut annotation = Annotation::one_hot(i % 4, 4);
        annotation.valence = (!i.is_multiple_of(3)).then(|| rng.random_range(-1.0..1.0));
        annotation.arousal = (!i.is_multiple_of(5)).then(|| rng.random_range(-1.0..1.0));
        if i.is_multiple_of(7) {
            annotation.expression = None;
        }
        (image, annotation)
    };
    Faces((0..count).map(face).collect())
}

fn plan() -> TrainingPlan {
    TrainingPlan {
        epochs: 2,
        batch_size: 14,
        input_size: SIDE as u32,
        warmup_epochs: 0,
        affect_loss: AffectLoss::Mixed,
        ..TrainingPlan::default()
    }
}

/// A replica that answers at once, so often.
struct Here {
    replica: RefCell<Replica>,
    answers: Rc<Cell<usize>>,
}

impl Connection for Here {
    fn ask(&self, parcel: Parcel) -> Pin<Box<dyn Future<Output = Result<Parcel, String>>>> {
        let answer = match self.answers.get().checked_sub(1) {
            Some(left) => {
                self.answers.set(left);
                block_on(self.replica.borrow_mut().answer(parcel)).map_err(|why| why.to_string())
            }
            None => Err("it is gone".into()),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// One that does not begin before the training has asked so often whether it has.
struct Late(Here, Cell<usize>);

impl Connection for Late {
    fn ready(&self) -> bool {
        self.1.set(self.1.get().saturating_sub(1));
        self.1.get() == 0
    }

    fn ask(&self, parcel: Parcel) -> Pin<Box<dyn Future<Output = Result<Parcel, String>>>> {
        self.0.ask(parcel)
    }
}

fn replica(answers: usize) -> (Here, Rc<Cell<usize>>) {
    let answers = Rc::new(Cell::new(answers));
    (Here { replica: RefCell::new(Replica::new(&Device::flex())), answers: Rc::clone(&answers) }, answers)
}

fn replicas(count: usize) -> Vec<Box<dyn Connection>> {
    (0..count).map(|_| Box::new(replica(usize::MAX).0) as Box<dyn Connection>).collect()
}

fn trainer(plan: TrainingPlan) -> Trainer {
    let data = TrainingData { train: Box::new(faces(38, 1)), validation: Box::new(faces(75, 2)) };
    let labels = LabelSet::custom("four", ["a", "b", "c", "d"]);
    let weights = published(&plan.model).map(BackboneWeights::as_drawn);
    Trainer::with_weights(plan, &labels, data, weights.as_ref(), &Device::flex(), || 0.0).unwrap()
}

/// On the CPU nothing is ever pending.
fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the CPU backend waited"),
    }
}

/// Everything a training has come to: its steps, the losses of the validation split, and the weights.
fn outcome(mut trainer: Trainer) -> (Vec<StepRecord>, Vec<Option<f32>>, BTreeMap<String, Weights>) {
    let (mut steps, mut losses) = (Vec::new(), Vec::new());
    loop {
        match block_on(trainer.advance()).unwrap() {
            Advance::Steps(records) => steps.extend(records),
            Advance::Epoch(record) => losses.push(record.validation_loss),
            Advance::Finished(_) => break,
            Advance::Validating { .. } | Advance::Features { .. } => {}
        }
    }
    let architecture = trainer.architecture();
    let card = ModelCard {
        architecture: architecture.name.into(),
        variant: architecture.variant.into(),
        label_set: LabelSet::custom("four", ["a", "b", "c", "d"]),
        preprocessing: trainer.preprocessing().clone(),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    let checkpoint = block_on(Checkpoint::of(&trainer.last(), card)).unwrap();
    (steps, losses, checkpoint.weights().clone())
}

#[test]
fn the_training_is_the_same_with_any_number_of_replicas() {
    // The batches are 14, 14 and 10 images: three shards of 5, 5 and 4; and two of 5.
    let alone = outcome(trainer(plan()).with_shards(4, Vec::new()));
    assert_eq!(alone.0.len(), 6);
    assert!(alone.0.iter().all(|step| step.loss.is_finite()));
    for count in 1..=3 {
        assert!(outcome(trainer(plan()).with_shards(4, replicas(count))) == alone, "{count} replicas");
    }
}

#[test]
fn a_replica_that_comes_late_or_is_lost_changes_nothing() {
    let alone = outcome(trainer(plan()).with_shards(4, Vec::new()));
    let (late, left) = replica(usize::MAX);
    let found = outcome(trainer(plan()).with_shards(4, vec![Box::new(Late(late, Cell::new(5)))]));
    assert!(found == alone, "late");
    assert!(usize::MAX - left.get() > 6, "it was asked");
    // A step asks for weights, and for one shard; validation for weights, and for images.
    for answers in [0, 1, 2, 3, 8, 9, 10] {
        let (lost, left) = replica(answers);
        assert!(outcome(trainer(plan()).with_shards(4, vec![Box::new(lost)])) == alone, "lost after {answers}");
        assert_eq!(left.get(), 0);
    }
}

#[test]
fn a_backbone_that_thaws_is_trained_alike() {
    let plan = TrainingPlan {
        model: "efficientnet-b0".into(),
        weights: InitialWeights::Imagenet,
        trainable: Trainable::LastStage,
        unfreeze_every: 1,
        batch_size: 12,
        ema_decay: 0.9,
        dropout: 0.2,
        ..plan()
    };
    let alone = outcome(trainer(plan.clone()).with_shards(6, Vec::new()));
    assert!(outcome(trainer(plan).with_shards(6, replicas(1))) == alone);
}

#[test]
fn shards_add_up_to_the_batch() {
    // Nothing is normalised by a batch whose backbone is frozen, and nothing is concordant that is not asked to be.
    let plan = TrainingPlan {
        model: "efficientnet-b0".into(),
        weights: InitialWeights::Imagenet,
        trainable: Trainable::LastStage,
        affect_loss: AffectLoss::Mse,
        ..plan()
    };
    let whole = outcome(trainer(plan.clone()));
    let shards = outcome(trainer(plan).with_shards(3, Vec::new()));
    for (whole, shards) in whole.0.iter().zip(&shards.0) {
        assert!((whole.loss - shards.loss).abs() < 1e-4 * whole.loss, "{whole:?}, {shards:?}");
        let (a, b) = (whole.affect_loss.unwrap(), shards.affect_loss.unwrap());
        assert!((a - b).abs() < 1e-4 * a.max(0.1), "{a}, {b}");
    }
}

#[test]
fn features_are_the_same_with_any_number_of_replicas() {
    let plan = TrainingPlan {
        model: "efficientnet-b0".into(),
        weights: InitialWeights::Imagenet,
        trainable: Trainable::Head,
        ..plan()
    };
    let alone = outcome(trainer(plan.clone()));
    assert!(alone.0.iter().all(|step| step.loss.is_finite()));
    for others in [Vec::new(), replicas(1), replicas(2)] {
        let count = others.len();
        assert!(outcome(trainer(plan.clone()).with_shards(4, others)) == alone, "{count} replicas");
    }
    let (lost, left) = replica(2);
    assert!(outcome(trainer(plan).with_shards(4, vec![Box::new(lost)])) == alone, "lost");
    assert_eq!(left.get(), 0, "it was asked");
}

#[test]
fn what_is_read_is_the_same_with_any_number_of_replicas() {
    const BATCH: usize = 5;
    let architecture = architecture("custom-cnn").unwrap();
    let model = Model::init(architecture, 4, &mut ChaCha8Rng::seed_from_u64(3), &Device::flex());
    let samples: Vec<usize> = (0..23).collect();
    let prepared = |samples: &&[usize]| -> Result<Images, ReplicaError> {
        let mut rng = ChaCha8Rng::seed_from_u64(samples[0] as u64);
        let shape = [samples.len(), 3, SIDE, SIDE];
        Ok(Images { shape, numbers: (0..shape.iter().product()).map(|_| rng.random_range(-2.0..2.0)).collect() })
    };
    let read = |replicas: Vec<Box<dyn Connection>>| {
        let mut readers = Readers::new(model.clone(), Blueprint::of(architecture, 4), &Device::flex(), replicas);
        let mut batches = samples.chunks(BATCH);
        let (mut guesses, mut features) = (Vec::new(), Vec::new());
        loop {
            let at_once: Vec<&[usize]> = batches.by_ref().take(block_on(readers.at_once()).unwrap()).collect();
            if at_once.is_empty() {
                return (guesses, features);
            }
            guesses.extend(block_on(readers.guesses(&at_once, prepared)).unwrap());
            features.extend(block_on(readers.features(&at_once, prepared)).unwrap());
        }
    };
    let (guesses, features) = read(Vec::new());
    let said: Vec<usize> = guesses.iter().map(Vec::len).collect();
    assert_eq!(said, [5, 5, 5, 5, 3]);
    assert!(guesses[4][2].probabilities.iter().sum::<f32>() > 0.999);
    assert_eq!(features[4].len() % 3, 0);
    for count in 1..=3 {
        assert!(read(replicas(count)) == (guesses.clone(), features.clone()), "{count} replicas");
    }
    let ((late, _), (lost, left)) = (replica(usize::MAX), replica(2));
    let others: Vec<Box<dyn Connection>> = vec![Box::new(Late(late, Cell::new(3))), Box::new(lost)];
    assert!(read(others) == (guesses, features), "one late, one lost");
    assert_eq!(left.get(), 0);
}
