//! Several models on the same faces.

use std::rc::Rc;

use super::evaluate::{BOOTSTRAP_SEED, Evaluation};
use super::gallery::{MOST_PICTURES, Thumbnails};
use super::looking::Tally;
use super::{Answer, OpenDataset, Service, faces, refused};
use crate::affect::LabelSet;
use crate::dataset::{Dataset, PixelStore, Split};
use crate::engine::protocol::{
    Compared, Contestant, DisagreementFilter, Disputed, Failure, ModelId, ModelSummary, Opinion, Outcome, RequestId,
};
use crate::engine::storage::KeptEvaluation;
use crate::evaluation::{
    Comparing, Difference, Intervals, Prediction, Report, Said, after_holm, argmax, measure, soft_vote,
};

/// The last comparison.
pub(super) struct HeldComparison {
    pub compared: Compared,
    /// What each contestant says, sample by sample, over the dataset's classes.
    said: Vec<Vec<Prediction>>,
    data: Rc<OpenDataset>,
}

impl Service {
    pub(super) async fn compare(&self, id: RequestId, models: Vec<ModelId>, split: Split) -> Answer {
        let _task = self.begin("A comparison")?;
        let data = self.open_dataset()?;
        let label_set = &data.dataset.label_set;
        if models.is_empty() {
            return Err(refused("Choose at least one model to compare."));
        }
        let mut tally = Tally::new(id, models.len() * data.dataset.indices(split).len());
        let (mut contestants, mut said) = (Vec::new(), Vec::new());
        for model in models {
            let (ModelSummary { name, .. }, _) = self.shelved(model)?;
            let evaluation = self.evaluation(&mut tally, model, split).await;
            let evaluation = evaluation.map_err(|failure| named(&name, failure))?;
            let predictions = over_classes_of(&data.dataset, &evaluation);
            contestants.push(self.contestant(id, label_set, evaluation, &predictions).await?);
            said.push(predictions);
        }
        let classes = |said: &Vec<Prediction>| said.first().map(|first| first.probabilities.len());
        if said.len() > 1 && said.iter().all(|side| classes(side) == classes(&said[0])) {
            let (ensemble, predictions) = self.ensemble(id, label_set, split, &contestants, &said).await?;
            contestants.push(ensemble);
            said.push(predictions);
        }
        let leader = leader(&contestants);
        self.against(id, label_set, split, leader, &mut contestants, &said).await?;
        let disagreements = disputed(&said, DisagreementFilter::default()).count();
        let faces = faces(&data.dataset, &[split]);
        let label_set = label_set.clone();
        let compared = Compared { faces, split, label_set, contestants, leader, disagreements };
        let outcome = Outcome::Compared(Box::new(compared.clone()));
        self.comparison.replace(Some(Rc::new(HeldComparison { compared, said, data })));
        Ok((outcome, None))
    }

    async fn contestant(
        &self,
        id: RequestId,
        label_set: &LabelSet,
        evaluation: Evaluation,
        predictions: &[Prediction],
    ) -> Result<Contestant, Failure> {
        let Evaluation { model, kept: KeptEvaluation { record, report, warnings, .. }, .. } = evaluation;
        let report = match report.label_set == *label_set {
            true => report,
            false => self.figures(id, label_set, record.split, predictions).await?,
        };
        let description = self.description(model.id).await?;
        Ok(Contestant {
            name: model.name.clone(),
            model: Some(model),
            report,
            warnings,
            against_leader: None,
            milliseconds: 1e3 * record.seconds / record.faces.count.max(1) as f64,
            bytes: description.bytes,
            multiplications: description.multiplications,
        })
    }

    /// All models together: the mean of what they say.
    async fn ensemble(
        &self,
        id: RequestId,
        label_set: &LabelSet,
        split: Split,
        contestants: &[Contestant],
        said: &[Vec<Prediction>],
    ) -> Result<(Contestant, Vec<Prediction>), Failure> {
        let said: Vec<Said> = said.iter().map(|predictions| Said { label_set, predictions }).collect();
        let predictions = soft_vote(&said, split).map_err(refused)?;
        let contestant = Contestant {
            name: "All together".into(),
            model: None,
            report: self.figures(id, label_set, split, &predictions).await?,
            warnings: Vec::new(),
            against_leader: None,
            milliseconds: contestants.iter().map(|of| of.milliseconds).sum(),
            bytes: contestants.iter().map(|of| of.bytes).sum(),
            multiplications: contestants.iter().map(|of| of.multiplications).sum(),
        };
        Ok((contestant, predictions))
    }

    /// How each stands to the leader. Each figure's verdicts are corrected for how many there are (Holm 1979).
    async fn against(
        &self,
        id: RequestId,
        label_set: &LabelSet,
        split: Split,
        leader: usize,
        contestants: &mut [Contestant],
        said: &[Vec<Prediction>],
    ) -> Result<(), Failure> {
        let said: Vec<Said> = said.iter().map(|predictions| Said { label_set, predictions }).collect();
        for (place, contestant) in contestants.iter_mut().enumerate().filter(|(place, _)| *place != leader) {
            let comparing = Comparing::new(said[place], said[leader], split, BOOTSTRAP_SEED);
            let mut comparing = comparing.map_err(refused)?;
            self.go_on(id, || comparing.step()).await?;
            contestant.against_leader = Some(comparing.finish());
        }
        let mut comparisons: Vec<_> = contestants.iter_mut().filter_map(|of| of.against_leader.as_mut()).collect();
        let figures = comparisons.first().map_or(0, |comparison| comparison.differences.len());
        for figure in 0..figures {
            let differences: Vec<Difference> = comparisons.iter().map(|of| of.differences[figure]).collect();
            for (comparison, verdict) in comparisons.iter_mut().zip(after_holm(&differences)) {
                comparison.differences[figure].verdict = verdict;
            }
        }
        Ok(())
    }

    /// Every figure with its interval; others get their turn meanwhile.
    pub(super) async fn figures(
        &self,
        id: RequestId,
        label_set: &LabelSet,
        split: Split,
        predictions: &[Prediction],
    ) -> Result<Report, Failure> {
        let mut report = measure(label_set, split, predictions);
        let mut intervals = Intervals::new(label_set, split, predictions, BOOTSTRAP_SEED);
        let mut report_share = self.sharing(id, "drawing the intervals");
        self.go_on(id, || {
            report_share(intervals.progress());
            intervals.step()
        })
        .await?;
        intervals.finish(&mut report);
        Ok(report)
    }

    pub(super) fn list_disputed(&self, filter: DisagreementFilter, skip: usize, take: usize) -> Answer {
        let held = self.last_comparison()?;
        let found: Vec<usize> = disputed(&held.said, filter).collect();
        let page = found.iter().skip(skip).take(take.min(MOST_PICTURES));
        let mut thumbnails = Thumbnails::with_capacity(take.min(MOST_PICTURES));
        let mut faces = Vec::new();
        for &row in page {
            let first = &held.said[0][row];
            thumbnails.push(&held.data.pixels().get(first.sample)?);
            let answers = held.said.iter().map(|side| opinion(&side[row])).collect();
            faces.push(Disputed { name: first.name.clone(), truth: first.truth.clone(), answers });
        }
        let outcome = Outcome::Disputed { total: found.len(), faces };
        Ok((outcome, Some(thumbnails.into_bytes().into())))
    }

    pub(super) fn last_comparison(&self) -> Result<Rc<HeldComparison>, Failure> {
        let comparison = self.comparison.borrow().clone();
        comparison.ok_or_else(|| refused("There is no comparison yet: compare models first."))
    }
}

/// Says which model a failure is about.
fn named(model: &str, failure: Failure) -> Failure {
    let message = match failure.message.starts_with(model) {
        true => failure.message,
        false => format!("{model}: {}", failure.message),
    };
    Failure { message, ..failure }
}

/// What a model said, over the dataset's classes, with all that is known of the faces. A class that the model does not
/// know has probability 0; what it gives to classes that the data does not have is lost.
fn over_classes_of(dataset: &Dataset, evaluation: &Evaluation) -> Vec<Prediction> {
    let (own, classes) = (&evaluation.kept.report.label_set, &dataset.label_set);
    if own == classes {
        return evaluation.kept.predictions.clone();
    }
    let map = own.map_to(classes);
    // A model without classes says nothing of them.
    let known = if own.is_empty() { 0 } else { classes.len() };
    let translated = |prediction: &Prediction| {
        let mut probabilities = vec![0.0; known];
        for (share, place) in prediction.probabilities.iter().zip(&map.0) {
            place.iter().for_each(|place| probabilities[*place] += share);
        }
        let truth = dataset.samples[prediction.sample].annotation.clone();
        Prediction { truth, probabilities, ..prediction.clone() }
    };
    evaluation.kept.predictions.iter().map(translated).collect()
}

/// The one with the highest accuracy; without classes, with the highest mean CCC; the first of equals.
fn leader(contestants: &[Contestant]) -> usize {
    let quality = |of: &Contestant| {
        let Report { expression, valence, arousal, .. } = &of.report;
        let accuracy = expression.as_ref().and_then(|expression| expression.accuracy);
        let concordance = || {
            let both: Vec<f64> = [valence, arousal].into_iter().filter_map(|of| of.as_ref()?.ccc).collect();
            (!both.is_empty()).then(|| both.iter().sum::<f64>() / both.len() as f64)
        };
        accuracy.or_else(concordance).unwrap_or(f64::NEG_INFINITY)
    };
    let better = |best: usize, place: usize| {
        if quality(&contestants[place]) > quality(&contestants[best]) { place } else { best }
    };
    (0..contestants.len()).reduce(better).unwrap_or(0)
}

/// The rows of which not all models say the same class, and that the filter lets through.
fn disputed(said: &[Vec<Prediction>], filter: DisagreementFilter) -> impl Iterator<Item = usize> {
    let class = |side: usize, row: usize| argmax(&said[side][row].probabilities);
    let right = move |side: usize, row: usize| {
        let truth = said[side][row].truth.class();
        truth.is_some() && truth == class(side, row)
    };
    let wrong = move |side: usize, row: usize| said[side][row].truth.class().is_some() && !right(side, row);
    (0..said.first().map_or(0, Vec::len)).filter(move |&row| {
        (1..said.len()).any(|side| class(side, row) != class(0, row))
            && filter.right.filter(|side| *side < said.len()).is_none_or(|side| right(side, row))
            && filter.wrong.filter(|side| *side < said.len()).is_none_or(|side| wrong(side, row))
    })
}

fn opinion(prediction: &Prediction) -> Opinion {
    let class = argmax(&prediction.probabilities);
    Opinion {
        class,
        probability: class.map_or(0.0, |class| prediction.probabilities[class]),
        valence: prediction.valence,
        arousal: prediction.arousal,
    }
}
