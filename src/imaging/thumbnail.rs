//! Small pictures for the gallery.

use super::resize::{Area, resize};
use super::{Filter, Pixels};

/// Writes the middle square of an image as `side x side` RGBA, opaque, the layout of a canvas's `ImageData`.
///
/// # Panics
/// Where `out` is not `side * side * 4` long.
pub fn thumbnail_into(image: &Pixels, side: usize, out: &mut [u8]) {
    assert_eq!(out.len(), side * side * 4, "the output holds a square of RGBA");
    let small = resize(image, Area::centre_square(image), side, side, Filter::Bilinear);
    for (out, pixel) in out.chunks_exact_mut(4).zip(small.data.chunks_exact(small.channels)) {
        match *pixel {
            [red, green, blue] => out.copy_from_slice(&[red, green, blue, 255]),
            [gray, ..] => out.copy_from_slice(&[gray, gray, gray, 255]),
            [] => {}
        }
    }
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
}
