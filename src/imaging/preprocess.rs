//! From an image of any size to a network's input.

use std::borrow::{Borrow, Cow};

use super::resize::{Area, fitted, padded, resize};
use super::{Colour, Crop, Pixels, Preprocessing};

/// Normalised images.
#[derive(Clone, Debug, PartialEq)]
pub struct Images {
    /// `[batch, 3, height, width]`.
    pub shape: [usize; 4],
    /// Their numbers.
    pub numbers: Vec<f32>,
}

impl Preprocessing {
    /// Crops and resizes an image to `size x size`, still 8 bits, gray or RGB. This is what is cached and augmented.
    pub fn apply(&self, image: &Pixels) -> Pixels {
        let side = self.size as usize;
        let image = match self.colour {
            Colour::Rgb => Cow::Borrowed(image),
            Colour::Gray => image.gray(),
        };
        let image = image.as_ref();
        match self.crop {
            Crop::None => resize(image, Area::whole(image), side, side, self.filter),
            Crop::Centre => resize(image, Area::centre_square(image), side, side, self.filter),
            Crop::Pad => padded(&fitted(image, side, self.filter), side),
        }
    }

    /// Images that [`apply`](Preprocessing::apply) has brought to the network's input, normalised.
    ///
    /// # Errors
    /// That of the first image that cannot be had.
    pub fn normalised<I: Borrow<Pixels>, E>(
        &self,
        images: impl ExactSizeIterator<Item = Result<I, E>>,
    ) -> Result<Images, E> {
        let side = self.size as usize;
        let shape = [images.len(), 3, side, side];
        let mut numbers = vec![0.0; shape.iter().product()];
        for (image, out) in images.zip(numbers.chunks_exact_mut((3 * side * side).max(1))) {
            self.normalise_into(image?.borrow(), out);
        }
        Ok(Images { shape, numbers })
    }

    /// Writes an image as `[3, height, width]`, each sample `(value * scale - mean) / std`. Gray is repeated.
    ///
    /// # Panics
    /// Where `out` is not `3 * height * width` long.
    pub fn normalise_into(&self, image: &Pixels, out: &mut [f32]) {
        let plane = image.width * image.height;
        assert_eq!(out.len(), 3 * plane, "the output holds three planes of the image's size");
        for (channel, out) in out.chunks_exact_mut(plane.max(1)).enumerate() {
            let samples = image.data.iter().skip(channel % image.channels).step_by(image.channels);
            let (mean, std) = (self.mean[channel], self.std[channel]);
            for (out, sample) in out.iter_mut().zip(samples) {
                *out = (f32::from(*sample) * self.scale - mean) / std;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Filter;

    #[test]
    fn channels_are_planes_and_each_has_its_own_mean() {
        let settings = Preprocessing {
            size: 2,
            crop: Crop::None,
            colour: Colour::Rgb,
            filter: Filter::Bilinear,
            scale: 1.0 / 255.0,
            mean: [0.0, 0.5, 1.0],
            std: [1.0, 0.5, 2.0],
        };
        let rgb = Pixels { width: 2, height: 1, channels: 3, data: vec![0, 255, 255, 51, 102, 0] };
        let mut out = [9.0; 6];
        settings.normalise_into(&rgb, &mut out);
        let expected = [0.0, 0.2, 1.0, -0.2, 0.0, -0.5];
        assert!(out.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{out:?}");

        let gray = Pixels { width: 2, height: 1, channels: 1, data: vec![0, 255] };
        settings.normalise_into(&gray, &mut out);
        assert_eq!(out, [0.0, 1.0, -1.0, 1.0, -0.5, 0.0]);
    }
}
