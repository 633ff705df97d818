//! Evaluations: what a model says about a split, and how right it is.

use std::cell::RefCell;
use std::rc::Rc;

use web_time::Instant;

use super::looking::{Preparation, Tally};
use super::packed::mapped;
use super::{Answer, HeldModel, OpenDataset, Service, faces, refused};
use crate::affect::LabelSet;
use crate::dataset::Split;
use crate::engine::protocol::{
    EvaluationRecord, Faces, Failure, ModelId, ModelSummary, Outcome, PredictionFilter, RequestId,
};
use crate::engine::storage::{KeptEvaluation, now};
use crate::evaluation::{Prediction, curves};
use crate::models::ModelCard;
use crate::training::Readers;

/// The most errors of valence and arousal that the page draws.
const AFFECT_PAIRS: usize = 5000;
/// Seeds the bootstrap intervals: the same predictions give the same report.
pub(super) const BOOTSTRAP_SEED: u64 = 1;

/// An evaluation at hand.
pub(super) struct Evaluation {
    pub model: ModelSummary,
    pub kept: KeptEvaluation,
    /// What the predictions are of: still open, or replaced meanwhile.
    pub data: Rc<OpenDataset>,
    /// The predictions that were listed last, as places in their list: the next page is of the same.
    pub listed: RefCell<Option<(PredictionFilter, Rc<Vec<u32>>)>>,
}

impl Service {
    pub(super) async fn evaluate(&self, id: RequestId, model: ModelId, split: Split) -> Answer {
        let _task = self.begin("An evaluation")?;
        let open = self.open_dataset()?;
        let mut tally = Tally::new(id, open.dataset.indices(split).len());
        let evaluation = self.evaluation(&mut tally, model, split).await?;
        let KeptEvaluation { record, report, warnings, predictions } = &evaluation.kept;
        let outcome = Outcome::Evaluated {
            record: record.clone(),
            report: report.clone(),
            warnings: warnings.clone(),
            curves: curves(&report.label_set, split, predictions),
            affect: affect_pairs(predictions),
        };
        self.evaluation.replace(Some(Rc::new(evaluation)));
        Ok((outcome, None))
    }

    /// What a model says of a split of the open dataset: what was kept of it, or made now, and kept.
    pub(super) async fn evaluation(
        &self,
        tally: &mut Tally,
        model: ModelId,
        split: Split,
    ) -> Result<Evaluation, Failure> {
        let data = self.open_dataset()?;
        let faces = faces(&data.dataset, &[split]);
        if faces.count == 0 {
            let name = split.name();
            return Err(refused(format!("The {name} split is empty: import the data with a share for it.")));
        }
        if let Some(kept) = self.kept_evaluation(model, split, &data, &faces).await {
            tally.done += kept.predictions.len();
            let (model, _) = self.shelved(model)?;
            return Ok(Evaluation { model, kept, data, listed: RefCell::default() });
        }
        let held = self.model_heard(model, &mut self.hearing_bytes(tally.id)).await?;
        let kept = self.evaluate_anew(tally, &held, split, &data, faces).await?;
        let model = self.keep_evaluation(&held.summary, &kept).await;
        Ok(Evaluation { model, kept, data, listed: RefCell::default() })
    }

    /// What was kept of these very faces.
    async fn kept_evaluation(
        &self,
        model: ModelId,
        split: Split,
        data: &OpenDataset,
        faces: &Faces,
    ) -> Option<KeptEvaluation> {
        let (summary, _) = self.shelved(model).ok()?;
        let record = summary.evaluations.iter().find(|of| of.faces.identity == faces.identity)?;
        let mut kept = self.made_evaluation(model, record).await.ok()?;
        let indices = data.dataset.indices(split);
        if kept.predictions.len() != indices.len() {
            return None;
        }
        let (label_set, labels) = (&kept.report.label_set, &data.dataset.label_set);
        let map = labels.map_to(label_set);
        // The faces and labels are the same, in the same order; what their files are called, and where they stand, may not
        // be. A run that was imported knows no soft labels.
        for (prediction, index) in kept.predictions.iter_mut().zip(indices) {
            let sample = &data.dataset.samples[index];
            prediction.sample = index;
            prediction.name.clone_from(&sample.name);
            prediction.truth = mapped(&sample.annotation, &map, label_set.len());
        }
        Some(kept)
    }

    /// An evaluation that was made of a model: what it said, and the figures.
    pub(super) async fn made_evaluation(
        &self,
        model: ModelId,
        record: &EvaluationRecord,
    ) -> Result<KeptEvaluation, Failure> {
        let (_, place) = self.shelved(model)?;
        if let Some(held) = self.held_evaluation(model, record) {
            return Ok((*held).clone());
        }
        let gone = |why: String| refused(format!("The evaluation cannot be read: {why}."));
        let place = place.ok_or_else(|| gone("it was not kept".into()))?;
        self.storage.evaluation(&place, record).await.map_err(|error| gone(error.to_string()))
    }

    fn held_evaluation(&self, model: ModelId, record: &EvaluationRecord) -> Option<Rc<KeptEvaluation>> {
        let models = self.models.borrow();
        let model = models.iter().find(|shelved| shelved.summary.id == model)?;
        model.evaluations.iter().find(|kept| kept.record == *record).cloned()
    }

    /// Keeps an evaluation with its model, where there is room; it can be made again.
    pub(super) async fn keep_evaluation(&self, model: &ModelSummary, kept: &KeptEvaluation) -> ModelSummary {
        // The model may have been renamed meanwhile, or deleted.
        let Ok((mut summary, place)) = self.shelved(model.id) else { return model.clone() };
        let is_kept = match place {
            Some(place) => {
                let tell = |why| self.storage.tell(format!("The evaluation of {} is not kept: {why}.", summary.name));
                self.storage.keep_evaluation(&place, kept).await.map_err(tell).is_ok()
            }
            None => false,
        };
        // The split is part of the identity.
        let same = |of: &EvaluationRecord| of.faces.identity == kept.record.faces.identity;
        if let Some(shelved) = self.models.borrow_mut().iter_mut().find(|shelved| shelved.summary.id == model.id) {
            shelved.evaluations.retain(|held| !same(&held.record));
            shelved.evaluations.extend((!is_kept).then(|| Rc::new(kept.clone())));
        }
        summary.evaluations.retain(|of| !same(of));
        summary.evaluations.push(kept.record.clone());
        self.set_summary(summary.clone());
        summary
    }

    async fn evaluate_anew(
        &self,
        tally: &mut Tally,
        model: &HeldModel,
        split: Split,
        data: &OpenDataset,
        faces: Faces,
    ) -> Result<KeptEvaluation, Failure> {
        let label_set = &model.checkpoint.card.label_set;
        let warnings = label_warnings(&data.dataset.label_set, label_set)?;
        let readers = self.readers(&model.checkpoint, faces.count)?;
        let began = Instant::now();
        let predictions = self.predict_all(tally, readers, model, data, split).await?;
        let seconds = began.elapsed().as_secs_f64();
        let report = self.figures(tally.id, label_set, split, &predictions).await?;
        let record = EvaluationRecord {
            ended: now() as u64,
            seconds,
            device: self.device_name(),
            faces,
            split,
            accuracy: report.expression.as_ref().and_then(|expression| expression.accuracy),
        };
        Ok(KeptEvaluation { record, report, warnings, predictions })
    }

    async fn predict_all(
        &self,
        tally: &mut Tally,
        mut readers: Readers,
        model: &HeldModel,
        open: &OpenDataset,
        split: Split,
    ) -> Result<Vec<Prediction>, Failure> {
        let ModelCard { label_set, preprocessing, .. } = &model.checkpoint.card;
        let map = open.dataset.label_set.map_to(label_set);
        let indices = open.dataset.indices(split);
        let mut predictions = Vec::with_capacity(indices.len());
        let preparation = Preparation { pixels: open.pixels(), preprocessing };
        self.look_at_faces(tally, &mut readers, &preparation, &indices, async |readers, batches| {
            let guesses = readers.guesses(batches, |samples| preparation.of(samples)).await?;
            for (&index, guess) in batches.iter().copied().flatten().zip(guesses.into_iter().flatten()) {
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
            Ok(())
        })
        .await?;
        Ok(predictions)
    }

    pub(super) fn last_evaluation(&self) -> Result<Rc<Evaluation>, Failure> {
        let evaluation = self.evaluation.borrow().clone();
        evaluation.ok_or_else(|| refused("There is no evaluation yet: evaluate a model first."))
    }
}

/// What was so and what was said, at most [`AFFECT_PAIRS`] of them.
pub(super) fn affect_pairs(predictions: &[Prediction]) -> Vec<[(f32, f32); 2]> {
    let pair = |prediction: &Prediction| {
        let truth = prediction.truth.valence.zip(prediction.truth.arousal)?;
        Some([truth, (prediction.valence, prediction.arousal)])
    };
    let pairs: Vec<_> = predictions.iter().filter_map(pair).collect();
    let step = pairs.len().div_ceil(AFFECT_PAIRS).max(1);
    pairs.into_iter().step_by(step).collect()
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
