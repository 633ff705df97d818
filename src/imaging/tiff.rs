//! Baseline TIFF (Adobe's TIFF 6.0, part 1), as JAFFE comes in it: gray, palette or RGB in strips, not compressed or by
//! PackBits.

use super::decode::check_size;
use super::{DecodeError, Pixels};

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const STRIP_OFFSETS: u16 = 273;
const SAMPLES: u16 = 277;
const STRIP_BYTES: u16 = 279;
const PLANAR: u16 = 284;
const COLOUR_MAP: u16 = 320;

/// What `PHOTOMETRIC` says a sample means.
const WHITE_IS_ZERO: u32 = 0;
const RGB: u32 = 2;
const PALETTE: u32 = 3;

const PACK_BITS: u32 = 32_773;

/// Whether a file begins as a TIFF does.
pub(super) fn is_tiff(bytes: &[u8]) -> bool {
    bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*")
}

/// Decodes the first image of the file.
pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, DecodeError> {
    let file = File { bytes, big_endian: bytes.starts_with(b"MM") };
    let directory = file.number(4, 4).ok_or_else(cut_short)? as usize;
    let tag = |tag: u16, usual: u32| file.values(directory, tag).first().copied().unwrap_or(usual);
    let (width, height) = (tag(WIDTH, 0), tag(HEIGHT, 0));
    check_size(width, height, bytes.len())?;
    let (bits, samples, meaning) = (tag(BITS, 1), tag(SAMPLES, 1), tag(PHOTOMETRIC, 1));
    let is_known = matches!((bits, samples, meaning), (8 | 16, 1, 0 | 1) | (8, 1, PALETTE) | (8 | 16, 3 | 4, RGB));
    let compression = tag(COMPRESSION, 1);
    if !is_known || tag(PLANAR, 1) != 1 || !matches!(compression, 1 | PACK_BITS) {
        return Err(DecodeError::Unsupported(format!(
            "TIFF of {samples} samples of {bits} bits, meaning {meaning}, compression {compression}"
        )));
    }
    // At most 64 million pixels of eight bytes.
    let needed = width as usize * height as usize * samples as usize * (bits / 8) as usize;
    let raw = file.strips(directory, compression, needed)?;
    let eight = match (bits, file.big_endian) {
        (8, _) => raw,
        (_, big_endian) => raw.chunks_exact(2).map(|pair| rounded(pair, big_endian)).collect(),
    };
    let data = match meaning {
        PALETTE => {
            let map = file.values(directory, COLOUR_MAP);
            let colour = |index: u8| {
                [0, 256, 512].map(|plane| map.get(plane + usize::from(index)).map_or(0, |c| (c >> 8) as u8))
            };
            eight.into_iter().flat_map(colour).collect()
        }
        RGB => eight.chunks_exact(samples as usize).flat_map(|pixel| &pixel[..3]).copied().collect(),
        WHITE_IS_ZERO => eight.into_iter().map(|sample| 255 - sample).collect(),
        _ => eight,
    };
    let channels = if matches!(meaning, RGB | PALETTE) { 3 } else { 1 };
    Ok(Pixels { width: width as usize, height: height as usize, channels, data })
}

fn rounded(pair: &[u8], big_endian: bool) -> u8 {
    let [first, second] = [pair[0], pair[1]].map(u32::from);
    let sample = if big_endian { first << 8 | second } else { second << 8 | first };
    ((sample + 128) / 257) as u8
}

fn cut_short() -> DecodeError {
    DecodeError::Damaged("the file ends too early".to_owned())
}

struct File<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl File<'_> {
    /// The number of `size` bytes at a place.
    fn number(&self, at: usize, size: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        let join = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        Some(if self.big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) })
    }

    /// The values of a tag: as many of them as the file holds, none where there is no such tag.
    fn values(&self, directory: usize, wanted: u16) -> Vec<u32> {
        let entries = self.number(directory, 2).unwrap_or_default() as usize;
        let places = (0..entries).filter_map(|entry| directory.checked_add(2 + entry * 12));
        let Some(entry) = places
            .take_while(|at| self.number(*at, 2).is_some())
            .find(|at| self.number(*at, 2) == Some(u32::from(wanted)))
        else {
            return Vec::new();
        };
        let size = match self.number(entry + 2, 2) {
            Some(1) => 1,
            Some(3) => 2,
            Some(4) => 4,
            _ => return Vec::new(),
        };
        let count = self.number(entry + 4, 4).unwrap_or_default() as usize;
        // What does not fit into four bytes stands elsewhere.
        let inside = count.checked_mul(size).is_some_and(|bytes| bytes <= 4);
        let start = if inside { entry + 8 } else { self.number(entry + 8, 4).unwrap_or(u32::MAX) as usize };
        (0..count).map_while(|value| self.number(start.checked_add(value.checked_mul(size)?)?, size)).collect()
    }

    /// The first `needed` bytes of all strips.
    fn strips(&self, directory: usize, compression: u32, needed: usize) -> Result<Vec<u8>, DecodeError> {
        let offsets = self.values(directory, STRIP_OFFSETS);
        if offsets.is_empty() {
            return Err(DecodeError::Unsupported("it is a TIFF in tiles; save it as PNG or JPEG".to_owned()));
        }
        let mut data = Vec::new();
        for (offset, count) in offsets.into_iter().zip(self.values(directory, STRIP_BYTES)) {
            let end = (offset as usize).checked_add(count as usize);
            let strip = end.and_then(|end| self.bytes.get(offset as usize..end)).ok_or_else(cut_short)?;
            if compression == PACK_BITS {
                unpack(strip, &mut data, needed);
            } else {
                data.extend_from_slice(&strip[..strip.len().min(needed - data.len())]);
            }
        }
        if data.len() < needed { Err(cut_short()) } else { Ok(data) }
    }
}

/// PackBits: a count and as many bytes, or a count below zero and the byte that is repeated.
fn unpack(mut packed: &[u8], data: &mut Vec<u8>, needed: usize) {
    while let Some((count, rest)) = packed.split_first() {
        let left = needed - data.len();
        packed = match *count as i8 {
            -128 => rest,
            count @ 0.. => {
                let (bytes, rest) = rest.split_at(rest.len().min(count as usize + 1));
                data.extend_from_slice(&bytes[..bytes.len().min(left)]);
                rest
            }
            count => {
                let Some((byte, rest)) = rest.split_first() else { return };
                data.extend(std::iter::repeat_n(*byte, (1 - isize::from(count)) as usize).take(left));
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file in the other byte order, which Pillow does not write.
    fn big_endian(bits: u16, offset: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"MM\0*\0\0\0\x08\0\x07".to_vec();
        let mut short = |tag: u16, value: u16| {
            bytes.extend([tag.to_be_bytes(), [0, 3], [0, 0], [0, 1], value.to_be_bytes(), [0, 0]].concat());
        };
        short(WIDTH, 2);
        short(HEIGHT, 1);
        short(BITS, bits);
        short(PHOTOMETRIC, 1);
        short(SAMPLES, 1);
        for (tag, value) in [(STRIP_OFFSETS, offset), (STRIP_BYTES, data.len() as u32)] {
            bytes.extend([&tag.to_be_bytes()[..], &[0, 4, 0, 0, 0, 1], &value.to_be_bytes()].concat());
        }
        bytes.extend([0; 4]);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn numbers_may_begin_with_their_highest_byte() {
        let gray = |data: &[u8]| Ok(Pixels { width: 2, height: 1, channels: 1, data: data.to_vec() });
        assert_eq!(decode(&big_endian(8, 98, &[7, 200])), gray(&[7, 200]));
        assert_eq!(decode(&big_endian(16, 98, &[7, 7, 0x7F, 0xFF])), gray(&[7, 127]));
        assert_eq!(decode(&big_endian(8, 99, &[7, 200])), Err(cut_short()));
        assert_eq!(decode(&big_endian(8, u32::MAX, &[7, 200])), Err(cut_short()));
        assert!(matches!(decode(&big_endian(4, 98, &[7, 200])), Err(DecodeError::Unsupported(_))));
    }

    #[test]
    fn packed_bits_are_runs_and_literals() {
        let mut data = Vec::new();
        unpack(&[2, 1, 2, 3, 0x80, 0xFD, 9, 0, 5], &mut data, 100);
        assert_eq!(data, [1, 2, 3, 9, 9, 9, 9, 5]);
        unpack(&[0x81, 4], &mut data, 10);
        assert_eq!(data.len(), 10, "no more than is needed");
    }
}
