//! What the losses of a batch are taken against. Which sample has which label, what a class weighs and how much is labelled is folded into
//! few numbers on the host, so that a device does the same for every batch.

use burn::tensor::{Device, Tensor};

use super::numbers::{Numbers, Rows};
use super::{Labelled, Losses};
use crate::affect::Annotation;

/// Which rows of numbers there are, and how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Kinds {
    samples: usize,
    /// Classes, where a sample has an expression.
    classes: Option<usize>,
    /// Whether a sample has valence or arousal.
    affect: bool,
}

/// The targets of a batch, or of a part of one, on a device.
#[derive(Clone, Debug)]
pub struct Targets {
    /// `None` where no sample has one, or there are no classes.
    pub(super) expression: Option<Expression>,
    /// `None` where no sample has either.
    pub(super) affect: Option<Affect>,
}

#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// Smoothed distributions over the classes `[batch, classes]`, each class by its weight and each sample by its share in the mean: 0 where
    /// it is not labelled.
    pub distributions: Tensor<2>,
    /// The most likely class `[batch]`; -1 where it is not labelled.
    pub classes: Tensor<1>,
}

#[derive(Clone, Debug)]
pub(super) struct Affect {
    /// Valence and arousal `[batch, 2]`; 0 where they are not labelled.
    pub values: Tensor<2>,
    /// The share of each in the mean over the labelled ones of its axis `[batch, 2]`: 0 where it is not labelled.
    pub shares: Tensor<2>,
    /// What the mean squared error of each axis weighs `[1, 2]`: 0 where an axis has no label.
    pub of_error: Tensor<2>,
    /// What one minus the concordance of each axis weighs `[1, 2]`: 0 where it has fewer than two.
    pub of_discordance: Tensor<2>,
}

impl Losses {
    /// The targets of samples that are a part of a batch in which so much is labelled: the losses of all parts add up to the batch's.
    /// Concordance, which is none of single samples, is each part's own, and weighs as much as the part has labels.
    pub(super) fn numbers(
        &self,
        annotations: &[&Annotation],
        classes: usize,
        whole: &Labelled,
        numbers: &mut Numbers,
    ) -> Kinds {
        let part = Labelled::of(annotations.iter().copied());
        let kinds = Kinds {
            samples: annotations.len(),
            classes: (part.expression > 0 && classes > 0).then_some(classes),
            affect: part.affect != [0, 0],
        };
        if let Some(classes) = kinds.classes {
            let target = |annotation: &&Annotation| self.distribution(annotation, classes, share(whole.expression));
            numbers.push(annotations.iter().flat_map(target).collect());
            let class = |annotation: &&Annotation| annotation.class().map_or(-1.0, |class| class as f32);
            numbers.push(annotations.iter().map(class).collect());
        }
        if kinds.affect {
            let both = |annotation: &&Annotation| [annotation.valence, annotation.arousal];
            numbers.push(annotations.iter().flat_map(both).map(|value| value.unwrap_or(0.0)).collect());
            let shares = part.affect.map(share);
            let of = |value: Option<f32>, share: f32| if value.is_some() { share } else { 0.0 };
            let shares_of = |annotation: &&Annotation| {
                let [valence, arousal] = both(annotation);
                [of(valence, shares[0]), of(arousal, shares[1])]
            };
            numbers.push(annotations.iter().flat_map(shares_of).collect());
            numbers.push(weights(part.affect, whole.affect, 1).into());
            numbers.push(weights(part.affect, whole.affect, 2).into());
        }
        kinds
    }

    /// `share w_c y'_c` of every class, with `y' = (1 - e) y + e / classes` (Szegedy et al. 2016).
    fn distribution(&self, annotation: &Annotation, classes: usize, share: f32) -> Vec<f32> {
        let Some(distribution) = &annotation.expression else { return vec![0.0; classes] };
        let weight = |class: usize| self.class_weights.as_ref().map_or(1.0, |weights| weights[class]);
        let smoothed = |y: f32| (1.0 - self.label_smoothing) * y + self.label_smoothing / classes as f32;
        distribution.iter().enumerate().map(|(class, y)| share * weight(class) * smoothed(*y)).collect()
    }

    /// The targets of a whole batch.
    pub fn targets(&self, annotations: &[&Annotation], classes: usize, device: &Device) -> Targets {
        let mut numbers = Numbers::default();
        let whole = Labelled::of(annotations.iter().copied());
        let kinds = self.numbers(annotations, classes, &whole, &mut numbers);
        kinds.targets(&mut numbers.rows(device))
    }
}

impl Kinds {
    /// The targets, whose numbers come in these rows.
    pub(super) fn targets(&self, rows: &mut Rows) -> Targets {
        let samples = self.samples;
        Targets {
            expression: self.classes.map(|classes| Expression {
                distributions: rows.take([samples, classes]),
                classes: rows.take([samples]),
            }),
            affect: self.affect.then(|| Affect {
                values: rows.take([samples, 2]),
                shares: rows.take([samples, 2]),
                of_error: rows.take([1, 2]),
                of_discordance: rows.take([1, 2]),
            }),
        }
    }
}

/// What an axis weighs in the mean over those that have so many labels at least in the whole: as much as the part has of them.
fn weights(part: [usize; 2], whole: [usize; 2], least: usize) -> [f32; 2] {
    let axes = whole.iter().filter(|labels| **labels >= least).count();
    let weight = |axis: usize| match part[axis] >= least {
        true => part[axis] as f32 * share(whole[axis]) * share(axes),
        false => 0.0,
    };
    [weight(0), weight(1)]
}

/// `1 / n`, or 0 for none.
fn share(n: usize) -> f32 {
    if n == 0 { 0.0 } else { 1.0 / n as f32 }
}
