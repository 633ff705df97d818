//! From images to what a model says about them.

use std::convert::Infallible;

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

use super::{Backbone, Folded, Graph, Layers, Model, Output};
use crate::imaging::{Images, Pixels, Preprocessing};
#[cfg(feature = "gpu")]
use crate::kernels::{
    gpu::{Recorded, Replays, copied},
    on_cpu,
};

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
    let Ok(Images { shape, numbers }) = preprocessing.normalised(images.iter().map(Ok::<_, Infallible>));
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

/// No more images go through a model at once.
pub const MOST_AT_ONCE: usize = 32;

/// A model in use: its normalisations are folded away. It is on a device without autodiff.
#[derive(Debug)]
pub struct Predictor {
    model: Model,
    layers: Folded,
    /// By the shape of the images.
    #[cfg(feature = "gpu")]
    replays: Replays<[usize; 4]>,
}

impl Predictor {
    /// Puts a model to use.
    pub fn new(model: Model) -> Self {
        Predictor {
            model,
            layers: Folded::default(),
            #[cfg(feature = "gpu")]
            replays: Replays::default(),
        }
    }

    /// The model, as it was.
    pub fn into_model(self) -> Model {
        self.model
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// How many images of this height and width go through at once, so that no tensor is larger than 64 MiB, half of what
    /// every WebGPU adapter allows: [`MOST_AT_ONCE`] at most.
    pub fn batch(&self, size: usize) -> usize {
        let widest = 4 * Graph::of(&self.model, size).widest().max(1);
        ((64 << 20) / widest).clamp(1, MOST_AT_ONCE)
    }

    /// The feature maps of the last stage: `[batch, 3, height, width]` to `[batch, channels, height', width']`.
    pub fn maps(&mut self, images: Tensor<4>) -> Tensor<4> {
        self.model.backbone.through(&mut self.layers, images)
    }

    /// The features that the head looks at: the last stage's maps, averaged over all places. Image after image, in one
    /// read-back.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn features(&mut self, images: Tensor<4>) -> Result<Vec<f32>, ExecutionError> {
        let pooled = self.maps(images).mean_dim(3).mean_dim(2);
        Ok(pooled.into_data_async().await?.iter::<f32>().collect())
    }

    /// What the head makes of feature maps.
    pub fn head(&mut self, maps: Tensor<4>) -> Output {
        let pooled = self.layers.mean_of_places(maps);
        let (logits, affect) = self.model.head.through(&mut self.layers, pooled);
        Output { logits, affect }
    }

    /// Normalised images `[batch, 3, height, width]` to the two outputs.
    pub fn forward(&mut self, images: Tensor<4>) -> Output {
        let maps = self.maps(images);
        self.head(maps)
    }

    /// What the model says about normalised images `[batch, 3, height, width]`, in one read-back.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn predict(&mut self, images: Tensor<4>) -> Result<Vec<Guess>, ExecutionError> {
        let [batch, ..] = images.dims();
        #[cfg(feature = "gpu")]
        let said = self.say_or_replay(images).await?;
        #[cfg(not(feature = "gpu"))]
        let said = self.say(images);
        let said: Vec<f32> = said.into_data_async().await?.iter::<f32>().collect();
        let (affect, logits) = said.split_at((2 * batch).min(said.len()));
        Ok(guesses(affect, logits))
    }

    /// Valence and arousal of all images, and then their logits.
    fn say(&mut self, images: Tensor<4>) -> Tensor<1> {
        let Output { logits, affect } = self.forward(images);
        let said = [Some(affect), logits].into_iter().flatten().map(|said| said.reshape([-1]));
        Tensor::cat(said.collect(), 0)
    }

    /// The same; on a GPU, of images as many as before, by a recording.
    #[cfg(feature = "gpu")]
    async fn say_or_replay(&mut self, images: Tensor<4>) -> Result<Tensor<1>, ExecutionError> {
        let shape = images.dims();
        if let Some(recorded) = self.replays.of(&shape) {
            return Ok(recorded.replay(images.reshape([-1])));
        }
        if on_cpu(&images.device()) || !self.replays.is_due(&shape) {
            return Ok(self.say(images));
        }
        let memory = copied(images.reshape([-1]));
        let (said, recorded) = Recorded::new(memory, |memory| self.say(memory.clone().reshape(shape))).await?;
        self.replays.keep(shape, recorded);
        Ok(said)
    }
}

/// From valence and arousal of every image, and its logits where there are classes, to what they mean.
pub fn guesses(affect: &[f32], logits: &[f32]) -> Vec<Guess> {
    let images = affect.len() / 2;
    let classes = logits.len() / images.max(1);
    let guess = |(i, affect): (usize, &[f32])| Guess {
        probabilities: softmax(&logits[i * classes..(i + 1) * classes]),
        valence: affect[0],
        arousal: affect[1],
    };
    affect.chunks_exact(2).enumerate().map(guess).collect()
}

/// Softmax on the host: the same on every device.
fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f64> = logits.iter().map(|logit| f64::from(logit - largest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.iter().map(|value| (value / sum) as f32).collect()
}
