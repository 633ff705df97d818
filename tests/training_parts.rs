//! Batches, early stopping, the moving average, clipping and the optimisers.

use std::collections::BTreeSet;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use mien::models::{Model, architecture};
use mien::training::{
    Descent, Ema, EpochRecord, Monitor, Optimizer, Rates, Stopping, TrainingPlan, Watched, batches_per_epoch,
    clip_by_global_norm, shuffled_batches,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

proptest! {
    #[test]
    fn every_sample_is_in_one_batch_and_no_batch_is_of_one(samples in 2usize..200, size in 2usize..40, seed: u64) {
        let all: Vec<usize> = (0..samples).map(|i| i * 3).collect();
        let batches = shuffled_batches(&all, size, &mut ChaCha8Rng::seed_from_u64(seed));
        prop_assert_eq!(batches.len(), batches_per_epoch(samples, size));
        prop_assert!(batches.iter().all(|batch| batch.len() > 1 && batch.len() <= size + 1));
        let flat: Vec<usize> = batches.concat();
        prop_assert_eq!(flat.len(), samples);
        prop_assert_eq!(flat.into_iter().collect::<BTreeSet<_>>(), all.into_iter().collect());
    }
}

#[test]
fn stopping_counts_from_the_best_epoch_and_wants_a_real_improvement() {
    let plan = TrainingPlan { patience: 2, min_delta: 0.1, ..TrainingPlan::default() };
    let mut stopping = Stopping::new(&plan, Watched::Validation(Monitor::Accuracy));
    let mut seen = Vec::new();
    for accuracy in [None, Some(0.3), Some(0.35), Some(0.5), Some(0.5), Some(0.2)] {
        let best = stopping.is_best(&EpochRecord { validation_accuracy: accuracy, ..EpochRecord::default() });
        seen.push((best, stopping.is_over()));
    }
    let (no, yes) = (false, true);
    assert_eq!(seen, [(no, no), (yes, no), (no, no), (yes, no), (no, no), (no, yes)]);

    let mut lower = Stopping::new(&plan, Watched::TrainingLoss);
    let epoch = |loss| EpochRecord { train_loss: loss, ..EpochRecord::default() };
    assert!(lower.is_best(&epoch(1.0)));
    assert!(!lower.is_best(&epoch(2.0)));
    assert!(lower.is_best(&epoch(0.5)));
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The norm of (3, 4) and (12) together is 13.
#[test]
fn clipping_is_by_the_norm_over_all_parameters() {
    let gradient = |values: &[f32]| Tensor::<1>::from_floats(values, &Device::flex());
    for (largest, factor) in [(6.5, 0.5), (13.5, 1.0)] {
        let clipped = clip_by_global_norm(vec![gradient(&[3.0, 4.0]), gradient(&[12.0])], largest);
        for (found, expected) in clipped.into_iter().flat_map(values).zip([3.0, 4.0, 12.0]) {
            assert!((found - expected * factor).abs() < 1e-4, "{found} {expected}");
        }
    }
}

/// Two steps of torch.optim on a scalar parameter 1 with gradients 0.5 and -0.2, rate 0.1, decay 0.1, worked by hand:
/// AdamW multiplies by `1 - 0.1 * 0.1` before each step; SGD adds `0.1 * p` to the gradient.
#[test]
fn weights_decay_and_biases_do_not() {
    let device = Device::flex().autodiff();
    let adamw = |decay: f64| {
        let (mut p, mut m, mut v) = (1.0f64, 0.0, 0.0);
        for (t, g) in [(1, 0.5), (2, -0.2)] {
            p *= 1.0 - 0.1 * decay;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            p -= 0.1 * (m / (1.0 - 0.9f64.powi(t))) / ((v / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-8);
        }
        p
    };
    let sgd = |decay: f64| {
        let (mut p, mut velocity) = (1.0f64, 0.0);
        for g in [0.5, -0.2] {
            velocity = 0.9 * velocity + (g + decay * p);
            p -= 0.1 * velocity;
        }
        p
    };
    let network = Model::blank(architecture("custom-cnn").unwrap(), 2, &device);
    for (which, with, without) in [(Optimizer::Adamw, adamw(0.1), adamw(0.0)), (Optimizer::Sgd, sgd(0.1), sgd(0.0))] {
        let plan = TrainingPlan { optimizer: which, weight_decay: 0.1, ..TrainingPlan::default() };
        let mut optimizer = Descent::new(&plan);
        let mut module = network.clone();
        for gradient in [0.5, -0.2] {
            let mut gradients = GradientsParams::new();
            let affect = &module.head.affect;
            gradients.register(affect.weight.id, Tensor::<2>::full(affect.weight.dims(), gradient, &Device::flex()));
            gradients.register(affect.bias.id, Tensor::<1>::full([2], gradient, &Device::flex()));
            module.head.affect.weight = module.head.affect.weight.map(|weight| match gradient {
                0.5 => weight.ones_like().require_grad(),
                _ => weight,
            });
            module.head.affect.bias = module.head.affect.bias.map(|bias| match gradient {
                0.5 => bias.ones_like().require_grad(),
                _ => bias,
            });
            module = optimizer.step(&Rates::alike(), 0.1, 0.0, module, gradients);
        }
        let weight = values(module.head.affect.weight.val());
        let bias = values(module.head.affect.bias.val());
        assert!(weight.iter().all(|w| (f64::from(*w) - with).abs() < 1e-5), "{which:?}: {} {with}", weight[0]);
        assert!(bias.iter().all(|b| (f64::from(*b) - without).abs() < 1e-5), "{which:?}: {} {without}", bias[0]);
    }
}

#[test]
fn the_average_follows_the_weights_and_copies_the_statistics() {
    let device = Device::flex().autodiff();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut model = Model::init(architecture("custom-cnn").unwrap(), 2, &mut rng, &device);
    let mut ema = Ema::new(0.5, &model);
    let kept = ema.model().valid();
    let mut expected = 0.0f64;
    for (t, weight) in [1.0f64, 3.0, -2.0, 5.0, 5.0].into_iter().enumerate() {
        model.head.affect.bias = model.head.affect.bias.map(|bias| bias.full_like(weight).require_grad());
        // A forward pass moves the running statistics.
        model.forward(Tensor::random([4, 3, 32, 32], burn::tensor::Distribution::Normal(2.0, 1.0), &device), None);
        ema.update(&model.valid());
        let decay = 0.5f64.min((1.0 + t as f64) / (10.0 + t as f64));
        expected = decay * expected + (1.0 - decay) * weight;
        let found = values(ema.model().head.affect.bias.val());
        assert!(found.iter().all(|value| (f64::from(*value) - expected).abs() < 1e-5), "{found:?} {expected}");
    }
    let statistic = |model: &Model| {
        let mien::models::Network::CustomCnn(network) = &model.backbone else { panic!("another network") };
        values(network.stem.norm.running_mean.value())
    };
    assert_eq!(statistic(ema.model()), statistic(&model.valid()));
    assert_ne!(statistic(ema.model()), statistic(&kept), "a kept copy must not be moved by later updates");
}
