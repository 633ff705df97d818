//! Where in a face a model finds what it says.

use super::{Answer, Service, refused};
use crate::dataset::PixelStore;
use crate::engine::protocol::{Explained, ModelId, Outcome};
use crate::imaging::{Pixels, resized, rgba};
use crate::models::{Explainer, HeatMap, Target, normalised};

/// The side of the pictures, pixels.
const SIDE: usize = 288;

/// The colour of heat: it is told by strength, not by hue.
const HEAT: [u8; 3] = [255, 120, 0];

/// How opaque the most heat is, 0..=255.
const OPAQUE: f32 = 210.0;

impl Service {
    pub(super) async fn explain(&self, sample: usize, what: Explained) -> Answer {
        let evaluation = self.last_evaluation()?;
        let model = self.model(evaluation.model.id).await?;
        if !evaluation.kept.predictions.iter().any(|prediction| prediction.sample == sample) {
            return Err(refused("This face is not among those that were evaluated."));
        }
        let preprocessing = &model.checkpoint.card.preprocessing;
        let face = preprocessing.apply(&evaluation.data.pixels().get(sample)?);
        let device = self.device()?.autodiff();
        let image = normalised(std::slice::from_ref(&face), preprocessing, &device);
        let mut explainer = match self.explainer_of(model.summary.id) {
            Some(explainer) => explainer,
            None => Explainer::new(model.checkpoint.build(&device).map_err(refused)?),
        };
        let target = match what {
            Explained::Class(class) => Target::Class(class),
            Explained::Valence => Target::Valence,
            Explained::Arousal => Target::Arousal,
        };
        let heat = explainer.grad_cam(image.clone(), target).await.map_err(refused)?;
        let attention = explainer.attention(image).await.map_err(refused)?;
        self.explainer.replace(Some((model.summary.id, explainer)));
        let mut pictures = rgba(&resized(&face, SIDE, SIDE));
        std::iter::once(&heat).chain(&attention).for_each(|map| pictures.extend(overlay(map)));
        Ok((Outcome::Explanation { side: SIDE, attention: attention.len() }, Some(pictures.into())))
    }

    /// The explainer of this model, where it was the last; another one makes room.
    fn explainer_of(&self, model: ModelId) -> Option<Explainer> {
        self.explainer.take().filter(|(of, _)| *of == model).map(|(_, explainer)| explainer)
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
