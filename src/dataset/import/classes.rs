//! From the class names found in a dataset to its label set.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::affect::{Expression, LabelSet};

/// More classes than this are no classes but something else: file names, identities, remarks.
pub(super) const MOST_CLASSES: usize = 256;

/// What an expression's number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// From 0, in AffectNet's order.
    AffectNet,
    /// From 1, in RAF-DB's order.
    RafDb,
}

impl Numbers {
    /// What a person calls the order.
    pub(super) fn order(self) -> &'static str {
        match self {
            Numbers::AffectNet => "AffectNet's order (0 neutral to 7 contempt)",
            Numbers::RafDb => "RAF-DB's order (1 surprise to 7 neutral)",
        }
    }

    fn expression(self, number: f64) -> Option<Expression> {
        let (first, set) = match self {
            Numbers::AffectNet => (0, LabelSet::affectnet8()),
            Numbers::RafDb => (1, LabelSet::rafdb()),
        };
        let index = (0..set.len()).find(|index| (index + first) as f64 == number)?;
        set.expression(index)
    }
}

/// The classes that the labels found in a dataset name.
pub(super) struct Classes {
    pub(super) set: LabelSet,
    /// How its numbers were read, where the labels are numbers.
    pub(super) numbers: Option<Numbers>,
    /// The class of each different label, and the number it is.
    of_label: Vec<(Option<usize>, Option<f64>)>,
}

impl Classes {
    /// The classes of these different labels, which are all numbers, or names.
    pub(super) fn of(labels: &[String], numbers: Numbers) -> Self {
        let found: Option<Vec<f64>> = labels.iter().map(|label| label.parse().ok()).collect();
        match found {
            Some(found) if !found.is_empty() => Self::of_numbers(&found, numbers),
            _ => Self::of_names(labels),
        }
    }

    fn of_numbers(found: &[f64], numbers: Numbers) -> Self {
        let expressions: Vec<_> = found.iter().map(|number| numbers.expression(*number)).collect();
        let occurring: BTreeSet<Expression> = expressions.iter().flatten().copied().collect();
        let class = |expression| occurring.iter().position(|known| Some(*known) == expression);
        let of_label =
            expressions.into_iter().zip(found).map(|(expression, number)| (class(expression), Some(*number)));
        Classes { of_label: of_label.collect(), set: expression_set(&occurring), numbers: Some(numbers) }
    }

    fn of_names(labels: &[String]) -> Self {
        let named = if labels.len() > MOST_CLASSES { &[] } else { labels };
        let set = label_set(named.iter().map(String::as_str));
        let of_label = labels.iter().map(|label| (set.index_of(label), None)).collect();
        Classes { set, of_label, numbers: None }
    }

    /// The class of the `label`th label, if it names one.
    pub(super) fn class(&self, label: usize) -> Option<usize> {
        self.of_label.get(label)?.0
    }

    /// Why a label that names no class is left out.
    pub(super) fn refusal(&self) -> String {
        match self.numbers {
            Some(Numbers::AffectNet) => {
                "is no expression's number: AffectNet's order goes from 0 (neutral) to 7 (contempt)".to_owned()
            }
            Some(Numbers::RafDb) => {
                "is no expression's number: RAF-DB's order goes from 1 (surprise) to 7 (neutral)".to_owned()
            }
            None => format!("holds more than {MOST_CLASSES} different values, so it names no classes; it is not read"),
        }
    }

    /// The number that the `label`th label is.
    pub(super) fn number(&self, label: usize) -> Option<f64> {
        self.of_label.get(label)?.1
    }
}

/// The label set of the names found. Where each is a name of an expression: the expressions that occur, in
/// AffectNet's order. Else the names themselves, in natural order, different names of one expression being one class.
pub(in crate::dataset) fn label_set<'a>(found: impl IntoIterator<Item = &'a str> + Clone) -> LabelSet {
    let expressions: Option<BTreeSet<Expression>> = found.clone().into_iter().map(Expression::from_name).collect();
    match expressions {
        Some(expressions) => expression_set(&expressions),
        None => custom_set(found),
    }
}

/// AffectNet's set, or the part of it that occurs.
pub(super) fn expression_set(occurring: &BTreeSet<Expression>) -> LabelSet {
    let names: Vec<_> = occurring.iter().map(|expression| expression.name()).collect();
    [LabelSet::affectnet8(), LabelSet::affectnet7()]
        .into_iter()
        .find(|set| set.classes() == names)
        .unwrap_or_else(|| LabelSet::custom("Expressions", names))
}

fn custom_set<'a>(found: impl IntoIterator<Item = &'a str>) -> LabelSet {
    let mut names: Vec<&str> = found.into_iter().collect();
    names.sort_by(|a, b| natural(a, b));
    let mut classes: Vec<&str> = Vec::new();
    for name in names {
        if LabelSet::custom("", classes.iter().copied()).index_of(name).is_none() {
            classes.push(name);
        }
    }
    LabelSet::custom("Custom", classes)
}

/// The order a person would put names in: numbers by value (`level 2` before `level 10`), letters regardless of case.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(first), Some(second)) = (left.chars().next(), right.chars().next()) {
        let (left_number, left_rest) = left.split_at(digits(left));
        let (right_number, right_rest) = right.split_at(digits(right));
        let order = if !left_number.is_empty() && !right_number.is_empty() {
            (left, right) = (left_rest, right_rest);
            let (x, y) = (left_number.trim_start_matches('0'), right_number.trim_start_matches('0'));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            (left, right) = (&left[first.len_utf8()..], &right[second.len_utf8()..]);
            first.to_lowercase().cmp(second.to_lowercase())
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// How many ASCII digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_come_in_affectnets_order_and_only_those_that_occur() {
        let seven = ["Angry", "disgust", "fear", "HAPPY", "sad", "surprise", "neutral"];
        assert_eq!(label_set(seven), LabelSet::affectnet7());
        assert_eq!(label_set(seven.into_iter().chain(["contempt"])), LabelSet::affectnet8());
        let three = label_set(["surprised", "joy", "neutral", "happy"]);
        assert_eq!(
            (three.name(), three.classes()),
            ("Expressions", &["neutral", "happy", "surprise"].map(String::from)[..])
        );
    }

    #[test]
    fn other_names_come_in_natural_order() {
        let set = label_set(["level 10", "Level 2", "level 1", "happy", "joy", "level 2"]);
        assert_eq!(set.classes(), ["happy", "level 1", "Level 2", "level 10"]);
        assert_eq!(set.name(), "Custom");
        assert_eq!(natural("a007", "a7"), Ordering::Less, "equal numbers: by the letter");
        assert_eq!(natural("x", "x"), Ordering::Equal);
        assert_eq!(natural("99999999999999999999999", "100000000000000000000000"), Ordering::Less);
    }
}
