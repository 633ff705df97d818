//! What a person says the classes found in a dataset are.

use serde::{Deserialize, Serialize};

use crate::affect::LabelSet;

/// For every class found in a dataset, what it is to be called; `None` where it is left out. Classes called alike, or by
/// two names of one expression, become one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassNames(pub Vec<Option<String>>);

impl ClassNames {
    /// Every class as it was found.
    pub fn as_found(found: &LabelSet) -> Self {
        ClassNames(found.classes().iter().cloned().map(Some).collect())
    }

    /// Classes that the data numbers, in the order of a label set whose first class has the number `first`. A number that it
    /// does not have is left out.
    pub fn in_order(numbers: &[u64], set: &LabelSet, first: u64) -> Self {
        let name = |number: &u64| set.classes().get(usize::try_from(number.checked_sub(first)?).ok()?).cloned();
        ClassNames(numbers.iter().map(name).collect())
    }

    /// Classes that the data numbers, called by their numbers: nobody knows what they stand for.
    pub fn by_number(numbers: &[u64]) -> Self {
        ClassNames(numbers.iter().map(|number| Some(number.to_string())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_mean_what_a_person_says() {
        let names = |names: [Option<&str>; 3]| ClassNames(names.map(|name| name.map(String::from)).into());
        let numbers = [0, 1, 7];
        let order = |at: usize| LabelSet::numbered()[at].clone();
        let in_order = |(set, first): (LabelSet, u64)| ClassNames::in_order(&numbers, &set, first);
        assert_eq!(in_order(order(0)), names([Some("neutral"), Some("happy"), Some("contempt")]));
        assert_eq!(in_order(order(2)), names([Some("angry"), Some("disgust"), None]), "FER2013 has no 7");
        assert_eq!(in_order(order(5)), names([None, Some("surprise"), Some("neutral")]), "RAF-DB begins with 1");
        assert_eq!(ClassNames::by_number(&numbers), names([Some("0"), Some("1"), Some("7")]));
    }
}
