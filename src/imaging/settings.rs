//! How images are prepared for a network, and how training varies them.

use serde::{Deserialize, Serialize};

use crate::choice::choice;

choice! {
    /// What happens to an image that is not square.
    Crop {
        /// Stretched to a square.
        None = "none",
        /// The largest square in the middle.
        Centre = "centre",
        /// Shrunk or enlarged whole, black beside it.
        Pad = "pad",
    }
}

choice! {
    /// Which colours a network gets.
    #[derive(Default)]
    Colour {
        /// Red, green and blue; gray images have three times the same.
        #[default]
        Rgb = "rgb",
        /// The luma (ITU-R BT.601), three times.
        Gray = "gray",
    }
}

choice! {
    /// The filter that resizes. Its support is widened when shrinking.
    Filter {
        /// Bilinear (Pillow's BILINEAR).
        Bilinear = "bilinear",
        /// Bicubic, a = -0.5 (Pillow's BICUBIC).
        Bicubic = "bicubic",
        /// Lanczos, three lobes (Pillow's LANCZOS).
        Lanczos = "lanczos",
    }
}

/// Everything that turns pixels into a network's input. It travels with the model and is all that inference reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// Height and width of the input, pixels.
    pub size: u32,
    /// What is cut away first.
    pub crop: Crop,
    /// Which colours are left. Models that do not say so were trained on all.
    #[serde(default)]
    pub colour: Colour,
    /// The resize filter.
    pub filter: Filter,
    /// Samples are multiplied by this first (1/255: to 0..1).
    pub scale: f32,
    /// Then the mean of each channel (red, green, blue) is taken away.
    pub mean: [f32; 3],
    /// Then each channel is divided by its standard deviation.
    pub std: [f32; 3],
}

impl Preprocessing {
    /// Centre crop, bilinear, -1..1: what networks trained from scratch use.
    pub fn plain(size: u32) -> Self {
        Preprocessing {
            size,
            crop: Crop::Centre,
            colour: Colour::Rgb,
            filter: Filter::Bilinear,
            scale: 1.0 / 255.0,
            mean: [0.5; 3],
            std: [0.5; 3],
        }
    }

    /// Centre crop, bilinear, each channel by its mean and standard deviation over ImageNet, as torchvision and timm do.
    pub fn imagenet(size: u32) -> Self {
        Preprocessing { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], ..Preprocessing::plain(size) }
    }

    /// Centre crop, bilinear, 0..255 less ImageNet's mean of each channel, as Caffe and Keras's ResNet50 do (they take
    /// blue first; our weights have been turned round).
    pub fn imagenet_means(size: u32) -> Self {
        let mean = [123.68, 116.779, 103.939];
        Preprocessing { scale: 1.0, mean, std: [1.0; 3], ..Preprocessing::plain(size) }
    }
}

/// How training varies an image. All zero: not at all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Augmentation {
    /// Probability of a horizontal flip, 0..=1.
    pub flip: f32,
    /// Largest rotation either way, degrees.
    pub rotation: f32,
    /// Largest change of scale, as a share: 0.1 draws from 0.9..=1.1.
    pub scale: f32,
    /// Largest shift across and down, as a share of the side.
    pub shift: f32,
    /// Largest slant either way, degrees.
    pub shear: f32,
    /// Largest change of brightness, as a share of the range.
    pub brightness: f32,
    /// Largest change of contrast, as a share: 0.2 draws from 0.8..=1.2.
    pub contrast: f32,
    /// Largest change of saturation, as a share. Gray images have none.
    pub saturation: f32,
    /// Probability that a rectangle is erased, 0..=1.
    pub erasing: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_models_say_is_understood() {
        let written = r#"{"size":48,"crop":"centre","filter":"bilinear","scale":0.003921569,"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}"#;
        assert_eq!(serde_json::from_str::<Preprocessing>(written).unwrap(), Preprocessing::plain(48));
    }
}
