//! Decoded pixels.

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

    /// The part of an image that begins at (`left`, `top`), as far as there is one.
    pub fn cropped(&self, left: usize, top: usize, width: usize, height: usize) -> Pixels {
        let (left, top) = (left.min(self.width), top.min(self.height));
        let (width, height) = (width.min(self.width - left), height.min(self.height - top));
        let row = |y: usize| ((top + y) * self.width + left) * self.channels;
        let data = (0..height).flat_map(|y| &self.data[row(y)..row(y) + width * self.channels]).copied().collect();
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
