//! Evaluations: what a model says about a split, and how right it is.

use std::rc::Rc;

use web_time::Instant;

use super::gallery::{MOST_PICTURES, Thumbnails};
use super::pace::{Pace, next_task};
use super::packed::mapped;
use super::{Answer, HeldModel, OpenDataset, Service, refused};
use crate::affect::LabelSet;
use crate::dataset::{PixelStore, Split};
use crate::engine::protocol::{Failure, ModelId, ModelSummary, Outcome, PredictionFilter, Progress, RequestId};
use crate::evaluation::{Intervals, Prediction, Report, argmax, measure};
use crate::models::{ModelCard, Predictor, normalised};

/// The most errors of valence and arousal that the page draws.
const AFFECT_PAIRS: usize = 5000;
/// Seeds the bootstrap intervals: the same predictions give the same report.
const BOOTSTRAP_SEED: u64 = 1;

/// The last evaluation.
pub(super) struct Evaluation {
    pub model: ModelSummary,
    /// What the dataset is called.
    pub dataset: String,
    pub report: Report,
    /// The most confident first.
    pub predictions: Vec<Prediction>,
    /// What the predictions are of: still open, or replaced meanwhile.
    data: Rc<OpenDataset>,
}

impl Service {
    pub(super) async fn evaluate(&self, id: RequestId, model: ModelId, split: Split) -> Answer {
        let _task = self.begin("An evaluation")?;
        let started = Instant::now();
        let open = self.open_dataset()?;
        let model = self.model(model).await?;
        if open.dataset.indices(split).is_empty() {
            let name = split.name();
            return Err(refused(format!("The {name} split is empty: import the data with a share for it.")));
        }
        let label_set = &model.checkpoint.card.label_set;
        let warnings = label_warnings(&open.dataset.label_set, label_set)?;
        let network = Predictor::new(model.checkpoint.build(&self.device()?).map_err(refused)?);
        let mut predictions = self.predict_all(id, network, &model, &open, split).await?;
        let mut report = measure(label_set, split, &predictions);
        let mut intervals = Intervals::new(label_set, split, &predictions, BOOTSTRAP_SEED);
        let mut pace = Pace::new();
        while intervals.step() {
            pace.breathe().await;
            self.check_cancelled(id)?;
        }
        intervals.finish(&mut report);
        let affect = affect_pairs(&predictions);
        predictions.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)));
        let dataset = open.dataset.name.clone();
        let evaluation =
            Evaluation { model: model.summary.clone(), dataset, report: report.clone(), predictions, data: open };
        self.evaluation.replace(Some(Rc::new(evaluation)));
        let seconds = started.elapsed().as_secs_f64();
        Ok((Outcome::Evaluated { report, warnings, affect, seconds }, None))
    }

    async fn predict_all(
        &self,
        id: RequestId,
        mut network: Predictor,
        model: &HeldModel,
        open: &OpenDataset,
        split: Split,
    ) -> Result<Vec<Prediction>, Failure> {
        let ModelCard { label_set, preprocessing, .. } = &model.checkpoint.card;
        let device = self.device()?;
        let map = open.dataset.label_set.map_to(label_set);
        let mut pace = Pace::new();
        let indices = open.dataset.indices(split);
        let mut predictions = Vec::with_capacity(indices.len());
        for batch in indices.chunks(network.batch(preprocessing.size as usize)) {
            let mut faces = Vec::with_capacity(batch.len());
            for &index in batch {
                faces.push(preprocessing.apply(&open.pixels().get(index)?));
            }
            let images = normalised(&faces, preprocessing, &device);
            let guesses = network.predict(images).await.map_err(refused)?;
            for (&index, guess) in batch.iter().zip(guesses) {
                let sample = &open.dataset.samples[index];
                predictions.push(Prediction {
                    sample: index,
                    name: sample.name.clone(),
                    split,
                    truth: mapped(&sample.annotation, &map, label_set.len()),
                    probabilities: guess.probabilities,
                    valence: guess.valence,
                    arousal: guess.arousal,
                });
            }
            if pace.report_due() {
                self.progress(id, Progress::Count { done: predictions.len(), total: indices.len() });
            }
            next_task().await;
            self.check_cancelled(id)?;
        }
        Ok(predictions)
    }

    pub(super) fn list_predictions(&self, filter: PredictionFilter, skip: usize, take: usize) -> Answer {
        let evaluation = self.last_evaluation()?;
        let listed = |prediction: &&Prediction| {
            let truth = prediction.truth.class();
            let said = argmax(&prediction.probabilities);
            filter.right.is_none_or(|right| truth.is_some() && (truth == said) == right)
                && filter.truth.is_none_or(|class| truth == Some(class))
                && filter.predicted.is_none_or(|class| said == Some(class))
        };
        let found = || evaluation.predictions.iter().filter(listed);
        let page: Vec<Prediction> = found().skip(skip).take(take.min(MOST_PICTURES)).cloned().collect();
        let mut thumbnails = Thumbnails::with_capacity(page.len());
        for prediction in &page {
            thumbnails.push(&evaluation.data.pixels().get(prediction.sample)?);
        }
        let outcome = Outcome::Predictions { total: found().count(), predictions: page };
        Ok((outcome, Some(thumbnails.into_bytes().into())))
    }

    pub(super) fn last_evaluation(&self) -> Result<Rc<Evaluation>, Failure> {
        let evaluation = self.evaluation.borrow().clone();
        evaluation.ok_or_else(|| refused("There is no evaluation yet: evaluate a model first."))
    }
}

/// What was so and what was said, at most [`AFFECT_PAIRS`] of them.
fn affect_pairs(predictions: &[Prediction]) -> Vec<[(f32, f32); 2]> {
    let pair = |prediction: &Prediction| {
        let truth = prediction.truth.valence.zip(prediction.truth.arousal)?;
        Some([truth, (prediction.valence, prediction.arousal)])
    };
    let pairs: Vec<_> = predictions.iter().filter_map(pair).collect();
    let step = pairs.len().div_ceil(AFFECT_PAIRS).max(1);
    pairs.into_iter().step_by(step).collect()
}

fn confidence(prediction: &Prediction) -> f32 {
    prediction.probabilities.iter().copied().fold(0.0, f32::max)
}

/// Says which classes of the data the model does not know. Refuses where it knows none.
fn label_warnings(data: &LabelSet, model: &LabelSet) -> Result<Vec<String>, Failure> {
    let map = data.map_to(model);
    let strangers = data.classes().iter().zip(&map.0).filter(|(_, place)| place.is_none());
    let strangers: Vec<&str> = strangers.map(|(class, _)| class.as_str()).collect();
    if strangers.is_empty() {
        return Ok(Vec::new());
    }
    if strangers.len() == data.len() && !model.is_empty() {
        return Err(refused(format!(
            "The model knows none of the dataset's classes ({}): it was trained on {}.",
            strangers.join(", "),
            model.classes().join(", ")
        )));
    }
    let names = strangers.join(", ");
    Ok(vec![format!("The model does not know {names}: those faces count for valence and arousal only.")])
}
