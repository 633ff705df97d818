//! Several models on the same samples: what they said, side by side.

use super::report::Prediction;
use crate::affect::LabelSet;
use crate::dataset::Split;

/// What one model said.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The classes it knows.
    pub label_set: &'a LabelSet,
    /// Its predictions, over these.
    pub predictions: &'a [Prediction],
}

/// Why predictions of several models cannot be laid side by side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// There is nothing to look at.
    #[error("no predictions were given")]
    Nothing,
    /// Not every model was asked about every sample.
    #[error("the models were not asked about the same samples")]
    Samples,
    /// What is known of a sample changed between two evaluations.
    #[error("the label of {0} is not the same in all evaluations")]
    Truth(String),
    /// The models know different classes.
    #[error("the models do not know the same classes")]
    Classes,
}

impl<'a> Said<'a> {
    /// The predictions of `split`, in the samples' order.
    pub(super) fn of_split(&self, split: Split) -> Vec<&'a Prediction> {
        let mut predictions: Vec<&Prediction> = self.predictions.iter().filter(|said| said.split == split).collect();
        predictions.sort_by_key(|prediction| prediction.sample);
        predictions
    }

    /// The predictions of `split` in the samples' order, over `label_set`: classes change their places by their names.
    /// Refused where one of the two knows a class that the other does not.
    pub(super) fn over(&self, label_set: &LabelSet, split: Split) -> Result<Vec<Prediction>, Mismatch> {
        if self.label_set.classes() == label_set.classes() {
            return Ok(self.of_split(split).into_iter().cloned().collect());
        }
        let map = self.label_set.map_to(label_set);
        let mut met: Vec<usize> = map.0.iter().copied().collect::<Option<_>>().ok_or(Mismatch::Classes)?;
        met.sort_unstable();
        if !met.into_iter().eq(0..label_set.len()) {
            return Err(Mismatch::Classes);
        }
        let moved = |distribution: &Vec<f32>| match distribution.len() == map.0.len() {
            true => map.apply(distribution, label_set.len()).unwrap_or_default(),
            false => distribution.clone(),
        };
        let predictions = self.of_split(split).into_iter().cloned().map(|mut prediction| {
            prediction.truth.expression = prediction.truth.expression.as_ref().map(moved);
            prediction.probabilities = moved(&prediction.probabilities);
            prediction
        });
        Ok(predictions.collect())
    }
}

/// Refuses models that were not asked about the same samples, or of which the valence or arousal is not the same.
pub(super) fn same_samples(models: &[Said], split: Split) -> Result<(), Mismatch> {
    let sides: Vec<Vec<&Prediction>> = models.iter().map(|said| said.of_split(split)).collect();
    let first = sides.first().filter(|side| !side.is_empty()).ok_or(Mismatch::Nothing)?;
    let repeated = first.windows(2).any(|two| two[0].sample == two[1].sample);
    let key = |prediction: &&Prediction| (prediction.sample, prediction.name.clone());
    if repeated || sides.iter().any(|side| !side.iter().map(key).eq(first.iter().map(key))) {
        return Err(Mismatch::Samples);
    }
    let affect = |prediction: &Prediction| (prediction.truth.valence, prediction.truth.arousal);
    same(first, &sides, |a, b| affect(a) == affect(b))
}

/// Refuses predictions of the same samples, over the same classes, where what is known of the expression is not the same.
pub(super) fn same_expressions(sides: &[Vec<Prediction>]) -> Result<(), Mismatch> {
    let sides: Vec<Vec<&Prediction>> = sides.iter().map(|side| side.iter().collect()).collect();
    let first = sides.first().ok_or(Mismatch::Nothing)?;
    same(first, &sides, |a, b| a.truth.expression == b.truth.expression)
}

fn same(
    first: &[&Prediction],
    sides: &[Vec<&Prediction>],
    same: impl Fn(&Prediction, &Prediction) -> bool,
) -> Result<(), Mismatch> {
    let mut pairs = sides.iter().flat_map(|side| first.iter().zip(side));
    match pairs.find(|(a, b)| !same(a, b)) {
        Some((changed, _)) => Err(Mismatch::Truth(changed.name.clone())),
        None => Ok(()),
    }
}
