//! What a person decides about a dataset, beside what its files say.

use serde::{Deserialize, Serialize};

use super::{ClassNames, Sample, SplitPlan};
use crate::affect::LabelSet;

/// Everything a person decided. The dataset as it was found stays what it is, so each of these can be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// What the classes found are.
    pub names: ClassNames,
    /// How the faces are divided anew; `None` leaves the splits as they were found.
    pub division: Option<Division>,
    /// Which twins are left out.
    pub left_out: LeftOut,
}

impl Choices {
    /// Nothing decided.
    pub fn as_found(found: &LabelSet) -> Self {
        Choices { names: ClassNames::as_found(found), division: None, left_out: LeftOut::Nothing }
    }
}

/// Which faces are left out although they could be used: of every group of twins all but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeftOut {
    /// None.
    #[default]
    Nothing,
    /// Those with the same pixels.
    Copies,
    /// Those too that are nearly the same picture.
    Alike,
}

/// A draw of the splits that keeps together what belongs together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Division {
    /// Shares and seed.
    pub plan: SplitPlan,
    /// What shows one person, beside twins; `None` where that is unknown.
    pub persons: Option<PersonRule>,
}

/// What tells whose a face is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonRule {
    /// The file name up to its first `_`, `-`, `.` or space: `S005_001.png` and `S005_002.png` show S005.
    Prefix,
    /// The folder it lies in.
    Folder,
    /// What the data itself says: a column of persons.
    Column,
}

impl PersonRule {
    /// All of them.
    pub const ALL: [PersonRule; 3] = [PersonRule::Prefix, PersonRule::Folder, PersonRule::Column];

    /// Whose face a sample is, if that is known.
    pub fn person(self, sample: &Sample) -> Option<&str> {
        let (folder, file) = sample.name.rsplit_once('/').unwrap_or(("", &sample.name));
        match self {
            PersonRule::Prefix => file.split(['_', '-', '.', ' ']).next(),
            PersonRule::Folder => Some(folder),
            PersonRule::Column => sample.person.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::Annotation;
    use crate::imaging::Fingerprint;

    #[test]
    fn a_path_tells_whose_face_it_is() {
        for (path, prefix, folder) in [
            ("CK+48/happy/S010_004_00000017.png", "S010", "CK+48/happy"),
            ("jaffe/KA.AN1.39.tiff", "KA", "jaffe"),
            ("afew/012/00001.png", "00001", "afew/012"),
            ("12-3.png", "12", ""),
        ] {
            let (annotation, look) = (Annotation::default(), Fingerprint::default());
            let sample = Sample { name: path.into(), annotation, person: None, split: None, look };
            let persons = PersonRule::ALL.map(|rule| rule.person(&sample));
            assert_eq!(persons, [Some(prefix), Some(folder), None]);
        }
    }
}
