//! CustomCNN: its size, its shapes, its gradients, its determinism.

use burn::module::Module;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};
use mien::models::{Backbone, CATALOGUE, Convolution, Model, architecture};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn model(classes: usize, seed: u64, device: &Device) -> Model {
    Model::init(architecture("custom-cnn").unwrap(), classes, &mut ChaCha8Rng::seed_from_u64(seed), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[test]
fn at_most_a_million_and_a_half_parameters() {
    let parameters = model(8, 1, &Device::flex()).parameters();
    assert!((100_000..=1_500_000).contains(&parameters), "{parameters}");
}

#[test]
fn sizes_and_shapes() {
    let device = Device::flex();
    let model = model(8, 1, &device);
    for (size, mapped) in [(32, 4), (48, 6), (50, 6), (96, 12)] {
        let images = Tensor::random([2, 3, size, size], Distribution::Default, &device);
        let features = model.backbone.features(images.clone());
        assert_eq!(features.dims(), [2, model.backbone.channels(), mapped, mapped], "{size}");
        let output = model.forward(images, None);
        assert_eq!(output.logits.unwrap().dims(), [2, 8]);
        assert_eq!(output.affect.dims(), [2, 2]);
    }
}

#[test]
fn weights_depend_on_the_seed_alone() {
    let device = Device::flex();
    let images = Tensor::<4>::random([2, 3, 32, 32], Distribution::Default, &device);
    let says = |seed| values(model(8, seed, &device).forward(images.clone(), None).logits.unwrap());
    assert_eq!(says(1), says(1));
    assert_ne!(says(1), says(2));
}

/// Every image is judged alone once training is over.
#[test]
fn an_image_is_judged_the_same_in_any_batch() {
    let device = Device::flex();
    let model = model(8, 1, &device);
    let images = Tensor::<4>::random([4, 3, 32, 32], Distribution::Default, &device);
    let together = values(model.forward(images.clone(), None).logits.unwrap());
    let alone = values(model.forward(images.narrow(0, 2, 1), None).logits.unwrap());
    for (a, b) in together[16..24].iter().zip(&alone) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn a_1x1_convolution_is_one() {
    let device = Device::flex().autodiff();
    let mut convolution = Convolution::new(5, 7, 1, &device);
    let weight = Tensor::<4>::random([7, 5, 1, 1], Distribution::Normal(0.0, 1.0), &device);
    convolution.weight = burn::module::Param::from_tensor(weight.clone());
    let x = Tensor::<4>::random([3, 5, 4, 6], Distribution::Normal(0.0, 1.0), &device);
    let expected = conv2d(x.clone(), weight, None, ConvOptions::new([1; 2], [0; 2], [1; 2], 1));
    let found = convolution.forward(x);
    assert_eq!(found.dims(), expected.dims());
    assert!(values(found).iter().zip(values(expected)).all(|(a, b)| (a - b).abs() < 1e-5));
}

/// Along a random direction in the input, the loss changes as its gradient says.
#[test]
fn the_gradient_is_that_of_finite_differences() {
    let device = Device::flex().autodiff();
    let model = model(8, 1, &device);
    let images = Tensor::<4>::random([4, 3, 32, 32], Distribution::Normal(0.0, 1.0), &device);
    let wanted = Tensor::<2>::random([4, 8], Distribution::Normal(0.0, 1.0), &device);
    let loss = |images: Tensor<4>| {
        let output = model.forward(images, None);
        (output.logits.unwrap() * wanted.clone()).sum() + output.affect.sum()
    };
    let at = images.require_grad();
    let gradient = at.grad(&loss(at.clone()).backward()).unwrap();
    // The direction of the gradient itself: the change is then largest beside the rounding.
    let norm = values(gradient.clone().square().sum().sqrt())[0];
    let step = 0.02f32;
    let direction = Tensor::from_inner(gradient.div_scalar(norm).mul_scalar(step));
    let up = values(loss(at.clone().detach() + direction.clone()))[0];
    let down = values(loss(at.detach() - direction))[0];
    let slope = (up - down) / (2.0 * step);
    assert!((slope - norm).abs() < 0.03 * norm, "{slope} {norm}");
}

/// Freezing goes by these names.
#[test]
fn every_parameter_of_the_backbone_is_in_one_stage() {
    for architecture in CATALOGUE {
        let model = Model::blank(architecture, 8, &Device::flex());
        let stages = model.backbone.stages();
        let mut names = Names::default();
        model.visit(&mut names);
        for name in names.all.iter().filter_map(|name| name.strip_prefix("backbone.")) {
            assert_eq!(stages.iter().filter(|stage| stage.has(name)).count(), 1, "{name}");
        }
    }
}

#[derive(Default)]
struct Names {
    path: mien::models::Path,
    all: Vec<String>,
}

impl burn::module::ModuleVisitor for Names {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, _: &burn::module::Param<Tensor<D>>) {
        self.all.push(self.path.name());
    }
}
