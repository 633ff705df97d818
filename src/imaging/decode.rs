//! Files in, pixels out.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use thiserror::Error;

use super::{Pixels, tiff};

/// The most pixels an image may have.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The most pixels an image may have across, or down.
pub const MAX_SIDE: u32 = 32_768;

/// The most pixels that a byte of a file can stand for: an empty GIF comes near it. A header that promises more lies.
const MAX_PIXELS_PER_BYTE: u64 = 4096;

/// What a decoder may hold at once for every pixel: 16 bits and four channels, and as much again for its own state.
const DECODER_BYTES_PER_PIXEL: u64 = 2 * 8;

/// What it may hold besides: colour profiles and such, which no pixel needs.
const DECODER_BYTES: u64 = 8 << 20;

/// Why a file is not an image that can be used. Reads as a clause after the file's name: "face.png is empty".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// There are no bytes.
    #[error("is empty")]
    Empty,
    /// The first bytes are those of no known format.
    #[error("is not an image Mien can read (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF)")]
    NotAnImage,
    /// More than [`MAX_PIXELS`].
    #[error("is {width} x {height} pixels, more than the 64 megapixels Mien reads; scale it down")]
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// A side longer than [`MAX_SIDE`].
    #[error("is {width} x {height} pixels, and Mien reads sides of at most {MAX_SIDE}; scale it down")]
    TooLong {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The format is known, but not this kind of it.
    #[error("is of a kind Mien cannot read: {0}; save it as PNG or JPEG")]
    Unsupported(String),
    /// The file breaks its format's rules, or ends too early.
    #[error("is damaged: {0}")]
    Damaged(String),
}

/// Decodes a PNG, JPEG, WebP, BMP, GIF (the first frame), PGM or PPM file, or a plain TIFF, told by its content.
///
/// Gray images (8 or 16 bits, with or without alpha) have one channel, all others three. Samples of 16 bits are rounded to
/// 8, transparent pixels lie on white, and the orientation in the EXIF data is applied: the image stands as viewers show it.
///
/// # Errors
/// [`DecodeError`] where the file is not such an image, is damaged, or is larger than [`MAX_PIXELS`] or [`MAX_SIDE`]; size is
/// read from the header, before there is memory for pixels.
pub fn decode(bytes: &[u8]) -> Result<Pixels, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if tiff::is_tiff(bytes) {
        return tiff::decode(bytes);
    }
    let format = known_format(bytes).ok_or(DecodeError::NotAnImage)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    let pixels = png_size(bytes).map_or(MAX_PIXELS, |(width, height)| u64::from(width) * u64::from(height));
    limits.max_alloc = Some(DECODER_BYTES + DECODER_BYTES_PER_PIXEL * pixels.min(MAX_PIXELS));
    reader.limits(limits);

    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, bytes.len())?;
    // Broken metadata is no reason to refuse whole pixels.
    let orientation = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder)?;
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Ok(opaque(image))
}

fn known_format(bytes: &[u8]) -> Option<ImageFormat> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Pnm, WebP};
    let format = image::guess_format(bytes).ok()?;
    // "P5" alone could begin any text: in an image, white space or a comment follows.
    let pnm_header = || bytes.get(2).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'#');
    match format {
        Png | Jpeg | WebP | Bmp | Gif => Some(format),
        Pnm if pnm_header() => Some(format),
        _ => None,
    }
}

/// The size that a PNG's header gives: it may hold a compressed colour profile of any length, which is read before the size
/// can be asked for.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?.get(8..16)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    Some((number(&size[..4]), number(&size[4..])))
}

pub(super) fn check_size(width: u32, height: u32, bytes: usize) -> Result<(), DecodeError> {
    if width == 0 || height == 0 {
        return Err(DecodeError::Damaged(format!("its header says {width} x {height} pixels")));
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(DecodeError::TooManyPixels { width, height });
    }
    if width.max(height) > MAX_SIDE {
        return Err(DecodeError::TooLong { width, height });
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS_PER_BYTE.saturating_mul(bytes as u64) {
        return Err(DecodeError::Damaged(format!(
            "its header says {width} x {height} pixels, and it is {bytes} bytes long"
        )));
    }
    Ok(())
}

/// Eight bits, no alpha.
fn opaque(image: DynamicImage) -> Pixels {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (gray, alpha) = (!image.color().has_color(), image.color().has_alpha());
    let data = match (gray, alpha) {
        (true, false) => image.into_luma8().into_raw(),
        (false, false) => image.into_rgb8().into_raw(),
        (true, true) => on_white::<2>(image.into_luma_alpha8().into_raw()),
        (false, true) => on_white::<4>(image.into_rgba8().into_raw()),
    };
    Pixels { width, height, channels: if gray { 1 } else { 3 }, data }
}

/// Lays pixels of `N` samples, the last of them alpha, on white, and drops the alpha. In place: large images are large.
fn on_white<const N: usize>(mut data: Vec<u8>) -> Vec<u8> {
    let (pixels, colours) = (data.len() / N, N - 1);
    for pixel in 0..pixels {
        let alpha = u32::from(data[pixel * N + colours]);
        for channel in 0..colours {
            let over = u32::from(data[pixel * N + channel]) * alpha + 255 * (255 - alpha);
            data[pixel * colours + channel] = ((over + 127) / 255) as u8;
        }
    }
    data.truncate(pixels * colours);
    data
}

impl From<ImageError> for DecodeError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Unsupported(error) => DecodeError::Unsupported(error.to_string().trim_end().to_owned()),
            error => DecodeError::Damaged(error.to_string().trim_end().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_on_from_a_file_name() {
        assert_eq!(decode(b"").unwrap_err().to_string(), "is empty");
        let text = decode(b"path,label\na.png,happy\n").unwrap_err();
        assert_eq!(text.to_string(), "is not an image Mien can read (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF)");
        assert_eq!(decode(b"P5,happy,sad"), Err(DecodeError::NotAnImage));
        assert_eq!(decode(b"\0\0\x01\0\x01\0\x10\x10"), Err(DecodeError::NotAnImage), "an icon");
        let large = check_size(20_000, 20_000, 99_999).unwrap_err();
        assert_eq!(large.to_string(), "is 20000 x 20000 pixels, more than the 64 megapixels Mien reads; scale it down");
        assert_eq!(check_size(40_000, 2, 99_999), Err(DecodeError::TooLong { width: 40_000, height: 2 }));
        assert!(matches!(check_size(0, 5, 99_999), Err(DecodeError::Damaged(_))));
        assert_eq!(check_size(8_000, 8_000, 99_999), Ok(()));
    }

    #[test]
    fn transparency_lies_on_white() {
        let half_black = vec![0, 0, 0, 128, 10, 20, 30, 255, 10, 20, 30, 0];
        assert_eq!(on_white::<4>(half_black), [127, 127, 127, 10, 20, 30, 255, 255, 255]);
        assert_eq!(on_white::<2>(vec![100, 51]), [224]);
    }
}
