//! Draws of chance.

use rand::{Rng, RngExt};

/// A number between two, each equally likely.
pub fn between(low: f32, high: f32, rng: &mut impl Rng) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

/// A number of mean 0 and standard deviation 1, nearly normal and never beyond 3.5: the sum of four even ones.
pub fn bell(rng: &mut impl Rng) -> f32 {
    // The variance of an even draw from 0..1 is 1/12, so that of four is 1/3.
    let sum: f32 = (0..4).map(|_| rng.random::<f32>()).sum();
    (sum - 2.0) * 3.0f32.sqrt()
}

/// One of several, each equally likely.
pub fn pick<T: Copy, const N: usize>(choices: [T; N], rng: &mut impl Rng) -> T {
    choices[rng.random_range(0..N)]
}

/// Whether something of this probability happens.
pub fn chance(probability: f32, rng: &mut impl Rng) -> bool {
    rng.random::<f32>() < probability
}
