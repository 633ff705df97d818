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
}
