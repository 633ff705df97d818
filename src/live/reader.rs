//! Follows what is said of one face.

use super::{Answer, Neutral, NeutralLook, OneEuro, Smoothing};

/// What is known of one face from the moments before.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    probabilities: Vec<OneEuro>,
    affect: [OneEuro; 2],
    neutral: Option<NeutralLook>,
    gathering: Option<(Neutral, f64)>,
}

impl Reader {
    /// Takes what is said of the face until `end`, in seconds, for its neutral look.
    pub fn gather_neutral(&mut self, end: f64) {
        self.gathering = Some((Neutral::default(), end));
    }

    /// Forgets the neutral look.
    pub fn forget_neutral(&mut self) {
        (self.neutral, self.gathering) = (None, None);
    }

    /// Whether answers are held against a neutral look.
    pub fn knows_neutral(&self) -> bool {
        self.neutral.is_some()
    }

    /// Takes the answer of the moment `time`, in seconds: holds it against the neutral look, and smooths it. `neutral` is the
    /// class of that name.
    pub fn read(&mut self, time: f64, raw: &Answer, neutral: Option<usize>, smoothing: Option<Smoothing>) -> Answer {
        if let Some((gathered, end)) = &mut self.gathering {
            gathered.take(raw);
            if time >= *end {
                self.neutral = gathered.finish();
                self.gathering = None;
            }
        }
        let answer = self.neutral.as_ref().map_or_else(|| raw.clone(), |look| look.hold(raw, neutral));
        match smoothing {
            Some(smoothing) => self.smooth(time, answer, smoothing),
            None => answer,
        }
    }

    fn smooth(&mut self, time: f64, answer: Answer, smoothing: Smoothing) -> Answer {
        self.probabilities.resize(answer.probabilities.len(), OneEuro::default());
        let next = |filter: &mut OneEuro, value: f32| filter.next(smoothing, time, f64::from(value)) as f32;
        let filters = self.probabilities.iter_mut().zip(&answer.probabilities);
        let mut probabilities: Vec<f32> = filters.map(|(filter, share)| next(filter, *share).max(0.0)).collect();
        // Each has a pace of its own: together they are 1 again.
        let sum: f32 = probabilities.iter().sum();
        if sum > 0.0 {
            probabilities.iter_mut().for_each(|share| *share /= sum);
        }
        let [valence, arousal] = &mut self.affect;
        Answer { probabilities, valence: next(valence, answer.valence), arousal: next(arousal, answer.arousal) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(probabilities: [f32; 2], valence: f32) -> Answer {
        Answer { probabilities: probabilities.into(), valence, arousal: 0.0 }
    }

    #[test]
    fn a_flicker_is_calmed_and_probabilities_stay_whole() {
        let mut reader = Reader::default();
        for step in 0..20 {
            reader.read(f64::from(step) / 10.0, &answer([0.9, 0.1], 0.5), Some(0), Some(Smoothing::default()));
        }
        let flicker = reader.read(2.0, &answer([0.1, 0.9], -0.5), Some(0), Some(Smoothing::default()));
        assert_eq!(flicker.class(0.5), Some(0));
        assert!((flicker.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(flicker.valence > -0.4 && flicker.valence < 0.5, "{}", flicker.valence);
        let raw = answer([0.1, 0.9], -0.5);
        assert_eq!(reader.read(2.1, &raw, Some(0), None), raw, "where nobody wants it smoothed");
    }

    #[test]
    fn a_neutral_look_is_gathered_for_a_while() {
        let mut reader = Reader::default();
        reader.gather_neutral(1.0);
        for time in [0.0, 0.5, 1.0] {
            assert!(!reader.knows_neutral());
            reader.read(time, &answer([0.3, 0.7], -0.4), Some(0), None);
        }
        assert!(reader.knows_neutral());
        let held = reader.read(1.5, &answer([0.3, 0.7], -0.4), Some(0), None);
        assert_eq!((held.class(0.5), held.valence), (Some(0), 0.0));
        reader.forget_neutral();
        assert_eq!(reader.read(2.0, &answer([0.3, 0.7], -0.4), Some(0), None).class(0.5), Some(1));
    }
}
