//! A step of AdamW (Loshchilov & Hutter 2019), number by number: an optimiser that is made of a tensor's operations goes a dozen times
//! through memory.

use crate::vector::{Vector, mapped};

/// What a step goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// How much is kept of the first and of the second moment.
    pub betas: [f32; 2],
    /// Keeps what it is added to from being nothing.
    pub epsilon: f32,
    /// The learning rate.
    pub rate: f32,
    /// What is left of a weight before it is moved: `1 - rate * decay`.
    pub left: f32,
    /// Which step it is, from 1.
    pub step: i32,
}

impl AdamW {
    /// Weights after a step, and their first and second moments, from those before it and the gradient.
    pub fn step(&self, weights: &[f32], gradient: &[f32], moments: [&[f32]; 2]) -> [Vec<f32>; 3] {
        let [first, second] = self.betas;
        let of = |rows: [&[f32]; 2], map: &dyn Fn([Vector; 2]) -> Vector| {
            let mut moved = Vec::with_capacity(gradient.len());
            mapped(rows, &mut moved, map);
            moved
        };
        let [keeps, takes] = [first, 1.0 - first].map(Vector::splat);
        let moment_1 = of([moments[0], gradient], &|[moment, gradient]| moment * keeps + gradient * takes);
        let [keeps, takes] = [second, 1.0 - second].map(Vector::splat);
        let moment_2 = of([moments[1], gradient], &|[moment, gradient]| moment * keeps + gradient * gradient * takes);

        // Moments begin at zero, and are too small for a while (Kingma & Ba 2015, section 3).
        let [short_1, short_2] = self.betas.map(|beta| Vector::splat(1.0 - beta.powi(self.step)));
        let [epsilon, rate, left] = [self.epsilon, self.rate, self.left].map(Vector::splat);
        let mut moved = Vec::with_capacity(gradient.len());
        mapped([weights, &moment_1, &moment_2], &mut moved, |[weight, moment_1, moment_2]| {
            let by = (moment_1 / short_1) / ((moment_2 / short_2).sqrt() + epsilon);
            weight * left - by * rate
        });
        [moved, moment_1, moment_2]
    }
}
