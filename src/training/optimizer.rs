//! The optimisers, and the clipping of gradients.

use std::collections::{HashMap, HashSet};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::{AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams, Optimizer as _};
use burn::tensor::Tensor;

use super::{Optimizer, TrainingPlan};
use crate::kernels::{self, adamw_on_cpu, on_cpu};
use crate::models::{Model, moved};

/// Momentum of SGD.
const MOMENTUM: f64 = 0.9;

/// AdamW's, as PyTorch has them.
const BETAS: [f32; 2] = [0.9, 0.999];
const ADAMW_EPSILON: f32 = 1e-8;

/// Keeps the clipping factor from being 0/0.
const EPSILON: f32 = 1e-6;

/// The plan's optimiser, and what it remembers of every parameter it has moved.
///
/// Burn's own (`ModuleOptimizer`) gives what it remembers away by a synchronous read only, which a browser does not have.
pub struct Descent {
    rule: Rule,
    moments: HashMap<ParamId, Moments>,
}

/// How a parameter is moved. Weight decay is for weights: biases and normalisations are left alone.
enum Rule {
    /// The decay.
    Adamw(f64),
    /// The decay.
    Sgd(f64),
}

/// What is remembered of a parameter, flat.
pub(super) struct Moments {
    /// How often it was moved.
    pub steps: usize,
    /// AdamW's first and second moment; or SGD's velocity.
    pub tensors: Vec<Tensor<1>>,
}

impl Descent {
    /// The plan's optimiser, which has moved nothing yet.
    pub fn new(plan: &TrainingPlan) -> Self {
        let rule = match plan.optimizer {
            Optimizer::Adamw => Rule::Adamw(plan.weight_decay),
            Optimizer::Sgd => Rule::Sgd(plan.weight_decay),
        };
        Descent { rule, moments: HashMap::new() }
    }

    /// The model after a step at these rates. A parameter without a gradient stays as it is.
    pub fn step(&mut self, rates: &Rates, rate: f64, model: Model, gradients: GradientsParams) -> Model {
        model.map(&mut Step { descent: self, rates, rate, gradients })
    }

    /// What is remembered, by parameter.
    pub(super) fn moments(&self) -> &HashMap<ParamId, Moments> {
        &self.moments
    }

    /// Goes on with what was remembered.
    pub(super) fn remember(&mut self, moments: HashMap<ParamId, Moments>) {
        self.moments = moments;
    }
}

impl Rule {
    /// A parameter after a step, without autodiff, and what is remembered of it. `decays` as the plan says: vectors do not.
    fn step(
        &self,
        rate: f64,
        decays: bool,
        weights: Tensor<1>,
        gradient: Tensor<1>,
        moments: Option<Moments>,
    ) -> (Tensor<1>, Moments) {
        let steps = moments.as_ref().map_or(0, |moments| moments.steps);
        let mut moments = moments.into_iter().flat_map(|moments| moments.tensors);
        let (weights, tensors) = match self {
            Rule::Adamw(decay) => {
                let decay = if decays { *decay } else { 0.0 };
                let zeros = || weights.zeros_like();
                let moments = [(); 2].map(|()| moments.next().unwrap_or_else(zeros));
                let [weights, moment_1, moment_2] = adamw(rate, decay, steps, weights, gradient, moments);
                (weights, vec![moment_1, moment_2])
            }
            Rule::Sgd(decay) => {
                let penalised = if decays { weights.clone().mul_scalar(*decay) + gradient } else { gradient };
                let velocity = match moments.next() {
                    Some(velocity) => penalised + velocity.mul_scalar(MOMENTUM),
                    None => penalised,
                };
                (weights - velocity.clone().mul_scalar(rate), vec![velocity])
            }
        };
        (weights, Moments { steps: steps + 1, tensors })
    }
}

/// Weights after one more than so many steps of AdamW, and their moments: on a CPU in one go, on a GPU by Burn, which fuses it.
fn adamw(
    rate: f64,
    decay: f64,
    steps: usize,
    weights: Tensor<1>,
    gradient: Tensor<1>,
    [moment_1, moment_2]: [Tensor<1>; 2],
) -> [Tensor<1>; 3] {
    if on_cpu(&weights.device()) {
        // The decay is a number of 32 bits wherever it is computed.
        let left = (1.0 - rate * f64::from(decay as f32)) as f32;
        let (epsilon, step) = (ADAMW_EPSILON, steps as i32 + 1);
        let step = kernels::AdamW { betas: BETAS, epsilon, rate: rate as f32, left, step };
        return adamw_on_cpu(weights, gradient, [moment_1, moment_2], step);
    }
    let config = AdamWConfig::new().with_beta_1(BETAS[0]).with_beta_2(BETAS[1]).with_epsilon(ADAMW_EPSILON);
    let momentum = AdaptiveMomentumState { time: steps, moment_1, moment_2, max_moment_2: None };
    let rule = config.with_weight_decay(decay as f32).build();
    match rule.step(rate, weights, gradient, Some(AdamWState { momentum })) {
        (weights, Some(AdamWState { momentum })) => [weights, momentum.moment_1, momentum.moment_2],
        (_, None) => unreachable!("AdamW remembers"),
    }
}

/// One step, parameter by parameter.
struct Step<'a> {
    descent: &'a mut Descent,
    rates: &'a Rates,
    rate: f64,
    gradients: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else { return param };
        let (id, weights, mapper) = param.consume();
        let (shape, length) = (weights.shape(), weights.shape().num_elements());
        let [weights, gradient] = [weights.inner(), gradient].map(|tensor| tensor.reshape([length]));
        let Descent { rule, moments } = &mut *self.descent;
        let rate = self.rates.of(id, self.rate);
        let (weights, remembered) = rule.step(rate, D > 1, weights, gradient, moments.remove(&id));
        moments.insert(id, remembered);
        let weights: Tensor<D> = weights.reshape(shape);
        Param::from_mapped_value(id, Tensor::from_inner(weights).require_grad(), mapper)
    }
}

/// Which parameters are moved at which rate.
pub struct Rates {
    /// The pre-trained backbone's parameters, and their share of the rate; `None` where all are moved alike.
    backbone: Option<(HashSet<ParamId>, f64)>,
}

impl Rates {
    /// One rate for all.
    pub fn alike() -> Self {
        Rates { backbone: None }
    }

    /// `share` of the rate for the backbone of a model with autodiff.
    pub fn with_backbone(model: &Model, share: f64) -> Self {
        Rates { backbone: Some((moved(&model.backbone).into_keys().collect(), share)) }
    }

    /// The rate of a parameter.
    fn of(&self, id: ParamId, rate: f64) -> f64 {
        match &self.backbone {
            Some((backbone, share)) if backbone.contains(&id) => rate * share,
            _ => rate,
        }
    }
}

/// Scales all gradients by `min(1, largest / norm)`, the norm taken over all of them together (Pascanu et al. 2013), as
/// PyTorch's `clip_grad_norm_`. Nothing is read back.
pub fn clip_by_global_norm<M: Module>(gradients: GradientsParams, module: &M, largest: f64) -> GradientsParams {
    let mut sum = SumOfSquares { gradients: &gradients, sum: None };
    module.visit(&mut sum);
    let Some(sum) = sum.sum else { return gradients };
    let factor = sum.sqrt().add_scalar(EPSILON).recip().mul_scalar(largest).clamp_max(1.0);
    let mut scale = Scale { gradients, factor };
    module.visit(&mut scale);
    scale.gradients
}

struct SumOfSquares<'a> {
    gradients: &'a GradientsParams,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for SumOfSquares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let squares = gradient.square().sum();
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + squares,
                None => squares,
            });
        }
    }
}

struct Scale {
    gradients: GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scale {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let scaled = gradient * self.factor.clone().reshape([1; D]);
            self.gradients.register(param.id, scaled);
        }
    }
}
