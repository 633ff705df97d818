//! How parameters are moved. Weight decay is for weights: biases and normalisations are left alone.

use burn::tensor::Tensor;

#[cfg(feature = "gpu")]
use crate::kernels::gpu;
use crate::kernels::{AdamW, adamw_on_cpu};

/// AdamW's, as PyTorch has them.
const BETAS: [f32; 2] = [0.9, 0.999];
const EPSILON: f32 = 1e-8;

/// An optimiser's.
pub enum Rule {
    /// The decay.
    Adamw(f64),
    /// The decay and the momentum.
    Sgd(f64, f64),
}

/// How a parameter is moved.
#[derive(Clone, Copy, PartialEq)]
pub struct How {
    /// By what share of the rate.
    pub share: f64,
    pub decays: bool,
    /// How often it was moved, where that matters.
    pub steps: usize,
}

/// What it is moved by.
pub struct Step {
    pub how: How,
    pub rate: f64,
    /// The same as numbers on a GPU, if it is there.
    #[cfg(feature = "gpu")]
    pub by: Option<gpu::By>,
}

impl Rule {
    /// How many tensors are remembered of a parameter: AdamW's first and second moment, or the velocity. They begin at zero.
    pub fn remembers(&self) -> usize {
        match self {
            Rule::Adamw(_) => 2,
            Rule::Sgd(_, momentum) => usize::from(*momentum > 0.0),
        }
    }

    /// Weights after a step, without autodiff, and what is remembered of them.
    pub fn step(
        &self,
        step: Step,
        weights: Tensor<1>,
        gradient: Tensor<1>,
        remembered: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        match <[Tensor<1>; 2]>::try_from(remembered) {
            Ok(moments) => {
                let [weights, moment_1, moment_2] = self.adamw(step, weights, gradient, moments);
                (weights, vec![moment_1, moment_2])
            }
            Err(velocity) => {
                let (weights, velocity) = self.sgd(step, weights, gradient, velocity.into_iter().next());
                (weights, velocity.into_iter().collect())
            }
        }
    }

    fn adamw(&self, step: Step, weights: Tensor<1>, gradient: Tensor<1>, moments: [Tensor<1>; 2]) -> [Tensor<1>; 3] {
        #[cfg(feature = "gpu")]
        if let Some(by) = &step.by {
            return gpu::adamw(weights, gradient, moments, by, gpu::AdamwConstants { betas: BETAS, epsilon: EPSILON });
        }
        adamw_on_cpu(weights, gradient, moments, self.of_adamw(step.how, step.rate))
    }

    fn sgd(
        &self,
        step: Step,
        weights: Tensor<1>,
        gradient: Tensor<1>,
        velocity: Option<Tensor<1>>,
    ) -> (Tensor<1>, Option<Tensor<1>>) {
        #[cfg(feature = "gpu")]
        if let Some(by) = &step.by {
            return gpu::descent(weights, gradient, velocity, by);
        }
        let [rate, decay, momentum, _] = self.numbers(step.how, step.rate);
        let slope = if decay == 0.0 { gradient } else { weights.clone().mul_scalar(decay) + gradient };
        let Some(velocity) = velocity else { return (weights - slope.mul_scalar(rate), None) };
        let velocity = slope + velocity.mul_scalar(momentum);
        (weights - velocity.clone().mul_scalar(rate), Some(velocity))
    }

    /// What a GPU is told of a step: as its `By` has it.
    pub fn numbers(&self, how: How, rate: f64) -> [f32; 4] {
        match self {
            Rule::Adamw(_) => {
                let AdamW { rate, left, step, .. } = self.of_adamw(how, rate);
                let [short_1, short_2] = BETAS.map(|beta| 1.0 - beta.powi(step));
                [rate, left, short_1, short_2]
            }
            Rule::Sgd(_, momentum) => [(rate * how.share) as f32, self.decay(how), *momentum as f32, 0.0],
        }
    }

    fn of_adamw(&self, how: How, rate: f64) -> AdamW {
        let rate = rate * how.share;
        let left = (1.0 - rate * f64::from(self.decay(how))) as f32;
        AdamW { betas: BETAS, epsilon: EPSILON, rate: rate as f32, left, step: how.steps as i32 + 1 }
    }

    /// A number of 32 bits wherever it is computed.
    fn decay(&self, how: How) -> f32 {
        let (Rule::Adamw(decay) | Rule::Sgd(decay, _)) = self;
        if how.decays { *decay as f32 } else { 0.0 }
    }
}
