//! What the columns of a table mean, by their names.

use csv::StringRecord;

/// Which column holds what: indices into a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) image: usize,
    pub(super) expression: Option<usize>,
    pub(super) valence: Option<usize>,
    pub(super) arousal: Option<usize>,
    pub(super) split: Option<usize>,
    /// Where the face is: left, top, width, height.
    pub(super) face: Option<[usize; 4]>,
    /// The header's own words.
    pub(super) names: Vec<String>,
}

/// Names a column may have, in lower case, letters and digits only.
pub(super) const IMAGE: &[&str] = &[
    "image",
    "images",
    "file",
    "files",
    "filename",
    "filenames",
    "filepath",
    "path",
    "img",
    "imgs",
    "imagepath",
    "imagefile",
    "imagename",
    "imagefilename",
    "imgpath",
    "imgfile",
    "imgname",
    "subdirectoryfilepath",
    "picture",
    "photo",
    "pic",
    "face",
    "facepath",
    "name",
    "relativepath",
];
pub(super) const EXPRESSION: &[&str] = &[
    "expression",
    "expressions",
    "emotion",
    "emotions",
    "label",
    "labels",
    "class",
    "classname",
    "exp",
    "expr",
    "category",
    "target",
    "emotionlabel",
    "expressionlabel",
    "emo",
    "facialexpression",
];
pub(super) const VALENCE: &[&str] = &["valence", "val", "v"];
pub(super) const AROUSAL: &[&str] = &["arousal", "aro", "a"];
const SPLIT: &[&str] = &["split", "usage", "set", "fold", "subset", "partition", "phase"];

impl Columns {
    /// Reads a header. `None` where it names no image, or nothing that is known of it.
    pub(super) fn of(header: &StringRecord) -> Option<Columns> {
        let folded: Vec<String> = header.iter().map(fold).collect();
        // The synonyms stand in order of trust: `image` before `name`.
        let find = |names: &[&str]| names.iter().find_map(|name| folded.iter().position(|column| column == name));
        let columns = Columns {
            image: find(IMAGE)?,
            expression: find(EXPRESSION),
            valence: find(VALENCE),
            arousal: find(AROUSAL),
            split: find(SPLIT),
            face: face(&folded),
            names: header.iter().map(|name| name.trim().to_owned()).collect(),
        };
        let labelled = columns.expression.or(columns.valence).or(columns.arousal).is_some();
        labelled.then_some(columns)
    }

    /// The name of a column, or its number from 1 where it has none.
    pub(super) fn name(&self, column: usize) -> String {
        let name = self.names.get(column).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| (column + 1).to_string())
    }

    /// Whether these are the columns of AffectNet's own tables.
    pub(super) fn are_affectnets(&self) -> bool {
        self.face.is_some() || fold(&self.name(self.image)) == "subdirectoryfilepath"
    }

    /// The names of the columns used, as a person would list them.
    pub(super) fn used(&self) -> String {
        let used = [Some(self.image), self.expression, self.valence, self.arousal, self.split];
        let face = self.face.into_iter().flatten();
        used.into_iter().flatten().chain(face).map(|column| self.name(column)).collect::<Vec<_>>().join(", ")
    }
}

/// AffectNet's columns of the face box.
fn face(folded: &[String]) -> Option<[usize; 4]> {
    let find = |name: &str| folded.iter().position(|column| column == name);
    Some([find("facex")?, find("facey")?, find("facewidth")?, find("faceheight")?])
}

/// A column name without case, spaces, underscores and the mark that some programs put at a file's beginning.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &[&str]) -> Option<Columns> {
        Columns::of(&StringRecord::from(header))
    }

    #[test]
    fn columns_are_known_by_their_many_names() {
        let affectnet = ["subDirectory_filePath", "face_x", "facial_landmarks", "expression", "valence", "arousal"];
        let found = columns(&affectnet).unwrap();
        assert_eq!(
            (found.image, found.expression, found.valence, found.arousal, found.split),
            (0, Some(3), Some(4), Some(5), None)
        );
        assert_eq!(found.face, None, "only a part of the face box");
        let boxes = ["subDirectory_filePath", "face_x", "face_y", "face_width", "face_height", "expression"];
        assert_eq!(columns(&boxes).unwrap().face, Some([1, 2, 3, 4]));
        let found = columns(&["\u{feff}Image Path", " EMO ", "V", "A", "Usage"]).unwrap();
        assert_eq!(
            (found.image, found.expression, found.valence, found.arousal, found.split),
            (0, Some(1), Some(2), Some(3), Some(4))
        );
        assert_eq!(columns(&["name", "x", "image", "label"]).unwrap().image, 2, "the clearer name wins");
        assert_eq!(columns(&["image", "age"]), None, "nothing known of the image");
        assert_eq!(columns(&["emotion", "pixels", "Usage"]), None, "no image");
        assert_eq!(columns(&["", ""]), None);
    }
}
