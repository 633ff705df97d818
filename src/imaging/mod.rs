//! Pixels only: decode, resize, normalise, augment, recognise.

#[cfg(feature = "engine")]
mod augment;
#[cfg(feature = "engine")]
mod decode;
mod fingerprint;
mod pixels;
#[cfg(feature = "engine")]
mod preprocess;
#[cfg(feature = "engine")]
mod resize;
mod settings;
#[cfg(feature = "engine")]
mod thumbnail;
#[cfg(feature = "engine")]
mod tiff;

#[cfg(feature = "engine")]
pub use augment::augment;
#[cfg(feature = "engine")]
pub use decode::{DecodeError, MAX_PIXELS, MAX_SIDE, decode};
pub use fingerprint::Fingerprint;
pub use pixels::Pixels;
#[cfg(feature = "engine")]
pub use preprocess::Images;
#[cfg(feature = "engine")]
pub use resize::{fit_within, resized};
pub use settings::{Augmentation, Colour, Crop, Filter, Preprocessing};
#[cfg(feature = "engine")]
pub use thumbnail::{rgba, thumbnail_into, whole_thumbnail};
