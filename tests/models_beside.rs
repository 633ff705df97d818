//! Model files beside a file of pre-trained weights: what is the same is left out, kernels are there as they differ.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::Device;
use futures_executor::block_on;
use mien::affect::LabelSet;
use mien::imaging::Preprocessing;
use mien::models::{
    Architecture, BackboneWeights, Checkpoint, CheckpointError, Model, ModelCard, Weights, architecture,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

const STEM: &str = "backbone.stem.conv.weight";
const STEP: &str = "backbone.stem.conv.weight.step";
const SHA256: &str = "0123";

fn network() -> &'static Architecture {
    architecture("custom-cnn").unwrap()
}

fn drawn(seed: u64) -> Model {
    Model::init(network(), 8, &mut ChaCha8Rng::seed_from_u64(seed), &Device::flex())
}

fn checkpoint(model: &Model) -> Checkpoint {
    let card = ModelCard {
        architecture: network().name.into(),
        variant: network().variant.into(),
        label_set: LabelSet::ferplus(),
        preprocessing: Preprocessing::plain(32),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    block_on(Checkpoint::of(model, card)).unwrap()
}

/// The tensors of a file: type, shape and bytes.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

fn written(tensors: &Tensors, metadata: Option<HashMap<String, String>>) -> Vec<u8> {
    let views = tensors
        .iter()
        .map(|(name, (dtype, shape, data))| (name, TensorView::new(*dtype, shape.clone(), data).unwrap()));
    safetensors::serialize(views, metadata).unwrap()
}

/// Weights that somebody published: those of a seed.
fn published() -> (BackboneWeights, BTreeMap<String, Weights>) {
    let all = checkpoint(&drawn(1)).weights().clone();
    let backbone = all.iter().filter_map(|(name, Weights { shape, values })| {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Some((name.strip_prefix("backbone.")?.to_string(), (Dtype::F32, shape.clone(), bytes)))
    });
    (BackboneWeights::read(&written(&backbone.collect(), None), network()).unwrap(), all)
}

/// A file beside the published weights whose stem's kernels are two steps of a quarter from those, with something changed.
fn stem(change: impl FnOnce(&mut Tensors)) -> Vec<u8> {
    let (backbone, all) = published();
    let file = checkpoint(&drawn(1)).write_beside(&backbone, SHA256).unwrap();
    let mut tensors: Tensors = SafeTensors::deserialize(&file)
        .unwrap()
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, (view.dtype(), view.shape().into(), view.data().into())))
        .collect();
    assert!(tensors.keys().all(|name| name.starts_with("head.")), "what is the same is left out");

    let Weights { shape, values } = &all[STEM];
    tensors.insert(STEM.into(), (Dtype::I8, shape.clone(), vec![2; values.len()]));
    tensors.insert(STEP.into(), (Dtype::F32, vec![shape[0]], 0.25f32.to_le_bytes().repeat(shape[0])));
    change(&mut tensors);
    written(&tensors, SafeTensors::read_metadata(&file).unwrap().1.metadata().clone())
}

fn refusal(file: &[u8]) -> CheckpointError {
    Checkpoint::read_beside(file, &published().0).unwrap_err()
}

#[test]
fn a_kernel_is_as_many_steps_from_the_published_one_as_the_file_says() {
    let (backbone, all) = published();
    let read = Checkpoint::read_beside(&stem(|_| ()), &backbone).unwrap();
    let moved: Vec<f32> = all[STEM].values.iter().map(|value| value + 0.5).collect();
    assert_eq!(read.weights()[STEM].values, moved);
    for (name, weights) in all.iter().filter(|(name, _)| name.starts_with("backbone.") && *name != STEM) {
        assert_eq!(&read.weights()[name], weights, "{name}");
    }
}

#[test]
fn what_was_trained_comes_back_within_half_a_step() {
    let (backbone, all) = published();
    let own = checkpoint(&drawn(2));
    let file = own.write_beside(&backbone, SHA256).unwrap();
    assert_eq!(file, own.write_beside(&backbone, SHA256).unwrap(), "the same model gives the same bytes");
    let whole = own.write().unwrap();
    assert!(3 * file.len() < whole.len(), "{} of {} bytes", file.len(), whole.len());

    let read = Checkpoint::read_beside(&file, &backbone).unwrap();
    assert_eq!(read.card, own.card);
    let mut kernels = 0;
    for (name, weights) in own.weights().iter().filter(|(name, _)| name.starts_with("backbone.")) {
        let (was, is) = (&all[name].values, &read.weights()[name].values);
        let channels = weights.shape[0];
        let each = weights.values.len() / channels;
        for channel in 0..channels {
            let range = channel * each..(channel + 1) * each;
            let farthest = range.clone().map(|at| (weights.values[at] - was[at]).abs()).fold(0.0, f32::max);
            for at in range {
                let (own, is) = (weights.values[at], is[at]);
                let near = if weights.shape.len() > 1 { farthest / 254.0 + 1e-6 } else { own.abs() / 2048.0 + 3e-8 };
                assert!((own - is).abs() <= near, "{name}[{at}]: {is}, not {own}");
            }
        }
        kernels += usize::from(weights.shape.len() > 1);
    }
    assert!(kernels > 5, "{kernels} kernels");
}

#[test]
fn what_is_wrong_with_a_difference_is_said_with_its_name() {
    let missing = stem(|tensors| drop(tensors.remove(STEP)));
    assert!(matches!(refusal(&missing), CheckpointError::Missing(name) if name == STEP));

    let few = stem(|tensors| drop(tensors.insert(STEP.into(), (Dtype::F32, vec![1], vec![0; 4]))));
    assert!(matches!(refusal(&few), CheckpointError::Shape { name, found, .. } if name == STEP && found == [1]));

    let turned = stem(|tensors| tensors.get_mut(STEM).unwrap().1.reverse());
    assert!(matches!(refusal(&turned), CheckpointError::Shape { name, .. } if name == STEM || name == STEP));

    let endless = stem(|tensors| tensors.get_mut(STEP).unwrap().2[..4].copy_from_slice(&f32::INFINITY.to_le_bytes()));
    assert!(matches!(refusal(&endless), CheckpointError::NotFinite { name, index: 0 } if name == STEM));

    let nowhere = stem(|tensors| drop(tensors.insert("backbone.other".into(), (Dtype::I8, vec![1], vec![0]))));
    assert!(matches!(refusal(&nowhere), CheckpointError::Type { name, .. } if name == "backbone.other"));

    let bare = stem(|tensors| drop(tensors.insert(STEM.into(), (Dtype::I8, vec![], vec![0]))));
    assert!(matches!(refusal(&bare), CheckpointError::Shape { name, .. } if name == STEM || name == STEP));
}
