//! Pictures: where the pixels of an image lie, and how they are had.

use super::array_items::Items;
use super::listing::Listing;
use super::pixel_rows::{PixelColumn, PixelRows};
use crate::dataset::Place;
use crate::imaging::{self, Pixels};

/// Where the pixels of an image lie.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Picture {
    /// In an image file; of which only the face is wanted, where it is known.
    File { file: usize, face: Option<FaceBox> },
    /// In an array of many images: which of them, from 1.
    Row { file: usize, row: u64 },
    /// In a table of many images: its row, from 1, the header counted.
    Cell { file: usize, row: u64, column: PixelColumn },
}

/// A face in an image, pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FaceBox {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Picture {
    /// The file it lies in, and where in it: the order in which pictures are best read.
    pub(super) fn order(&self) -> (usize, u64) {
        match *self {
            Picture::File { file, .. } => (file, 0),
            Picture::Row { file, row } | Picture::Cell { file, row, .. } => (file, row),
        }
    }

    /// The place of the whole picture. Written out, it is the picture's name.
    pub(super) fn place(&self, listing: &Listing) -> Place {
        let (file, row) = match *self {
            Picture::File { file, .. } => (file, None),
            Picture::Row { file, row } | Picture::Cell { file, row, .. } => (file, Some(row)),
        };
        Place { file: listing.path(file).to_owned(), row, column: None }
    }
}

impl FaceBox {
    /// The part of an image it means, by whole pixels: left, top, width, height. `None` where it reaches out of the image
    /// by more than a tenth of itself.
    fn within(self, width: usize, height: usize) -> Option<[usize; 4]> {
        let side = |start: f32, length: f32, whole: usize| {
            let (from, to) = (start.round(), (start + length).round());
            let inside = from.max(0.0)..to.min(whole as f32);
            let fits = start.is_finite() && length >= 1.0 && inside.end - inside.start >= 0.9 * length;
            // Within 0..=whole: from and to were cut to it.
            fits.then_some((inside.start as usize, (inside.end - inside.start) as usize))
        };
        let (left, width) = side(self.left, self.width, width)?;
        let (top, height) = side(self.top, self.height, height)?;
        (width > 0 && height > 0).then_some([left, top, width, height])
    }
}

/// Why a picture cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PictureError {
    pub(super) column: Option<String>,
    pub(super) message: String,
    /// Whether no later picture of the same file can be had either.
    pub(super) and_all_after: bool,
}

impl PictureError {
    pub(super) fn new(message: impl ToString) -> Self {
        PictureError { column: None, message: message.to_string(), and_all_after: false }
    }

    /// The file is of no further use.
    pub(super) fn end(message: impl ToString) -> Self {
        PictureError { and_all_after: true, ..Self::new(message) }
    }
}

/// A file of many images, which is read from front to back.
pub(super) trait Rows {
    /// The picture in a row of the listing's file. Rows are asked for in rising order.
    fn picture(&mut self, listing: &mut Listing, row: u64) -> Result<Pixels, PictureError>;
}

/// Reads pictures, one after the other.
#[derive(Default)]
pub(super) struct Pictures {
    bytes: Vec<u8>,
    open: Option<(usize, Box<dyn Rows>)>,
    /// Images that are smaller than their face boxes: how many, and the first.
    pub(super) outside: Option<(usize, Picture)>,
}

impl Pictures {
    pub(super) fn read(&mut self, listing: &mut Listing, picture: &Picture) -> Result<Pixels, PictureError> {
        match *picture {
            Picture::File { file, face } => {
                listing.read_image(file, &mut self.bytes).map_err(PictureError::new)?;
                let pixels = imaging::decode(&self.bytes).map_err(PictureError::new)?;
                Ok(match face {
                    Some(face) => self.cut_out(pixels, face, picture),
                    None => pixels,
                })
            }
            Picture::Row { file, row } | Picture::Cell { file, row, .. } => {
                self.rows(listing, file, picture)?.picture(listing, row)
            }
        }
    }

    /// The face. An image that is smaller than its face box is taken for the face already cut out.
    fn cut_out(&mut self, pixels: Pixels, face: FaceBox, picture: &Picture) -> Pixels {
        match face.within(pixels.width, pixels.height) {
            Some([left, top, width, height]) => pixels.cropped(left, top, width, height),
            None => {
                self.outside.get_or_insert_with(|| (0, picture.clone())).0 += 1;
                pixels
            }
        }
    }

    /// The reader of a file of many images, opened if it is another one than last time.
    fn rows(
        &mut self,
        listing: &mut Listing,
        file: usize,
        picture: &Picture,
    ) -> Result<&mut Box<dyn Rows>, PictureError> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != file) {
            let rows: Box<dyn Rows> = match picture {
                Picture::Cell { column, .. } => {
                    Box::new(PixelRows::open(listing, file, *column).map_err(PictureError::end)?)
                }
                _ => Box::new(Items::open(listing, file).map_err(PictureError::end)?),
            };
            self.open = Some((file, rows));
        }
        match &mut self.open {
            Some((_, rows)) => Ok(rows),
            None => Err(PictureError::end("cannot be opened")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_box_lies_within_the_image_or_is_none() {
        let face = |left, top, width, height| FaceBox { left, top, width, height };
        assert_eq!(face(10.4, 20.6, 30.0, 40.0).within(100, 100), Some([10, 21, 30, 40]));
        assert_eq!(face(-2.0, 65.0, 30.0, 37.0).within(100, 100), Some([0, 65, 28, 35]), "a little outside");
        assert_eq!(face(134.0, 134.0, 899.0, 899.0).within(224, 224), None);
        for strange in [f32::NAN, f32::INFINITY, -1.0, 0.0] {
            assert_eq!(face(1.0, 1.0, strange, 5.0).within(100, 100), None, "{strange}");
        }
        assert_eq!(face(f32::NAN, 1.0, 5.0, 5.0).within(100, 100), None);
        assert_eq!(face(f32::INFINITY, 1.0, 5.0, 5.0).within(100, 100), None);
        assert_eq!(face(0.0, 0.0, 1e38, 5.0).within(100, 100), None);
    }
}
