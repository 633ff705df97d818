//! Several models as one.

use super::aligned::{Mismatch, Said, same_expressions, same_samples};
use super::report::Prediction;
use crate::dataset::Split;

/// Soft voting: the mean of the models' probabilities, and of their valence and arousal, sample by sample (Kittler et al.
/// 1998, the sum rule). Classes are matched by name; the predictions are over the label set of the first model, in the
/// samples' order.
///
/// # Errors
/// Where the models were not asked about the same samples, what is known of these is not the same, or one knows a class
/// that another does not.
pub fn soft_vote(models: &[Said], split: Split) -> Result<Vec<Prediction>, Mismatch> {
    same_samples(models, split)?;
    let label_set = models.first().ok_or(Mismatch::Nothing)?.label_set;
    let sides: Vec<Vec<Prediction>> =
        models.iter().map(|said| said.over(label_set, split)).collect::<Result<_, Mismatch>>()?;
    same_expressions(&sides)?;
    (0..sides[0].len()).map(|sample| vote(sides.iter().map(|side| &side[sample]).collect())).collect()
}

/// One sample.
fn vote(votes: Vec<&Prediction>) -> Result<Prediction, Mismatch> {
    let first = *votes.first().ok_or(Mismatch::Nothing)?;
    if votes.iter().any(|vote| vote.probabilities.len() != first.probabilities.len()) {
        return Err(Mismatch::Classes);
    }
    let mean = |of: &dyn Fn(&Prediction) -> f32| {
        let sum: f64 = votes.iter().map(|vote| f64::from(of(vote))).sum();
        (sum / votes.len() as f64) as f32
    };
    let probabilities = (0..first.probabilities.len()).map(|class| mean(&|vote| vote.probabilities[class])).collect();
    Ok(Prediction {
        probabilities,
        valence: mean(&|vote| vote.valence),
        arousal: mean(&|vote| vote.arousal),
        ..first.clone()
    })
}
