//! Pixels only: decode, resize, normalise, augment.

mod pixels;
mod settings;

pub use pixels::Pixels;
pub use settings::{Augmentation, Crop, Filter, Preprocessing};
