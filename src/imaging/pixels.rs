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
}
