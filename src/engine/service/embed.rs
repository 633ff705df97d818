//! The faces of the last evaluation as its model sees them: features, as points in a plane.

use std::rc::Rc;

use super::evaluate::Evaluation;
use super::looking::{Preparation, Tally};
use super::{Answer, Service, refused};
use crate::engine::protocol::{EmbeddedFace, Embedding, EvaluationRecord, Failure, ModelId, Outcome, RequestId};
use crate::evaluation::{Features, PERPLEXITY, Pca, Prediction, Principal, Tsne, argmax, kinship};

/// More faces are not placed: t-SNE takes the square of them.
const MOST_FACES: usize = 1500;

/// Seeds the directions from which components are looked for.
const SEED: u64 = 1;

/// Neighbours among which a class looks for its own.
const NEIGHBOURS: usize = 10;

/// The features that were computed last.
pub(super) struct HeldFeatures {
    model: ModelId,
    record: EvaluationRecord,
    features: Features,
    /// What t-SNE begins with, and what is shown where that is asked for.
    principal: Principal,
}

impl Service {
    pub(super) async fn embed(&self, id: RequestId, embedding: Embedding) -> Answer {
        let _task = self.begin("A picture of the faces")?;
        let evaluation = self.last_evaluation()?;
        let held = self.features_of(id, &evaluation).await?;
        let places: Vec<[f64; 2]> = match embedding {
            Embedding::Principal => held.principal.scores.iter().map(|score| first_two(score)).collect(),
            Embedding::Neighbours => {
                let mut tsne = Tsne::new(held.features.clone(), &held.principal, PERPLEXITY);
                let mut report = self.sharing(id, "placing the faces");
                self.go_on(id, || {
                    report(tsne.progress());
                    tsne.step()
                })
                .await?;
                tsne.points().to_vec()
            }
        };
        let faces: Vec<EmbeddedFace> =
            chosen(&evaluation).zip(&places).map(|(prediction, place)| embedded(prediction, *place)).collect();
        let truth: Vec<Option<usize>> = faces.iter().map(|face| face.truth).collect();
        let classes = evaluation.kept.report.label_set.len();
        let outcome = Outcome::Embedded {
            faces,
            shares: held.principal.shares.as_ref().map(|shares| first_two(shares)),
            kinship: kinship(&places, &truth, classes, NEIGHBOURS),
        };
        Ok((outcome, None))
    }

    /// The features of an evaluation's faces: those at hand where they are its own.
    async fn features_of(&self, id: RequestId, evaluation: &Evaluation) -> Result<Rc<HeldFeatures>, Failure> {
        let (model, record) = (evaluation.model.id, &evaluation.kept.record);
        let held = self.features.borrow().clone();
        if let Some(held) = held.filter(|held| held.model == model && held.record == *record) {
            return Ok(held);
        }
        // They make room for the next.
        self.features.replace(None);
        let features = self.compute_features(id, evaluation).await?;
        let mut pca = Pca::new(features.clone(), 2, SEED);
        self.go_on(id, || pca.step()).await?;
        let held = Rc::new(HeldFeatures { model, record: record.clone(), features, principal: pca.finish() });
        self.features.replace(Some(Rc::clone(&held)));
        Ok(held)
    }

    async fn compute_features(&self, id: RequestId, evaluation: &Evaluation) -> Result<Features, Failure> {
        let checkpoint = Rc::clone(&self.model(evaluation.model.id).await?.checkpoint);
        let samples: Vec<usize> = chosen(evaluation).map(|prediction| prediction.sample).collect();
        let mut readers = self.readers(&checkpoint, samples.len())?;
        let mut tally = Tally::new(id, samples.len());
        let mut values = Vec::new();
        let preparation =
            Preparation { pixels: evaluation.data.pixels(), preprocessing: &checkpoint.card.preprocessing };
        self.look_at_faces(&mut tally, &mut readers, &preparation, &samples, async |readers, batches| {
            let features = readers.features(batches, |samples| preparation.of(samples)).await?;
            values.extend(features.into_iter().flatten());
            Ok(())
        })
        .await?;
        let width = values.len() / samples.len().max(1);
        Features::new(values, width)
            .ok_or_else(|| refused("The model's features are no finite numbers: train it anew."))
    }
}

/// The faces that are placed: all, or evenly chosen ones.
fn chosen(evaluation: &Evaluation) -> impl Iterator<Item = &Prediction> {
    let predictions = &evaluation.kept.predictions;
    predictions.iter().step_by(predictions.len().div_ceil(MOST_FACES).max(1))
}

fn embedded(prediction: &Prediction, [x, y]: [f64; 2]) -> EmbeddedFace {
    EmbeddedFace {
        sample: prediction.sample,
        place: (x as f32, y as f32),
        truth: prediction.truth.class(),
        said: argmax(&prediction.probabilities),
    }
}

/// The first two numbers; 0 where there is one only.
fn first_two(values: &[f64]) -> [f64; 2] {
    [0, 1].map(|place| values.get(place).copied().unwrap_or(0.0))
}
