//! What a person says the columns of a table are.

use serde::{Deserialize, Serialize};

/// The range that a column of valence or arousal is written in. It is read linearly into -1 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scale {
    /// What becomes -1.
    pub low: i32,
    /// What becomes 1.
    pub high: i32,
}

impl Default for Scale {
    fn default() -> Self {
        Scale { low: -1, high: 1 }
    }
}

impl Scale {
    /// Those in use, the usual one before narrower and wider ones: 1 to 9 is that of the Self-Assessment Manikin (Bradley and Lang 1994).
    pub const ALL: [Scale; 9] = [
        Scale { low: -1, high: 1 },
        Scale { low: 0, high: 1 },
        Scale { low: 1, high: 5 },
        Scale { low: 1, high: 7 },
        Scale { low: 1, high: 9 },
        Scale { low: 0, high: 10 },
        Scale { low: -10, high: 10 },
        Scale { low: 0, high: 100 },
        Scale { low: -100, high: 100 },
    ];

    /// The first of them that all numbers among these cells lie in; the usual one where there is none.
    pub fn of<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Scale {
        let fits = |scale: &Scale| cells.clone().filter_map(number).all(|value| scale.read(value).is_some());
        Scale::ALL.into_iter().find(fits).unwrap_or_default()
    }

    /// A value as one from -1 to 1; `None` where it lies outside the scale.
    pub fn read(self, value: f64) -> Option<f32> {
        let (low, high) = (f64::from(self.low), f64::from(self.high));
        if !(low..=high).contains(&value) || low >= high {
            return None;
        }
        // What is written from -1 to 1 stays what it is, to the last bit.
        let same = self == Scale::default();
        Some(if same { value as f32 } else { (2.0 * (value - low) / (high - low) - 1.0) as f32 })
    }
}

impl std::fmt::Display for Scale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.low, self.high)
    }
}

/// The number in a cell; a comma in it is a decimal one.
pub fn number(cell: &str) -> Option<f64> {
    crate::number::parse(&cell.trim().replace(',', "."))
}

/// What a column is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// Of no use here.
    #[default]
    Nothing,
    /// The image's file.
    Image,
    /// The image itself: the numbers of a square of gray pixels, row by row.
    Pixels,
    /// The class, by name or by number.
    Expression,
    /// Valence.
    Valence(Scale),
    /// Arousal.
    Arousal(Scale),
    /// Train, validation or test.
    Split,
    /// Whose face it is.
    Person,
    /// How many votes, or which probability, the class that the column is called after has.
    Class,
}

/// What the columns of tables with a certain first row are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// That row: the tables are known by it.
    pub header: Vec<String>,
    /// Whether it is a face already, rather than the columns' names.
    pub headless: bool,
    /// What each column is.
    pub columns: Vec<Meaning>,
}

impl Mapping {
    /// Why no face can be read by it, in words; `None` where all is well.
    pub fn trouble(&self) -> Option<&'static str> {
        let count = |is: fn(&Meaning) -> bool| self.columns.iter().filter(|meaning| is(meaning)).count();
        let expressions = count(|meaning| *meaning == Meaning::Expression);
        let affects = [
            count(|meaning| matches!(meaning, Meaning::Valence(_))),
            count(|meaning| matches!(meaning, Meaning::Arousal(_))),
        ];
        let classes = count(|meaning| *meaning == Meaning::Class);
        let once =
            [expressions, affects[0], affects[1], count(|m| *m == Meaning::Split), count(|m| *m == Meaning::Person)];
        match count(|meaning| matches!(meaning, Meaning::Image | Meaning::Pixels)) {
            _ if self.columns.len() != self.header.len() => Some("These are columns of another table."),
            0 => Some("Say which column names the image, or holds its pixels."),
            2.. => Some("Only one column can name the image, or hold its pixels."),
            _ if once.iter().any(|count| *count > 1) => Some("Two columns are said to be the same."),
            _ if classes == 1 => Some("Every class needs a column of its own, and there are two at least."),
            _ if expressions + classes + affects[0] + affects[1] == 0 => {
                Some("Say which column holds the expression, valence or arousal.")
            }
            _ => None,
        }
    }
}

/// The beginning of a table, for a person to say what its columns are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableView {
    /// Its path as it was dropped.
    pub path: String,
    /// How many more tables have the same first row.
    pub more: usize,
    /// The rows after the first; long cells are cut.
    pub rows: Vec<Vec<String>>,
    /// What its columns were taken for, or may be.
    pub mapping: Mapping,
    /// Whether a person said so.
    pub explained: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_read_linearly() {
        for (scale, value, expected) in [
            ((-1, 1), 0.1, Some(0.1)),
            ((-1, 1), -2.0, None),
            ((0, 1), 0.25, Some(-0.5)),
            ((1, 9), 1.0, Some(-1.0)),
            ((1, 9), 5.0, Some(0.0)),
            ((1, 9), 9.0, Some(1.0)),
            ((1, 9), 0.0, None),
            ((-10, 10), -2.0, Some(-0.2)),
            ((0, 100), f64::NAN, None),
            ((3, 3), 3.0, None),
        ] {
            assert_eq!(Scale { low: scale.0, high: scale.1 }.read(value), expected, "{value} of {scale:?}");
        }
    }

    #[test]
    fn the_scale_of_cells_is_guessed() {
        for (cells, expected) in [
            (["0,5", "-0.25"], (-1, 1)),
            (["1", "4.5"], (1, 5)),
            (["0", "4,5"], (0, 10)),
            (["-2", "1"], (-10, 10)),
            (["", "high"], (-1, 1)),
            (["5000", "1"], (-1, 1)),
        ] {
            let scale = Scale::of(cells.into_iter());
            assert_eq!((scale.low, scale.high), expected, "{cells:?}");
        }
    }

    #[test]
    fn a_mapping_needs_an_image_and_a_label() {
        use Meaning::{Arousal, Class, Expression, Image, Nothing, Person, Pixels, Valence};
        let affect = Scale::default();
        for (columns, fine) in [
            (vec![Image, Expression], true),
            (vec![Image, Valence(affect), Person], true),
            (vec![Image, Class, Class, Arousal(affect)], true),
            (vec![Pixels, Expression], true),
            (vec![Image, Pixels, Expression], false),
            (vec![Image, Nothing], false),
            (vec![Expression, Nothing], false),
            (vec![Image, Image, Expression], false),
            (vec![Image, Expression, Expression], false),
            (vec![Image, Valence(affect), Valence(Scale { low: 0, high: 1 })], false),
            (vec![Image, Class], false),
            (vec![Image, Class, Class, Expression], true),
        ] {
            let header = vec![String::new(); columns.len()];
            let mapping = Mapping { header, headless: false, columns };
            assert_eq!(mapping.trouble().is_none(), fine, "{mapping:?}");
        }
        let short = Mapping { header: vec!["a".into()], headless: false, columns: vec![Image, Expression] };
        assert!(short.trouble().is_some());
    }
}
