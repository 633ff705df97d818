//! What an image is recognised by, whatever its file is called.

use serde::{Deserialize, Serialize};

#[cfg(feature = "engine")]
use super::Pixels;

/// Enough of an image to find its copies, and to say how it looks, without its pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Equal for equal pixels, and hardly ever for others.
    pub pixels: u64,
    /// Where it grows lighter from left to right, and from top to bottom, on a grid of 9 x 9 cells: a bit for each pair
    /// of neighbours. Images of which few bits differ look alike. The difference hash of N. Krawetz ("Kind of Like
    /// That", 2013), in both directions.
    pub gradients: [u64; 2],
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Mean luma, 0..=255.
    pub brightness: u8,
    /// Standard deviation of the luma, 0..=127.
    pub contrast: u8,
}

impl Fingerprint {
    /// How many of the 128 gradients differ.
    pub fn distance(&self, other: &Fingerprint) -> u32 {
        let differing = |i: usize| (self.gradients[i] ^ other.gradients[i]).count_ones();
        differing(0) + differing(1)
    }
}

/// Cells of the grid on each side: one more than gradients.
#[cfg(feature = "engine")]
const CELLS: usize = 9;

#[cfg(feature = "engine")]
impl Fingerprint {
    /// The fingerprint of an image of 65,535 pixels or fewer on each side.
    pub fn of(image: &Pixels) -> Self {
        let (brightness, contrast) = light(image);
        Fingerprint {
            pixels: hash(image),
            gradients: gradients(&cells(image)),
            width: u16::try_from(image.width).unwrap_or(u16::MAX),
            height: u16::try_from(image.height).unwrap_or(u16::MAX),
            brightness,
            contrast,
        }
    }
}

/// FNV-1a over words of eight bytes, its high bits folded in: fast, and the same in every build.
#[cfg(feature = "engine")]
fn hash(image: &Pixels) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mix = |hash: u64, word: u64| {
        let mixed = (hash ^ word).wrapping_mul(PRIME);
        mixed ^ (mixed >> 29)
    };
    let shape = [image.width, image.height, image.channels].map(|side| side as u64);
    let start = shape.into_iter().fold(0xcbf2_9ce4_8422_2325, mix);
    let (words, rest) = image.data.as_chunks::<8>();
    let hash = words.iter().map(|word| u64::from_le_bytes(*word)).fold(start, mix);
    rest.iter().map(|byte| u64::from(*byte)).fold(hash, mix)
}

/// Luma of a pixel in 256ths (ITU-R BT.601).
#[cfg(feature = "engine")]
fn luma(pixel: &[u8]) -> u64 {
    match *pixel {
        [red, green, blue] => 77 * u64::from(red) + 150 * u64::from(green) + 29 * u64::from(blue),
        [gray, ..] => 256 * u64::from(gray),
        [] => 0,
    }
}

/// Mean and standard deviation of the luma.
#[cfg(feature = "engine")]
fn light(image: &Pixels) -> (u8, u8) {
    let (mut count, mut sum, mut squares) = (0u64, 0u64, 0u64);
    for pixel in image.data.chunks_exact(image.channels.max(1)) {
        let luma = luma(pixel) >> 8;
        (count, sum, squares) = (count + 1, sum + luma, squares + luma * luma);
    }
    let count = count.max(1) as f64;
    let mean = sum as f64 / count;
    let variance = (squares as f64 / count - mean * mean).max(0.0);
    (mean.round() as u8, variance.sqrt().round() as u8)
}

/// The mean luma of each cell of a grid laid over the image, row by row.
#[cfg(feature = "engine")]
fn cells(image: &Pixels) -> [[u64; CELLS]; CELLS] {
    // A cell has at least one pixel, so that small images have gradients too.
    let span = |cell: usize, side: usize| {
        let start = cell * side / CELLS;
        start..((cell + 1) * side / CELLS).max(start + 1).min(side)
    };
    let mean = |row: usize, column: usize| {
        let (rows, columns) = (span(row, image.height), span(column, image.width));
        let area = (rows.len() * columns.len()).max(1) as u64;
        let row = |y: usize| {
            (y * image.width + columns.start) * image.channels..(y * image.width + columns.end) * image.channels
        };
        let sum: u64 = rows.flat_map(|y| image.data[row(y)].chunks_exact(image.channels.max(1))).map(luma).sum();
        sum / area
    };
    std::array::from_fn(|row| std::array::from_fn(|column| mean(row, column)))
}

#[cfg(feature = "engine")]
fn gradients(cells: &[[u64; CELLS]; CELLS]) -> [u64; 2] {
    let mut gradients = [0; 2];
    for row in 0..CELLS - 1 {
        for column in 0..CELLS - 1 {
            let here = cells[row][column];
            let bit = row * (CELLS - 1) + column;
            gradients[0] |= u64::from(cells[row][column + 1] > here) << bit;
            gradients[1] |= u64::from(cells[row + 1][column] > here) << bit;
        }
    }
    gradients
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    /// A bump of light at (`x`, `y`), shares of the side.
    fn bump(side: usize, channels: usize, x: f64, y: f64) -> Pixels {
        let value = |i: usize| {
            let place = i / channels;
            let at = |place: usize| (place as f64 + 0.5) / side as f64;
            let (dx, dy) = (at(place % side) - x, at(place / side) - y);
            (220.0 * (-8.0 * (dx * dx + dy * dy)).exp()) as u8
        };
        Pixels { width: side, height: side, channels, data: (0..side * side * channels).map(value).collect() }
    }

    #[test]
    fn size_light_and_colour_hardly_change_the_gradients() {
        let face = Fingerprint::of(&bump(48, 1, 0.4, 0.6));
        let larger = Fingerprint::of(&bump(96, 3, 0.4, 0.6));
        let mut dark = bump(48, 1, 0.4, 0.6);
        dark.data.iter_mut().for_each(|value| *value /= 2);
        assert!(face.distance(&larger) <= 2, "{}", face.distance(&larger));
        assert!(face.distance(&Fingerprint::of(&dark)) <= 6);
        assert!(face.distance(&Fingerprint::of(&bump(48, 1, 0.6, 0.4))) > 20);
        assert_ne!(face.pixels, larger.pixels);
    }

    #[test]
    fn one_value_of_one_pixel_tells_two_images_apart() {
        let image = bump(16, 3, 0.5, 0.5);
        let first = Fingerprint::of(&image).pixels;
        for place in 0..image.data.len() {
            let mut other = image.clone();
            other.data[place] ^= 1;
            assert_ne!(Fingerprint::of(&other).pixels, first, "{place}");
        }
        let turned = Pixels { width: 8, height: 32, ..image };
        assert_ne!(Fingerprint::of(&turned).pixels, first);
    }

    #[test]
    fn light_is_mean_and_spread() {
        let image = Pixels { width: 2, height: 2, channels: 1, data: vec![0, 0, 200, 200] };
        let Fingerprint { brightness, contrast, width, height, .. } = Fingerprint::of(&image);
        assert_eq!((brightness, contrast, width, height), (100, 100, 2, 2));
        // 0.299, 0.587, 0.114 of 255.
        for (colour, expected) in [([255, 0, 0], 76), ([0, 255, 0], 149), ([0, 0, 255], 28), ([255, 255, 255], 255)] {
            let image = Pixels { width: 1, height: 1, channels: 3, data: colour.into() };
            assert_eq!(Fingerprint::of(&image).brightness, expected);
        }
    }

    #[test]
    fn the_smallest_images_have_one_too() {
        for (width, height) in [(1, 1), (1, 300), (300, 1), (8, 9), (0, 0)] {
            let image = Pixels::filled(width, height, 3, 9);
            assert_eq!(Fingerprint::of(&image).gradients, [0, 0], "{width} x {height}");
        }
    }
}
