//! What a look at every face of a dataset found.

use serde::{Deserialize, Serialize};

use super::PersonRule;

/// What is worth knowing about the faces in use. What was left out is not counted here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Width and height in pixels, and how many faces have them: the five most frequent ones.
    pub sizes: Vec<([u16; 2], usize)>,
    /// How many different sizes there are.
    pub size_count: usize,
    /// Mean luma of the faces, 0..=255: the least, the quartiles, the greatest.
    pub brightness: [u8; 5],
    /// Faces that are nearly one shade throughout.
    pub blank: usize,
    /// Faces with the same pixels.
    pub copies: TwinCount,
    /// Faces that are nearly the same picture, those with the same pixels among them.
    pub alike: TwinCount,
    /// What the data says about persons, else what the paths may tell; rules that tell nothing are left out.
    pub persons: Vec<Persons>,
    /// Faces that a person chose to leave out.
    pub left_out: usize,
}

/// How many twins there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwinCount {
    /// Faces that could be left out, so that one of each group stays.
    pub surplus: usize,
    /// Faces of the validation and the test split that have a twin in training.
    pub leaking: usize,
    /// Faces whose twins are labelled with another class.
    pub contradicting: usize,
}

/// What a rule makes of the faces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persons {
    /// The rule.
    pub rule: PersonRule,
    /// How many persons there would be.
    pub count: usize,
    /// One of them, as an example.
    pub example: String,
    /// Faces of the validation and the test split whose person is in training too.
    pub leaking: usize,
}

/// What can be looked at in the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// Faces with the same pixels, group by group.
    Copies,
    /// Faces that are nearly the same picture, group by group.
    Alike,
    /// Twins in training and in a split that figures are made on, group by group.
    Leaking,
    /// Twins that are labelled differently, group by group.
    Contradicting,
    /// Nearly blank ones.
    Blank,
    /// What a person chose to leave out.
    LeftOut,
}

impl Finding {
    /// All of them.
    pub const ALL: [Finding; 6] =
        [Finding::Copies, Finding::Alike, Finding::Leaking, Finding::Contradicting, Finding::Blank, Finding::LeftOut];

    /// The name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Finding::Copies => "copies",
            Finding::Alike => "alike",
            Finding::Leaking => "leaking",
            Finding::Contradicting => "contradicting",
            Finding::Blank => "blank",
            Finding::LeftOut => "left out",
        }
    }
}
