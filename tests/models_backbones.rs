//! The backbones against torchvision and timm: activations after every stage, gradients, plain weight files.
//! `golden/make_models.py` made the reference, and says by which formula both sides draw weights and images.

use std::collections::{BTreeMap, HashMap};

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use mien::models::{Architecture, Backbone, BackboneWeights, CheckpointError, Compute, Model, Path, variant};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde::Deserialize;

/// Of every tensor: some values, their mean and their root mean square.
#[derive(Deserialize)]
struct Glimpse {
    shape: Vec<usize>,
    values: Vec<f64>,
    mean: f64,
    rms: f64,
}

#[derive(Deserialize)]
struct Case {
    architecture: String,
    variant: String,
    size: usize,
    stages: Vec<Glimpse>,
    gradients: BTreeMap<String, Glimpse>,
}

/// How far a gradient may be off: where a ReLU or a maximum stands within rounding of its edge, its gradient goes another
/// way. In VGG16 at 32 pixels, noise of 1e-6 between the stages moves PyTorch's own gradient by 2e-3; in ResNet50 at 64, noise of
/// 3e-7 that of `layer2.0.conv2.weight` by 5e-3, and of 1e-6 by 8e-2.
const KINKS: f64 = 1e-2;

/// A tensor of a published weight file: its name, its shape, its type.
type Listed = (String, Vec<usize>, String);

fn golden<T: serde::de::DeserializeOwned>(file: &str) -> T {
    let path = format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The files of these libraries, by "library model".
fn listed(file: &str) -> Vec<Listed> {
    golden::<HashMap<String, Vec<Listed>>>("weight_files.json").remove(file).unwrap()
}

fn units(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    (1..=count as u64).map(move |i| {
        let mut z = seed.wrapping_add(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

fn drawn(name: &str, shape: &[usize]) -> Vec<f32> {
    let bound = (6.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
    let value = |unit: f64| match name {
        _ if shape.len() > 1 => unit * bound,
        _ if name.ends_with("running_var") => 1.0 + 0.3 * unit,
        _ if name.ends_with("running_mean") || name.ends_with("bias") => 0.1 * unit,
        _ => 1.0 + 0.2 * unit,
    };
    units(name, shape.iter().product()).map(|unit| value(unit) as f32).collect()
}

fn wave<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = units(name, shape.iter().product()).map(|unit| unit as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A plain weight file, as the library would publish it. The values are drawn under `names[i]` for tensor i.
/// Classifiers are left small: nobody reads them.
fn plain_file(tensors: &[Listed], names: &[Listed]) -> Vec<u8> {
    let classifier = |name: &str| name.starts_with("classifier") || name.starts_with("fc");
    let tensors = tensors.iter().zip(names).map(|((name, shape, kind), (drawn_as, ..))| match kind.as_str() {
        "int64" => (name, Dtype::I64, shape.clone(), vec![1, 0, 0, 0, 0, 0, 0, 0]),
        _ if classifier(name) => (name, Dtype::F32, vec![1], vec![0; 4]),
        _ => {
            let bytes = drawn(drawn_as, shape).into_iter().flat_map(f32::to_le_bytes).collect();
            (name, Dtype::F32, shape.clone(), bytes)
        }
    });
    let tensors: Vec<(&String, Dtype, Vec<usize>, Vec<u8>)> = tensors.collect();
    let views =
        tensors.iter().map(|(name, kind, shape, data)| (name, TensorView::new(*kind, shape.clone(), data).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

fn published(case: &Case) -> &'static str {
    match (case.architecture.as_str(), case.variant.as_str()) {
        ("vgg16", _) => "torchvision vgg16",
        ("resnet50", _) => "torchvision resnet50",
        (_, "same") => "timm tf_efficientnet_b0",
        _ => "timm efficientnet_b0",
    }
}

fn load(file: &[u8], architecture: &'static Architecture, device: &Device) -> Model {
    BackboneWeights::read(file, architecture).unwrap().put_into(Model::blank(architecture, 0, device))
}

/// Within `tolerance` of the largest of the stored values.
fn close<const D: usize>(what: &str, found: Tensor<D>, wanted: &Glimpse, tolerance: f64) {
    assert_eq!(found.dims().to_vec(), wanted.shape, "{what}");
    let found: Vec<f64> = found.into_data().iter::<f32>().map(f64::from).collect();
    let largest = wanted.values.iter().fold(wanted.rms, |largest, value| largest.max(value.abs()));
    let off = |a: f64, b: f64| (a - b).abs() / largest;
    for (k, value) in wanted.values.iter().enumerate() {
        let at = k * 7919 % found.len();
        assert!(off(found[at], *value) < tolerance, "{what}, place {at}: {} not {value}", found[at]);
    }
    let count = found.len() as f64;
    let mean = found.iter().sum::<f64>() / count;
    let rms = (found.iter().map(|value| value * value).sum::<f64>() / count).sqrt();
    assert!(off(mean, wanted.mean) < tolerance && off(rms, wanted.rms) < tolerance, "{what}: {mean}, {rms}");
}

/// Finds the gradient of every parameter, by its name within the backbone.
struct Finder<'a> {
    path: Path,
    gradients: &'a Gradients,
    wanted: &'a BTreeMap<String, Glimpse>,
    found: usize,
}

impl ModuleVisitor for Finder<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.path.name();
        if let Some(wanted) = self.wanted.get(&name) {
            close(&name, param.val().grad(self.gradients).unwrap(), wanted, KINKS);
            self.found += 1;
        }
    }
}

fn check(architecture: &str) {
    let device = Device::flex().autodiff();
    for case in golden::<Vec<Case>>("models.json").iter().filter(|case| case.architecture == architecture) {
        let what = format!("{architecture} {} at {}", case.variant, case.size);
        let names = listed(published(case));
        let line = variant(&case.architecture, &case.variant).unwrap();
        let network = load(&plain_file(&names, &names), line, &device).backbone.freeze().set_require_grad(true);

        let images = wave("images", [2, 3, case.size, case.size], &device).require_grad();
        let mut x = images.clone();
        assert_eq!(network.stages().len(), case.stages.len());
        for (stage, wanted) in case.stages.iter().enumerate() {
            x = network.stage(&mut Compute, stage, x);
            close(&format!("{what}, stage {stage}"), x.clone(), wanted, 1e-4);
        }
        assert_eq!(x.dims()[1], network.channels());

        let weighing = wave("weighing", x.dims(), &device);
        let gradients = (x * weighing).sum().backward();
        close(&format!("{what}, images"), images.grad(&gradients).unwrap(), &case.gradients["images"], KINKS);
        let mut finder = Finder { path: Path::default(), gradients: &gradients, wanted: &case.gradients, found: 0 };
        network.visit(&mut finder);
        assert_eq!(finder.found + 1, case.gradients.len(), "{what}");
    }
}

#[test]
fn vgg16_is_torchvisions() {
    check("vgg16");
}

#[test]
fn resnet50_is_torchvisions_and_v1_strides_first() {
    check("resnet50");
}

#[test]
fn efficientnet_b0_is_timms_with_either_padding() {
    check("efficientnet-b0");
}

/// The same weights under torchvision's names, which list the same parameters in the same order.
#[test]
fn torchvisions_efficientnet_b0_loads_as_timms() {
    let device = Device::flex();
    let architecture = variant("efficientnet-b0", "symmetric").unwrap();
    let (timm, torchvision) = (listed("timm efficientnet_b0"), listed("torchvision efficientnet_b0"));
    let images = wave("images", [1, 3, 32, 32], &device);
    let features = |tensors| load(&plain_file(tensors, &timm), architecture, &device).backbone.features(images.clone());
    features(&torchvision).into_data().assert_eq(&features(&timm).into_data(), true);
}

#[test]
fn what_is_wrong_with_a_plain_file_is_said_with_the_tensors_name() {
    let architecture = variant("efficientnet-b0", "symmetric").unwrap();
    let names = listed("timm efficientnet_b0");
    let refusal = |change: fn(&mut Vec<Listed>)| {
        let mut changed = names.clone();
        change(&mut changed);
        BackboneWeights::read(&plain_file(&changed, &changed), architecture).map(|_| ()).unwrap_err()
    };
    let missing = refusal(|tensors| tensors.retain(|(name, ..)| name != "blocks.3.1.conv_dw.weight"));
    assert!(matches!(missing, CheckpointError::Missing(name) if name == "blocks.3.1.conv_dw.weight"));
    let extra = refusal(|tensors| tensors[0].0 = "conv_first.weight".into());
    assert!(matches!(extra, CheckpointError::Extra(name) if name == "conv_first.weight"));
    let shape = refusal(|tensors| tensors[0].1 = vec![32, 3, 5, 5]);
    assert_eq!(shape.to_string(), "the tensor \"conv_stem.weight\" has shape [32, 3, 5, 5], not [32, 3, 3, 3]");
    // Another library's network of the same shape of name.
    let other = BackboneWeights::read(&plain_file(&names, &names), variant("resnet50", "v1.5").unwrap());
    assert!(matches!(other, Err(CheckpointError::Extra(_))));
}

#[test]
fn a_file_that_says_whose_it_is_is_no_other() {
    let file = |variant: &str| {
        let metadata = [("architecture", "resnet50"), ("variant", variant)];
        let metadata = metadata.map(|(key, value)| (key.to_string(), value.to_string()));
        safetensors::serialize(Vec::<(String, TensorView)>::new(), Some(metadata.into())).unwrap()
    };
    let read = |file: &[u8]| BackboneWeights::read(file, variant("resnet50", "v1.5").unwrap()).map(|_| ()).unwrap_err();
    assert_eq!(
        read(&file("v1")).to_string(),
        "these are weights of resnet50, variant v1, not of resnet50, variant v1.5"
    );
    assert!(matches!(read(&file("v1.5")), CheckpointError::Missing(_)));
}
