//! Training from pre-trained weights: what is frozen stays, what is cached is the same, rates are shares.

mod in_memory;
mod resuming;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use futures_executor::block_on;
use in_memory::Faces;
use mien::affect::{Annotation, LabelSet};
use mien::imaging::Pixels;
use mien::models::{Architecture, BackboneWeights, Checkpoint, Model, ModelCard, Weights, variant};
use mien::training::{Advance, InitialWeights, Schedule, StepRecord, Trainable, Trainer, TrainingData, TrainingPlan};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resuming::{Kept, finish, train_until};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

const SIDE: usize = 32;

/// Noise, brighter on the left for one class and on the right for the other.
fn halves(count: usize, seed: u64) -> Box<Faces> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sample = |i: usize| {
        let mut image = Pixels::filled(SIDE, SIDE, 3, 0);
        for (at, value) in image.data.iter_mut().enumerate() {
            let right = at / 3 % SIDE >= SIDE / 2;
            *value = rng.random_range(0..80) + if right == (i % 2 == 1) { 150 } else { 0 };
        }
        (image, Annotation { valence: Some(0.5), ..Annotation::one_hot(i % 2, 2) })
    };
    Box::new(Faces((0..count).map(&mut sample).collect()))
}

fn network() -> &'static Architecture {
    variant("efficientnet-b0", "same").unwrap()
}

fn label_set() -> LabelSet {
    LabelSet::custom("halves", ["left", "right"])
}

/// Every weight of a model, by name.
fn weights(model: &Model) -> BTreeMap<String, Weights> {
    let card = ModelCard {
        architecture: network().name.into(),
        variant: network().variant.into(),
        label_set: label_set(),
        preprocessing: (network().preprocessing)(SIDE as u32),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    block_on(Checkpoint::of(model, card)).unwrap().weights().clone()
}

/// Weights that somebody published: those of a seed.
fn published() -> (BackboneWeights, BTreeMap<String, Weights>) {
    let model = Model::init(network(), 2, &mut ChaCha8Rng::seed_from_u64(9), &Device::flex());
    let all = weights(&model);
    let backbone: BTreeMap<String, Vec<u8>> = all
        .iter()
        .filter_map(|(name, weights)| Some((name.strip_prefix("backbone.")?, weights)))
        .map(|(name, weights)| (name.into(), weights.values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views = backbone.iter().map(|(name, data)| {
        let shape = all[&format!("backbone.{name}")].shape.clone();
        (name, TensorView::new(Dtype::F32, shape, data).unwrap())
    });
    let file = safetensors::serialize(views, None).unwrap();
    (BackboneWeights::read(&file, network()).unwrap(), all)
}

/// A plan whose steps are easily foreseen: nothing varied, no decay, one rate.
fn plan(trainable: Trainable) -> TrainingPlan {
    TrainingPlan {
        model: network().name.into(),
        weights: InitialWeights::Imagenet,
        trainable,
        epochs: 2,
        batch_size: 4,
        input_size: SIDE as u32,
        schedule: Schedule::Constant,
        learning_rate: 1e-2,
        backbone_rate: 0.5,
        weight_decay: 0.0,
        clip_norm: 0.0,
        ema_decay: 0.0,
        flip: 0.0,
        rotation: 0.0,
        scale: 0.0,
        shift: 0.0,
        brightness: 0.0,
        contrast: 0.0,
        erasing: 0.0,
        ..TrainingPlan::default()
    }
}

fn trainer(plan: TrainingPlan, weights: &BackboneWeights) -> Trainer {
    let data = TrainingData { train: halves(8, 1), validation: halves(3, 2) };
    Trainer::with_weights(plan, &label_set(), data, Some(weights), &Device::flex(), || 0.0).unwrap()
}

/// Goes on until so many steps were taken, or to the end.
fn run(trainer: &mut Trainer, most: usize) -> (Vec<StepRecord>, Vec<(usize, usize)>) {
    let (mut steps, mut features) = (Vec::new(), Vec::new());
    while steps.len() < most {
        match block_on(trainer.advance()).unwrap() {
            Advance::Steps(records) => steps.extend(records),
            Advance::Features { done, total } => features.push((done, total)),
            Advance::Finished(_) => break,
            Advance::Validating { .. } | Advance::Epoch(_) => {}
        }
    }
    (steps, features)
}

/// Which tensors differ, and by how much at most.
fn changes(before: &BTreeMap<String, Weights>, after: &BTreeMap<String, Weights>) -> BTreeMap<String, f32> {
    let largest = |name: &String, new: &Weights| {
        let pairs = before[name].values.iter().zip(&new.values);
        pairs.map(|(old, new)| (old - new).abs()).fold(0.0, f32::max)
    };
    let changes = after.iter().map(|(name, new)| (name.clone(), largest(name, new)));
    changes.filter(|(name, change)| *change > 0.0 && name.starts_with("backbone.")).collect()
}

#[test]
fn the_head_alone_learns_from_features_that_are_computed_once() {
    let (weights_given, before) = published();
    let mut head = trainer(TrainingPlan { ema_decay: 0.9, ..plan(Trainable::Head) }, &weights_given);
    assert_eq!(head.parameters(), (1280 + 1) * (2 + 2), "expression, and valence and arousal");
    let (steps, features) = run(&mut head, usize::MAX);
    assert_eq!(features, [(8, 11), (11, 11)], "eight images at once, then those of the validation split");
    assert_eq!(steps.len(), 4);
    assert_eq!(changes(&before, &weights(&head.last())), BTreeMap::new(), "the backbone stays bit for bit");
    assert!(head.history().epochs.iter().all(|epoch| epoch.validation_accuracy.is_some()));

    // The same steps without a cache: the last stage is trained at a rate of nothing.
    let frozen = TrainingPlan { backbone_rate: 0.0, ..plan(Trainable::LastStage) };
    let mut whole = trainer(frozen, &weights_given);
    let mut cached = trainer(plan(Trainable::Head), &weights_given);
    for (whole, cached) in run(&mut whole, 4).0.iter().zip(run(&mut cached, 4).0) {
        assert!((whole.loss - cached.loss).abs() < 1e-4 * cached.loss, "{} {}", whole.loss, cached.loss);
    }
    assert_eq!(changes(&before, &weights(&whole.last())), BTreeMap::new());
}

#[test]
fn the_last_stage_moves_and_nothing_below_it() {
    let (given, before) = published();
    let mut trainer = trainer(plan(Trainable::LastStage), &given);
    run(&mut trainer, 1);
    let changed = changes(&before, &weights(&trainer.last()));
    let last = ["backbone.blocks.6.", "backbone.conv_head.", "backbone.bn2."];
    for name in changed.keys() {
        assert!(last.iter().any(|part| name.starts_with(part)), "{name}");
        assert!(!name.contains(".running_"), "{name} is a statistic, and those stay");
    }
    for name in ["backbone.blocks.6.0.conv_dw.weight", "backbone.conv_head.weight", "backbone.bn2.bias"] {
        assert!(changed.contains_key(name), "{name}");
    }
}

/// AdamW's first step moves every weight by the rate, whatever the gradient (Kingma & Ba 2015).
#[test]
fn the_backbone_moves_at_its_share_of_the_rate() {
    let (given, before) = published();
    let mut trainer = trainer(plan(Trainable::All), &given);
    assert_eq!(trainer.parameters(), Model::blank(network(), 2, &Device::flex()).parameters());
    let head = |trainer: &Trainer| weights(&trainer.last().valid())["head.affect.bias"].values[0];
    let begun = head(&trainer);
    run(&mut trainer, 1);
    let moved = (head(&trainer) - begun).abs();
    assert!((moved - 1e-2).abs() < 1e-4, "{moved}");
    let changed = changes(&before, &weights(&trainer.last()));
    assert!(changed.keys().any(|name| name == "backbone.conv_stem.weight"));
    assert!(changed.keys().all(|name| !name.contains(".running_")), "statistics stay");
    let largest = changed.values().copied().fold(0.0, f32::max);
    assert!((largest - 5e-3).abs() < 1e-4, "{largest}");
}

#[test]
fn stages_begin_to_learn_one_after_the_other() {
    let (given, before) = published();
    let gradual = TrainingPlan { unfreeze_every: 1, epochs: 3, ema_decay: 0.9, ..plan(Trainable::All) };
    let mut trainer = trainer(gradual, &given);
    let stages = [&["blocks.6", "conv_head", "bn2"][..], &["blocks.5"]];
    for learning in [&stages[..0], &stages[..1], &stages[..2]] {
        run(&mut trainer, 1);
        // The averaged weights, which are what is kept: they move where the weights do.
        let changed = changes(&before, &weights(&trainer.last()));
        let of = |stage: &[&str]| {
            stage.iter().any(|part| changed.keys().any(|name| name.starts_with(&format!("backbone.{part}."))))
        };
        assert!(learning.iter().all(|stage| of(stage)), "{learning:?}: {:?}", changed.keys());
        let known = |name: &&String| {
            learning.iter().flat_map(|stage| *stage).any(|part| name.starts_with(&format!("backbone.{part}.")))
        };
        assert_eq!(changed.keys().find(|name| !known(name)), None, "{learning:?}");
        // To the end of the epoch.
        while !matches!(block_on(trainer.advance()).unwrap(), Advance::Epoch(_) | Advance::Finished(_)) {}
    }
}

/// What is frozen is not kept: it is what it was published as.
#[test]
fn interrupted_it_goes_on_from_the_published_weights() {
    let (given, _) = published();
    let varied =
        TrainingPlan { epochs: 3, ema_decay: 0.9, flip: 0.5, rotation: 10.0, erasing: 0.5, ..plan(Trainable::All) };
    let gradual = TrainingPlan { unfreeze_every: 1, ..varied.clone() };
    let head = TrainingPlan { trainable: Trainable::Head, ..varied };
    for plan in [head, gradual] {
        let mut begun = trainer(plan.clone(), &given);
        train_until(&mut begun, |advance| matches!(advance, Advance::Epoch(record) if record.epoch == 2));
        let kept = Kept::of(&begun);
        let weights = kept.files[&mien::training::Part::Weights].len();
        let moved = 4 * begun.parameters();
        assert!(
            weights > moved && weights < moved + moved / 4 + 8192,
            "{weights} bytes for {moved} of trained weights"
        );
        let expected = finish(trainer(plan.clone(), &given)).unwrap();
        let resumed = finish(kept.resume(trainer(plan, &given)).unwrap()).unwrap();
        assert_eq!(resumed, expected.without(4));
    }
}

#[test]
fn without_the_weights_it_wants_a_plan_is_refused() {
    let data = || TrainingData { train: halves(4, 1), validation: halves(0, 2) };
    let refusal = |plan, weights| {
        Trainer::with_weights(plan, &label_set(), data(), weights, &Device::flex(), || 0.0).map(|_| ()).unwrap_err()
    };
    assert_eq!(
        refusal(plan(Trainable::All), None).to_string(),
        "there are no pre-trained weights of EfficientNetB0: choose another model, or train it from scratch"
    );
    let other = TrainingPlan { model: "vgg16".into(), ..plan(Trainable::All) };
    let (given, _) = published();
    assert!(refusal(other, Some(&given)).to_string().contains("VGG16"));
    let drawn = TrainingPlan { weights: InitialWeights::Random, ..plan(Trainable::Head) };
    assert!(refusal(drawn, None).to_string().starts_with("Trainable must be all"));
}
