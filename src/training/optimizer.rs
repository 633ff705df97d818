//! The optimisers, and the clipping of gradients.

use std::collections::{HashMap, HashSet};

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::{AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams, Optimizer as _};
use burn::tensor::Tensor;

use super::together::{Group, Parameter, Replace, groups};
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

/// How parameters are moved. Weight decay is for weights: biases and normalisations are left alone.
enum Rule {
    /// The decay.
    Adamw(f64),
    /// The decay and the momentum.
    Sgd(f64, f64),
}

/// What is remembered of a parameter, flat.
pub(super) struct Moments {
    /// How often it was moved.
    pub steps: usize,
    /// AdamW's first and second moment; or SGD's velocity.
    pub tensors: Vec<Tensor<1>>,
}

/// What a parameter's step goes by.
#[derive(Clone, Copy, PartialEq)]
struct How {
    rate: f64,
    decays: bool,
    /// How often it was moved, where that matters.
    steps: usize,
    /// How many tensors are remembered of it.
    remembered: usize,
}

impl Descent {
    /// The plan's optimiser, which has moved nothing yet.
    pub fn new(plan: &TrainingPlan) -> Self {
        match plan.optimizer {
            Optimizer::Adamw => Descent { rule: Rule::Adamw(plan.weight_decay), moments: HashMap::new() },
            Optimizer::Sgd => Descent::sgd(plan.weight_decay, MOMENTUM),
        }
    }

    /// Stochastic gradient descent, which has moved nothing yet.
    pub fn sgd(decay: f64, momentum: f64) -> Self {
        Descent { rule: Rule::Sgd(decay, momentum), moments: HashMap::new() }
    }

    /// The model after a step at these rates. A parameter without a gradient stays as it is. Gradients are clipped as
    /// [`clip_by_global_norm`] does, where `clip_norm` is above 0.
    pub fn step<M: Module>(
        &mut self,
        rates: &Rates,
        rate: f64,
        clip_norm: f64,
        model: M,
        gradients: GradientsParams,
    ) -> M {
        let mut taken = Taken { from: gradients, parameters: Vec::new(), gradients: Vec::new() };
        model.visit(&mut taken);
        let Taken { parameters, gradients, .. } = taken;
        let Some(device) = gradients.first().map(Tensor::device) else { return model };
        let how: Vec<_> = parameters.iter().map(|parameter| self.how(parameter, rates, rate)).collect();
        let groups = groups(&how, &device);
        let mut joined: Vec<_> = groups.iter().map(|group| group.join(|at| gradients[at].clone())).collect();
        // Numbers that nobody else has are clipped where they are.
        drop(gradients);
        if clip_norm > 0.0 {
            joined = clip_by_global_norm(joined, clip_norm);
        }
        let mut moved = HashMap::with_capacity(parameters.len());
        for (group, gradient) in groups.iter().zip(joined) {
            let weights = self.move_group(group, how[group.first()].0, &parameters, gradient);
            moved.extend(group.part(weights).map(|(at, weights)| (parameters[at].id, weights)));
        }
        model.map(&mut Replace(moved))
    }

    /// How a parameter is moved, and how many numbers it has.
    fn how(&self, parameter: &Parameter, rates: &Rates, rate: f64) -> (How, usize) {
        let steps = match self.rule {
            Rule::Adamw(_) => self.steps(parameter.id),
            Rule::Sgd(..) => 0,
        };
        let remembered = self.moments.get(&parameter.id).map_or(0, |moments| moments.tensors.len());
        let rate = rates.of(parameter.id, rate);
        (How { rate, decays: !parameter.is_vector, steps, remembered }, parameter.length())
    }

    /// How often a parameter was moved.
    fn steps(&self, id: ParamId) -> usize {
        self.moments.get(&id).map_or(0, |moments| moments.steps)
    }

    /// The weights of a group after a step.
    fn move_group(&mut self, group: &Group, how: How, parameters: &[Parameter], gradient: Tensor<1>) -> Tensor<1> {
        let weights = group.join(|at| parameters[at].values.clone());
        // Of all of a group as much is remembered.
        let remembered = |which: usize| group.join(|at| self.moments[&parameters[at].id].tensors[which].clone());
        let remembered = (0..how.remembered).map(remembered).collect();
        for id in group.members().map(|at| parameters[at].id) {
            let steps = self.steps(id) + 1;
            self.moments.insert(id, Moments { steps, tensors: Vec::new() });
        }
        let (weights, remembered) = self.rule.step(how, weights, gradient, remembered);
        for (at, tensor) in remembered.into_iter().flat_map(|tensor| group.part(tensor)) {
            self.moments.entry(parameters[at].id).and_modify(|moments| moments.tensors.push(tensor));
        }
        weights
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
    /// Weights after a step, without autodiff, and what is remembered of them.
    fn step(
        &self,
        how: How,
        weights: Tensor<1>,
        gradient: Tensor<1>,
        remembered: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        let mut remembered = remembered.into_iter();
        let decay = |decay: &f64| if how.decays { *decay } else { 0.0 };
        match self {
            Rule::Adamw(of) => {
                let zeros = || weights.zeros_like();
                let moments = [(); 2].map(|()| remembered.next().unwrap_or_else(zeros));
                let [weights, moment_1, moment_2] = adamw(how.rate, decay(of), how.steps, weights, gradient, moments);
                (weights, vec![moment_1, moment_2])
            }
            Rule::Sgd(of, momentum) => {
                let penalised = match decay(of) {
                    0.0 => gradient,
                    decay => weights.clone().mul_scalar(decay) + gradient,
                };
                let velocity = match remembered.next() {
                    Some(velocity) => penalised + velocity.mul_scalar(*momentum),
                    None => penalised,
                };
                let weights = weights - velocity.clone().mul_scalar(how.rate);
                (weights, if *momentum == 0.0 { Vec::new() } else { vec![velocity] })
            }
        }
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

/// Takes the parameters that have gradients, and these, flat.
struct Taken {
    from: GradientsParams,
    parameters: Vec<Parameter>,
    gradients: Vec<Tensor<1>>,
}

impl ModuleVisitor for Taken {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.from.remove::<D>(param.id) else { return };
        self.gradients.push(gradient.reshape([-1]));
        self.parameters.push(Parameter::of(param.id, param.val().inner()));
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
pub fn clip_by_global_norm(gradients: Vec<Tensor<1>>, largest: f64) -> Vec<Tensor<1>> {
    let squares = gradients.iter().map(|gradient| gradient.clone().square().sum());
    let Some(sum) = squares.reduce(|sum, squares| sum + squares) else { return gradients };
    let factor = sum.sqrt().add_scalar(EPSILON).recip().mul_scalar(largest).clamp_max(1.0);
    gradients.into_iter().map(|gradient| gradient * factor.clone()).collect()
}
