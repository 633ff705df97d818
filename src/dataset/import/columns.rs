//! What the columns of a table mean, by their names.

use csv::StringRecord;

use crate::dataset::export::PROBABILITY;
use crate::dataset::{Mapping, Meaning, Scale};

/// Which column holds what: indices into a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) image: ImageColumn,
    pub(super) expression: Option<usize>,
    pub(super) valence: Option<(usize, Scale)>,
    pub(super) arousal: Option<(usize, Scale)>,
    pub(super) split: Option<usize>,
    pub(super) person: Option<usize>,
    /// Columns of one class each.
    pub(super) classes: Vec<usize>,
    /// Where the face is: left, top, width, height.
    pub(super) face: Option<[usize; 4]>,
    /// The header's own words; nothing for each where there is no header.
    pub(super) names: Vec<String>,
    /// Whether a person said so.
    pub(super) explained: bool,
    /// Whether the first row is one like the others.
    pub(super) headless: bool,
}

/// The column with the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImageColumn {
    /// Which names its file.
    File(usize),
    /// Which holds its pixels.
    Pixels(usize),
}

impl ImageColumn {
    pub(super) fn index(self) -> usize {
        match self {
            ImageColumn::File(index) | ImageColumn::Pixels(index) => index,
        }
    }
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
const PIXELS: &[&str] = &["pixels", "pixel", "imagepixels", "pixelvalues", "pixelstring"];
const SPLIT: &[&str] = &["split", "usage", "set", "fold", "subset", "partition", "phase"];
const PERSON: &[&str] = &[
    "person",
    "personid",
    "subject",
    "subjectid",
    "participant",
    "participantid",
    "identity",
    "identityid",
    "actor",
    "actorid",
    "speaker",
    "speakerid",
    "poser",
];

/// What columns are by their names: of several that could be one thing, the one whose name is trusted most.
pub(super) fn by_name(header: &[String]) -> Vec<Meaning> {
    let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
    let of_class = |name: &String| if name.starts_with(PROBABILITY) { Meaning::Class } else { Meaning::Nothing };
    let mut meanings: Vec<Meaning> = header.iter().map(of_class).collect();
    for (names, meaning) in [
        (IMAGE, Meaning::Image),
        (EXPRESSION, Meaning::Expression),
        (VALENCE, Meaning::Valence(Scale::default())),
        (AROUSAL, Meaning::Arousal(Scale::default())),
        (SPLIT, Meaning::Split),
        (PERSON, Meaning::Person),
    ] {
        // The synonyms stand in order of trust: `image` before `name`.
        if let Some(column) = names.iter().find_map(|name| folded.iter().position(|column| column == name)) {
            meanings[column] = meaning;
        }
    }
    // What is merely called a name beside pixels is no file's.
    let named = meanings.iter().position(|meaning| *meaning == Meaning::Image);
    if let Some(column) = folded.iter().position(|column| PIXELS.contains(&column.as_str()))
        && named.is_none_or(|named| folded[named] == "name")
    {
        named.into_iter().for_each(|named| meanings[named] = Meaning::Nothing);
        meanings[column] = Meaning::Pixels;
    }
    meanings
}

/// The cells of a first row.
pub(super) fn header(record: &StringRecord) -> Vec<String> {
    record.iter().map(|name| name.trim().to_owned()).collect()
}

impl Columns {
    /// Reads a first row: as a person explained it, else by the names in it. `None` where it names no image, or nothing
    /// that is known of it.
    pub(super) fn of(first: &StringRecord, mappings: &[Mapping]) -> Option<Columns> {
        let header = header(first);
        let explained = mappings.iter().find(|mapping| mapping.header == header && mapping.trouble().is_none());
        let meanings = explained.map_or_else(|| by_name(&header), |mapping| mapping.columns.clone());
        let find = |is: fn(&Meaning) -> bool| meanings.iter().position(is);
        let scaled = |column: Option<usize>| match meanings[column?] {
            Meaning::Valence(scale) | Meaning::Arousal(scale) => Some((column?, scale)),
            _ => None,
        };
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let headless = explained.is_some_and(|mapping| mapping.headless);
        let columns = Columns {
            image: match find(|meaning| *meaning == Meaning::Image) {
                Some(column) => ImageColumn::File(column),
                None => ImageColumn::Pixels(find(|meaning| *meaning == Meaning::Pixels)?),
            },
            expression: find(|meaning| *meaning == Meaning::Expression),
            valence: scaled(find(|meaning| matches!(meaning, Meaning::Valence(_)))),
            arousal: scaled(find(|meaning| matches!(meaning, Meaning::Arousal(_)))),
            split: find(|meaning| *meaning == Meaning::Split),
            person: find(|meaning| *meaning == Meaning::Person),
            classes: (0..meanings.len()).filter(|column| meanings[*column] == Meaning::Class).collect(),
            face: face(&folded),
            names: if headless { vec![String::new(); header.len()] } else { header },
            explained: explained.is_some(),
            headless,
        };
        let affect = columns.valence.or(columns.arousal).is_some();
        (affect || columns.expression.is_some() || !columns.classes.is_empty()).then_some(columns)
    }

    /// The name of a column, or its number from 1 where it has none.
    pub(super) fn name(&self, column: usize) -> String {
        let name = self.names.get(column).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| (column + 1).to_string())
    }

    /// Whether these are the columns of AffectNet's own tables.
    pub(super) fn are_affectnets(&self) -> bool {
        self.face.is_some() || fold(&self.name(self.image.index())) == "subdirectoryfilepath"
    }

    /// The names of the columns used, as a person would list them.
    pub(super) fn used(&self) -> String {
        let affect = [self.valence, self.arousal].map(|affect| affect.map(|(column, _)| column));
        let used = [Some(self.image.index()), self.expression, affect[0], affect[1], self.split, self.person];
        let more = self.classes.iter().copied().chain(self.face.into_iter().flatten());
        used.into_iter().flatten().chain(more).map(|column| self.name(column)).collect::<Vec<_>>().join(", ")
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
        Columns::of(&StringRecord::from(header), &[])
    }

    fn column(affect: Option<(usize, Scale)>) -> Option<usize> {
        affect.map(|(column, _)| column)
    }

    #[test]
    fn columns_are_known_by_their_many_names() {
        let affectnet = ["subDirectory_filePath", "face_x", "facial_landmarks", "expression", "valence", "arousal"];
        let found = columns(&affectnet).unwrap();
        assert_eq!(
            (found.image.index(), found.expression, column(found.valence), column(found.arousal), found.split),
            (0, Some(3), Some(4), Some(5), None)
        );
        assert_eq!(found.face, None, "only a part of the face box");
        let boxes = ["subDirectory_filePath", "face_x", "face_y", "face_width", "face_height", "expression"];
        assert_eq!(columns(&boxes).unwrap().face, Some([1, 2, 3, 4]));
        let found = columns(&["\u{feff}Image Path", " EMO ", "V", "A", "Usage"]).unwrap();
        assert_eq!(
            (found.image.index(), found.expression, column(found.valence), column(found.arousal), found.split),
            (0, Some(1), Some(2), Some(3), Some(4))
        );
        assert_eq!(
            columns(&["name", "x", "image", "label"]).unwrap().image,
            ImageColumn::File(2),
            "the clearer name wins"
        );
        assert_eq!(columns(&["image", "age"]), None, "nothing known of the image");
        let found = columns(&["name", "mood", "label", "Pixels"]).unwrap();
        assert_eq!((found.image, found.expression), (ImageColumn::Pixels(3), Some(2)));
        let counted = columns(&["image", "label", "pixels"]).unwrap();
        assert_eq!(counted.image, ImageColumn::File(0), "how many pixels a file has, perhaps");
        assert_eq!(columns(&["", ""]), None);
    }
}
