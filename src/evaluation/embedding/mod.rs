//! Faces as points in a plane: what a network sees as alike lies together.
//!
//! [`Pca`] keeps distances as well as two axes can, [`Tsne`] keeps neighbours. Both are seeded, and computed step by step.

mod affinities;
mod eigen;
mod features;
mod kinship;
mod pca;
#[cfg(test)]
mod tests;
mod tsne;

pub use features::Features;
pub use kinship::kinship;
pub use pca::{Pca, Principal};
pub use tsne::{PERPLEXITY, Tsne};
