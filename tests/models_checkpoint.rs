//! Model files: what is written is read back bit for bit, and what is wrong is refused by name.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};
use mien::affect::LabelSet;
use mien::imaging::Preprocessing;
use mien::models::{Checkpoint, CheckpointError, Model, ModelCard, Predictor, architecture};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the CPU backend waited"),
    }
}

fn card(label_set: LabelSet) -> ModelCard {
    ModelCard {
        architecture: "custom-cnn".into(),
        variant: architecture("custom-cnn").unwrap().variant.into(),
        label_set,
        preprocessing: Preprocessing::plain(32),
        plan: Some(serde_json::json!({ "epochs": 3 })),
        metrics: Some(serde_json::json!({ "accuracy": 0.5 })),
        dataset: Some("faces \"of\" mine".into()),
        licence: None,
    }
}

/// A model whose running statistics have moved from where they begin.
fn used_model(label_set: &LabelSet) -> Model {
    let device = Device::flex().autodiff();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let model = Model::init(architecture("custom-cnn").unwrap(), label_set.len(), &mut rng, &device);
    let images = Tensor::arange(0..4 * 3 * 32 * 32, &device).float().sin().mul_scalar(3.0);
    for _ in 0..2 {
        model.forward(images.clone().reshape([4, 3, 32, 32]), None);
    }
    model.valid()
}

fn checkpoint() -> Checkpoint {
    let label_set = LabelSet::ferplus();
    block_on(Checkpoint::of(&used_model(&label_set), card(label_set))).unwrap()
}

#[test]
fn half_the_bits_are_half_the_file_and_close() {
    let whole = checkpoint();
    let file = whole.write_halves().unwrap();
    let (whole_file, halves) = (whole.write().unwrap(), Checkpoint::read(&file).unwrap());
    let metadata = SafeTensors::read_metadata(&file).unwrap().0;
    assert_eq!(file.len() - metadata, (whole_file.len() - SafeTensors::read_metadata(&whole_file).unwrap().0) / 2 + 4);
    assert_eq!(halves.card, whole.card);
    for (name, weights) in whole.weights() {
        for (half, value) in halves.weights()[name].values.iter().zip(&weights.values) {
            // Eleven binary digits, and what is below the smallest normal number.
            assert!((half - value).abs() <= value.abs() / 2048.0 + 3e-8, "{name}: {half}, not {value}");
        }
    }
}

#[test]
fn what_sixteen_bits_do_not_hold_keeps_thirty_two() {
    let name = "backbone.stem.norm.running_var";
    let large = changed(|entries, _| find(entries, name).data[..4].copy_from_slice(&1e6f32.to_le_bytes()));
    let large = Checkpoint::read(&large).unwrap();
    let read = Checkpoint::read(&large.write_halves().unwrap()).unwrap();
    assert_eq!(read.weights()[name].values, large.weights()[name].values);
    assert_ne!(read.weights(), large.weights(), "the others are rounded");
}

#[test]
fn a_temperature_divides_the_logits() {
    let (device, images) = (Device::flex(), Tensor::<4>::ones([1, 3, 32, 32], &Device::flex()));
    let said = |checkpoint: &Checkpoint| checkpoint.build(&device).unwrap().forward(images.clone(), None);
    let (plain, tempered) = (said(&checkpoint()), said(&checkpoint().at_temperature(2.0)));
    let off = plain.logits.unwrap().div_scalar(2.0) - tempered.logits.unwrap();
    assert!(off.abs().max().into_scalar::<f32>() < 1e-5);
    assert_eq!(plain.affect.into_data(), tempered.affect.into_data());
}

/// A file with its tensors or its metadata changed.
fn changed(change: impl FnOnce(&mut Vec<Entry>, &mut HashMap<String, String>)) -> Vec<u8> {
    let file = checkpoint().write().unwrap();
    let (_, header) = SafeTensors::read_metadata(&file).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let mut entries: Vec<Entry> = tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| Entry { name, dtype: view.dtype(), shape: view.shape().into(), data: view.data().into() })
        .collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let mut metadata = header.metadata().clone().unwrap();
    change(&mut entries, &mut metadata);
    let views = entries.iter().map(|e| (&e.name, TensorView::new(e.dtype, e.shape.clone(), &e.data).unwrap()));
    safetensors::serialize(views, Some(metadata)).unwrap()
}

struct Entry {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    data: Vec<u8>,
}

fn find<'a>(entries: &'a mut [Entry], name: &str) -> &'a mut Entry {
    entries.iter_mut().find(|entry| entry.name == name).unwrap()
}

fn refusal(file: &[u8]) -> CheckpointError {
    Checkpoint::read(file).map(|_| ()).unwrap_err()
}

#[test]
fn a_file_repeats_its_model_bit_for_bit() {
    for label_set in [LabelSet::ferplus(), LabelSet::custom("none", [""; 0])] {
        let device = Device::flex();
        let model = used_model(&label_set);
        let checkpoint = block_on(Checkpoint::of(&model, card(label_set.clone()))).unwrap();
        let file = checkpoint.write().unwrap();
        let read = Checkpoint::read(&file).unwrap();
        assert_eq!(read, checkpoint);
        assert!(read.write().unwrap() == file, "to the byte");
        assert_eq!(ModelCard::read(&file).unwrap(), read.card);
        assert_eq!(checkpoint.parameters(), model.parameters());

        let images = Tensor::<4>::random([5, 3, 32, 32], Distribution::Normal(0.0, 1.0), &device);
        let before = block_on(Predictor::new(model).predict(images.clone())).unwrap();
        let after = block_on(Predictor::new(read.build(&device).unwrap()).predict(images)).unwrap();
        assert_eq!(before, after);
        assert_eq!(before[0].probabilities.len(), label_set.len());
        assert!(before.iter().all(|g| g.valence.abs() <= 1.0 && g.arousal.abs() <= 1.0));
    }
}

/// The numbers are those that a reader which rounds twice gets wrong.
#[test]
fn the_numbers_of_a_file_come_back_as_they_were() {
    let label_set = LabelSet::ferplus();
    let numbers = [0.48892539739608765, 0.9229059815406799, 1.8033659415195247, 1.4000000000000001];
    let metrics = Some(serde_json::json!({ "seconds": numbers }));
    let card = ModelCard { metrics: metrics.clone(), ..card(label_set.clone()) };
    let written = block_on(Checkpoint::of(&used_model(&label_set), card)).unwrap().write().unwrap();
    let read = Checkpoint::read(&written).unwrap();
    assert_eq!(read.card.metrics, metrics);
    assert!(read.write().unwrap() == written);
}

#[test]
fn names_are_the_documented_ones() {
    let checkpoint = checkpoint();
    let names: Vec<&str> = checkpoint.weights().keys().map(String::as_str).collect();
    for name in [
        "backbone.stem.conv.weight",
        "backbone.stem.norm.weight",
        "backbone.stem.norm.bias",
        "backbone.stem.norm.running_mean",
        "backbone.stem.norm.running_var",
        "backbone.blocks.0.reduce.conv.weight",
        "backbone.blocks.0.near.weight",
        "backbone.blocks.0.middle.weight",
        "backbone.blocks.0.far.weight",
        "backbone.blocks.0.fuse.norm.weight",
        "backbone.blocks.0.shortcut.conv.weight",
        "backbone.blocks.0.attention.squeeze.weight",
        "backbone.blocks.0.attention.excite.bias",
        "backbone.blocks.0.attention.place.weight",
        "head.expression.weight",
        "head.expression.bias",
        "head.affect.weight",
        "head.affect.bias",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert_eq!(checkpoint.weights()["head.expression.weight"].shape[0], 8, "[classes, features]");
}

/// A file whose numbers are rounded to 16 bits, and what they are then.
fn halved(dtype: Dtype, round: impl Fn(f32) -> ([u8; 2], f32)) {
    let file = changed(|entries, _| {
        for entry in entries {
            let values = entry.data.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four));
            entry.data = values.flat_map(|value| round(value).0).collect();
            entry.dtype = dtype;
        }
    });
    let (halves, whole) = (Checkpoint::read(&file).unwrap(), checkpoint());
    for (name, weights) in whole.weights() {
        let rounded: Vec<f32> = weights.values.iter().map(|value| round(*value).1).collect();
        assert_eq!(halves.weights()[name].values, rounded, "{name}");
    }
}

#[test]
fn half_precision_loads() {
    halved(Dtype::F16, |value| {
        let half = half::f16::from_f32(value);
        (half.to_le_bytes(), half.to_f32())
    });
    halved(Dtype::BF16, |value| {
        let half = half::bf16::from_f32(value);
        (half.to_le_bytes(), half.to_f32())
    });
}

#[test]
fn what_is_wrong_with_a_tensor_is_said_with_its_name() {
    let name = "backbone.stem.conv.weight";
    let missing = changed(|entries, _| entries.retain(|entry| entry.name != name));
    assert!(matches!(refusal(&missing), CheckpointError::Missing(found) if found == name));

    let extra = changed(|entries, _| find(entries, name).name = "features.0.weight".into());
    assert!(matches!(refusal(&extra), CheckpointError::Extra(found) if found == "features.0.weight"));

    let shape = changed(|entries, _| find(entries, "head.affect.weight").shape.reverse());
    let error = refusal(&shape).to_string();
    assert!(error.starts_with("the tensor \"head.affect.weight\" has shape ["), "{error}");

    let classes = changed(|_, metadata| {
        metadata.insert("label_set".into(), serde_json::to_string(&LabelSet::affectnet7()).unwrap());
    });
    assert!(matches!(refusal(&classes), CheckpointError::Shape { name, .. } if name == "head.expression.bias"));

    let kind = changed(|entries, _| find(entries, "head.affect.bias").dtype = Dtype::I32);
    assert_eq!(
        refusal(&kind).to_string(),
        "the tensor \"head.affect.bias\" is of type I32; only F32, F16 and BF16 are read"
    );

    for poison in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let file = changed(|entries, _| find(entries, name).data[8..12].copy_from_slice(&poison.to_le_bytes()));
        assert!(
            matches!(refusal(&file), CheckpointError::NotFinite { name: found, index: 2 } if found == name),
            "{poison}"
        );
    }
}

#[test]
fn what_is_wrong_with_the_metadata_is_said() {
    let with = |key: &str, value: Option<&str>| {
        let file = changed(|_, metadata| match value {
            Some(value) => drop(metadata.insert(key.into(), value.into())),
            None => drop(metadata.remove(key)),
        });
        refusal(&file).to_string()
    };
    assert!(with("format", None).contains("its format is missing"));
    assert!(with("format", Some("mien/2")).contains("its format is \"mien/2\""));
    assert_eq!(with("label_set", None), "the file's metadata \"label_set\" is missing");
    assert!(with("label_set", Some("[1]")).contains("cannot be read"));
    assert!(with("preprocessing", Some("{")).contains("cannot be read"));
    assert!(with("architecture", Some("vgg99")).contains("no architecture \"vgg99\""));
    assert!(with("variant", Some("other")).contains("variant \"other\""));
    let mut preprocessing = Preprocessing::plain(32);
    preprocessing.std[1] = 0.0;
    assert!(with("preprocessing", Some(&serde_json::to_string(&preprocessing).unwrap())).contains("cannot be"));
    let huge = Preprocessing::plain(u32::MAX);
    assert!(with("preprocessing", Some(&serde_json::to_string(&huge).unwrap())).contains("4096"));
    let crowd = LabelSet::custom("crowd", (0..100_000).map(|i| i.to_string()));
    assert!(with("label_set", Some(&serde_json::to_string(&crowd).unwrap())).contains("1000 classes"));
}

/// Headers that promise what the file does not hold.
#[test]
fn lying_headers_are_refused() {
    let lie = |header: &str, data: usize| {
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.as_bytes());
        file.resize(file.len() + data, 0);
        assert!(matches!(refusal(&file), CheckpointError::File(_)), "{header}");
    };
    lie(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4);
    lie(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3);
    lie(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4);
    lie(
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
        6,
    );
    lie(r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#, 4);
    lie(r#"{"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,4]}}"#, 4);
    lie(r#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, 4);
    lie("{", 0);
    for file in [&b""[..], b"1234567", &u64::MAX.to_le_bytes(), &100u64.to_le_bytes()] {
        assert!(matches!(refusal(file), CheckpointError::File(_)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Cut short anywhere, a file is refused.
    #[test]
    fn a_truncated_file_is_refused(share in 0.0f64..1.0) {
        thread_local!(static FILE: Vec<u8> = checkpoint().write().unwrap());
        FILE.with(|file| {
            let cut = (file.len() as f64 * share) as usize;
            assert!(Checkpoint::read(&file[..cut]).is_err());
        });
    }

    /// A damaged header never panics.
    #[test]
    fn a_damaged_header_never_panics(at in 0usize..4000, byte: u8) {
        thread_local!(static FILE: Vec<u8> = checkpoint().write().unwrap());
        FILE.with(|file| {
            let mut file = file.clone();
            file[at] = byte;
            let _ = Checkpoint::read(&file);
        });
    }
}
