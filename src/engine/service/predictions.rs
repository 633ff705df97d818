//! The predictions of the last evaluation, a page at a time.

use std::rc::Rc;

use super::evaluate::Evaluation;
use super::gallery::{MOST_PICTURES, Thumbnails};
use super::{Answer, Service};
use crate::dataset::PixelStore;
use crate::engine::protocol::{Outcome, PredictionFilter, PredictionOrder};
use crate::evaluation::{Prediction, argmax};

impl Service {
    pub(super) fn list_predictions(&self, filter: PredictionFilter, skip: usize, take: usize) -> Answer {
        let evaluation = self.last_evaluation()?;
        let predictions = &evaluation.kept.predictions;
        let found = match filter.sample {
            // One face is looked up beside the list, which is soon paged on.
            Some(_) => Rc::new(in_order(&filter, predictions)),
            None => evaluation.in_order(filter),
        };
        let page = found.iter().skip(skip).take(take.min(MOST_PICTURES));
        let page: Vec<Prediction> = page.map(|place| predictions[*place as usize].clone()).collect();
        let mut thumbnails = Thumbnails::with_capacity(page.len());
        for prediction in &page {
            thumbnails.push(&evaluation.data.pixels().get(prediction.sample)?);
        }
        let outcome = Outcome::Predictions { total: found.len(), predictions: page };
        Ok((outcome, Some(thumbnails.into_bytes().into())))
    }
}

impl Evaluation {
    /// The places of the predictions that the filter lets through, in its order: found once for all their pages.
    fn in_order(&self, filter: PredictionFilter) -> Rc<Vec<u32>> {
        let listed = self.listed.take().filter(|(of, _)| *of == filter);
        let (filter, found) = listed.unwrap_or_else(|| (filter, Rc::new(in_order(&filter, &self.kept.predictions))));
        self.listed.replace(Some((filter, Rc::clone(&found))));
        found
    }
}

/// The places of the predictions that the filter lets through, those first that it wants first.
fn in_order(filter: &PredictionFilter, predictions: &[Prediction]) -> Vec<u32> {
    let passing = predictions.iter().enumerate().filter(|(_, prediction)| passes(filter, prediction));
    let key = |prediction| rank(filter.order, prediction).unwrap_or(f32::NEG_INFINITY);
    let mut found: Vec<(f32, u32)> = passing.map(|(place, prediction)| (key(prediction), place as u32)).collect();
    // Stable: equals stay in the dataset's order.
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, place)| place).collect()
}

fn passes(filter: &PredictionFilter, prediction: &Prediction) -> bool {
    let truth = prediction.truth.class();
    let said = argmax(&prediction.probabilities);
    filter.right.is_none_or(|right| truth.is_some() && (truth == said) == right)
        && filter.truth.is_none_or(|class| truth == Some(class))
        && filter.predicted.is_none_or(|class| said == Some(class))
        && filter.sample.is_none_or(|sample| prediction.sample == sample)
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
