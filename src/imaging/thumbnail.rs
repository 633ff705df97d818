//! Small pictures for the gallery.

use super::resize::{Area, fitted, padded, resize};
use super::{Filter, Pixels};

/// Writes the middle square of an image as `side x side` RGBA, opaque, the layout of a canvas's `ImageData`.
///
/// # Panics
/// Where `out` is not `side * side * 4` long.
pub fn thumbnail_into(image: &Pixels, side: usize, out: &mut [u8]) {
    assert_eq!(out.len(), side * side * 4, "the output holds a square of RGBA");
    out.copy_from_slice(&rgba(&resize(image, Area::centre_square(image), side, side, Filter::Bilinear)));
}

/// The whole of an image as `side x side` RGBA, transparent beside it.
pub fn whole_thumbnail(image: &Pixels, side: usize) -> Vec<u8> {
    let whole = fitted(image, side, Filter::Bilinear);
    padded(&Pixels { channels: 4, data: rgba(&whole), ..whole }, side).data
}

/// An image as RGBA, opaque.
pub fn rgba(image: &Pixels) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(image.width * image.height * 4);
    for pixel in image.data.chunks_exact(image.channels) {
        bytes.extend(match *pixel {
            [red, green, blue] => [red, green, blue, 255],
            [gray, ..] => [gray, gray, gray, 255],
            [] => [0; 4],
        });
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gray_and_colour_become_opaque_squares() {
        let mut out = [0; 16 * 16 * 4];
        thumbnail_into(&Pixels::filled(5, 9, 1, 40), 16, &mut out);
        assert!(out.chunks_exact(4).all(|pixel| *pixel == [40, 40, 40, 255]));

        let data = [10, 20, 30].repeat(100 * 30);
        thumbnail_into(&Pixels { width: 100, height: 30, channels: 3, data }, 16, &mut out);
        assert!(out.chunks_exact(4).all(|pixel| *pixel == [10, 20, 30, 255]));
    }

    #[test]
    fn a_whole_image_stands_between_transparent_margins() {
        let data = [10, 20, 30].repeat(16 * 8);
        let whole = whole_thumbnail(&Pixels { width: 16, height: 8, channels: 3, data }, 8);
        let (rows, _) = whole.as_chunks::<32>();
        for (y, row) in rows.iter().enumerate() {
            let expected = if (2..6).contains(&y) { [10, 20, 30, 255] } else { [0; 4] };
            assert!(row.chunks_exact(4).all(|pixel| *pixel == expected), "row {y}");
        }
    }
}
