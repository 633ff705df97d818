//! A person's own neutral look: some faces look sad, or cheerful, at rest.

use serde::{Deserialize, Serialize};

use super::Answer;

/// What the model says of a person who looks neutral: the mean of what it said while they did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NeutralLook {
    /// Means of the probabilities, each at least [`LEAST`].
    probabilities: Vec<f32>,
    valence: f32,
    arousal: f32,
}

/// Less than this a class never gets of a neutral look: what was never said is no evidence.
const LEAST: f32 = 0.02;

/// How likely neutral is to be for a neutral look.
const MEANT: f32 = 0.8;

/// Gathers what is said of a person who looks neutral.
#[derive(Clone, Debug, Default)]
pub struct Neutral {
    sums: Vec<f64>,
    affect: [f64; 2],
    count: usize,
}

impl Neutral {
    /// Takes one more answer.
    pub fn take(&mut self, answer: &Answer) {
        self.sums.resize(answer.probabilities.len(), 0.0);
        self.sums.iter_mut().zip(&answer.probabilities).for_each(|(sum, share)| *sum += f64::from(*share));
        self.affect[0] += f64::from(answer.valence);
        self.affect[1] += f64::from(answer.arousal);
        self.count += 1;
    }

    /// How many answers were taken.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Their mean; `None` where there were none.
    pub fn finish(&self) -> Option<NeutralLook> {
        let mean = |sum: f64| (sum / self.count as f64) as f32;
        (self.count > 0).then(|| NeutralLook {
            probabilities: self.sums.iter().map(|sum| mean(*sum).max(LEAST)).collect(),
            valence: mean(self.affect[0]),
            arousal: mean(self.affect[1]),
        })
    }
}

impl NeutralLook {
    /// An answer, held against it: what was said of the neutral look itself becomes neutral, with 80 % of the probability,
    /// valence 0 and arousal 0; everything else moves by as much. For probabilities that is a new prior: each is multiplied
    /// by what its class was meant to have over what it had (Saerens et al. 2002, *Adjusting the Outputs of a Classifier to
    /// New a Priori Probabilities*, equation 2.4). `neutral` is the class of that name; without one they stay.
    pub fn hold(&self, answer: &Answer, neutral: Option<usize>) -> Answer {
        let mut probabilities = answer.probabilities.clone();
        if let Some(neutral) =
            neutral.filter(|_| probabilities.len() > 1 && probabilities.len() == self.probabilities.len())
        {
            let rest = (1.0 - MEANT) / (probabilities.len() - 1) as f32;
            for (class, (share, had)) in probabilities.iter_mut().zip(&self.probabilities).enumerate() {
                *share *= if class == neutral { MEANT } else { rest } / had;
            }
            let sum: f32 = probabilities.iter().sum();
            if sum > 0.0 {
                probabilities.iter_mut().for_each(|share| *share /= sum);
            }
        }
        Answer {
            probabilities,
            valence: (answer.valence - self.valence).clamp(-1.0, 1.0),
            arousal: (answer.arousal - self.arousal).clamp(-1.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(probabilities: [f32; 3], valence: f32) -> Answer {
        Answer { probabilities: probabilities.into(), valence, arousal: 0.1 }
    }

    fn sad_at_rest() -> NeutralLook {
        let mut neutral = Neutral::default();
        assert_eq!(neutral.finish(), None);
        neutral.take(&answer([0.3, 0.6, 0.1], -0.3));
        neutral.take(&answer([0.5, 0.4, 0.1], -0.1));
        assert_eq!(neutral.count(), 2);
        neutral.finish().unwrap()
    }

    #[test]
    fn the_neutral_look_itself_becomes_neutral() {
        let held = sad_at_rest().hold(&answer([0.4, 0.5, 0.1], -0.2), Some(0));
        let near = |a: f32, b: f32| (a - b).abs() < 1e-6;
        assert!(near(held.probabilities[0], 0.8) && near(held.probabilities[1], 0.1), "{held:?}");
        assert!(near(held.valence, 0.0) && near(held.arousal, 0.0));
    }

    #[test]
    fn a_plain_expression_stays_what_it_is() {
        let held = sad_at_rest().hold(&answer([0.01, 0.01, 0.98], 0.9), Some(0));
        assert_eq!(held.class(0.9), Some(2));
        assert_eq!(held.valence, 1.0, "no more than there is");
    }

    #[test]
    fn without_a_neutral_class_probabilities_stay() {
        let before = answer([0.2, 0.3, 0.5], 0.0);
        assert_eq!(sad_at_rest().hold(&before, None).probabilities, before.probabilities);
        let classless = Answer { probabilities: Vec::new(), ..before };
        assert!(sad_at_rest().hold(&classless, Some(0)).probabilities.is_empty());
    }
}
