//! Valence and arousal where nobody measured them: taken from the expression.

use super::{Annotation, Expression, LabelSet};

/// Less mass than this on expressions that have a place says too little about where a face lies.
const ENOUGH: f32 = 0.5;

impl Expression {
    /// Valence and arousal of the emotion that the expression is named after, as people rated it: the mean pleasure and arousal
    /// of the terms happy, sad, surprised, fearful, disgusted and angry in Russell & Mehrabian 1977, *Evidence for a
    /// Three-Factor Theory of Emotions* (Journal of Research in Personality 11). Neutral is the origin; contempt, which
    /// is not among them, has no place.
    pub fn affect(self) -> Option<[f32; 2]> {
        match self {
            Expression::Neutral => Some([0.0, 0.0]),
            Expression::Happy => Some([0.81, 0.51]),
            Expression::Sad => Some([-0.63, -0.27]),
            Expression::Surprise => Some([0.40, 0.67]),
            Expression::Fear => Some([-0.64, 0.60]),
            Expression::Disgust => Some([-0.60, 0.35]),
            Expression::Anger => Some([-0.51, 0.59]),
            Expression::Contempt => None,
        }
    }
}

impl Annotation {
    /// The same, and where valence or arousal is missing, what is expected of it under the distribution of expressions. It stays
    /// missing where less than half of that lies on expressions that have a place.
    pub fn with_derived_affect(self, label_set: &LabelSet) -> Annotation {
        let expected = self.expression.as_ref().and_then(|distribution| expected_affect(distribution, label_set));
        let [valence, arousal] = expected.map_or([None; 2], |affect| affect.map(Some));
        Annotation { valence: self.valence.or(valence), arousal: self.arousal.or(arousal), ..self }
    }
}

/// The mean of the classes' places, weighed by the distribution.
fn expected_affect(distribution: &[f32], label_set: &LabelSet) -> Option<[f32; 2]> {
    let (mut mass, mut sum) = (0.0, [0.0; 2]);
    for (class, share) in distribution.iter().enumerate() {
        if let Some(affect) = label_set.expression(class).and_then(Expression::affect) {
            mass += share;
            sum.iter_mut().zip(affect).for_each(|(sum, affect)| *sum += share * affect);
        }
    }
    (mass >= ENOUGH).then(|| sum.map(|sum| sum / mass))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(classes: &[(&str, f32)]) -> [Option<f32>; 2] {
        let label_set = LabelSet::custom("some", classes.iter().map(|(name, _)| *name));
        let expression = Some(classes.iter().map(|(_, share)| *share).collect());
        let annotation = Annotation { expression, ..Annotation::default() }.with_derived_affect(&label_set);
        [annotation.valence, annotation.arousal]
    }

    #[test]
    fn votes_are_weighed() {
        assert_eq!(derived(&[("happiness", 1.0), ("neutral", 0.0)]), [Some(0.81), Some(0.51)]);
        let [valence, arousal] = derived(&[("joy", 0.5), ("calm", 0.25), ("sad", 0.25)]).map(Option::unwrap);
        // 0.5 * 0.81 - 0.25 * 0.63, and 0.5 * 0.51 - 0.25 * 0.27.
        assert!((valence - 0.2475).abs() < 1e-6 && (arousal - 0.1875).abs() < 1e-6, "{valence} {arousal}");
    }

    #[test]
    fn what_has_no_place_says_nothing() {
        assert_eq!(derived(&[("contempt", 0.6), ("happy", 0.4)]), [None, None]);
        assert_eq!(derived(&[("bored", 1.0)]), [None, None]);
        // Contempt's share is the others'.
        assert_eq!(derived(&[("contempt", 0.5), ("surprise", 0.5)]), [Some(0.40), Some(0.67)]);
    }

    #[test]
    fn what_was_measured_stays() {
        let measured = Annotation { valence: Some(0.1), ..Annotation::one_hot(1, 8) };
        let annotation = measured.with_derived_affect(&LabelSet::affectnet8());
        assert_eq!((annotation.valence, annotation.arousal), (Some(0.1), Some(0.51)));
        assert_eq!(Annotation::default().with_derived_affect(&LabelSet::affectnet8()), Annotation::default());
    }
}
