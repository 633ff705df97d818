//! Decoded pixels.

use std::borrow::Cow;

/// An image of 8-bit samples, row by row, channels interleaved (gray: 1, RGB: 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// 1 (gray) or 3 (red, green, blue).
    pub channels: usize,
    /// `height * width * channels` samples.
    pub data: Vec<u8>,
}

impl Pixels {
    /// An image of one value throughout.
    pub fn filled(width: usize, height: usize, channels: usize, value: u8) -> Self {
        Pixels { width, height, channels, data: vec![value; width * height * channels] }
    }

    /// The luma of an image (ITU-R BT.601, as Pillow's mode "L" rounds it).
    pub fn gray(&self) -> Cow<'_, Pixels> {
        if self.channels != 3 {
            return Cow::Borrowed(self);
        }
        let luma = |[red, green, blue]: &[u8; 3]| {
            let [red, green, blue] = [*red, *green, *blue].map(u32::from);
            ((19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16) as u8
        };
        let data = self.data.as_chunks::<3>().0.iter().map(luma).collect();
        Cow::Owned(Pixels { channels: 1, data, ..*self })
    }

    /// The part of an image that begins at (`left`, `top`), as far as there is one.
    pub fn cropped(&self, left: usize, top: usize, width: usize, height: usize) -> Pixels {
        let (left, top) = (left.min(self.width), top.min(self.height));
        let (width, height) = (width.min(self.width - left), height.min(self.height - top));
        let row = |y: usize| ((top + y) * self.width + left) * self.channels;
        let mut data = Vec::with_capacity(height * width * self.channels);
        (0..height).for_each(|y| data.extend_from_slice(&self.data[row(y)..row(y) + width * self.channels]));
        Pixels { width, height, channels: self.channels, data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_cut_out() {
        let image = Pixels { width: 3, height: 2, channels: 2, data: (0..12).collect() };
        assert_eq!(image.cropped(1, 0, 2, 1), Pixels { width: 2, height: 1, channels: 2, data: vec![2, 3, 4, 5] });
        assert_eq!(image.cropped(2, 1, 9, 9), Pixels { width: 1, height: 1, channels: 2, data: vec![10, 11] });
        assert!(image.cropped(9, 9, 1, 1).data.is_empty());
    }
}
