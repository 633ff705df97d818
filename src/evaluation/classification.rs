//! Figures of a classifier: those that follow from the confusion matrix, and those that follow from the scores.
//!
//! The conventions are scikit-learn's, with `zero_division=0`, except that what is undefined is `None`:
//!
//! - macro means are over the classes that occur, as truth or as prediction (`labels=None`), and a class whose
//!   precision or recall is 0/0 counts as 0 in them, although its own figure is `None`;
//! - balanced accuracy is over the classes that occur as truth;
//! - the mean area under the ROC curve is over the classes that have both positives and negatives, the mean of the average
//!   precision over those that have positives;
//! - of equal scores the first is the largest, as in NumPy's `argmax`.

use super::report::ConfusionMatrix;

/// The index of the largest score, the first of equals; `None` of no scores.
pub fn argmax(scores: &[f32]) -> Option<usize> {
    (0..scores.len()).reduce(|best, i| if scores[i] > scores[best] { i } else { best })
}

/// Share of samples whose predicted class is the true one; `None` of no samples.
///
/// # Panics
/// Where the slices differ in length.
pub fn accuracy(truth: &[usize], predicted: &[usize]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction a sample");
    let right = truth.iter().zip(predicted).filter(|(t, p)| t == p).count();
    ratio(right as f64, truth.len() as f64)
}

/// Share of samples whose true class is among the two with the highest scores, one row of scores a sample.
/// Of equal scores the earlier class ranks higher, as in [`argmax`]. `None` of no samples.
///
/// # Panics
/// Where there are not as many rows as samples, or a true class has no score.
pub fn top2(truth: &[usize], scores: &[&[f32]]) -> Option<f64> {
    assert_eq!(truth.len(), scores.len(), "one row of scores a sample");
    let right = truth.iter().zip(scores).filter(|(class, row)| among_two(**class, row)).count();
    ratio(right as f64, truth.len() as f64)
}

/// Whether `class` is among the two with the highest scores.
pub(super) fn among_two(class: usize, row: &[f32]) -> bool {
    let ahead = |(i, score): (usize, &f32)| *score > row[class] || (*score == row[class] && i < class);
    row.iter().enumerate().filter(|&entry| ahead(entry)).count() < 2
}

impl ConfusionMatrix {
    /// A matrix of `classes` classes that has counted nothing.
    pub fn empty(classes: usize) -> Self {
        ConfusionMatrix { counts: vec![vec![0; classes]; classes] }
    }

    /// Counts every pair of true and predicted class.
    ///
    /// # Panics
    /// Where the slices differ in length, or a class is not below `classes`.
    pub fn of(truth: &[usize], predicted: &[usize], classes: usize) -> Self {
        assert_eq!(truth.len(), predicted.len(), "one prediction a sample");
        let mut confusion = Self::empty(classes);
        for (&truth, &predicted) in truth.iter().zip(predicted) {
            confusion.counts[truth][predicted] += 1;
        }
        confusion
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    /// Samples counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Samples that are of `class`.
    pub fn support(&self, class: usize) -> u64 {
        self.counts[class].iter().sum()
    }

    /// Samples that were taken for `class`.
    pub fn predicted(&self, class: usize) -> u64 {
        self.counts.iter().map(|row| row[class]).sum()
    }

    /// True positives of `class` over the samples taken for it; `None` where there are none of those.
    pub fn precision(&self, class: usize) -> Option<f64> {
        ratio(self.counts[class][class] as f64, self.predicted(class) as f64)
    }

    /// True positives of `class` over the samples that are of it; `None` where there are none of those.
    pub fn recall(&self, class: usize) -> Option<f64> {
        ratio(self.counts[class][class] as f64, self.support(class) as f64)
    }

    /// `2*tp / (2*tp + fp + fn)`, the harmonic mean of precision and recall: 0 for a class that occurs and is never
    /// predicted, `None` for a class that neither occurs nor is predicted.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let hits = self.counts[class][class] as f64;
        ratio(2.0 * hits, (self.support(class) + self.predicted(class)) as f64)
    }

    /// Share of samples on the diagonal.
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.diagonal() as f64, self.total() as f64)
    }

    /// Mean recall over the classes that occur as truth.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        mean((0..self.classes()).filter_map(|class| self.recall(class)))
    }

    /// Unweighted mean of the precision over the classes that occur as truth or prediction, 0/0 counting as 0.
    pub fn precision_macro(&self) -> Option<f64> {
        self.macro_mean(Self::precision)
    }

    /// Unweighted mean of the recall over the classes that occur as truth or prediction, 0/0 counting as 0.
    pub fn recall_macro(&self) -> Option<f64> {
        self.macro_mean(Self::recall)
    }

    /// Unweighted mean of the F1 over the classes that occur as truth or prediction.
    pub fn f1_macro(&self) -> Option<f64> {
        self.macro_mean(Self::f1)
    }

    /// Mean of the precision, weighted by support, 0/0 counting as 0.
    pub fn precision_weighted(&self) -> Option<f64> {
        self.weighted_mean(Self::precision)
    }

    /// Mean of the recall, weighted by support: the accuracy by another road.
    pub fn recall_weighted(&self) -> Option<f64> {
        self.weighted_mean(Self::recall)
    }

    /// Mean of the F1, weighted by support.
    pub fn f1_weighted(&self) -> Option<f64> {
        self.weighted_mean(Self::f1)
    }

    /// Cohen's kappa, unweighted: agreement beyond chance, `(p_o - p_e) / (1 - p_e)` (Cohen 1960).
    /// `None` where chance agrees always: every sample is of one class and taken for it.
    pub fn kappa(&self) -> Option<f64> {
        let total = self.total() as f64;
        let chance: f64 = (0..self.classes()).map(|c| self.support(c) as f64 * self.predicted(c) as f64).sum();
        ratio(total * self.diagonal() as f64 - chance, total * total - chance)
    }

    fn diagonal(&self) -> u64 {
        (0..self.classes()).map(|class| self.counts[class][class]).sum()
    }

    fn macro_mean(&self, figure: impl Fn(&Self, usize) -> Option<f64>) -> Option<f64> {
        let occurs = |class: &usize| self.support(*class) + self.predicted(*class) > 0;
        mean((0..self.classes()).filter(occurs).map(|class| figure(self, class).unwrap_or(0.0)))
    }

    fn weighted_mean(&self, figure: impl Fn(&Self, usize) -> Option<f64>) -> Option<f64> {
        let weigh = |class| self.support(class) as f64 * figure(self, class).unwrap_or(0.0);
        ratio((0..self.classes()).map(weigh).sum(), self.total() as f64)
    }
}

/// The mean, or `None` of nothing.
pub(super) fn mean(figures: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = figures.fold((0.0, 0.0), |(sum, count), figure| (sum + figure, count + 1.0));
    ratio(sum, count)
}

/// The quotient, or `None` where it is not a finite number: the one place where "undefined" is decided.
pub(super) fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    let quotient = numerator / denominator;
    (denominator != 0.0 && quotient.is_finite()).then_some(quotient)
}
