//! Samples in the order of their scores: what the ROC and the precision-recall curve, and the areas under them, are of.

use super::classification::ratio;

/// One class against the rest: all samples, the highest score first. Samples of equal score are one step.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    sample: u32,
    positive: bool,
    /// Whether the next score is lower.
    ends_step: bool,
}

/// What scores at least as high as some threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Above {
    /// Positives among it.
    pub positives: u64,
    /// Negatives among it.
    pub negatives: u64,
}

impl Above {
    /// The share of positives in it.
    pub fn precision(self) -> f64 {
        self.positives as f64 / (self.positives + self.negatives) as f64
    }
}

/// The areas under both curves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Areas {
    /// See [`roc_auc`].
    pub roc_auc: Option<f64>,
    /// See [`average_precision`].
    pub average_precision: Option<f64>,
}

impl Ranking {
    /// `None` where a score is NaN: that has no place.
    ///
    /// # Panics
    /// Where the slices differ in length.
    pub fn new(positive: &[bool], scores: &[f32]) -> Option<Ranking> {
        assert_eq!(positive.len(), scores.len(), "one score a sample");
        if scores.iter().any(|score| score.is_nan()) {
            return None;
        }
        let mut order: Vec<u32> = (0..scores.len() as u32).collect();
        let score = |sample: u32| scores[sample as usize];
        // Without NaN the scores compare as they should, and +0 equals -0 (`total_cmp` would tell them apart).
        order.sort_unstable_by(|&a, &b| score(b).partial_cmp(&score(a)).unwrap_or(std::cmp::Ordering::Equal));
        let ends_step = |place: usize| order.get(place + 1).is_none_or(|&next| score(next) != score(order[place]));
        let place = |(place, &sample): (usize, &u32)| Place {
            sample,
            positive: positive[sample as usize],
            ends_step: ends_step(place),
        };
        Some(Ranking { places: order.iter().enumerate().map(place).collect() })
    }

    /// Lowers the threshold from score to score, and visits what is above it then. A sample counts as often as its weight
    /// says: `weight` is asked for each.
    pub fn descend(&self, weight: impl Fn(usize) -> u32, mut visit: impl FnMut(Above)) {
        let mut above = Above::default();
        for place in &self.places {
            let counted = u64::from(weight(place.sample as usize));
            if place.positive {
                above.positives += counted;
            } else {
                above.negatives += counted;
            }
            if place.ends_step {
                visit(above);
            }
        }
    }

    /// Both areas in one descent.
    pub fn areas(&self, weight: impl Fn(usize) -> u32) -> Areas {
        let (mut before, mut doubled_area, mut summed_precision) = (Above::default(), 0, 0.0);
        self.descend(weight, |above| {
            doubled_area += (above.negatives - before.negatives) * (above.positives + before.positives);
            let gained = above.positives - before.positives;
            if gained > 0 {
                summed_precision += gained as f64 * above.precision();
            }
            before = above;
        });
        let (positives, negatives) = (before.positives as f64, before.negatives as f64);
        Areas {
            roc_auc: ratio(doubled_area as f64, 2.0 * positives * negatives),
            average_precision: ratio(summed_precision, positives),
        }
    }
}

/// Area under the ROC curve: the probability that a positive scores higher than a negative, ties counting half
/// (Mann & Whitney 1947; Hanley & McNeil 1982). `None` without positives, without negatives, or with a NaN.
///
/// # Panics
/// Where the slices differ in length.
pub fn roc_auc(positive: &[bool], scores: &[f32]) -> Option<f64> {
    Ranking::new(positive, scores)?.areas(|_| 1).roc_auc
}

/// Average precision: the precision at every score, weighted by the recall that is gained there, without interpolation
/// (Zhu 2004; scikit-learn's `average_precision_score`). `None` without positives, or with a NaN.
///
/// # Panics
/// Where the slices differ in length.
pub fn average_precision(positive: &[bool], scores: &[f32]) -> Option<f64> {
    Ranking::new(positive, scores)?.areas(|_| 1).average_precision
}
