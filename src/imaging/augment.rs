//! How training varies an image.

use rand::{Rng, RngExt};

use super::{Augmentation, Pixels};

/// Shares of the image an erased rectangle may cover. Random erasing (Zhong et al. 2020) goes to 0.4; at 48 pixels that
/// hides a face.
const ERASED: (f32, f32) = (0.02, 0.2);

/// The narrowest erased rectangle, short side to long (Zhong et al. 2020).
const NARROWEST: f32 = 0.3;

/// A varied copy of an image, of the same size: mirrored, slanted, turned, scaled and shifted in one bilinear sampling, then
/// brightness and contrast, then saturation, then perhaps a rectangle erased.
///
/// What comes in from outside repeats the nearest edge pixel. Contrast spreads about the image's mean; brightness is added;
/// saturation spreads the colours of a pixel about its luma. The erased rectangle is filled with the image's mean colour. With all settings zero the copy is identical. Every
/// draw takes the same number of values from `rng`, whatever the settings.
pub fn augment(image: &Pixels, settings: &Augmentation, rng: &mut impl Rng) -> Pixels {
    let draw = Draw::new(settings, rng);
    let mut varied = match image.channels {
        1 => draw.sample::<1>(image),
        _ => draw.sample::<3>(image),
    };
    draw.light(&mut varied);
    draw.colour(&mut varied);
    draw.erase(&mut varied);
    varied
}

/// One draw of everything that varies.
struct Draw {
    flip: bool,
    /// Radians.
    angle: f32,
    scale: f32,
    /// Shares of the sides, across and down.
    shift: [f32; 2],
    /// How far a row moves across for each row it lies lower.
    slant: f32,
    /// Added to every sample.
    brightness: f32,
    contrast: f32,
    saturation: f32,
    /// Left, top, width and height, as shares of the sides.
    erased: Option<[f32; 4]>,
}

impl Draw {
    fn new(settings: &Augmentation, rng: &mut impl Rng) -> Self {
        let share = |rng: &mut _| RngExt::random::<f32>(rng);
        let within = |limit: f32, rng: &mut _| limit * (2.0 * share(rng) - 1.0);
        Draw {
            flip: share(rng) < settings.flip,
            angle: within(settings.rotation, rng).to_radians(),
            scale: (1.0 + within(settings.scale, rng)).max(0.1),
            shift: [within(settings.shift, rng), within(settings.shift, rng)],
            slant: within(settings.shear, rng).to_radians().tan(),
            brightness: 255.0 * within(settings.brightness, rng),
            contrast: 1.0 + within(settings.contrast, rng),
            saturation: 1.0 + within(settings.saturation, rng),
            erased: {
                let erases = share(rng) < settings.erasing;
                let area = ERASED.0 + (ERASED.1 - ERASED.0) * share(rng);
                // Even in the logarithm: as many upright rectangles as lying ones.
                let aspect = NARROWEST.powf(2.0 * share(rng) - 1.0);
                let (width, height) = ((area * aspect).sqrt().min(1.0), (area / aspect).sqrt().min(1.0));
                let corner = [(1.0 - width) * share(rng), (1.0 - height) * share(rng)];
                erases.then_some([corner[0], corner[1], width, height])
            },
        }
    }

    fn moves(&self) -> bool {
        self.flip || self.angle != 0.0 || self.scale != 1.0 || self.shift != [0.0; 2] || self.slant != 0.0
    }

    /// For every pixel, the sample of the source at the place it comes from.
    fn sample<const C: usize>(&self, source: &Pixels) -> Pixels {
        if !self.moves() || source.data.is_empty() {
            return source.clone();
        }
        let (width, height) = (source.width, source.height);
        let (right, bottom) = ((width - 1) as f32, (height - 1) as f32);
        let (sin, cos) = (self.angle.sin() / self.scale, self.angle.cos() / self.scale);
        let mirror = if self.flip { -1.0 } else { 1.0 };
        let (across, down) = (mirror * (cos - self.slant * sin), mirror * (sin + self.slant * cos));
        let [shift_x, shift_y] = [self.shift[0] * width as f32, self.shift[1] * height as f32];

        let mut data = vec![0; source.data.len()];
        for (y, row) in data.chunks_exact_mut(width * C).enumerate() {
            let v = y as f32 - bottom / 2.0 - shift_y;
            let (row_x, row_y) = (down * v + right / 2.0, cos * v + bottom / 2.0);
            for (x, pixel) in row.as_chunks_mut::<C>().0.iter_mut().enumerate() {
                let u = x as f32 - right / 2.0 - shift_x;
                let from_x = (row_x + across * u).clamp(0.0, right);
                let from_y = (row_y - sin * u).clamp(0.0, bottom);
                *pixel = bilinear::<C>(source, from_x, from_y);
            }
        }
        Pixels { data, ..*source }
    }

    /// Brightness and contrast, through a table of all 256 values.
    fn light(&self, image: &mut Pixels) {
        if self.brightness == 0.0 && self.contrast == 1.0 {
            return;
        }
        let means = means(image);
        let mean = means[..image.channels].iter().sum::<f32>() / image.channels as f32;
        let table: [u8; 256] = std::array::from_fn(|value| {
            // The conversion clamps to 0..=255.
            ((value as f32 - mean) * self.contrast + mean + self.brightness).round() as u8
        });
        for value in &mut image.data {
            *value = table[usize::from(*value)];
        }
    }

    /// Saturation: each pixel's colours are spread about its luma (ITU-R BT.601).
    fn colour(&self, image: &mut Pixels) {
        if self.saturation == 1.0 || image.channels != 3 {
            return;
        }
        for pixel in image.data.as_chunks_mut::<3>().0 {
            let [red, green, blue] = pixel.map(f32::from);
            let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
            // The conversion clamps to 0..=255.
            *pixel = pixel.map(|value| (luma + (f32::from(value) - luma) * self.saturation).round() as u8);
        }
    }

    fn erase(&self, image: &mut Pixels) {
        let Some([left, top, width, height]) = self.erased else { return };
        let colour = means(image).map(|mean| mean.round() as u8);
        let columns = span(left, width, image.width);
        for y in span(top, height, image.height) {
            let row = y * image.width;
            for pixel in image.data[(row + columns.start) * image.channels..(row + columns.end) * image.channels]
                .chunks_exact_mut(image.channels)
            {
                pixel.copy_from_slice(&colour[..image.channels]);
            }
        }
    }
}

/// The pixels that a share of a side covers.
fn span(start: f32, length: f32, side: usize) -> std::ops::Range<usize> {
    let place = |share: f32| ((share * side as f32).round() as usize).min(side);
    place(start)..place(start + length)
}

/// The value at (x, y), both inside the image, weighed from the four pixels about it.
fn bilinear<const C: usize>(image: &Pixels, x: f32, y: f32) -> [u8; C] {
    // Signed integers of 32 bits convert fastest from and to floats; an image's sides fit by far.
    let (left, top) = (x as i32, y as i32);
    let (across, down) = (x - left as f32, y - top as f32);
    let (left, top) = (left as usize, top as usize);
    let (right, bottom) = ((left + 1).min(image.width - 1), (top + 1).min(image.height - 1));
    let row = |y: usize| &image.data[y * image.width * C..(y + 1) * image.width * C];
    let (upper, lower) = (row(top), row(bottom));
    let mix = |from: f32, to: f32, share: f32| from + (to - from) * share;
    std::array::from_fn(|channel| {
        let value = |row: &[u8], x: usize| f32::from(row[x * C + channel]);
        let above = mix(value(upper, left), value(upper, right), across);
        let below = mix(value(lower, left), value(lower, right), across);
        (mix(above, below, down) + 0.5) as i32 as u8
    })
}

/// The mean of each channel.
fn means(image: &Pixels) -> [f32; 3] {
    let mut sums = [0u64; 3];
    for pixel in image.data.chunks_exact(image.channels) {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(*value);
        }
    }
    sums.map(|sum| sum as f32 / (image.width * image.height).max(1) as f32)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn ramp(side: usize, channels: usize) -> Pixels {
        let data = (0..side * side * channels).map(|i| (i * 7 % 251) as u8).collect();
        Pixels { width: side, height: side, channels, data }
    }

    fn everything() -> Augmentation {
        Augmentation {
            flip: 0.5,
            rotation: 20.0,
            scale: 0.2,
            shift: 0.1,
            shear: 10.0,
            brightness: 0.2,
            contrast: 0.3,
            saturation: 0.4,
            erasing: 0.5,
        }
    }

    /// A draw that changes nothing.
    const STILL: Draw = Draw {
        flip: false,
        angle: 0.0,
        scale: 1.0,
        shift: [0.0; 2],
        slant: 0.0,
        brightness: 0.0,
        contrast: 1.0,
        saturation: 1.0,
        erased: None,
    };

    #[test]
    fn all_zero_changes_nothing() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        for channels in [1, 3] {
            let image = ramp(17, channels);
            assert_eq!(augment(&image, &Augmentation::default(), &mut rng), image);
        }
    }

    #[test]
    fn a_flip_is_exact() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let always = Augmentation { flip: 1.0, ..Default::default() };
        for (side, channels) in [(16, 1), (17, 3)] {
            let image = ramp(side, channels);
            let flipped = augment(&image, &always, &mut rng);
            for y in 0..side {
                for x in 0..side {
                    let (at, mirrored) = ((y * side + x) * channels, (y * side + side - 1 - x) * channels);
                    assert_eq!(flipped.data[at..at + channels], image.data[mirrored..mirrored + channels]);
                }
            }
        }
    }

    #[test]
    fn a_whole_pixel_shift_is_exact_and_repeats_the_edge() {
        let image = ramp(10, 1);
        let shifted = Draw { shift: [0.2, 0.0], ..STILL }.sample::<1>(&image);
        for y in 0..10 {
            for x in 0..10 {
                assert_eq!(shifted.data[y * 10 + x], image.data[y * 10 + usize::max(x, 2) - 2]);
            }
        }
        let turned = Draw { angle: std::f32::consts::FRAC_PI_2, ..STILL }.sample::<1>(&image);
        assert_eq!(turned.data[0], image.data[90], "a quarter turn clockwise brings the lower left corner up");
    }

    #[test]
    fn a_slant_moves_each_row_by_its_distance_from_the_middle() {
        let image = ramp(9, 1);
        let slanted = Draw { slant: 1.0, ..STILL }.sample::<1>(&image);
        for y in 0..9 {
            for x in 0..9 {
                assert_eq!(slanted.data[y * 9 + x], image.data[y * 9 + (x + y).clamp(4, 12) - 4]);
            }
        }
    }

    #[test]
    fn saturation_is_pillows() {
        // `ImageEnhance.Color(image).enhance(factor)` of Pillow 13.0.0, which cuts fractions off.
        let image = Pixels { width: 3, height: 1, channels: 3, data: vec![200, 60, 120, 10, 250, 90, 128, 128, 128] };
        for (factor, expected) in [
            (0.0, [109, 109, 109, 160, 160, 160, 128, 128, 128]),
            (0.5, [154, 84, 114, 85, 205, 125, 128, 128, 128]),
            (1.5, [245, 35, 125, 0, 255, 55, 128, 128, 128]),
        ] {
            let mut found = image.clone();
            Draw { saturation: factor, ..STILL }.colour(&mut found);
            assert!(found.data.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1), "{factor}: {:?}", found.data);
        }
    }

    #[test]
    fn light_moves_mean_and_spread() {
        let image = Pixels { width: 2, height: 1, channels: 1, data: vec![100, 140] };
        let mut lit = image.clone();
        Draw { brightness: 10.0, contrast: 1.5, ..STILL }.light(&mut lit);
        assert_eq!(lit.data, [100, 160]);
        let mut dark = image;
        Draw { brightness: -300.0, ..STILL }.light(&mut dark);
        assert_eq!(dark.data, [0, 0], "values stay in range");
    }

    #[test]
    fn an_erased_rectangle_has_the_mean_colour_and_its_share() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let always = Augmentation { erasing: 1.0, ..Default::default() };
        // Red stripes, half of them: the mean colour, (100, 9, 0), stands nowhere in the image.
        let data = [[200, 9, 0], [0, 9, 0]].concat().repeat(800);
        let image = Pixels { width: 40, height: 40, channels: 3, data };
        for _ in 0..200 {
            let erased = augment(&image, &always, &mut rng);
            let filled = erased.data.chunks_exact(3).filter(|pixel| *pixel == [100, 9, 0]).count();
            let share = filled as f32 / 1600.0;
            assert!((0.01..0.23).contains(&share), "{share}");
        }
    }

    #[test]
    fn the_seed_decides_and_settings_do_not_shift_the_draws() {
        let image = ramp(32, 3);
        let run = |seed, settings: &Augmentation| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let images: Vec<_> = (0..4).map(|_| augment(&image, settings, &mut rng)).collect();
            (images, rng.random::<u64>())
        };
        assert_eq!(run(1, &everything()), run(1, &everything()));
        assert_ne!(run(1, &everything()).0, run(2, &everything()).0);
        assert_eq!(run(1, &everything()).1, run(1, &Augmentation::default()).1);
    }
}
