//! The predictions of the last evaluation, a page at a time.

use super::gallery::{MOST_PICTURES, Thumbnails};
use super::{Answer, Service};
use crate::dataset::PixelStore;
use crate::engine::protocol::{Outcome, PredictionFilter, PredictionOrder};
use crate::evaluation::{Prediction, argmax};

impl Service {
    pub(super) fn list_predictions(&self, filter: PredictionFilter, skip: usize, take: usize) -> Answer {
        let evaluation = self.last_evaluation()?;
        let mut found: Vec<&Prediction> =
            evaluation.kept.predictions.iter().filter(|prediction| passes(&filter, prediction)).collect();
        let key = |prediction: &Prediction| rank(filter.order, prediction).unwrap_or(f32::NEG_INFINITY);
        // Stable: equals stay in the dataset's order.
        found.sort_by(|a, b| key(b).total_cmp(&key(a)));
        let page: Vec<Prediction> =
            found.iter().skip(skip).take(take.min(MOST_PICTURES)).map(|prediction| (*prediction).clone()).collect();
        let mut thumbnails = Thumbnails::with_capacity(page.len());
        for prediction in &page {
            thumbnails.push(&evaluation.data.pixels().get(prediction.sample)?);
        }
        let outcome = Outcome::Predictions { total: found.len(), predictions: page };
        Ok((outcome, Some(thumbnails.into_bytes().into())))
    }
}

fn passes(filter: &PredictionFilter, prediction: &Prediction) -> bool {
    let truth = prediction.truth.class();
    let said = argmax(&prediction.probabilities);
    filter.right.is_none_or(|right| truth.is_some() && (truth == said) == right)
        && filter.truth.is_none_or(|class| truth == Some(class))
        && filter.predicted.is_none_or(|class| said == Some(class))
}

/// What predictions are sorted by, the largest first; `None` where it is not defined.
fn rank(order: PredictionOrder, prediction: &Prediction) -> Option<f32> {
    let confidence = prediction.probabilities.iter().copied().reduce(f32::max);
    match order {
        PredictionOrder::MostConfident => confidence,
        PredictionOrder::LeastConfident => confidence.map(|confidence| -confidence),
        // Cross-entropy grows as the true class's probability falls.
        PredictionOrder::LargestLoss => prediction.probabilities.get(prediction.truth.class()?).map(|share| -share),
        PredictionOrder::LargestAffectError => {
            let (valence, arousal) = prediction.truth.valence.zip(prediction.truth.arousal)?;
            Some((prediction.valence - valence).hypot(prediction.arousal - arousal))
        }
    }
}
