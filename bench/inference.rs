//! Mien's side of the inference benchmark: a network of the catalogue in use, and the same network as an ONNX file for
//! the others.

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use mien::affect::LabelSet;
use mien::models::{Checkpoint, Graph, Model, ModelCard, Predictor, architecture, onnx, published};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// A model in use on a device.
pub struct Inference {
    predictor: Predictor,
    checkpoint: Checkpoint,
    device: Device,
    size: usize,
}

impl Inference {
    /// The architecture of this name, its weights drawn.
    pub async fn new(name: &str, size: usize, device: Device) -> Result<Self, String> {
        let checkpoint = drawn(name, size).await?;
        let predictor = Predictor::new(checkpoint.build(&device).map_err(|error| error.to_string())?);
        Ok(Inference { predictor, checkpoint, device, size })
    }

    /// The network as an ONNX file.
    pub fn onnx(&self) -> Result<Vec<u8>, String> {
        onnx(&self.checkpoint).map_err(|error| error.to_string())
    }

    /// Multiplications that an image takes.
    pub fn multiplications(&self) -> Result<f64, String> {
        let model = self.checkpoint.build(&Device::flex()).map_err(|error| error.to_string())?;
        Ok(Graph::of(&model, self.size).multiplications() as f64)
    }

    /// Images `[batch, 3, size, size]` to probabilities `[batch, 8]`, read from the device.
    pub async fn predict(&mut self, images: Vec<f32>) -> Result<Vec<f32>, String> {
        let batch = images.len() / (3 * self.size * self.size);
        let images = TensorData::new(images, [batch, 3, self.size, self.size]);
        let guesses = self.predictor.predict(Tensor::from_data(images, &self.device)).await;
        let guesses = guesses.map_err(|error| error.to_string())?;
        Ok(guesses.into_iter().flat_map(|guess| guess.probabilities).collect())
    }
}

/// The architecture of this name, in the variant that is pre-trained where there is one, its weights drawn; for images of this size.
pub async fn drawn(name: &str, size: usize) -> Result<Checkpoint, String> {
    let line = published(name).or_else(|| architecture(name)).ok_or("there is no such architecture")?;
    let label_set = LabelSet::affectnet8();
    let model = Model::init(line, label_set.len(), &mut ChaCha8Rng::seed_from_u64(1), &Device::flex());
    let card = ModelCard {
        architecture: line.name.into(),
        variant: line.variant.into(),
        label_set,
        preprocessing: (line.preprocessing)(size as u32),
        plan: None,
        metrics: None,
        dataset: None,
        licence: None,
    };
    Checkpoint::of(&model, card).await.map_err(|error| error.to_string())
}

/// Times every network on this machine, milliseconds an image.
#[cfg(not(target_family = "wasm"))]
pub fn natively(size: usize, batch: usize, device: &Device) -> Result<(), String> {
    use cubecl::future::block_on;

    for name in ["custom-cnn", "efficientnet-b0", "resnet50", "vgg16"] {
        let mut inference = block_on(Inference::new(name, size, device.clone()))?;
        let mut best = f64::INFINITY;
        for _ in 0..4 {
            let images = vec![0.5; batch * 3 * size * size];
            let start = std::time::Instant::now();
            block_on(inference.predict(images))?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        let (seconds, bytes) = (best / batch as f64, inference.onnx()?.len());
        let rate = 2.0 * inference.multiplications()? / seconds / 1e9;
        println!("{name}: {:.1} ms an image, {rate:.1} GFLOP/s; {bytes} bytes as ONNX", seconds * 1e3);
    }
    Ok(())
}
