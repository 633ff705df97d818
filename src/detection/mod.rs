//! Faces in pictures: where they are, which is which from one picture to the next, and each upright by itself.

#[cfg(feature = "engine")]
mod align;
#[cfg(feature = "engine")]
mod detector;
mod face;
#[cfg(feature = "engine")]
mod suppression;
mod tracking;

#[cfg(feature = "engine")]
pub use align::upright;
#[cfg(feature = "engine")]
pub use detector::{Detector, Search};
pub use face::{Bounds, Face, Keypoint, Place};
#[cfg(feature = "engine")]
pub use suppression::one_each;
pub use tracking::{Track, Tracker};
