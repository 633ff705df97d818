//! Networks written down: their costs against published figures, folded normalisations against the network as it stands,
//! and ONNX files. What ONNX Runtime makes of those files is tested in `tests/onnx/`, from what is left for it here.

use std::collections::HashMap;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::tensor::{Device, Tensor, TensorData};
use mien::affect::LabelSet;
use mien::models::{
    Architecture, Backbone, CATALOGUE, Checkpoint, Graph, Model, ModelCard, Operation, Predictor, onnx, variant,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the CPU backend waited"),
    }
}

/// A model in which nothing is as it begins: normalisations scale, shift, and have seen something.
fn used(architecture: &Architecture, size: u32) -> Checkpoint {
    let label_set = LabelSet::affectnet8();
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let model = Model::init(architecture, label_set.len(), &mut rng, &Device::flex());
    let card = ModelCard {
        architecture: architecture.name.into(),
        variant: architecture.variant.into(),
        label_set,
        preprocessing: (architecture.preprocessing)(size),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    let file = block_on(Checkpoint::of(&model, card)).unwrap().write().unwrap();
    let metadata = SafeTensors::read_metadata(&file).unwrap().1.metadata().clone();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let mut names: Vec<&str> = tensors.names();
    names.sort_unstable();
    let mut drawn = |name: &&str| {
        let view = tensors.tensor(name).unwrap();
        let around = |centre: f32, reach: f32, rng: &mut ChaCha8Rng| centre + reach * (2.0 * rng.random::<f32>() - 1.0);
        let values = view.data().as_chunks().0.iter().map(|four| match (view.shape().len(), name) {
            (1, name) if name.ends_with("weight") || name.ends_with("running_var") => around(1.0, 0.5, &mut rng),
            (1, _) => around(0.0, 0.3, &mut rng),
            _ => f32::from_le_bytes(*four),
        });
        (name.to_string(), view.shape().to_vec(), values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
    };
    let drawn: Vec<_> = names.iter().map(&mut drawn).collect();
    let views = drawn
        .iter()
        .map(|(name, shape, bytes)| (name, TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).unwrap()));
    Checkpoint::read(&safetensors::serialize(views, metadata).unwrap()).unwrap()
}

fn images(count: usize, size: usize) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    (0..count * 3 * size * size).map(|_| 4.0 * rng.random::<f32>() - 2.0).collect()
}

fn close(found: &[f32], expected: &[f32], what: &str) {
    let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-4 * largest, "{what}: {found}, not {expected}");
    }
}

/// torchvision documents 4.09, 15.47 and 0.39 GFLOPS (of one multiplication and one addition each) for its three networks
/// with their classifiers, and 25,557,032, 138,357,544 and 5,288,548 parameters.
#[test]
fn costs_are_the_published_ones() {
    // The multiplications of VGG16's three fully connected layers; one layer of the others'.
    let of_vgg = 25_088 * 4096 + 4096 * 4096 + 4096 * 1000;
    for (name, of, classifier, gigaflops, parameters) in [
        ("resnet50", "v1.5", 2048 * 1000_u64, 4.09, 25_557_032 - 2_049_000),
        ("vgg16", "configuration-d", of_vgg, 15.47, 138_357_544 - of_vgg as usize - 9192),
        ("efficientnet-b0", "symmetric", 1280 * 1000, 0.39, 5_288_548 - 1_281_000),
    ] {
        let model = Model::blank(variant(name, of).unwrap(), 0, &Device::flex());
        let graph = Graph::of(&model, 224);
        let channels = model.backbone.channels();
        let found = (graph.multiplications() - 2 * channels as u64 + classifier) as f64 / 1e9;
        assert!((found - gigaflops).abs() < 0.006, "{name}: {found}");
        let of_layers: usize = graph.nodes.iter().map(|node| node.parameters).sum();
        assert_eq!(of_layers, model.parameters(), "{name}");
        assert_eq!(of_layers - 2 * channels - 2, parameters, "{name}");
    }
}

#[test]
fn every_parameter_is_in_a_layer_of_its_name() {
    for line in CATALOGUE {
        let model = Model::blank(line, 8, &Device::flex());
        let graph = Graph::of(&model, 64);
        let of_layers: usize = graph.nodes.iter().map(|node| node.parameters).sum();
        assert_eq!(of_layers, model.parameters(), "{}", line.name);
        let unnamed = graph.nodes.iter().any(|node| match &node.operation {
            Operation::Convolution { layer, .. }
            | Operation::Normalisation { layer, .. }
            | Operation::Dense { layer } => layer.is_empty(),
            _ => false,
        });
        assert!(!unnamed, "{}", line.name);
        assert_eq!(graph.nodes[graph.logits.unwrap()].shape, [8], "{}", line.name);
        let computed = model.backbone.features(Tensor::zeros([1, 3, 63, 63], &Device::flex())).dims();
        let graph = Graph::of(&model, 63);
        let pooled = graph.nodes.iter().rev().find(|node| node.operation == Operation::MeanOfPlaces).unwrap();
        assert_eq!(graph.nodes[pooled.inputs[0]].shape, computed[1..], "{}", line.name);
    }
}

#[test]
fn folded_normalisations_change_nothing() {
    for line in CATALOGUE {
        // Odd, so that "same" padding is not symmetric.
        let size = 45;
        let model = used(line, size as u32).build(&Device::flex()).unwrap();
        let x = Tensor::<4>::from_data(TensorData::new(images(2, size), [2, 3, size, size]), &Device::flex());
        let plain = model.forward(x.clone(), None);
        let mut predictor = Predictor::new(model);
        for _ in 0..2 {
            let folded = predictor.forward(x.clone());
            let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
            close(&values(folded.logits.unwrap()), &values(plain.logits.clone().unwrap()), line.name);
            close(&values(folded.affect), &values(plain.affect.clone()), line.name);
        }
    }
}

#[test]
fn large_images_go_through_in_small_batches() {
    let predictor =
        |name: &str| Predictor::new(Model::blank(mien::models::architecture(name).unwrap(), 8, &Device::flex()));
    assert_eq!(predictor("custom-cnn").batch(48), 32);
    // Its first maps are 64 x 224 x 224 numbers of four bytes.
    assert_eq!(predictor("vgg16").batch(224), 5);
}

/// Leaves files of every architecture, and what they must give, where `tests/onnx/` looks for them.
#[test]
fn onnx_files_are_written() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("onnx");
    fs::create_dir_all(&folder).unwrap();
    for line in CATALOGUE {
        let size = 45;
        let checkpoint = used(line, size as u32);
        let file = onnx(&checkpoint).unwrap();
        assert_eq!(file, onnx(&checkpoint).unwrap(), "the same model gives the same file");
        let values = images(2, size);
        let device = Device::flex();
        let x = Tensor::<4>::from_data(TensorData::new(values.clone(), [2, 3, size, size]), &device);
        let model = checkpoint.build(&device).unwrap();
        let logits = model.forward(x.clone(), None).logits.unwrap().into_data();
        let guesses = block_on(Predictor::new(model).predict(x)).unwrap();
        let expected: HashMap<&str, Vec<f32>> = HashMap::from([
            ("logits", logits.iter::<f32>().collect()),
            ("probabilities", guesses.iter().flat_map(|guess| guess.probabilities.clone()).collect()),
            ("valence_arousal", guesses.iter().flat_map(|guess| [guess.valence, guess.arousal]).collect()),
        ]);
        let name = format!("{}-{}", line.name, line.variant);
        fs::write(folder.join(format!("{name}.onnx")), &file).unwrap();
        let told = serde_json::json!({ "shape": [2, 3, size, size], "images": values, "expected": expected });
        fs::write(folder.join(format!("{name}.json")), told.to_string()).unwrap();
    }
}
