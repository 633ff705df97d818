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
    /// Nobody knows: there are numbers that AffectNet's order does not have. Each is a class of its own.
    Unknown,
}

impl Numbers {
    /// What a person calls the order.
    pub(super) fn order(self) -> &'static str {
        match self {
            Numbers::AffectNet => "AffectNet's order (0 neutral to 7 contempt)",
            Numbers::RafDb => "RAF-DB's order (1 surprise to 7 neutral)",
            Numbers::Unknown => "no order that is known: say which class is which",
        }
    }

    fn expression(self, number: f64) -> Option<Expression> {
        let (first, set) = match self {
            Numbers::AffectNet => (0, LabelSet::affectnet8()),
            Numbers::RafDb => (1, LabelSet::rafdb()),
            Numbers::Unknown => return None,
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
    /// The number of each class of the set, where the labels are numbers.
    pub(super) of_class: Vec<u64>,
    /// The class of each different label, and the number it is.
    of_label: Vec<(Option<usize>, Option<f64>)>,
}

impl Classes {
    /// The classes of these different labels, which are all numbers, or names. Numbers are read in AffectNet's order if
    /// they fit it.
    pub(super) fn of(labels: &[String]) -> Self {
        match numbers(labels) {
            Some(found) if found.iter().all(|number| !is_whole(*number) || *number <= 7.0) => {
                Self::of_numbers(&found, Numbers::AffectNet)
            }
            Some(found) if found.len() <= MOST_CLASSES => Self::of_unknown_numbers(&found),
            _ => Self::of_names(labels),
        }
    }

    /// The same where it is certain what numbers stand for.
    pub(super) fn in_order(labels: &[String], order: Numbers) -> Self {
        match numbers(labels) {
            Some(found) => Self::of_numbers(&found, order),
            None => Self::of_names(labels),
        }
    }

    fn of_numbers(found: &[f64], numbers: Numbers) -> Self {
        let expressions: Vec<_> = found.iter().map(|number| numbers.expression(*number)).collect();
        let occurring: BTreeSet<Expression> = expressions.iter().flatten().copied().collect();
        let class = |expression| occurring.iter().position(|known| Some(*known) == expression);
        let number = |expression| Some(found[expressions.iter().position(|known| *known == Some(expression))?] as u64);
        let of_class = occurring.iter().filter_map(|expression| number(*expression)).collect();
        let of_label = expressions.iter().zip(found).map(|(expression, number)| (class(*expression), Some(*number)));
        let (of_label, set) = (of_label.collect(), expression_set(&occurring));
        Classes { of_label, set, numbers: Some(numbers), of_class }
    }

    fn of_unknown_numbers(found: &[f64]) -> Self {
        let mut of_class: Vec<u64> =
            found.iter().filter(|number| is_whole(**number)).map(|number| *number as u64).collect();
        of_class.sort_unstable();
        of_class.dedup();
        let class = |number: f64| of_class.iter().position(|known| *known as f64 == number);
        let of_label = found.iter().map(|number| (class(*number), Some(*number))).collect();
        let set = LabelSet::custom("Numbers", of_class.iter().map(u64::to_string));
        Classes { of_label, set, numbers: Some(Numbers::Unknown), of_class }
    }

    /// Classes of these names, whatever they look like.
    pub(super) fn of_names(labels: &[String]) -> Self {
        let named = if labels.len() > MOST_CLASSES { &[] } else { labels };
        let set = label_set(named.iter().map(String::as_str));
        let of_label = labels.iter().map(|label| (set.index_of(label), None)).collect();
        Classes { set, of_label, numbers: None, of_class: Vec::new() }
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
            Some(Numbers::Unknown) => "is no number of a class: those are whole, from 0 on".to_owned(),
            None => format!("holds more than {MOST_CLASSES} different values, so it names no classes; it is not read"),
        }
    }

    /// The number that the `label`th label is.
    pub(super) fn number(&self, label: usize) -> Option<f64> {
        self.of_label.get(label)?.1
    }
}

/// The labels as numbers, if there are any and all are.
fn numbers(labels: &[String]) -> Option<Vec<f64>> {
    let numbers: Option<Vec<f64>> = labels.iter().map(|label| label.parse().ok()).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

/// Whether a number may be that of a class. Others are marks for something else, or errors.
fn is_whole(number: f64) -> bool {
    (0.0..=1e9).contains(&number) && number.fract() == 0.0
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
    fn numbers_that_do_not_fit_affectnets_order_are_classes_of_their_own() {
        let classes = |labels: &[&str]| {
            let classes = Classes::of(&labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>());
            let of_label: Vec<_> = (0..labels.len()).map(|label| classes.class(label)).collect();
            (classes.set.classes().to_vec(), classes.of_class, of_label)
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            classes(&["7", "1.0", "-1"]),
            (names(&["happy", "contempt"]), vec![1, 7], vec![Some(1), Some(0), None])
        );
        let unknown = classes(&["8", "1", "2.5", "1.0", "10", "-1"]);
        let of_label = vec![Some(1), Some(0), None, Some(0), Some(2), None];
        assert_eq!(unknown, (names(&["1", "8", "10"]), vec![1, 8, 10], of_label));
        let many: Vec<String> = (0..400).map(|number| number.to_string()).collect();
        assert!(Classes::of(&many).set.is_empty());
        let certain = Classes::in_order(&["8".to_owned(), "7".to_owned()], Numbers::RafDb);
        assert_eq!((certain.set.classes().to_vec(), certain.of_class), (names(&["neutral"]), vec![7]));
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
