//! The comparison of two models, computed step by step: paired bootstrap of every figure's difference, and McNemar's test.

use super::aligned::{Mismatch, Said, same_expressions, same_samples};
use super::bootstrap::{Bootstrap, Weighable};
use super::classified::Classified;
use super::comparison::{Comparison, Difference, Incomparable};
use super::evaluate::{arousal, class_and_scores, classified, valence};
use super::figure::{AffectFigure, ExpressionFigure, Figure};
use super::mcnemar::McNemar;
use super::rated::Rated;
use super::report::Prediction;
use crate::affect::LabelSet;
use crate::dataset::Split;

/// What McNemar's test is about: how many are right, and the recall weighted by the classes' sizes, which is the same number.
const SHARES_OF_RIGHT: [Figure; 2] =
    [Figure::Expression(ExpressionFigure::Accuracy), Figure::Expression(ExpressionFigure::RecallWeighted)];

/// A comparison under way.
///
/// Both models are looked at under the same resamples, so that what is hard for both does not hide which is better: the
/// paired bootstrap (Efron & Tibshirani 1993; of error rates, Bisani & Ney 2004). Expressions are drawn stratified by
/// class, as in [`Intervals`](super::Intervals).
pub struct Comparing {
    samples: u64,
    mcnemar: Option<McNemar>,
    expression: Result<Bootstrap<Both<Classified>>, Incomparable>,
    valence: Result<Bootstrap<Both<Rated>>, Incomparable>,
    arousal: Result<Bootstrap<Both<Rated>>, Incomparable>,
}

impl Comparing {
    /// Of two models on `split`. Expressions are compared over the classes of the first, by name, where the second knows
    /// the same.
    ///
    /// # Errors
    /// Where the samples, or what is known of them, are not the same.
    pub fn new(first: Said, second: Said, split: Split, seed: u64) -> Result<Comparing, Mismatch> {
        same_samples(&[first, second], split)?;
        let expression = match second.over(first.label_set, split) {
            Err(_) => Err(Incomparable::Classes),
            Ok(second) => {
                let sides = [first.over(first.label_set, split)?, second];
                same_expressions(&sides)?;
                both_classified(first.label_set, &sides)
            }
        };
        let sides = [first, second].map(|said| said.of_split(split));
        let side = |side: usize| sides[side].iter().copied();
        let rated = |both: Option<(Rated, Rated)>| {
            let both = both.map(|(first, second)| Both(first, second));
            both.map(|both| Bootstrap::new(both, seed)).ok_or(Incomparable::TooFew)
        };
        Ok(Comparing {
            samples: sides[0].len() as u64,
            mcnemar: expression.as_ref().ok().map(|both| McNemar::of(&both.0.right(), &both.1.right())),
            expression: expression.map(|both| Bootstrap::new(both, seed)),
            valence: rated(valence(side(0)).zip(valence(side(1)))),
            arousal: rated(arousal(side(0)).zip(arousal(side(1)))),
        })
    }

    /// A few milliseconds of work; says whether there is more to do.
    pub fn step(&mut self) -> bool {
        let Comparing { expression, valence, arousal, .. } = self;
        expression.as_mut().is_ok_and(Bootstrap::step)
            || valence.as_mut().is_ok_and(Bootstrap::step)
            || arousal.as_mut().is_ok_and(Bootstrap::step)
    }

    /// What it says.
    pub fn finish(self) -> Comparison {
        let mut differences = Vec::new();
        let expression = ExpressionFigure::ALL.map(Figure::Expression);
        conclude(self.expression, &expression, &mut differences);
        if let Some(test) = self.mcnemar {
            let of_accuracy = |of: &&mut Difference| SHARES_OF_RIGHT.contains(&of.figure);
            differences.iter_mut().filter(of_accuracy).for_each(|of| *of = of.judged_by(test.p_value));
        }
        conclude(self.valence, &AffectFigure::ALL.map(Figure::Valence), &mut differences);
        conclude(self.arousal, &AffectFigure::ALL.map(Figure::Arousal), &mut differences);
        Comparison { samples: self.samples, mcnemar: self.mcnemar, differences }
    }
}

/// Samples of which both have a class and probabilities.
fn both_classified(label_set: &LabelSet, sides: &[Vec<Prediction>; 2]) -> Result<Both<Classified>, Incomparable> {
    let counts = |prediction: &Prediction| class_and_scores(label_set, prediction).is_some();
    let both: Vec<[&Prediction; 2]> =
        sides[0].iter().zip(&sides[1]).filter(|(a, b)| counts(a) && counts(b)).map(|(a, b)| [a, b]).collect();
    if both.is_empty() {
        return Err(Incomparable::TooFew);
    }
    let side = |side: usize| classified(label_set, both.iter().map(|pair| pair[side])).ok_or(Incomparable::Undefined);
    Ok(Both(side(0)?, side(1)?))
}

/// The figures of one part, in the order of [`Weighable::figures`].
fn conclude<T: Weighable>(
    bootstrap: Result<Bootstrap<Both<T>>, Incomparable>,
    figures: &[Figure],
    differences: &mut Vec<Difference>,
) {
    let bootstrap = match bootstrap {
        Ok(bootstrap) => bootstrap,
        Err(reason) => return differences.extend(figures.iter().map(|figure| Difference::none(*figure, reason))),
    };
    let Both(first, second) = bootstrap.subject();
    let once = vec![1; first.samples()];
    let values = first.figures(&once).into_iter().zip(second.figures(&once));
    let mut distributions = bootstrap.distributions();
    differences.extend(figures.iter().zip(values.collect::<Vec<_>>()).map(|(figure, (first, second))| {
        let distribution = distributions.next();
        let interval = distribution.as_ref().and_then(|values| values.interval());
        let p_value = distribution.and_then(|values| values.p_value());
        Difference::new(*figure, [first, second], interval, p_value)
    }));
}

/// Two models on the same samples, looked at through the same weights: their figures are the differences.
struct Both<T>(T, T);

impl<T: Weighable> Weighable for Both<T> {
    fn samples(&self) -> usize {
        self.0.samples()
    }

    fn strata(&self) -> Vec<Vec<u32>> {
        self.0.strata()
    }

    fn passes(&self) -> usize {
        self.0.passes() + self.1.passes()
    }

    fn figures(&self, weights: &[u32]) -> Vec<Option<f64>> {
        let pairs = self.0.figures(weights).into_iter().zip(self.1.figures(weights));
        pairs.map(|(first, second)| Some(first? - second?)).collect()
    }
}
