//! Images that are cells of a table: the numbers of a square of gray pixels, row by row, with spaces between.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::listing::{Listing, ReadError};
use super::picture::{self, PictureError};
use crate::imaging::Pixels;

/// Where a table has its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PixelColumn {
    /// The column, counted from 0.
    pub(super) index: usize,
    /// What stands between cells.
    pub(super) delimiter: u8,
}

/// A reader of long rows.
pub(super) fn pixel_reader<R: Read>(reader: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(reader)
}

/// The pixels of a table, row by row.
pub(super) struct PixelRows {
    reader: Reader<Box<dyn Read>>,
    record: ByteRecord,
    column: usize,
    name: Option<String>,
    /// The row that was read last, the header being 1.
    row: u64,
}

impl PixelRows {
    pub(super) fn open(listing: &mut Listing, file: usize, column: PixelColumn) -> Result<PixelRows, ReadError> {
        let reader = pixel_reader(listing.stream(file)?, column.delimiter);
        Ok(PixelRows { reader, record: ByteRecord::new(), column: column.index, name: None, row: 0 })
    }

    fn cell(&self) -> &[u8] {
        self.record.get(self.column).unwrap_or_default()
    }
}

impl picture::Rows for PixelRows {
    fn picture(&mut self, _: &mut Listing, row: u64) -> Result<Pixels, PictureError> {
        while self.row < row {
            if !self.reader.read_byte_record(&mut self.record).map_err(PictureError::end)? {
                return Err(PictureError::end("is missing: the table ends before it"));
            }
            self.row += 1;
            if self.row == 1 {
                self.name =
                    Some(String::from_utf8_lossy(self.cell()).trim().to_owned()).filter(|name| name.len() < 100);
            }
        }
        let in_column = |message| PictureError { column: self.name.clone(), ..PictureError::new(message) };
        square(self.cell()).map_err(in_column)
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
    if side < 2 || side * side != data.len() {
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
            ("2", "holds 1 numbers"),
            ("1 2 256 4", "found 256 in place 3"),
            ("1 -2 3 4", "found -2"),
            ("1 2 x 4", "found x"),
            ("0.5 1 1 1", "found 0.5"),
        ] {
            assert!(square(cell.as_bytes()).unwrap_err().contains(words), "{cell}");
        }
    }
}
