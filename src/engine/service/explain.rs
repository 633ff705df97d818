//! Where in a face a model finds what it says.

use std::rc::Rc;

use burn::tensor::Device;

use super::{Answer, Service, refused};
use crate::dataset::PixelStore;
use crate::engine::protocol::{Explained, Failure, ModelId, Outcome};
use crate::imaging::{Pixels, Preprocessing, resized, rgba};
use crate::models::{Explainer, HeatMap, Target, normalised};

/// The side of the pictures, pixels.
const SIDE: usize = 288;

/// The colour of heat: it is told by strength, not by hue.
const HEAT: [u8; 3] = [255, 120, 0];

/// How opaque the most heat is, 0..=255.
const OPAQUE: f32 = 210.0;

/// A model that has explained itself: its weights are not read again for the next face.
pub(super) struct HeldExplainer {
    model: ModelId,
    preprocessing: Preprocessing,
    explainer: Explainer,
}

impl Service {
    pub(super) async fn explain(&self, sample: usize, what: Explained) -> Answer {
        let evaluation = self.last_evaluation()?;
        if !evaluation.kept.predictions.iter().any(|prediction| prediction.sample == sample) {
            return Err(refused("This face is not among those that were evaluated."));
        }
        let device = self.device()?.autodiff();
        let mut held = self.explainer_of(evaluation.model.id, &device).await?;
        let face = held.preprocessing.apply(&evaluation.data.pixels().get(sample)?);
        let image = normalised(std::slice::from_ref(&face), &held.preprocessing, &device);
        let target = match what {
            Explained::Class(class) => Target::Class(class),
            Explained::Valence => Target::Valence,
            Explained::Arousal => Target::Arousal,
        };
        let heat = held.explainer.grad_cam(image.clone(), target).await.map_err(refused)?;
        let attention = held.explainer.attention(image).await.map_err(refused)?;
        self.explainer.replace(Some(held));
        let mut pictures = rgba(&resized(&face, SIDE, SIDE));
        std::iter::once(&heat).chain(&attention).for_each(|map| pictures.extend(overlay(map)));
        Ok((Outcome::Explanation { side: SIDE, attention: attention.len() }, Some(pictures.into())))
    }

    /// The explainer of this model, where it was the last; another one makes room.
    async fn explainer_of(&self, model: ModelId, device: &Device) -> Result<HeldExplainer, Failure> {
        if let Some(held) = self.explainer.take().filter(|held| held.model == model) {
            return Ok(held);
        }
        let checkpoint = Rc::clone(&self.model(model).await?.checkpoint);
        let explainer = Explainer::new(checkpoint.build(device).map_err(refused)?);
        Ok(HeldExplainer { model, preprocessing: checkpoint.card.preprocessing.clone(), explainer })
    }
}

/// A map as a picture to be laid over the face: the more heat, the less one sees through it.
fn overlay(map: &HeatMap) -> Vec<u8> {
    let data = map.values.iter().map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8).collect();
    let map = resized(&Pixels { width: map.width, height: map.height, channels: 1, data }, SIDE, SIDE);
    let [red, green, blue] = HEAT;
    let pixel = |heat: &u8| [red, green, blue, (f32::from(*heat) / 255.0 * OPAQUE) as u8];
    map.data.iter().flat_map(pixel).collect()
}
