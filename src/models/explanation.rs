//! Where in a face a model finds what it says: Grad-CAM, and the places that CustomCNN's attention weighs.

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor, Transaction, activation};

use super::{Backbone, Folded, Layers, Model};

/// Fewer places on a side than this say too little of where something is.
const FEWEST_PLACES: usize = 6;

/// What is to be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The logit of this class.
    Class(usize),
    /// A higher valence.
    Valence,
    /// A higher arousal.
    Arousal,
}

/// A value for every place of an image, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Places across.
    pub width: usize,
    /// Places down.
    pub height: usize,
    /// Of Grad-CAM: 0 (no part in it) ..= 1 (the largest part); all 0 where nothing speaks for the target. Of attention: the
    /// weight of the place, 0..=1.
    pub values: Vec<f32>,
}

/// A model that explains itself. It is on a device with autodiff.
#[derive(Debug)]
pub struct Explainer {
    model: Model,
    layers: Folded,
}

impl Explainer {
    /// Of a model on a device with autodiff; none of its weights is to be moved.
    pub fn new(model: Model) -> Self {
        Explainer { model: model.no_grad(), layers: Folded::watching() }
    }

    /// Grad-CAM (Selvaraju et al. 2017, *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*)
    /// of one normalised image `[1, 3, height, width]`: the feature maps of a stage, each weighed by the mean of the
    /// target's gradient over it, what is negative being left out.
    ///
    /// The stage is the last that has 6 places or more on a side: of small images the paper's, the last of all, has too few.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn grad_cam(&mut self, image: Tensor<4>, target: Target) -> Result<HeatMap, ExecutionError> {
        let stages = self.model.backbone.stages().len();
        let stage = self.stage_that_shows_where(&image);
        let maps = self.through(0..=stage, image).detach().require_grad();
        let last = self.through(stage + 1..=stages - 1, maps.clone());
        let pooled = self.layers.mean_of_places(last);
        let (logits, affect) = self.model.head.through(&mut self.layers, pooled);
        let [_, _, height, width] = maps.dims();
        let score = match (target, logits) {
            (Target::Class(class), Some(logits)) if class < logits.dims()[1] => logits.narrow(1, class, 1),
            (Target::Valence, _) => affect.narrow(1, 0, 1),
            (Target::Arousal, _) => affect.narrow(1, 1, 1),
            // A class that the model does not know.
            _ => return Ok(HeatMap { width, height, values: vec![0.0; width * height] }),
        };
        let gradients = score.sum().backward();
        let Some(gradient) = maps.grad(&gradients) else {
            return Ok(HeatMap { width, height, values: vec![0.0; width * height] });
        };
        let weights = gradient.mean_dim(3).mean_dim(2);
        let heat = activation::relu((maps.without_autodiff() * weights).sum_dim(1));
        let values = heat.into_data_async().await?.iter::<f32>().collect();
        Ok(HeatMap { width, height, values: to_one(values) })
    }

    /// What the attention of each block weighs the places with, for one normalised image `[1, 3, height, width]`. Only
    /// CustomCNN has such blocks.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn attention(&mut self, image: Tensor<4>) -> Result<Vec<HeatMap>, ExecutionError> {
        let last = self.model.backbone.stages().len() - 1;
        self.layers.forget();
        self.through(0..=last, image);
        let weights = self.layers.seen();
        let sizes: Vec<[usize; 4]> = weights.iter().map(Tensor::dims).collect();
        let read =
            weights.into_iter().fold(Transaction::default(), |transaction, weights| transaction.register(weights));
        if sizes.is_empty() {
            return Ok(Vec::new());
        }
        let data = read.execute_async().await?;
        let map = |(data, [_, _, height, width]): (burn::tensor::TensorData, [usize; 4])| HeatMap {
            width,
            height,
            values: data.iter::<f32>().collect(),
        };
        Ok(data.into_iter().zip(sizes).map(map).collect())
    }

    fn through(&mut self, stages: std::ops::RangeInclusive<usize>, x: Tensor<4>) -> Tensor<4> {
        stages.fold(x, |x, stage| self.model.backbone.stage(&mut self.layers, stage, x))
    }

    fn stage_that_shows_where(&mut self, image: &Tensor<4>) -> usize {
        let (mut x, mut chosen) = (image.clone(), 0);
        for stage in 0..self.model.backbone.stages().len() {
            x = self.model.backbone.stage(&mut self.layers, stage, x);
            let [_, _, height, width] = x.dims();
            if height.min(width) < FEWEST_PLACES {
                break;
            }
            chosen = stage;
        }
        chosen
    }
}

/// Scaled so that the largest is 1.
fn to_one(values: Vec<f32>) -> Vec<f32> {
    let largest = values.iter().copied().fold(0.0, f32::max);
    // Not times the reciprocal: that may be a little off 1.
    values.into_iter().map(|value| if largest > 0.0 { value / largest } else { 0.0 }).collect()
}
