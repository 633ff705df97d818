//! The layout *FER2013* (Goodfellow et al. 2013): one table, a row an image, `emotion,pixels,Usage`, the pixels as
//! numbers with spaces between. It is about 290 MB: it is read twice from front to back, once for the labels and once
//! for the pixels, a row at a time. Where FER+'s table (`fer2013new.csv`) lies beside it, its votes are the labels.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::columns::fold;
use super::ferplus::{self, Verdict};
use super::layout::{Label, LabelledImage, Labelling};
use super::listing::{Listing, ReadError};
use super::paths;
use super::picture::{self, Picture, PictureError};
use super::problem_list::ProblemList;
use super::table_rows::{csv_reader, next_record};
use crate::affect::{Annotation, LabelSet};
use crate::dataset::Place;
use crate::imaging::Pixels;

/// A table with pixels in it, and which column holds what.
struct PixelTable {
    file: usize,
    path: String,
    emotion: usize,
    pixels: usize,
    usage: Option<usize>,
}

/// Whether there is a table of pixels.
pub(super) fn fits(listing: &mut Listing) -> bool {
    listing.tables().into_iter().any(|file| PixelTable::open(listing, file).is_some())
}

/// Reads the listing, if it holds a table of pixels.
pub(super) fn read(listing: &mut Listing) -> Option<Labelling> {
    let mut tables: Vec<PixelTable> =
        listing.tables().into_iter().filter_map(|file| PixelTable::open(listing, file)).collect();
    let (mut images, mut problems, mut read) = (Vec::new(), ProblemList::default(), Vec::new());
    // The challenge's own files say the same twice: icml_face_data.csv holds all that train.csv does.
    if let Some(whole) = tables.iter().position(|table| table.usage.is_some()) {
        let whole = tables.swap_remove(whole);
        for spare in std::mem::replace(&mut tables, vec![whole]) {
            problems.push_file(&spare.path, "holds pixels as well; the table with a column Usage is read alone");
            read.push(spare.file);
        }
    }
    let path = tables.first()?.path.clone();
    for table in &tables {
        table.read_labels(listing, &mut images, &mut problems);
        read.push(table.file);
    }
    let mut labelling = Labelling {
        recognised: format!("FER2013 because {path} holds each image as a row of pixels"),
        label_set: LabelSet::fer2013(),
        numbers: Vec::new(),
        images,
        read,
        excluded: Vec::new(),
        problems,
    };
    let unread: Vec<&str> = listing.images().map(|image| listing.path(image)).collect();
    labelling.problems.push_files(&path, &unread, "lies beside a table of pixels; it is not read");
    if let [table] = &tables[..] {
        take_votes(listing, table, &mut labelling);
    }
    Some(labelling)
}

impl PixelTable {
    fn open(listing: &mut Listing, file: usize) -> Option<PixelTable> {
        let header = next_record(&mut csv_reader(listing.read_table(file).ok()?, b',')).ok()??;
        let find = |name: &str| header.iter().position(|column| fold(column) == name);
        let path = listing.path(file).to_owned();
        Some(PixelTable { file, path, emotion: find("emotion")?, pixels: find("pixels")?, usage: find("usage") })
    }

    fn place(&self, row: u64, column: &str) -> Place {
        Place { file: self.path.clone(), row: Some(row), column: Some(column.to_owned()) }
    }

    /// The first reading: every row's label and split.
    fn read_labels(&self, listing: &mut Listing, images: &mut Vec<LabelledImage>, problems: &mut ProblemList) {
        let classes = LabelSet::fer2013().len();
        let split_of_file = paths::split_of_name(paths::file_name(&self.path));
        let mut reader = match listing.read_table(self.file) {
            Ok(reader) => pixel_reader(reader),
            Err(error) => return problems.push_file(&self.path, error.to_string()),
        };
        let mut record = ByteRecord::new();
        for row in 1.. {
            match reader.read_byte_record(&mut record) {
                Ok(true) if row == 1 => continue,
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    let message = format!("the rows from here on cannot be read ({error})");
                    return problems.push(self.place(row, "pixels"), message);
                }
            }
            let cell = |column: usize| String::from_utf8_lossy(record.get(column).unwrap_or_default());
            let label = cell(self.emotion);
            let Some(class) = label.trim().parse().ok().filter(|class: &usize| *class < classes) else {
                let message = format!("expected the number of an emotion, 0 (angry) to 6 (neutral), found {label}");
                problems.push(self.place(row, "emotion"), message);
                continue;
            };
            let split = self.usage.and_then(|usage| paths::split_of_name(&cell(usage))).or(split_of_file);
            let picture = Picture::Row { file: self.file, row };
            images.push(LabelledImage {
                picture,
                label: Label::Known(Annotation::one_hot(class, classes)),
                split,
                person: None,
            });
        }
    }
}

/// A reader of long rows.
fn pixel_reader<R: Read>(reader: R) -> Reader<R> {
    ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 16).from_reader(reader)
}

/// Puts FER+'s votes in the place of the labels, where its table is there and has as many rows.
fn take_votes(listing: &mut Listing, table: &PixelTable, labelling: &mut Labelling) {
    let Some((file, verdicts)) = ferplus::verdicts_by_row(listing, &mut labelling.problems) else { return };
    let path = listing.path(file).to_owned();
    labelling.read.push(file);
    let rows = labelling.images.iter().map(|image| image.picture.order().1).max().unwrap_or_default();
    // Both have a header, so that row 2 is the first image of either.
    if verdicts.len() as u64 + 1 < rows {
        let message =
            format!("has {} rows, and {} goes to row {rows}; its votes are not read", verdicts.len() + 1, table.path);
        return labelling.problems.push_file(&path, message);
    }
    let mut left_out = ferplus::LeftOut::default();
    labelling.images.retain_mut(|image| {
        let row = usize::try_from(image.picture.order().1.saturating_sub(2)).unwrap_or(usize::MAX);
        match verdicts.get(row) {
            Some(Some(Verdict::Label(distribution))) => {
                image.label =
                    Label::Known(Annotation { expression: Some(distribution.clone()), ..Annotation::default() });
                true
            }
            Some(Some(Verdict::LeftOut(reason))) => {
                left_out.count(*reason);
                false
            }
            _ => false,
        }
    });
    labelling.label_set = LabelSet::ferplus();
    labelling.excluded.extend(left_out.counted());
    labelling.recognised += &format!("; the labels are FER+'s votes in {path}");
}

/// The second reading: pixels, row by row.
pub(super) struct PixelRows {
    reader: Reader<Box<dyn Read>>,
    record: ByteRecord,
    column: usize,
    /// The row that was read last, the header being 1.
    row: u64,
}

impl PixelRows {
    pub(super) fn open(listing: &mut Listing, file: usize) -> Result<PixelRows, ReadError> {
        let column = PixelTable::open(listing, file).map_or(0, |table| table.pixels);
        let reader = pixel_reader(listing.stream(file)?);
        Ok(PixelRows { reader, record: ByteRecord::new(), column, row: 0 })
    }
}

impl picture::Rows for PixelRows {
    fn picture(&mut self, _: &mut Listing, row: u64) -> Result<Pixels, PictureError> {
        while self.row < row {
            if !self.reader.read_byte_record(&mut self.record).map_err(PictureError::end)? {
                return Err(PictureError::end("is missing: the table ends before it"));
            }
            self.row += 1;
        }
        let in_column = |message| PictureError { column: Some("pixels".to_owned()), ..PictureError::new(message) };
        square(self.record.get(self.column).unwrap_or_default()).map_err(in_column)
    }
}

/// A square gray image of numbers with spaces between.
fn square(cell: &[u8]) -> Result<Pixels, String> {
    let numbers = cell.split(u8::is_ascii_whitespace).filter(|number| !number.is_empty());
    let mut data = Vec::with_capacity(48 * 48);
    for (place, number) in (1..).zip(numbers) {
        let value = number.iter().try_fold(0_u8, |value, digit| {
            let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
            value.checked_mul(10)?.checked_add(digit)
        });
        data.push(value.ok_or_else(|| {
            let found: String = String::from_utf8_lossy(number).chars().take(20).collect();
            format!("expected numbers from 0 to 255, found {found} in place {place}; the image is left out")
        })?);
    }
    let side = data.len().isqrt();
    if side == 0 || side * side != data.len() {
        return Err(format!("holds {} numbers, which are no square image; it is left out", data.len()));
    }
    Ok(Pixels { width: side, height: side, channels: 1, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_of_numbers_is_an_image() {
        assert_eq!(square(b"0 255  7 80 "), Ok(Pixels { width: 2, height: 2, channels: 1, data: vec![0, 255, 7, 80] }));
        for (cell, words) in [
            ("1 2 3", "holds 3 numbers"),
            ("", "holds 0 numbers"),
            ("1 2 256 4", "found 256 in place 3"),
            ("1 -2 3 4", "found -2"),
            ("1 2 x 4", "found x"),
            ("0.5 1 1 1", "found 0.5"),
        ] {
            assert!(square(cell.as_bytes()).unwrap_err().contains(words), "{cell}");
        }
    }
}
