//! What a person decides about a dataset, beside what its files say.

use serde::{Deserialize, Serialize};

use super::{ClassNames, SplitPlan};
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

/// How a face's path tells whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonRule {
    /// The file name up to its first `_`, `-`, `.` or space: `S005_001.png` and `S005_002.png` show S005.
    Prefix,
    /// The folder it lies in.
    Folder,
}

impl PersonRule {
    /// All of them.
    pub const ALL: [PersonRule; 2] = [PersonRule::Prefix, PersonRule::Folder];

    /// Whose face the file at `path` is.
    pub fn person(self, path: &str) -> &str {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        match self {
            PersonRule::Prefix => file.split(['_', '-', '.', ' ']).next().unwrap_or(file),
            PersonRule::Folder => folder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_whose_face_it_is() {
        for (path, prefix, folder) in [
            ("CK+48/happy/S010_004_00000017.png", "S010", "CK+48/happy"),
            ("jaffe/KA.AN1.39.tiff", "KA", "jaffe"),
            ("afew/012/00001.png", "00001", "afew/012"),
            ("12-3.png", "12", ""),
        ] {
            assert_eq!(PersonRule::Prefix.person(path), prefix);
            assert_eq!(PersonRule::Folder.person(path), folder);
        }
    }
}
