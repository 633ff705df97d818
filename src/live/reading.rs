//! What is said of one face at one moment.

use serde::{Deserialize, Serialize};

use crate::detection::Face;
use crate::evaluation::argmax;

/// What a model says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Probabilities over the model's classes, summing to 1; empty where it has none.
    pub probabilities: Vec<f32>,
    /// Valence, -1..1.
    pub valence: f32,
    /// Arousal, -1..1.
    pub arousal: f32,
}

#[cfg(feature = "engine")]
impl From<crate::models::Guess> for Answer {
    fn from(crate::models::Guess { probabilities, valence, arousal }: crate::models::Guess) -> Self {
        Answer { probabilities, valence, arousal }
    }
}

impl Answer {
    /// The likeliest class, where its probability is at least `least`. Otherwise the model is not sure, and no class is the
    /// answer.
    pub fn class(&self, least: f32) -> Option<usize> {
        let likeliest = argmax(&self.probabilities)?;
        (self.probabilities[likeliest] >= least).then_some(likeliest)
    }
}

/// A face, and what was said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Which face: the same for as long as it is in view.
    pub track: u32,
    /// Where it is, pixels of the picture.
    pub face: Face,
    /// What the model says of this picture alone.
    pub raw: Answer,
    /// The same, held against the person's neutral look where that is known, and smoothed.
    pub smooth: Answer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_sure_is_no_class() {
        let answer = |probabilities: &[f32]| Answer { probabilities: probabilities.into(), valence: 0.0, arousal: 0.0 };
        assert_eq!(answer(&[0.2, 0.5, 0.3]).class(0.4), Some(1));
        assert_eq!(answer(&[0.2, 0.5, 0.3]).class(0.6), None);
        assert_eq!(answer(&[]).class(0.0), None);
    }
}
