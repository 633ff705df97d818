//! What training and inference on a processor spend their time in, as plain loops over slices: 3x3 convolution by Winograd's
//! algorithm, other convolutions by their definition, batch normalisation with ReLU, SiLU and max pooling, forward and backward; and a step of the optimiser.
//!
//! A package of its own because it is compiled for speed while the rest of the engine is compiled for size, and cargo
//! sets that by package. It knows slices and shapes; Mien's `kernels` know what a tensor is.
#![warn(missing_docs)]

mod adamw;
mod cores;
mod direct;
#[cfg(test)]
mod noise;
mod normalisation;
mod pool;
mod product;
mod separable;
mod silu;
mod then;
mod vector;
mod winograd;

pub use adamw::AdamW;
pub use direct::Direct;
pub use normalisation::{BatchNorm, NormGradient, Normalised};
pub use pool::{max_pool, max_pool_gradient};
pub use separable::Separable;
pub use silu::{silu, silu_gradient};
pub use then::Then;
pub use winograd::Convolution;
