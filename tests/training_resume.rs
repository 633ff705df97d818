//! A training that is interrupted, taken to bytes and gone on with ends bit for bit as it would have.

mod in_memory;
mod resuming;

use burn::tensor::Device;
use in_memory::Faces;
use mien::affect::{Annotation, LabelSet};
use mien::imaging::Pixels;
use mien::training::{Advance, Ending, Monitor, Optimizer, Part, Schedule, Trainer, TrainingData, TrainingPlan};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resuming::{Kept, Run, finish, train_until};

const SIDE: usize = 32;

/// Noise, brighter above for one class and below for the other.
fn faces(count: usize, seed: u64) -> Box<Faces> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut face = |i: usize| {
        let mut image = Pixels::filled(SIDE, SIDE, 1, 0);
        for (at, value) in image.data.iter_mut().enumerate() {
            *value = rng.random_range(0..90) + if (at / SIDE < SIDE / 2) == i.is_multiple_of(2) { 120 } else { 0 };
        }
        let valence = Some(rng.random_range(-1.0..1.0));
        (image, Annotation { valence, ..Annotation::one_hot(i % 2, 2) })
    };
    Box::new(Faces((0..count).map(&mut face).collect()))
}

/// Everything that remembers is on: moments, average, dropout, augmentation, class weights, clipping.
fn plan() -> TrainingPlan {
    TrainingPlan { epochs: 4, batch_size: 4, input_size: SIDE as u32, class_weights: true, ..TrainingPlan::default() }
}

/// 15 faces to train on: three batches of four, and one of three.
fn trainer(plan: &TrainingPlan) -> Trainer {
    trainer_on(plan, 15)
}

fn trainer_on(plan: &TrainingPlan, count: usize) -> Trainer {
    let data = TrainingData { train: faces(count, 1), validation: faces(3, 2) };
    let label_set = LabelSet::custom("halves", ["above", "below"]);
    Trainer::new(plan.clone(), &label_set, data, &Device::flex(), || 0.0).unwrap()
}

fn whole(plan: &TrainingPlan) -> Run {
    finish(trainer(plan)).unwrap()
}

/// The training interrupted after so many epochs, and what it is in another engine.
fn interrupted(plan: &TrainingPlan, epochs: usize) -> Kept {
    let mut trainer = trainer(plan);
    let mut ended = 0;
    train_until(&mut trainer, |advance| {
        ended += usize::from(matches!(advance, Advance::Epoch(_)));
        ended == epochs
    });
    Kept::of(&trainer)
}

fn resumed(plan: &TrainingPlan, kept: &Kept) -> Run {
    finish(kept.resume(trainer(plan)).unwrap()).unwrap()
}

#[test]
fn after_an_epoch_it_goes_on_as_if_nothing_had_been() {
    let plans = [
        plan(),
        TrainingPlan { optimizer: Optimizer::Sgd, learning_rate: 1e-2, ..plan() },
        TrainingPlan { ema_decay: 0.0, dropout: 0.0, clip_norm: 0.0, ..plan() },
    ];
    for plan in plans {
        let kept = interrupted(&plan, 2);
        assert_eq!(resumed(&plan, &kept), whole(&plan).without(8), "{plan:?}");
    }
}

#[test]
fn patience_and_the_plateau_are_counted_on() {
    // The accuracy cannot improve by more than 1: the first epoch stays the best.
    let never = TrainingPlan { monitor: Monitor::Accuracy, min_delta: 1.0, schedule: Schedule::Plateau, ..plan() };
    let plateau = TrainingPlan { epochs: 6, ..never.clone() };
    let run = resumed(&plateau, &interrupted(&plateau, 3));
    assert_eq!(run, whole(&plateau).without(12));
    let rate = |epoch: usize| run.epochs[epoch - 1].learning_rate;
    assert!(rate(5) < 0.2 * rate(4), "three epochs without an improvement, two of them before");
    assert_eq!((run.best_epoch, run.ending), (1, Ending::Completed));

    let impatient = TrainingPlan { epochs: 9, patience: 3, ..never };
    let run = resumed(&impatient, &interrupted(&impatient, 2));
    assert_eq!((run.epochs.len(), run.ending), (4, Ending::EarlyStopping));
    assert_eq!(run, whole(&impatient).without(8));
}

#[test]
fn it_goes_on_from_within_an_epoch_and_from_within_its_validation() {
    let plan = TrainingPlan { epochs: 3, ..plan() };
    let expected = whole(&plan);
    let steps = |wanted: usize| {
        let mut taken = 0;
        move |advance: &Advance| {
            taken += usize::from(matches!(advance, Advance::Steps(_)));
            taken == wanted
        }
    };
    // Interrupted three times; the second time while figures are not read yet.
    let mut first = trainer(&plan);
    assert!(first.standing().is_none(), "nothing was trained yet");
    train_until(&mut first, steps(1));
    let mut second = Kept::of(&first).resume(trainer(&plan)).unwrap().with_read_every(3);
    train_until(&mut second, steps(5));
    let mut third = Kept::of(&second).resume(trainer(&plan)).unwrap();
    train_until(&mut third, |advance| matches!(advance, Advance::Validating { .. }));
    let fourth = Kept::of(&third).resume(trainer(&plan)).unwrap();
    assert_eq!(fourth.steps(), 8);
    assert_eq!(finish(fourth).unwrap(), expected.without(8));
}

#[test]
fn unread_figures_are_not_left_behind() {
    let mut trainer = trainer(&plan()).with_read_every(3);
    // The first is read at once.
    for _ in 0..2 {
        futures_executor::block_on(trainer.advance()).unwrap();
    }
    assert!(trainer.standing().is_none());
    assert_eq!(futures_executor::block_on(trainer.read_steps()).unwrap().len(), 1);
    assert!(trainer.standing().is_some());
    trainer.stop();
    assert!(trainer.standing().is_none(), "it is over");
}

/// Whatever of it is changed, the run comes out another.
#[test]
fn nothing_of_what_is_kept_is_idle() {
    let never = TrainingPlan { monitor: Monitor::Accuracy, min_delta: 1.0, ..plan() };
    // Two steps an epoch; interrupted after the first of the third.
    let plan = TrainingPlan { schedule: Schedule::Plateau, ..never };
    let fresh = || trainer_on(&plan, 7);
    let resumed = |kept: &Kept| finish(kept.resume(fresh()).unwrap()).unwrap();
    let mut begun = fresh();
    let mut steps = 0;
    train_until(&mut begun, |advance| {
        steps += usize::from(matches!(advance, Advance::Steps(_)));
        steps == 5
    });
    let kept = Kept::of(&begun);
    let expected = finish(begun).unwrap();
    assert_eq!(resumed(&kept), expected);
    let numbers = [
        "/step",
        "/left",
        "/augmentation",
        "/dropout",
        "/averaged",
        "/best_epoch",
        "/epoch/order",
        "/epoch/loss",
        "/epoch/steps",
        "/epoch/right",
        "/epoch/labelled",
        "/rate/factor",
        "/rate/waited",
        "/stopping/best",
        "/moved/head.affect.weight",
    ];
    for number in numbers {
        let mut standing: serde_json::Value = serde_json::from_str(&kept.standing).unwrap();
        let value = standing.pointer_mut(number).unwrap_or_else(|| panic!("{number}"));
        *value = match value.as_u64() {
            Some(whole) => (whole + 1).into(),
            None => (value.as_f64().unwrap() * 2.0 - 20.0).into(),
        };
        let altered = Kept { standing: standing.to_string(), ..kept.clone() };
        assert_ne!(resumed(&altered), expected, "{number}");
    }
    for part in resuming::PARTS {
        let mut altered = kept.clone();
        // The last number of the file, a little larger.
        let at = altered.files[&part].len() - 2;
        altered.files.get_mut(&part).unwrap()[at] ^= 1;
        assert_ne!(resumed(&altered), expected, "{part:?}");
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let kept = interrupted(&plan(), 1);
    let refusal = |kept: Kept| kept.resume(trainer(&plan())).map(|_| ()).unwrap_err().to_string();
    let mut cut_short = kept.clone();
    cut_short.files.get_mut(&Part::Average).unwrap().truncate(1000);
    assert!(refusal(cut_short).starts_with("this is not a whole safetensors file"));
    let mut mixed_up = kept.clone();
    let moments = mixed_up.files[&Part::FirstMoment].clone();
    mixed_up.files.insert(Part::Weights, moments);
    assert_eq!(refusal(mixed_up).split('"').next(), Some("the tensor "), "the statistics are missing");
}
