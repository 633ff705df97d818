//! Arrays of labels, one value an image: names, numbers, one-hot and probability rows; valence and arousal.

use std::collections::HashMap;

use super::affectnet_arrays::MISSING;
use super::array_groups::{Group, Role};
use super::classes::{Classes, MOST_CLASSES};
use super::listing::Listing;
use super::problem_list::ProblemList;
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Place;
use crate::dataset::npy::{Array, Values};

/// Reads the label arrays of one group after the other; their classes are known only when all were read.
#[derive(Default)]
pub(super) struct LabelArrays {
    groups: Vec<Labels>,
    /// The different names and numbers found.
    names: Vec<String>,
    indices: HashMap<String, usize>,
    pub(super) problems: ProblemList,
    /// The arrays that were read.
    pub(super) read: Vec<usize>,
}

/// What a group's arrays say of its images.
struct Labels {
    count: usize,
    expression: Option<(Place, Expressions)>,
    valence: Option<Vec<Option<f32>>>,
    arousal: Option<Vec<Option<f32>>>,
}

/// What an array says of each image's expression.
enum Expressions {
    /// Indices into [`LabelArrays::names`].
    Named(Vec<Option<usize>>),
    /// A weight for each of so many classes.
    Weighed(usize, Vec<Option<Vec<f32>>>),
}

/// What the label arrays say, all told.
pub(super) struct Settled {
    pub(super) label_set: LabelSet,
    /// The number of each class, where there are no names.
    pub(super) numbers: Vec<u64>,
    /// How the labels were read: the rest of a sentence, or nothing.
    pub(super) how: String,
    /// By group and image.
    pub(super) annotations: Vec<Vec<Annotation>>,
}

impl LabelArrays {
    /// Reads the label arrays of a group of `count` images.
    pub(super) fn read(&mut self, listing: &mut Listing, group: &Group, count: usize) {
        let expression = self.open(listing, group, (Role::Expression, MOST_CLASSES), count);
        let valence = self.open(listing, group, (Role::Valence, 1), count);
        let arousal = self.open(listing, group, (Role::Arousal, 1), count);
        let expression = expression.and_then(|(array, place)| Some((place.clone(), self.expressions(&array, &place)?)));
        let valence = valence.map(|(array, place)| self.affect(&array, &place));
        let arousal = arousal.map(|(array, place)| self.affect(&array, &place));
        let nothing = expression.is_none() && valence.is_none() && arousal.is_none();
        // A count that no array of labels bears out may be anything at all.
        self.groups.push(Labels { count: if nothing { 0 } else { count }, expression, valence, arousal });
    }

    /// One of a group's arrays, if it has a value for each image, or a row of at most so many.
    fn open(
        &mut self,
        listing: &mut Listing,
        group: &Group,
        (role, most): (Role, usize),
        count: usize,
    ) -> Option<(Array, Place)> {
        let file = *group.arrays.get(&role)?;
        self.read.push(file);
        let place = Place { file: listing.path(file).to_owned(), ..Place::default() };
        let wrong = match listing.read_array(file) {
            Ok(array) => match (array.header.shape.first().copied().unwrap_or(1), width(&array)) {
                (found, Some(width)) if found == count && width <= most => return Some((array, place)),
                (found, Some(width)) if width <= most => {
                    format!("holds {found} values for {count} images, so nobody knows which is whose; it is not read")
                }
                _ => format!(
                    "is of shape {:?}: expected a value for each image{}; it is not read",
                    array.header.shape,
                    if most > 1 { ", or a row of weights" } else { "" }
                ),
            },
            Err(error) => error.to_string(),
        };
        self.problems.push(place, wrong);
        None
    }

    fn expressions(&mut self, array: &Array, place: &Place) -> Option<Expressions> {
        let classes = width(array)?;
        let at = |row: usize| Place { row: Some(row as u64 + 1), ..place.clone() };
        match (array.values(), classes) {
            (Values::Text(texts), 1) => {
                let named = texts.iter().map(|text| Some(text.trim()).filter(|name| !name.is_empty()));
                Some(Expressions::Named(named.map(|name| Some(self.index(name?))).collect()))
            }
            (Values::Numbers(numbers), 1) => {
                let named = numbers.into_iter().enumerate().map(|(row, number)| {
                    let number = Some(number).filter(|number| !is_missing(*number))?;
                    if number.fract() != 0.0 {
                        self.problems
                            .push(at(row), format!("expected the number of a class, found {number}; it is left out"));
                        return None;
                    }
                    Some(self.index(&number.to_string()))
                });
                Some(Expressions::Named(named.collect()))
            }
            (Values::Numbers(numbers), _) => {
                let rows = numbers.chunks_exact(classes).enumerate().map(|(row, weights)| {
                    let distribution = distribution(weights);
                    if distribution.is_none() {
                        self.problems
                            .push(at(row), "expected weights that are not negative and sum to 1; it is left out");
                    }
                    distribution
                });
                Some(Expressions::Weighed(classes, rows.collect()))
            }
            _ => {
                self.problems.push(place.clone(), "holds several texts for each image; it is not read");
                None
            }
        }
    }

    /// The index of a name.
    fn index(&mut self, name: &str) -> usize {
        if let Some(known) = self.indices.get(name) {
            return *known;
        }
        let index = self.names.len();
        self.names.push(name.to_owned());
        self.indices.insert(name.to_owned(), index);
        index
    }

    fn affect(&mut self, array: &Array, place: &Place) -> Vec<Option<f32>> {
        let numbers: Vec<(f64, Option<String>)> = match array.values() {
            Values::Numbers(numbers) => numbers.into_iter().map(|number| (number, None)).collect(),
            Values::Text(texts) => {
                texts.into_iter().map(|text| (text.trim().parse().unwrap_or(f64::INFINITY), Some(text))).collect()
            }
        };
        let value = |(row, (number, text)): (usize, (f64, Option<String>))| {
            let number = Some(number).filter(|number| !is_missing(*number))?;
            if !(-1.0..=1.0).contains(&number) {
                let place = Place { row: Some(row as u64 + 1), ..place.clone() };
                let found = text.unwrap_or_else(|| number.to_string());
                self.problems
                    .push(place, format!("expected a number from -1 to 1, found {found}; this value is left out"));
                return None;
            }
            Some(number as f32)
        };
        numbers.into_iter().enumerate().map(value).collect()
    }

    /// The classes, and each image's annotation.
    pub(super) fn settle(&mut self) -> Settled {
        let width = self.groups.iter().find_map(|labels| match labels.expression {
            Some((_, Expressions::Weighed(width, _))) => Some(width),
            _ => None,
        });
        let classes = Classes::of(&self.names);
        let (label_set, how) = match (width, classes.numbers) {
            (Some(width), _) => {
                (set_of(width), format!("; rows of {width} weights are read in {} order", order_of(width)))
            }
            (None, Some(numbers)) => {
                (classes.set.clone(), format!("; expressions are numbers, read in {}", numbers.order()))
            }
            (None, None) => (classes.set.clone(), String::new()),
        };
        let groups = std::mem::take(&mut self.groups);
        let annotations =
            groups.into_iter().map(|labels| labels.annotations(&classes, &label_set, width, &mut self.problems));
        let annotations = annotations.collect();
        let numbers = width.map_or(classes.of_class, |width| (0..width as u64).collect());
        Settled { annotations, label_set, numbers, how }
    }
}

impl Labels {
    fn annotations(
        self,
        classes: &Classes,
        label_set: &LabelSet,
        width: Option<usize>,
        problems: &mut ProblemList,
    ) -> Vec<Annotation> {
        let mut expressions = match self.expression {
            Some((_, Expressions::Weighed(own, rows))) if Some(own) == width => rows,
            Some((place, Expressions::Named(names))) if width.is_none() => {
                let class = |(row, name): (usize, Option<usize>)| {
                    let class = classes.class(name?);
                    if class.is_none() {
                        problems.push(Place { row: Some(row as u64 + 1), ..place.clone() }, classes.refusal());
                    }
                    Annotation::one_hot(class?, label_set.len()).expression
                };
                names.into_iter().enumerate().map(class).collect()
            }
            Some((place, _)) => {
                problems.push(place, "names its classes in another way than an array before it; it is not read");
                Vec::new()
            }
            None => Vec::new(),
        };
        let at = |values: &Option<Vec<Option<f32>>>, image: usize| values.as_ref()?.get(image).copied()?;
        let annotation = |image: usize| Annotation {
            expression: expressions.get_mut(image).and_then(Option::take),
            valence: at(&self.valence, image),
            arousal: at(&self.arousal, image),
        };
        (0..self.count).map(annotation).collect()
    }
}

/// How many values an array has for each image; `None` where it is no column and no table.
fn width(array: &Array) -> Option<usize> {
    match array.header.shape[..] {
        [] | [_] => Some(1),
        [_, width] if width > 0 => Some(width),
        _ => None,
    }
}

/// Whether somebody wrote that there is no value.
fn is_missing(number: f64) -> bool {
    number.is_nan() || number == MISSING
}

/// Weights as a distribution: probabilities (which may be rounded), or counts.
pub(super) fn distribution(weights: &[f64]) -> Option<Vec<f32>> {
    let sum: f64 = weights.iter().sum();
    // Nothing but the rounding of the weights: they stay what they are.
    let sum = if (sum - 1.0).abs() < 1e-6 { 1.0 } else { sum };
    let usable = weights.iter().all(|weight| *weight >= 0.0 && weight.is_finite()) && sum > 0.0 && sum.is_finite();
    let counts = weights.iter().all(|weight| weight.fract() == 0.0);
    (usable && (counts || (sum - 1.0).abs() < 0.02)).then(|| weights.iter().map(|w| (w / sum) as f32).collect())
}

/// The classes of a row of so many weights.
fn set_of(width: usize) -> LabelSet {
    match width {
        8 => LabelSet::affectnet8(),
        7 => LabelSet::affectnet7(),
        _ => LabelSet::custom("Custom", (0..width).map(|class| class.to_string())),
    }
}

fn order_of(width: usize) -> &'static str {
    if matches!(width, 7 | 8) { "AffectNet's" } else { "their own" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_a_distribution_or_nothing() {
        assert_eq!(distribution(&[0.0, 1.0, 0.0]), Some(vec![0.0, 1.0, 0.0]));
        assert_eq!(distribution(&[0.25, 0.745]), Some(vec![0.25 / 0.995, 0.745 / 0.995]));
        assert_eq!(distribution(&[3.0, 1.0]), Some(vec![0.75, 0.25]), "votes");
        for strange in [&[0.0, 0.0][..], &[-0.5, 1.5], &[f64::NAN, 1.0], &[0.3, 0.3], &[f64::INFINITY, 0.0]] {
            assert_eq!(distribution(strange), None, "{strange:?}");
        }
    }
}
