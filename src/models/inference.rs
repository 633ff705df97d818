//! From images to what a model says about them.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData, Transaction};

use super::Model;
use crate::imaging::{Pixels, Preprocessing};

/// What a model says about one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// Probabilities over the model's classes, summing to 1; empty where it has none.
    pub probabilities: Vec<f32>,
    /// Valence, -1..1.
    pub valence: f32,
    /// Arousal, -1..1.
    pub arousal: f32,
}

/// Images that [`Preprocessing::apply`] has brought to the network's input, as `[batch, 3, height, width]`.
pub fn normalised(images: &[Pixels], preprocessing: &Preprocessing, device: &Device) -> Tensor<4> {
    let side = preprocessing.size as usize;
    let mut values = vec![0.0; images.len() * 3 * side * side];
    for (image, out) in images.iter().zip(values.chunks_exact_mut((3 * side * side).max(1))) {
        preprocessing.normalise_into(image, out);
    }
    Tensor::from_data(TensorData::new(values, [images.len(), 3, side, side]), device)
}

/// Runs a model on normalised images `[batch, 3, height, width]`, in one read-back. The images are on a device without
/// autodiff, as is the model.
///
/// # Errors
/// Where the device fails.
pub async fn predict(model: &Model, images: Tensor<4>) -> Result<Vec<Guess>, ExecutionError> {
    let output = model.forward(images, None);
    let mut transaction = Transaction::default().register(output.affect);
    if let Some(logits) = output.logits {
        transaction = transaction.register(logits);
    }
    let mut data = transaction.execute_async().await?.into_iter().map(|data| data.iter::<f32>().collect::<Vec<_>>());
    let affect = data.next().unwrap_or_default();
    let logits = data.next().unwrap_or_default();
    let images = affect.len() / 2;
    let classes = logits.len() / images.max(1);
    let guess = |(i, affect): (usize, &[f32])| Guess {
        probabilities: softmax(&logits[i * classes..(i + 1) * classes]),
        valence: affect[0],
        arousal: affect[1],
    };
    Ok(affect.chunks_exact(2).enumerate().map(guess).collect())
}

/// Softmax on the host: the same on every device.
fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f64> = logits.iter().map(|logit| f64::from(logit - largest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.iter().map(|value| (value / sum) as f32).collect()
}
