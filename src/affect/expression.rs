//! The eight expressions of the field, and the many names datasets give them.

use serde::{Deserialize, Serialize};

/// A facial expression category, in AffectNet's order.
///
/// Eight categories: Ekman's six, neutral, and contempt (Mollahosseini et al. 2017, *AffectNet*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expression {
    /// No expression.
    Neutral,
    /// Happiness.
    Happy,
    /// Sadness.
    Sad,
    /// Surprise, pleasant or not.
    Surprise,
    /// Fear.
    Fear,
    /// Disgust.
    Disgust,
    /// Anger.
    Anger,
    /// Contempt.
    Contempt,
}

/// Every name under which a dataset may list an expression, in lower case.
const SYNONYMS: [(Expression, &[&str]); 8] = [
    (Expression::Neutral, &["neutral", "neutrality", "ne", "neu", "calm"]),
    (Expression::Happy, &["happy", "happiness", "joy", "joyful", "smile", "ha", "hap"]),
    (Expression::Sad, &["sad", "sadness", "sa"]),
    (Expression::Surprise, &["surprise", "surprised", "su", "sur"]),
    (Expression::Fear, &["fear", "fearful", "afraid", "scared", "fe", "fea"]),
    (Expression::Disgust, &["disgust", "disgusted", "di", "dis"]),
    (Expression::Anger, &["anger", "angry", "an", "ang"]),
    (Expression::Contempt, &["contempt", "contemptuous", "co", "con"]),
];

impl Expression {
    /// All eight, in AffectNet's order.
    pub const ALL: [Expression; 8] = [
        Expression::Neutral,
        Expression::Happy,
        Expression::Sad,
        Expression::Surprise,
        Expression::Fear,
        Expression::Disgust,
        Expression::Anger,
        Expression::Contempt,
    ];

    /// The name used everywhere in Mien, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Expression::Neutral => "neutral",
            Expression::Happy => "happy",
            Expression::Sad => "sad",
            Expression::Surprise => "surprise",
            Expression::Fear => "fear",
            Expression::Disgust => "disgust",
            Expression::Anger => "anger",
            Expression::Contempt => "contempt",
        }
    }

    /// The expression that a dataset means by `name`: case, surrounding white space and the word form do not matter.
    ///
    /// ```
    /// use mien::affect::Expression;
    /// assert_eq!(Expression::from_name(" Angry"), Some(Expression::Anger));
    /// assert_eq!(Expression::from_name("happiness"), Some(Expression::Happy));
    /// assert_eq!(Expression::from_name("bored"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Expression> {
        let name = name.trim().to_lowercase();
        SYNONYMS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(expression, _)| *expression)
    }
}
