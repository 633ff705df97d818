//! A model in use on a GPU against itself on the CPU: what it says about an image, and where it sees that.

use burn::tensor::{Device, Tensor};
use mien::affect::LabelSet;
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::models::{Checkpoint, Explainer, Model, ModelCard, Predictor, Target, architecture};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::convolutions::assert_alike;
use crate::waves::wave;

const SIDE: usize = 32;

/// CustomCNN, its weights drawn.
async fn drawn() -> Checkpoint {
    let line = architecture("custom-cnn").unwrap();
    let model = Model::init(line, 8, &mut ChaCha8Rng::seed_from_u64(3), &Device::flex());
    let card = ModelCard {
        architecture: line.name.into(),
        variant: line.variant.into(),
        label_set: LabelSet::affectnet8(),
        preprocessing: (line.preprocessing)(SIDE as u32),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    Checkpoint::of(&model, card).await.unwrap()
}

fn images(count: usize, centre: f32, device: &Device) -> Tensor<4> {
    wave([count, 3, SIDE, SIDE], centre, device)
}

/// How many images are looked at, turn by turn, and what they are around: a GPU does over what it did for as many, with other images.
const TURNS: [(usize, f32); 8] = [(2, 0.0), (2, 0.1), (2, 0.2), (2, -0.3), (2, 0.4), (1, 0.3), (2, 0.1), (2, 0.0)];

/// Probabilities, valence and arousal; then Grad-CAM's map of a class and of valence.
async fn said_and_seen(model: &Checkpoint, device: &Device) -> [Vec<f32>; 3] {
    let mut predictor = Predictor::new(model.build(device).unwrap());
    let mut said = Vec::new();
    for (count, centre) in TURNS {
        for guess in predictor.predict(images(count, centre, device)).await.unwrap() {
            said.extend(guess.probabilities);
            said.extend([guess.valence, guess.arousal]);
        }
    }
    let device = device.clone().autodiff();
    let mut explainer = Explainer::new(model.build(&device).unwrap());
    let class = explainer.grad_cam(images(1, 0.0, &device), Target::Class(2)).await.unwrap();
    let valence = explainer.grad_cam(images(1, 0.0, &device), Target::Valence).await.unwrap();
    [said, class.values, valence.values]
}

/// Weights may be of 16 bits there.
pub async fn a_model_in_use_is_that_on_the_cpu() {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    let model = drawn().await;
    let on_cpu = said_and_seen(&model, &Device::flex()).await;
    let on_gpu = said_and_seen(&model, &gpu).await;
    for (what, (gpu, cpu)) in ["said", "seen of a class", "seen of valence"].iter().zip(on_gpu.iter().zip(&on_cpu)) {
        assert!(cpu.iter().any(|value| *value != 0.0), "{what}");
        assert_alike(what, gpu, cpu, 1e-2);
    }
}
