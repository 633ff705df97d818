//! Images in an array: (N, H, W), (N, H, W, 1 or 3) or (N, 1 or 3, H, W), of integers or of fractions, in either order.
//! They are read one after the other; in Fortran order, where the parts of an image lie all over the file, so many at a
//! time as fit into 64 MiB.

use std::io::{self, Read};

use super::listing::{Listing, ReadError};
use super::picture::{PictureError, Rows};
use crate::dataset::npy::{Header, Kind};
use crate::imaging::Pixels;

/// The most bytes that are held at once.
const BLOCK: usize = 64 << 20;
/// How many images are looked at to learn what black and white are.
const LOOKED_AT: usize = 64;

/// How an image lies among the elements of its item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    height: usize,
    width: usize,
    channels: usize,
    /// How many elements the next pixel down, the next pixel across and the next channel lie away.
    steps: [usize; 3],
}

/// What value is black, and what is white.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    black: f64,
    white: f64,
}

/// An open array of images.
pub(super) struct Items {
    file: usize,
    header: Header,
    form: Form,
    range: Range,
    /// How many images there are whole.
    whole: usize,
    /// Whether the file holds more than the array.
    trailing: bool,
    /// Item after item (in C order), where it stands, and what was read of it last.
    stream: Option<(usize, Box<dyn Read>)>,
    bytes: Vec<u8>,
    /// In Fortran order: the first of the items in `bytes`, and how many they are.
    block: (usize, usize),
}

impl Form {
    /// Of the shape of an array. `None` where it holds no images.
    fn of(shape: &[usize], fortran_order: bool) -> Option<Form> {
        let is_channels = |length: usize| length == 1 || length == 3;
        let item = shape.get(1..)?;
        // Strides of the item's axes: the last moves fastest in C order, the first in Fortran order.
        let mut steps = vec![1_usize; item.len()];
        for axis in 1..item.len() {
            let (this, before) =
                if fortran_order { (axis, axis - 1) } else { (item.len() - 1 - axis, item.len() - axis) };
            steps[this] = steps[before].checked_mul(item[before])?;
        }
        let form = match *item {
            [height, width] => Form { height, width, channels: 1, steps: [steps[0], steps[1], 0] },
            [height, width, channels] if is_channels(channels) => {
                Form { height, width, channels, steps: [steps[0], steps[1], steps[2]] }
            }
            [channels, height, width] if is_channels(channels) => {
                Form { height, width, channels, steps: [steps[1], steps[2], steps[0]] }
            }
            _ => return None,
        };
        let fits = (1..=1 << 15).contains(&form.height) && (1..=1 << 15).contains(&form.width);
        (fits && form.elements() <= BLOCK / 8).then_some(form)
    }

    fn elements(&self) -> usize {
        self.height * self.width * self.channels
    }
}

impl Items {
    /// Reads the header and looks at the first images. The error reads on after the file's name.
    pub(super) fn open(listing: &mut Listing, file: usize) -> Result<Items, String> {
        let read_error = |error: ReadError| error.to_string();
        let header = Header::read(&mut listing.stream(file).map_err(read_error)?).map_err(|error| error.to_string())?;
        let numbers = matches!(header.dtype.kind, Kind::Signed | Kind::Unsigned | Kind::Float);
        let form = Form::of(&header.shape, header.fortran_order).filter(|_| numbers).ok_or_else(|| {
            format!(
                "is of shape {:?}: expected images as (N, H, W), (N, H, W, 1 or 3) or (N, 1 or 3, H, W), of numbers",
                header.shape
            )
        })?;
        let count = header.shape.first().copied().unwrap_or_default();
        let item = form.elements() * header.dtype.size();
        let there = listing.size(file).map_err(read_error)?.saturating_sub(header.data_start);
        let needed = header.data_bytes();
        let whole = match needed {
            Some(needed) if there >= needed => count,
            Some(_) if !header.fortran_order => usize::try_from(there / item as u64).unwrap_or(count).min(count),
            Some(_) => {
                return Err("is cut short, and in Fortran order no image of it is whole; copy it again".to_owned());
            }
            None => {
                return Err(format!("is damaged or too large: its shape {:?} is more than can be read", header.shape));
            }
        };
        let mut items = Items {
            file,
            form,
            range: Range { black: 0.0, white: 255.0 },
            whole,
            trailing: needed.is_some_and(|needed| there > needed),
            stream: None,
            bytes: Vec::new(),
            block: (0, 0),
            header,
        };
        items.range = items.look(listing)?;
        Ok(items)
    }

    /// How many images the array says it holds.
    pub(super) fn count(&self) -> usize {
        self.header.shape.first().copied().unwrap_or_default()
    }

    /// How many of them are there.
    pub(super) fn whole(&self) -> u64 {
        self.whole as u64
    }

    /// What is wrong with the file, if it can be read all the same.
    pub(super) fn warning(&self) -> Option<String> {
        if self.whole < self.count() {
            let message =
                format!("is cut short: {} of its {} images are there; copy it again", self.whole, self.count());
            return Some(message);
        }
        self.trailing.then(|| "goes on after its last image; what follows is not read".to_owned())
    }

    /// `100 images of 48 x 48 pixels in 0 to 255`.
    pub(super) fn described(&self) -> String {
        let Form { height, width, .. } = self.form;
        format!("{} images of {width} x {height} pixels, {} to {}", self.count(), self.range.black, self.range.white)
    }

    /// What black and white are, by the values of the first images.
    fn look(&mut self, listing: &mut Listing) -> Result<Range, String> {
        let (mut least, mut most) = (0.0_f64, 0.0_f64);
        for item in 0..self.whole.min(LOOKED_AT) {
            for value in self.values(listing, item).map_err(|error| error.message)? {
                least = least.min(value);
                most = most.max(value);
            }
        }
        // Pictures are asked for from the first on again.
        self.stream = None;
        let whole_numbers = self.header.dtype.kind != Kind::Float;
        Ok(match (least, most) {
            (0.0, ..=1.0) if !whole_numbers => Range { black: 0.0, white: 1.0 },
            (-1.0..0.0, ..=1.0) if !whole_numbers => Range { black: -1.0, white: 1.0 },
            (_, 256.0..) if self.header.dtype.size() == 2 && whole_numbers => Range { black: 0.0, white: 65_535.0 },
            _ => Range { black: 0.0, white: 255.0 },
        })
    }

    /// The elements of an item, in the array's own order.
    fn values(&mut self, listing: &mut Listing, item: usize) -> Result<Vec<f64>, PictureError> {
        let dtype = self.header.dtype;
        if self.header.fortran_order {
            let (start, count) = self.block_with(listing, item)?;
            let column = self.bytes.chunks_exact(dtype.size()).skip(item - start).step_by(count);
            Ok(column.map(|element| dtype.number(element)).collect())
        } else {
            self.read_item(listing, item)?;
            Ok(self.bytes.chunks_exact(dtype.size()).map(|element| dtype.number(element)).collect())
        }
    }

    /// Goes forward to an item, and reads it.
    fn read_item(&mut self, listing: &mut Listing, item: usize) -> Result<(), PictureError> {
        let length = (self.form.elements() * self.header.dtype.size()) as u64;
        let (next, mut stream) = match self.stream.take() {
            Some((next, stream)) if next <= item => (next, stream),
            _ => {
                let mut stream = listing.stream(self.file).map_err(PictureError::end)?;
                skip(&mut stream, self.header.data_start)?;
                (0, stream)
            }
        };
        skip(&mut stream, (item - next) as u64 * length)?;
        self.bytes.clear();
        (&mut stream).take(length).read_to_end(&mut self.bytes).map_err(PictureError::end)?;
        if (self.bytes.len() as u64) < length {
            return Err(PictureError::end("is missing: the array ends before it"));
        }
        self.stream = Some((item + 1, stream));
        Ok(())
    }

    /// Reads the block of items that an item is in, unless it is the one in memory: of every pixel the values of these
    /// items. The first of them, and how many they are.
    fn block_with(&mut self, listing: &mut Listing, item: usize) -> Result<(usize, usize), PictureError> {
        let (start, count) = self.block;
        if (start..start + count).contains(&item) {
            return Ok(self.block);
        }
        let size = self.header.dtype.size();
        let most = (BLOCK / (self.form.elements() * size)).max(1);
        let start = item / most * most;
        let count = most.min(self.whole - start);
        let mut stream = listing.stream(self.file).map_err(PictureError::end)?;
        skip(&mut stream, self.header.data_start + start as u64 * size as u64)?;
        self.block = (0, 0);
        self.bytes.clear();
        for pixel in 0..self.form.elements() {
            if pixel > 0 {
                skip(&mut stream, (self.whole - count) as u64 * size as u64)?;
            }
            (&mut stream).take((count * size) as u64).read_to_end(&mut self.bytes).map_err(PictureError::end)?;
        }
        if self.bytes.len() < self.form.elements() * count * size {
            return Err(PictureError::end("is missing: the array ends before it"));
        }
        self.block = (start, count);
        Ok(self.block)
    }
}

fn skip(stream: &mut impl Read, bytes: u64) -> Result<(), PictureError> {
    io::copy(&mut stream.take(bytes), &mut io::sink()).map_err(PictureError::end)?;
    Ok(())
}

impl Rows for Items {
    fn picture(&mut self, listing: &mut Listing, row: u64) -> Result<Pixels, PictureError> {
        let item = row.checked_sub(1).and_then(|item| usize::try_from(item).ok()).filter(|item| *item < self.whole);
        let item = item.ok_or_else(|| PictureError::new("is not in the array"))?;
        let values = self.values(listing, item)?;
        let Range { black, white } = self.range;
        if let Some(value) = values.iter().find(|value| !(black..=white).contains(*value)) {
            let message = format!(
                "holds {value}, and the values of this array go from {black} to {white}; the image is left out"
            );
            return Err(PictureError::new(message));
        }
        let Form { height, width, channels, steps } = self.form;
        let mut data = Vec::with_capacity(values.len());
        for y in 0..height {
            for x in 0..width {
                for channel in 0..channels {
                    let value = values[y * steps[0] + x * steps[1] + channel * steps[2]];
                    data.push(((value - black) / (white - black) * 255.0).round() as u8);
                }
            }
        }
        Ok(Pixels { width, height, channels, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_hold_images_or_do_not() {
        let form = |height, width, channels, steps| Some(Form { height, width, channels, steps });
        assert_eq!(Form::of(&[9, 4, 5], false), form(4, 5, 1, [5, 1, 0]));
        assert_eq!(Form::of(&[9, 4, 5], true), form(4, 5, 1, [1, 4, 0]));
        assert_eq!(Form::of(&[9, 4, 5, 3], false), form(4, 5, 3, [15, 3, 1]));
        assert_eq!(Form::of(&[9, 3, 4, 5], false), form(4, 5, 3, [5, 1, 20]));
        assert_eq!(Form::of(&[9, 3, 4, 5], true), form(4, 5, 3, [3, 12, 1]));
        assert_eq!(Form::of(&[9, 1, 4, 5], false), form(4, 5, 1, [5, 1, 20]));
        for shape in [&[][..], &[9], &[9, 5], &[9, 4, 5, 2], &[9, 0, 5], &[9, 4, 5, 3, 1], &[9, 1 << 20, 3]] {
            assert_eq!(Form::of(shape, false), None, "{shape:?}");
        }
    }
}
