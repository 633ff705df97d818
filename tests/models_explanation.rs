//! Grad-CAM against what it is by definition, computed without automatic differentiation.

use burn::tensor::{Device, Tensor, TensorData};
use futures_executor::block_on;
use mien::affect::LabelSet;
use mien::models::{Backbone, Checkpoint, Explainer, Folded, Layers, Model, ModelCard, Target, architecture};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn image(side: usize, device: &Device) -> Tensor<4> {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let values: Vec<f32> = (0..3 * side * side).map(|_| rng.random_range(-1.0..1.0)).collect();
    Tensor::from_data(TensorData::new(values, [1, 3, side, side]), device)
}

/// The same random model, with autodiff and without.
fn models(name: &str) -> [Model; 2] {
    let line = architecture(name).unwrap();
    let model = Model::init(line, 8, &mut ChaCha8Rng::seed_from_u64(3), &Device::flex());
    let card = ModelCard {
        architecture: line.name.into(),
        variant: line.variant.into(),
        label_set: LabelSet::affectnet8(),
        preprocessing: (line.preprocessing)(48),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    let checkpoint = block_on(Checkpoint::of(&model, card)).unwrap();
    [Device::flex().autodiff(), Device::flex()].map(|device| checkpoint.build(&device).unwrap())
}

/// What the target scores, from the maps of a stage on.
fn score(model: &Model, stage: usize, maps: Tensor<4>, target: Target) -> f32 {
    let mut layers = Folded::default();
    let last =
        (stage + 1..model.backbone.stages().len()).fold(maps, |x, stage| model.backbone.stage(&mut layers, stage, x));
    let pooled = layers.mean_of_places(last);
    let (logits, affect) = model.head.through(&mut layers, pooled);
    let (outputs, place) = match target {
        Target::Class(class) => (logits.unwrap(), class),
        Target::Valence => (affect, 0),
        Target::Arousal => (affect, 1),
    };
    outputs.into_data().try_to_vec::<f32>().unwrap()[place]
}

/// Each map weighed by how the score moves with it, by central differences.
fn by_differences(model: &Model, stage: usize, image: Tensor<4>, target: Target) -> Vec<f32> {
    let mut layers = Folded::default();
    let maps = (0..=stage).fold(image, |x, stage| model.backbone.stage(&mut layers, stage, x));
    let [_, channels, height, width] = maps.dims();
    let step = 0.02;
    let mut heat = vec![0.0f32; height * width];
    for channel in 0..channels {
        let moved = |by: f32| {
            let mut by_channel = vec![0.0; channels];
            by_channel[channel] = by;
            let by = Tensor::<4>::from_data(TensorData::new(by_channel, [1, channels, 1, 1]), &maps.device());
            score(model, stage, maps.clone() + by, target)
        };
        let weight = (moved(step) - moved(-step)) / (2.0 * step) / (height * width) as f32;
        let values = maps.clone().narrow(1, channel, 1).into_data().try_to_vec::<f32>().unwrap();
        heat.iter_mut().zip(values).for_each(|(heat, value)| *heat += weight * value);
    }
    let heat: Vec<f32> = heat.into_iter().map(|value| value.max(0.0)).collect();
    let largest = heat.iter().copied().fold(0.0, f32::max);
    heat.into_iter().map(|value| value / largest).collect()
}

#[test]
fn grad_cam_weighs_maps_by_the_gradient() {
    // (network, side of the image, the last stage with six places on a side, places there)
    for (name, side, stage, places) in
        [("custom-cnn", 48, 3, 6), ("custom-cnn", 32, 2, 8), ("efficientnet-b0", 96, 5, 6)]
    {
        let [with_gradients, plain] = models(name);
        let mut explainer = Explainer::new(with_gradients);
        for target in [Target::Class(2), Target::Valence, Target::Arousal] {
            let found = block_on(explainer.grad_cam(image(side, &Device::flex().autodiff()), target)).unwrap();
            assert_eq!((found.width, found.height), (places, places), "{name} {side}");
            let expected = by_differences(&plain, stage, image(side, &Device::flex()), target);
            let apart = found.values.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 0.02, "{name} {side} {target:?}: {apart}\n{:?}\n{expected:?}", found.values);
            assert!(found.values.contains(&1.0));
        }
    }
}

#[test]
fn attention_is_of_every_block_of_customcnn_and_of_nobody_else() {
    let [model, _] = models("custom-cnn");
    let mut explainer = Explainer::new(model);
    let image = image(48, &Device::flex().autodiff());
    let maps = block_on(explainer.attention(image.clone())).unwrap();
    assert_eq!(maps.iter().map(|map| (map.width, map.height)).collect::<Vec<_>>(), [(24, 24), (12, 12), (6, 6)]);
    assert!(maps.iter().all(|map| map.values.iter().all(|weight| (0.0..=1.0).contains(weight))));
    assert_eq!(block_on(explainer.attention(image.clone())).unwrap(), maps, "it is the same again");
    let unknown = block_on(explainer.grad_cam(image.clone(), Target::Class(99))).unwrap();
    assert!(unknown.values.iter().all(|value| *value == 0.0));
    let [model, _] = models("efficientnet-b0");
    assert_eq!(block_on(Explainer::new(model).attention(image)).unwrap(), []);
}
