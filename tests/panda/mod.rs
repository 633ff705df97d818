//! ImageNet's classifiers, put together from the weights that the site serves and their classifiers, which it does not:
//! what they see in the photo of a panda. Natively in `models_weights.rs`, in a browser's worker in `browser_engine.rs`.

#![allow(dead_code)]

use burn::tensor::{Device, Tensor, TensorData, activation};
use mien::imaging::Pixels;
use mien::models::{BackboneWeights, Model, Predictor, normalised, variant};
use safetensors::{Dtype, SafeTensors};

/// ImageNet's class "giant panda".
pub const PANDA: usize = 388;

/// A network, its variant, its classifier's name, and the panda's probability by PyTorch, with the same weights in
/// torchvision's and timm's networks and the photo resized by Pillow's bilinear filter.
pub const NETWORKS: [(&str, &str, &str, f32); 2] =
    [("resnet50", "v1", "fc", 0.99877), ("efficientnet-b0", "same", "classifier", 0.83699)];

/// The likeliest class of an image of 224 x 224, and its probability. `weights` is a file that the site serves,
/// `classifier` one that `make weights` leaves beside.
pub async fn seen(
    (name, of, layer): (&str, &str, &str),
    weights: &[u8],
    classifier: &[u8],
    image: &Pixels,
    device: &Device,
) -> (usize, f32) {
    let architecture = variant(name, of).unwrap();
    let model = Model::blank(architecture, 0, device);
    let mut predictor = Predictor::new(BackboneWeights::read(weights, architecture).unwrap().put_into(model));
    let file = SafeTensors::deserialize(classifier).unwrap();
    let weight: Tensor<2> = tensor(&file, &format!("{layer}.weight"), device);
    let bias: Tensor<1> = tensor(&file, &format!("{layer}.bias"), device);
    let images = normalised(std::slice::from_ref(image), &(architecture.preprocessing)(224), device);
    let features = predictor.maps(images).mean_dim(2).mean_dim(3).reshape([1, weight.dims()[1]]);
    let logits = features.matmul(weight.transpose()) + bias.unsqueeze();
    let data = activation::softmax(logits, 1).into_data_async().await.unwrap();
    data.iter::<f32>().enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

fn tensor<const D: usize>(file: &SafeTensors, name: &str, device: &Device) -> Tensor<D> {
    let view = file.tensor(name).unwrap();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F16 => view.data().as_chunks().0.iter().map(|two| half::f16::from_le_bytes(*two).to_f32()).collect(),
        _ => view.data().as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect(),
    };
    Tensor::from_data(TensorData::new(values, view.shape().to_vec()), device)
}
