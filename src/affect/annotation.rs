//! What is known about one face.

use serde::{Deserialize, Serialize};

/// What somebody said about one face. Whatever was not said is `None`: missing, never zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// A distribution over the classes of the dataset's [`LabelSet`](super::LabelSet): non-negative, summing to 1.
    pub expression: Option<Vec<f32>>,
    /// Valence in -1 (unpleasant) ..= 1 (pleasant).
    pub valence: Option<f32>,
    /// Arousal in -1 (calm) ..= 1 (excited).
    pub arousal: Option<f32>,
}

impl Annotation {
    /// An annotation that is certain of one of `classes` classes.
    pub fn one_hot(class: usize, classes: usize) -> Self {
        let mut distribution = vec![0.0; classes];
        distribution[class] = 1.0;
        Annotation { expression: Some(distribution), ..Default::default() }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.expression.is_none() && self.valence.is_none() && self.arousal.is_none()
    }

    /// The most likely class: the first of the largest weights.
    pub fn class(&self) -> Option<usize> {
        let distribution = self.expression.as_ref()?;
        (0..distribution.len()).reduce(|best, i| if distribution[i] > distribution[best] { i } else { best })
    }
}
