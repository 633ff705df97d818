//! Other sizes.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::{Filter, Pixels};

/// A rectangle of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    pub(super) fn whole(image: &Pixels) -> Self {
        Area { left: 0, top: 0, width: image.width, height: image.height }
    }

    /// The largest square in the middle; the odd pixel is left over right and below.
    pub(super) fn centre_square(image: &Pixels) -> Self {
        let side = image.width.min(image.height);
        Area { left: (image.width - side) / 2, top: (image.height - side) / 2, width: side, height: side }
    }
}

/// Resizes `area` of an image. The filter's support widens when shrinking, so nothing aliases.
///
/// First across, then down, rounding to 8 bits between: Pillow's `resize(box=...)` does the same, and gives the same
/// within one level.
pub(super) fn resize(image: &Pixels, area: Area, width: usize, height: usize, filter: Filter) -> Pixels {
    if area == Area::whole(image) && width == image.width && height == image.height {
        return image.clone();
    }
    let across = convolve(image, area, width, area.height, filter);
    if height == area.height { across } else { convolve(&across, Area::whole(&across), width, height, filter) }
}

fn convolve(image: &Pixels, area: Area, width: usize, height: usize, filter: Filter) -> Pixels {
    let kind = if image.channels == 1 { PixelType::U8 } else { PixelType::U8x3 };
    let kernel = match filter {
        Filter::Bilinear => FilterType::Bilinear,
        Filter::Bicubic => FilterType::CatmullRom,
        Filter::Lanczos => FilterType::Lanczos3,
    };
    let [left, top, across, down] = [area.left, area.top, area.width, area.height].map(|length| length as f64);
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(kernel)).use_alpha(false).crop(left, top, across, down);
    let mut resized = Image::new(width as u32, height as u32, kind);
    let done = ImageRef::new(image.width as u32, image.height as u32, &image.data, kind)
        .map(|source| Resizer::new().resize(&source, &mut resized, &options));
    // `Pixels` hold as many samples as they say, both images are of one kind, and areas lie inside their image.
    debug_assert!(matches!(done, Ok(Ok(()))), "{done:?}");
    Pixels { width, height, channels: image.channels, data: resized.into_vec() }
}

/// The whole image, its longer side `side` pixels long.
pub(super) fn fitted(image: &Pixels, side: usize, filter: Filter) -> Pixels {
    let longest = image.width.max(image.height) as f64;
    // A tie goes to the even number, in Python and therefore in Pillow.
    let length = |of: usize| ((of as f64 / longest * side as f64).round_ties_even() as usize).max(1);
    resize(image, Area::whole(image), length(image.width), length(image.height), filter)
}

/// An image in the middle of a square that it fits into, zeros beside it.
pub(super) fn padded(image: &Pixels, side: usize) -> Pixels {
    let margin = |length: usize| ((side - length) as f64 / 2.0).round_ties_even() as usize;
    let (left, top) = (margin(image.width), margin(image.height));
    let mut square = Pixels::filled(side, side, image.channels, 0);
    for (y, row) in image.data.chunks_exact(image.width * image.channels).enumerate() {
        let start = ((top + y) * side + left) * image.channels;
        square.data[start..start + row.len()].copy_from_slice(row);
    }
    square
}

/// The whole image at another size, larger or smaller.
pub fn resized(image: &Pixels, width: usize, height: usize) -> Pixels {
    resize(image, Area::whole(image), width, height, Filter::Bilinear)
}

/// The image no larger than `max_side` either way: shrunk with its proportions kept, or as it is where it fits.
pub fn fit_within(image: &Pixels, max_side: usize) -> Pixels {
    let fits = image.width.max(image.height) <= max_side;
    if fits { image.clone() } else { fitted(image, max_side, Filter::Bilinear) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_large_shrinks() {
        let small = Pixels { width: 3, height: 2, channels: 1, data: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(fit_within(&small, 3), small);
        let tall = fit_within(&Pixels::filled(100, 301, 3, 77), 64);
        assert_eq!((tall.width, tall.height, tall.channels), (21, 64, 3));
        assert!(tall.data.iter().all(|value| *value == 77));
        assert_eq!(fit_within(&Pixels::filled(9000, 2, 1, 5), 64).height, 1, "no side vanishes");
    }

    #[test]
    fn the_square_lies_in_the_middle() {
        let area = Area::centre_square(&Pixels::filled(7, 4, 1, 0));
        assert_eq!(area, Area { left: 1, top: 0, width: 4, height: 4 });
    }
}
