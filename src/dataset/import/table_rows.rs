//! Reading the rows of a table: each cell by itself, so that one bad value costs no more than itself.

use std::collections::HashMap;
use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};

use super::columns::{Columns, ImageColumn};
use super::file_names;
use super::image_index::{ImageIndex, NotFound};
use super::listing::Listing;
use super::paths;
use super::picture::{FaceBox, Picture};
use super::pixel_rows::PixelColumn;
use super::problem_list::ProblemList;
use crate::dataset::export::PROBABILITY;
use crate::dataset::{Mapping, Place, Scale, Split, number};

/// What AffectNet writes for "not annotated".
const MISSING: f32 = -2.0;

/// What may stand between cells.
pub(super) const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A table of the listing: how it is written, and what its columns mean.
pub(super) struct Table {
    pub(super) file: usize,
    pub(super) path: String,
    pub(super) columns: Columns,
    delimiter: u8,
}

impl Table {
    /// Reads the header, by the delimiter under which it makes sense. `None` where it makes none.
    pub(super) fn open(listing: &mut Listing, file: usize, mappings: &[Mapping]) -> Option<Table> {
        DELIMITERS.into_iter().find_map(|delimiter| {
            let mut reader = csv_reader(listing.read_table(file).ok()?, delimiter);
            let columns = Columns::of(&next_record(&mut reader).ok()??, mappings)?;
            drop(reader);
            Some(Table { file, path: listing.path(file).to_owned(), columns, delimiter })
        })
    }

    /// A place in this table.
    pub(super) fn place(&self, row: Option<u64>, column: Option<usize>) -> Place {
        Place { file: self.path.clone(), row, column: column.map(|column| self.columns.name(column)) }
    }
}

/// A reader of records of any length, the header being the first.
pub(super) fn csv_reader<R: Read>(reader: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(reader)
}

/// The next record; what is not UTF-8 in it is replaced.
pub(super) fn next_record<R: Read>(reader: &mut Reader<R>) -> csv::Result<Option<StringRecord>> {
    let mut bytes = ByteRecord::new();
    Ok(reader.read_byte_record(&mut bytes)?.then(|| StringRecord::from_byte_record_lossy(bytes)))
}

/// What a row says of the expression: labels as indices into [`Rows::labels`].
pub(super) enum Told {
    One(usize),
    /// A distribution.
    Weights(Vec<(usize, f32)>),
}

/// What a row says, as yet without classes.
pub(super) struct Row {
    pub(super) picture: Picture,
    /// Which of the tables it stands in.
    pub(super) table: usize,
    /// Its number in the table, from 1, the header counted.
    pub(super) number: u64,
    pub(super) expression: Option<Told>,
    pub(super) valence: Option<f32>,
    pub(super) arousal: Option<f32>,
    pub(super) split: Option<Split>,
    pub(super) person: Option<String>,
}

/// The rows of all tables.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// The different cells of the expression columns, and the classes that have columns of their own.
    pub(super) labels: Vec<String>,
    pub(super) problems: ProblemList,
    label_indices: HashMap<String, usize>,
    /// The row that names an image, by image.
    named: HashMap<usize, u64>,
}

/// One record, and where it stands.
struct Cells<'a> {
    record: &'a StringRecord,
    number: u64,
    table: &'a Table,
}

impl Cells<'_> {
    fn get(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.record.get(column)).unwrap_or_default().trim()
    }

    fn place(&self, column: Option<usize>) -> Place {
        self.table.place(Some(self.number), column)
    }
}

impl Rows {
    /// Whether a row names this image.
    pub(super) fn names(&self, image: usize) -> bool {
        self.named.contains_key(&image)
    }

    /// Reads every row of a table, the `index_of_table`th.
    pub(super) fn read(&mut self, reader: impl Read, index_of_table: usize, table: &Table, images: &ImageIndex) {
        let mut reader = csv_reader(reader, table.delimiter);
        let mut strange_split = None;
        let mut garbled = false;
        for number in 1.. {
            match next_record(&mut reader) {
                Ok(None) => break,
                Ok(Some(record)) => {
                    let strange = |cell: &str| cell.contains(char::REPLACEMENT_CHARACTER);
                    if !garbled && record.iter().any(strange) {
                        garbled = true;
                        let message =
                            "holds letters that are not UTF-8, here and perhaps below; save the table as CSV UTF-8";
                        self.problems.push(table.place(Some(number), None), message);
                    }
                    if number == 1 && !table.columns.headless {
                        continue;
                    }
                    let cells = Cells { record: &record, number, table };
                    if let Some(picture) = self.picture(&cells, images) {
                        let row = self.read_row(&cells, picture, index_of_table, &mut strange_split);
                        self.rows.push(row);
                    }
                }
                Err(error) => {
                    let message =
                        format!("the rows from here on cannot be read ({error}); save the table again as CSV");
                    self.problems.push(table.place(Some(number), None), message);
                    break;
                }
            }
        }
        if let Some(cell) = strange_split {
            let message = format!("expected train, validation or test, found {cell}; such values are not read");
            self.problems.push(table.place(None, table.columns.split), message);
        }
    }

    /// The image that a row holds, or names, if there is one and no row has named it yet.
    fn picture(&mut self, cells: &Cells, images: &ImageIndex) -> Option<Picture> {
        let columns = &cells.table.columns;
        let expected = columns.names.len();
        let trailing = cells.record.iter().rev().take_while(|cell| cell.trim().is_empty()).count();
        let found = cells.record.len();
        if found < expected || found - trailing > expected {
            let message = format!("has {found} cells where the header has {expected}; the row is left out");
            self.problems.push(cells.place(None), message);
            return None;
        }
        let column = match columns.image {
            ImageColumn::File(column) => column,
            ImageColumn::Pixels(index) => {
                let column = PixelColumn { index, delimiter: cells.table.delimiter };
                return Some(Picture::Cell { file: cells.table.file, row: cells.number, column });
            }
        };
        let name = cells.get(Some(column));
        let message = match images.find(name, &cells.table.path) {
            Ok(image) => match self.named.get(&image) {
                None => {
                    self.named.insert(image, cells.number);
                    let face = columns.face.and_then(|columns| self.face(cells, columns));
                    return Some(Picture::File { file: image, face });
                }
                Some(row) => format!("names {name}, as row {row} did; the first of the two is kept"),
            },
            Err(NotFound::Missing) if name.is_empty() => "names no image; the row is left out".to_owned(),
            Err(NotFound::Missing) => format!("names {name}, which was not dropped; the row is left out"),
            Err(NotFound::Ambiguous) => {
                format!("names {name}, and several images are called that; write it with its folder")
            }
        };
        self.problems.push(cells.place(Some(column)), message);
        None
    }

    fn read_row(&mut self, cells: &Cells, picture: Picture, table: usize, strange_split: &mut Option<String>) -> Row {
        let columns = &cells.table.columns;
        let split_cell = cells.get(columns.split);
        let split = paths::split_of_name(split_cell);
        if split.is_none() && !split_cell.is_empty() {
            strange_split.get_or_insert_with(|| split_cell.to_owned());
        }
        let expression = self.weights(cells).map(Told::Weights).or_else(|| self.label(cells).map(Told::One));
        let valence = columns.valence.and_then(|(column, scale)| self.affect(cells, column, scale));
        let arousal = columns.arousal.and_then(|(column, scale)| self.affect(cells, column, scale));
        let person = Some(cells.get(columns.person)).filter(|person| !person.is_empty()).map(String::from);
        Row { picture, table, number: cells.number, expression, valence, arousal, split, person }
    }

    fn label(&mut self, cells: &Cells) -> Option<usize> {
        let column = cells.table.columns.expression;
        let cell = cells.get(column);
        if cell.is_empty() || cell.parse() == Ok(MISSING) {
            return None;
        }
        if cell.eq_ignore_ascii_case("nan") {
            self.problems.push(cells.place(column), format!("expected an expression, found {cell}; it is left out"));
            return None;
        }
        Some(self.index(cell))
    }

    /// The index of a label.
    fn index(&mut self, label: &str) -> usize {
        if let Some(known) = self.label_indices.get(label) {
            return *known;
        }
        let index = self.labels.len();
        self.labels.push(label.to_owned());
        self.label_indices.insert(label.to_owned(), index);
        index
    }

    /// Votes or probabilities, where classes have columns of their own. A row without any is not labelled.
    fn weights(&mut self, cells: &Cells) -> Option<Vec<(usize, f32)>> {
        let columns = &cells.table.columns;
        let mut weights = Vec::with_capacity(columns.classes.len());
        for column in &columns.classes {
            let cell = cells.get(Some(*column));
            let weight = if cell.is_empty() { Some(0.0) } else { number(cell) };
            let Some(weight) = weight.filter(|weight| *weight >= 0.0 && weight.is_finite()) else {
                let message = format!("expected votes or a probability, found {cell}; the expression is left out");
                self.problems.push(cells.place(Some(*column)), message);
                return None;
            };
            weights.push((self.index(&class_of_column(&columns.name(*column))), weight));
        }
        let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
        let share = |(label, weight): (usize, f64)| (label, (weight / sum) as f32);
        (sum > 0.0 && sum.is_finite()).then(|| weights.into_iter().map(share).collect())
    }

    /// The face box, if its four cells are numbers.
    fn face(&mut self, cells: &Cells, columns: [usize; 4]) -> Option<FaceBox> {
        let texts = columns.map(|column| cells.get(Some(column)));
        let numbers = texts.map(|text| text.parse().ok().filter(|number: &f32| number.is_finite()));
        if let [Some(left), Some(top), Some(width), Some(height)] = numbers {
            return Some(FaceBox { left, top, width, height });
        }
        let is_missing = |text: &str| text.is_empty() || text.eq_ignore_ascii_case("null");
        if let Some(wrong) = (0..4).find(|i| numbers[*i].is_none() && !is_missing(texts[*i])) {
            let message = format!("expected a number of pixels, found {}; the whole image is taken", texts[wrong]);
            self.problems.push(cells.place(Some(columns[wrong])), message);
        }
        None
    }

    fn affect(&mut self, cells: &Cells, column: usize, scale: Scale) -> Option<f32> {
        let cell = cells.get(Some(column));
        parse_affect(cell, scale).unwrap_or_else(|| {
            let message = format!("expected a number from {scale}, found {cell}; this value is left out");
            self.problems.push(cells.place(Some(column)), message);
            None
        })
    }
}

/// The class that a column is called after: what follows our own word for a probability; else an expression where its
/// name has the word for one, else the whole name.
fn class_of_column(name: &str) -> String {
    if let Some(class) = name.strip_prefix(PROBABILITY) {
        return class.to_owned();
    }
    file_names::of_words(name).map_or_else(|| name.to_owned(), |expression| expression.name().to_owned())
}

/// Valence or arousal as it stands in a cell: `Some(None)` where it is missing, `None` where it is no such thing.
///
/// A comma in it can only be a decimal one: no scale goes to the thousands, and where the comma divides cells, this
/// one stood in quotes.
fn parse_affect(cell: &str, scale: Scale) -> Option<Option<f32>> {
    if cell.is_empty() {
        return Some(None);
    }
    let value = number(cell)?;
    match scale.read(value) {
        Some(value) => Some(Some(value)),
        // Where -2 is a value it is not the mark for none.
        None => (value == f64::from(MISSING)).then_some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_missed_or_refused() {
        for (cell, expected) in [
            ("0.25", Some(Some(0.25))),
            ("-1", Some(Some(-1.0))),
            ("1e-3", Some(Some(0.001))),
            ("0,25", Some(Some(0.25))),
            ("", Some(None)),
            ("-2", Some(None)),
            ("-2.0", Some(None)),
            ("-2,0", Some(None)),
            ("1.01", None),
            ("0,1,2", None),
            ("1,000.5", None),
            ("NaN", None),
            ("inf", None),
            ("high", None),
        ] {
            assert_eq!(parse_affect(cell, Scale::default()), expected, "{cell}");
        }
    }
}
