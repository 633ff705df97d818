//! Label sets: which classes a dataset or a model has, and in which order.

use serde::{Deserialize, Serialize};

use super::Expression;

/// The classes of a dataset, a model file or a report: their names, in the order of the logits.
///
/// Two label sets are never compared by index; [`LabelSet::map_to`] goes by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSet {
    name: String,
    classes: Vec<String>,
}

/// For every class of one label set, its index in another, or `None` where the other has no such class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelMap(pub Vec<Option<usize>>);

impl LabelSet {
    /// A label set of one's own. Class names are kept as they are written.
    pub fn custom(name: impl Into<String>, classes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        LabelSet { name: name.into(), classes: classes.into_iter().map(Into::into).collect() }
    }

    /// AffectNet's eight classes: the default.
    pub fn affectnet8() -> Self {
        Self::custom("AffectNet-8", Expression::ALL.map(Expression::name))
    }

    /// AffectNet without contempt.
    pub fn affectnet7() -> Self {
        Self::custom("AffectNet-7", Expression::ALL[..7].iter().map(|expression| expression.name()))
    }

    /// FER2013's seven classes (Goodfellow et al. 2013).
    pub fn fer2013() -> Self {
        Self::custom("FER2013", ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"])
    }

    /// FER+'s eight classes (Barsoum et al. 2016), without "unknown" and "not a face".
    pub fn ferplus() -> Self {
        Self::custom("FER+", ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"])
    }

    /// RAF-DB's seven classes (Li et al. 2017), which it numbers from 1.
    pub fn rafdb() -> Self {
        Self::custom("RAF-DB", ["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"])
    }

    /// CK+'s eight classes (Lucey et al. 2010).
    pub fn ckplus() -> Self {
        Self::custom("CK+", ["neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"])
    }

    /// The sets whose classes datasets number, and the number of the first class.
    pub fn numbered() -> [(LabelSet, u64); 6] {
        [
            (Self::affectnet8(), 0),
            (Self::affectnet7(), 0),
            (Self::fer2013(), 0),
            (Self::ferplus(), 0),
            (Self::ckplus(), 0),
            (Self::rafdb(), 1),
        ]
    }

    /// The name of the set, as a person knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The class names, in the order of the logits.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How many classes there are.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is no class at all (a dataset of valence and arousal only).
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The class at `index`, as one of the field's expressions if it is one.
    pub fn expression(&self, index: usize) -> Option<Expression> {
        self.classes.get(index).and_then(|name| Expression::from_name(name))
    }

    /// The index of the class called `name`, by synonym where both are expressions, else by the letter
    /// (case and surrounding white space do not matter).
    pub fn index_of(&self, name: &str) -> Option<usize> {
        let wanted = Expression::from_name(name);
        self.classes.iter().position(|class| match wanted {
            Some(expression) => Expression::from_name(class) == Some(expression),
            None => class.trim().eq_ignore_ascii_case(name.trim()),
        })
    }

    /// Where each of this set's classes stands in `other`, by name.
    pub fn map_to(&self, other: &LabelSet) -> LabelMap {
        LabelMap(self.classes.iter().map(|class| other.index_of(class)).collect())
    }
}

impl LabelMap {
    /// Whether every class found its counterpart.
    pub fn is_total(&self) -> bool {
        self.0.iter().all(Option::is_some)
    }

    /// A distribution over the first set's classes, as one over the second's `classes` many.
    /// `None` where it puts weight on a class the second set does not have.
    pub fn apply(&self, distribution: &[f32], classes: usize) -> Option<Vec<f32>> {
        let mut mapped = vec![0.0; classes];
        for (weight, target) in distribution.iter().zip(&self.0) {
            match target {
                Some(index) => mapped[*index] += weight,
                None if *weight > 0.0 => return None,
                None => {}
            }
        }
        Some(mapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_map_by_name_never_by_index() {
        let map = LabelSet::fer2013().map_to(&LabelSet::affectnet8());
        assert_eq!(map.0, [6, 5, 4, 1, 2, 3, 0].map(Some));
        assert!(map.is_total());
        let back = LabelSet::affectnet8().map_to(&LabelSet::fer2013());
        assert_eq!(back.0[7], None, "FER2013 has no contempt");
        assert!(!back.is_total());
    }

    #[test]
    fn a_distribution_follows_its_names() {
        let map = LabelSet::affectnet8().map_to(&LabelSet::fer2013());
        let happy = [0.25, 0.75, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(map.apply(&happy, 7).unwrap(), [0.0, 0.0, 0.0, 0.75, 0.0, 0.0, 0.25]);
        let contempt = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(map.apply(&contempt, 7), None);
    }

    #[test]
    fn custom_classes_match_by_the_letter() {
        let set = LabelSet::custom("mine", ["Bored", "happy"]);
        assert_eq!(set.index_of("bored "), Some(0));
        assert_eq!(set.index_of("joy"), Some(1));
        assert_eq!(set.index_of("tired"), None);
    }
}
