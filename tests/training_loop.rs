//! The training loop, on images whose classes are plain to see.

mod in_memory;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use burn::tensor::Device;
use in_memory::Faces;
use mien::affect::{Annotation, LabelSet};
use mien::imaging::Pixels;
use mien::models::{Checkpoint, ModelCard, Weights, architecture};
use mien::training::{
    Advance, Ending, EpochRecord, Monitor, Optimizer, Schedule, StepRecord, Trainer, TrainingData, TrainingError,
    TrainingPlan,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SIDE: usize = 32;
const CLASSES: usize = 4;

/// Noise with one bright quarter: the class says which; valence is its brightness, arousal the opposite.
fn faces(count: usize, seed: u64) -> Faces {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let face = |i: usize| {
        let class = i % CLASSES;
        let bright: u8 = rng.random_range(100..=200);
        let mut image = Pixels::filled(SIDE, SIDE, 1, 0);
        for (at, value) in image.data.iter_mut().enumerate() {
            let quarter = (at / SIDE / (SIDE / 2)) * 2 + at % SIDE / (SIDE / 2);
            *value = rng.random_range(0..50) + if quarter == class { bright } else { 0 };
        }
        let valence = (f32::from(bright) - 150.0) / 50.0;
        let annotation =
            Annotation { valence: Some(valence), arousal: Some(-valence), ..Annotation::one_hot(class, CLASSES) };
        (image, annotation)
    };
    Faces((0..count).map(face).collect())
}

fn without(faces: &Faces, strip: impl Fn(usize, &mut Annotation)) -> Faces {
    let mut faces = faces.clone();
    for (i, (_, annotation)) in faces.0.iter_mut().enumerate() {
        strip(i, annotation);
    }
    faces
}

fn plan() -> TrainingPlan {
    TrainingPlan {
        epochs: 3,
        batch_size: 8,
        input_size: SIDE as u32,
        warmup_epochs: 0,
        flip: 0.0,
        shift: 0.02,
        rotation: 2.0,
        ..TrainingPlan::default()
    }
}

fn label_set() -> LabelSet {
    LabelSet::custom("quarters", ["a", "b", "c", "d"])
}

fn trainer(plan: TrainingPlan, train: Faces, validation: Faces) -> Result<Trainer, TrainingError> {
    let data = TrainingData { train: Box::new(train), validation: Box::new(validation) };
    Trainer::new(plan, &label_set(), data, &Device::flex(), || 0.0)
}

/// On the CPU nothing is ever pending.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the CPU backend waited"),
    }
}

fn run(trainer: &mut Trainer) -> (Vec<StepRecord>, Vec<EpochRecord>, Ending) {
    let (mut steps, mut epochs) = (Vec::new(), Vec::new());
    loop {
        match block_on(trainer.advance()).unwrap() {
            Advance::Steps(records) => steps.extend(records),
            Advance::Validating { done, total } => assert!(done > 0 && done <= total),
            Advance::Features { .. } => panic!("nothing is pre-trained"),
            Advance::Epoch(record) => epochs.push(record),
            Advance::Finished(ending) => return (steps, epochs, ending),
        }
    }
}

fn weights(trainer: &Trainer) -> std::collections::BTreeMap<String, Weights> {
    let architecture = architecture("custom-cnn").unwrap();
    let card = ModelCard {
        architecture: architecture.name.into(),
        variant: architecture.variant.into(),
        label_set: label_set(),
        preprocessing: trainer.preprocessing().clone(),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    block_on(Checkpoint::of(&trainer.last(), card)).unwrap().weights().clone()
}

#[test]
fn learns_thirty_two_images_by_heart() {
    let plan = TrainingPlan { epochs: 25, monitor: Monitor::Accuracy, ..plan() };
    let mut trainer = trainer(plan, faces(32, 1), faces(16, 2)).unwrap();
    assert!(trainer.warnings(&label_set()).is_empty());
    let (steps, epochs, ending) = run(&mut trainer);
    assert_eq!((steps.len(), epochs.len(), ending), (100, 25, Ending::Completed));
    assert!(steps.iter().zip(1..).all(|(record, step)| record.step == step));
    let last = epochs.last().unwrap();
    assert!(last.train_loss < epochs[0].train_loss / 2.0, "{} {}", last.train_loss, epochs[0].train_loss);
    assert!(last.train_accuracy.unwrap() > 0.95, "{last:?}");
    assert!(last.validation_accuracy.unwrap() > 0.9, "{last:?}");
    assert!(last.valence_ccc.unwrap() > 0.6 && last.arousal_ccc.unwrap() > 0.6, "{last:?}");
    let best = epochs.iter().rfind(|record| record.best).unwrap();
    assert_eq!(trainer.best().epoch, best.epoch);
    assert_eq!(trainer.history().epochs, epochs);
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_does_not() {
    let run_of = |plan: TrainingPlan| {
        let mut trainer = trainer(plan, faces(19, 1), faces(8, 2)).unwrap();
        let (steps, epochs, _) = run(&mut trainer);
        (steps, epochs, weights(&trainer))
    };
    let plan = TrainingPlan { epochs: 2, ema_decay: 0.9, class_weights: true, ..plan() };
    let first = run_of(plan.clone());
    assert_eq!(first, run_of(plan.clone()));
    assert_ne!(first.0, run_of(TrainingPlan { seed: 2, ..plan }).0);
}

#[test]
fn reading_seldom_gives_the_same_figures() {
    let plan = TrainingPlan { epochs: 2, ..plan() };
    let often = run(&mut trainer(plan.clone(), faces(40, 1), faces(8, 2)).unwrap());
    let mut seldom = trainer(plan, faces(40, 1), faces(8, 2)).unwrap().with_read_every(3);
    assert_eq!(told(&mut seldom), [1, 0, 0, 3, 1], "what is left is read at the end of the epoch");
    let (steps, epochs, _) = run(&mut seldom);
    assert_eq!((&steps[..], epochs), (&often.0[5..], often.1));
}

#[test]
fn long_steps_are_read_one_by_one() {
    /// Every time it is asked, a second has gone.
    fn clock() -> f64 {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        f64::from(ASKED.fetch_add(1, Ordering::Relaxed))
    }
    let data = TrainingData { train: Box::new(faces(40, 1)), validation: Box::new(faces(8, 2)) };
    let trainer = Trainer::new(plan(), &label_set(), data, &Device::flex(), clock).unwrap();
    assert_eq!(told(&mut trainer.with_read_every(3)), [1; 5]);
}

/// How many steps each of five tells of.
fn told(trainer: &mut Trainer) -> [usize; 5] {
    [(); 5].map(|()| match block_on(trainer.advance()).unwrap() {
        Advance::Steps(records) => records.len(),
        other => panic!("{other:?}"),
    })
}

#[test]
fn data_with_one_kind_of_label_trains() {
    let affect_only = without(&faces(16, 1), |_, annotation| annotation.expression = None);
    let (steps, epochs, _) = run(&mut trainer(plan(), affect_only.clone(), affect_only).unwrap());
    assert!(steps.iter().all(|s| s.expression_loss.is_none() && Some(s.loss) == s.affect_loss));
    assert!(epochs.iter().all(|e| e.train_accuracy.is_none() && e.validation_accuracy.is_none()));
    assert!(epochs.iter().all(|e| e.valence_ccc.is_some() && e.validation_loss.is_some()));

    let expression_only = without(&faces(16, 1), |_, a| (a.valence, a.arousal) = (None, None));
    let plan = TrainingPlan { monitor: Monitor::Ccc, ..plan() };
    let mut trainer = trainer(plan, expression_only.clone(), expression_only).unwrap();
    assert!(trainer.warnings(&label_set())[0].contains("\"ccc\""), "{:?}", trainer.warnings(&label_set()));
    let (steps, epochs, _) = run(&mut trainer);
    assert!(steps.iter().all(|s| s.affect_loss.is_none() && Some(s.loss) == s.expression_loss));
    assert!(epochs.iter().all(|e| e.valence_ccc.is_none() && e.arousal_ccc.is_none()));
    assert!(epochs[0].best, "the loss is watched instead");
}

#[test]
fn samples_without_labels_take_no_part() {
    let some = without(&faces(24, 1), |i, annotation| {
        if i >= 16 {
            *annotation = Annotation::default();
        }
    });
    let with = run(&mut trainer(plan(), some.clone(), some).unwrap());
    let same = run(&mut trainer(plan(), faces(16, 1), faces(16, 1)).unwrap());
    // The first sixteen faces are drawn alike whatever comes after them.
    assert_eq!(with, same);
}

#[test]
fn without_validation_the_training_loss_decides() {
    let mut trainer = trainer(plan(), faces(9, 1), Faces(Vec::new())).unwrap();
    assert_eq!(trainer.steps_per_epoch(), 1, "the ninth image joins the batch of eight");
    assert!(trainer.warnings(&label_set())[0].contains("validation"));
    let (steps, epochs, ending) = run(&mut trainer);
    assert_eq!((steps.len(), ending), (3, Ending::Completed));
    assert!(epochs.iter().all(|e| e.validation_loss.is_none() && e.validation_accuracy.is_none()));
    assert!(epochs[0].best && trainer.best().epoch > 0);
}

#[test]
fn stops_early_and_stops_when_told() {
    let never = TrainingPlan { patience: 2, min_delta: 1.0, monitor: Monitor::Accuracy, epochs: 9, ..plan() };
    let (_, epochs, ending) = run(&mut trainer(never, faces(16, 1), faces(8, 2)).unwrap());
    assert_eq!((epochs.len(), ending), (3, Ending::EarlyStopping));

    let mut trainer = trainer(plan(), faces(16, 1), faces(8, 2)).unwrap();
    block_on(trainer.advance()).unwrap();
    trainer.stop();
    assert_eq!(block_on(trainer.advance()).unwrap(), Advance::Finished(Ending::Stopped));
    assert_eq!(block_on(trainer.advance()).unwrap(), Advance::Finished(Ending::Stopped));
    assert_eq!(trainer.best().epoch, 0, "no epoch was finished");
}

#[test]
fn a_loss_that_explodes_ends_in_a_sentence() {
    // Each step multiplies the weights by 1 - 10 * 1.
    let plan = TrainingPlan { learning_rate: 10.0, weight_decay: 1.0, clip_norm: 0.0, epochs: 60, ..plan() };
    let plan = TrainingPlan { optimizer: Optimizer::Sgd, schedule: Schedule::Constant, ..plan };
    let mut trainer = trainer(plan, faces(16, 1), faces(8, 2)).unwrap();
    let error = loop {
        match block_on(trainer.advance()) {
            Ok(Advance::Finished(_)) => panic!("nothing exploded"),
            Ok(_) => {}
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.starts_with("the loss became ") && error.ends_with("; lower the learning rate"), "{error}");
}

#[test]
fn what_cannot_be_trained_is_refused_in_words() {
    let refusal = |plan, train: Faces| match trainer(plan, train, faces(4, 2)) {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    };
    assert_eq!(refusal(plan(), faces(1, 1)), "the training split has 1 labelled images; at least 2 are needed");
    let short = without(&faces(4, 1), |i, a| {
        if i == 2 {
            a.expression = Some(vec![1.0]);
        }
    });
    assert_eq!(refusal(plan(), short), "sample 2 of the train split has a label over 1 classes, not 4");
    let mut small = faces(4, 1);
    small.0[1].0 = Pixels::filled(8, 9, 1, 0);
    assert_eq!(refusal(plan(), small), "sample 1 of the train split is 8 x 9 pixels, not 32 x 32");
    assert_eq!(
        refusal(TrainingPlan { input_size: 16, ..plan() }, faces(4, 1)),
        "CustomCNN takes inputs of 32 to 224 pixels, not 16: change the input size"
    );
    assert!(refusal(TrainingPlan { epochs: 0, ..plan() }, faces(4, 1)).starts_with("Epochs must be"));
}
