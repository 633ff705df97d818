//! What a comparison of two models on the same samples says.

use serde::{Deserialize, Serialize};

use super::figure::Figure;
use super::holm::holm;
use super::interval::Interval;
use super::mcnemar::McNemar;

/// A difference less probable than this by chance alone is shown.
const SIGNIFICANT: f64 = 0.05;

/// Two models on the same samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Samples that both were asked about.
    pub samples: u64,
    /// Whether they err equally often; `None` where no sample has a class that both know.
    pub mcnemar: Option<McNemar>,
    /// Every figure of a report, in a fixed order.
    pub differences: Vec<Difference>,
}

/// One figure of two models.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Which figure.
    pub figure: Figure,
    /// The first model's.
    pub first: Option<f64>,
    /// The second model's.
    pub second: Option<f64>,
    /// The first less the second.
    pub difference: Option<f64>,
    /// 95 % interval of the difference: percentile bootstrap, 1,000 resamples of the samples, the same for both models.
    pub interval: Option<Interval>,
    /// How probable a difference on the other side of 0 is by chance; from the same resamples, so not below 2/1001. Of accuracy (and
    /// of the weighted recall, which is the same number) McNemar's.
    pub p_value: Option<f64>,
    /// What is to be said of the first model.
    pub verdict: Verdict,
}

/// How the first of two models stands to the second in one figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is better, and that is more than chance.
    Better,
    /// It is worse, and that is more than chance.
    Worse,
    /// The samples do not show which is better. That does not mean that neither is.
    NoDifferenceShown,
    /// There is nothing to compare.
    NotComparable(Incomparable),
}

/// Why a figure of two models is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Incomparable {
    /// Expressions are compared over the same classes only.
    #[error("the models do not know the same classes")]
    Classes,
    /// One sample has no interval.
    #[error("fewer than two faces are labelled for it")]
    TooFew,
    /// Neither has it, or only one.
    #[error("it is undefined for one of the models")]
    Undefined,
}

impl Verdict {
    /// Of a difference that is shown: which way it goes.
    fn shown(figure: Figure, difference: f64) -> Verdict {
        if (difference > 0.0) == figure.more_is_better() { Verdict::Better } else { Verdict::Worse }
    }
}

#[cfg(feature = "engine")]
impl Difference {
    /// Of values that are known, and what the resamples say of their difference: it is shown where the interval excludes 0.
    pub(super) fn new(
        figure: Figure,
        [first, second]: [Option<f64>; 2],
        interval: Option<Interval>,
        p_value: Option<f64>,
    ) -> Difference {
        let difference = first.zip(second).map(|(first, second)| first - second);
        let verdict = match (difference, interval) {
            (Some(_), Some(Interval { low, .. })) if low > 0.0 => Verdict::shown(figure, low),
            (Some(_), Some(Interval { high, .. })) if high < 0.0 => Verdict::shown(figure, high),
            (Some(_), Some(_)) => Verdict::NoDifferenceShown,
            (Some(_), None) => Verdict::NotComparable(Incomparable::TooFew),
            (None, _) => Verdict::NotComparable(Incomparable::Undefined),
        };
        Difference { figure, first, second, difference, interval, p_value, verdict }
    }

    /// The same, judged by a test of its own.
    pub(super) fn judged_by(self, p_value: f64) -> Difference {
        let verdict = match (self.verdict, self.difference) {
            (Verdict::NotComparable(_), _) | (_, None) => return self,
            (_, Some(difference)) if p_value < SIGNIFICANT => Verdict::shown(self.figure, difference),
            _ => Verdict::NoDifferenceShown,
        };
        Difference { p_value: Some(p_value), verdict, ..self }
    }

    /// Of a figure that is not looked at.
    pub(super) fn none(figure: Figure, reason: Incomparable) -> Difference {
        let verdict = Verdict::NotComparable(reason);
        Difference { figure, first: None, second: None, difference: None, interval: None, p_value: None, verdict }
    }
}

/// The verdicts on one figure of many pairs of models that are looked at together (Holm 1979): each pair's p-value is
/// corrected for the others, and a difference is shown where it stays below 0.05. Pairs that are not comparable count as no
/// test, and remain so.
pub fn after_holm(differences: &[Difference]) -> Vec<Verdict> {
    let tested = |of: &Difference| of.difference.zip(of.p_value);
    let p_values: Vec<f64> = differences.iter().filter_map(tested).map(|(_, p_value)| p_value).collect();
    let mut corrected = holm(&p_values).into_iter();
    let verdict = |of: &Difference| match tested(of).zip(tested(of).and_then(|_| corrected.next())) {
        Some(((difference, _), p_value)) if p_value < SIGNIFICANT => Verdict::shown(of.figure, difference),
        Some(_) => Verdict::NoDifferenceShown,
        None => of.verdict,
    };
    differences.iter().map(verdict).collect()
}
