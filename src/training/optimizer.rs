//! The optimisers, and the clipping of gradients.

#[cfg(feature = "gpu")]
mod replays;
mod rule;

use std::collections::{HashMap, HashSet};

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
#[cfg(feature = "gpu")]
use burn::tensor::TensorData;
use burn::tensor::{Device, Tensor};

use super::together::{Group, Parameter, Replace, groups};
use super::{Optimizer, TrainingPlan};
use crate::kernels::sum_of_squares;
#[cfg(feature = "gpu")]
use crate::kernels::{gpu::By, on_cpu};
use crate::models::{Model, moved};
use rule::{How, Rule, Step};

/// Momentum of SGD.
const MOMENTUM: f64 = 0.9;

/// Keeps the clipping factor from being 0/0.
const EPSILON: f32 = 1e-6;

/// The plan's optimiser, and what it remembers of every parameter it has moved.
///
/// Burn's own (`ModuleOptimizer`) gives what it remembers away by a synchronous read only, which a browser does not have.
pub struct Descent {
    rule: Rule,
    moments: HashMap<ParamId, Moments>,
    /// What the last step has moved, group by group.
    last: Vec<Together>,
}

/// What is remembered of a parameter, flat.
pub(super) struct Moments {
    /// How often it was moved.
    pub steps: usize,
    /// AdamW's first and second moment; or SGD's velocity.
    pub tensors: Vec<Tensor<1>>,
}

/// Parameters that were moved as one, and how.
struct Together {
    how: How,
    #[cfg(feature = "gpu")]
    members: Vec<ParamId>,
}

impl Descent {
    /// The plan's optimiser, which has moved nothing yet.
    pub fn new(plan: &TrainingPlan) -> Self {
        match plan.optimizer {
            Optimizer::Adamw => Descent::by(Rule::Adamw(plan.weight_decay)),
            Optimizer::Sgd => Descent::sgd(plan.weight_decay, MOMENTUM),
        }
    }

    /// Stochastic gradient descent, which has moved nothing yet.
    pub fn sgd(decay: f64, momentum: f64) -> Self {
        Descent::by(Rule::Sgd(decay, momentum))
    }

    fn by(rule: Rule) -> Self {
        Descent { rule, moments: HashMap::new(), last: Vec::new() }
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
        self.step_by(None, rates, rate, clip_norm, model, gradients)
    }

    /// The same by numbers that a GPU has already, where it has: as `next` says.
    pub fn step_by<M: Module>(
        &mut self,
        numbers: Option<Tensor<1>>,
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
        let how: Vec<_> = parameters.iter().map(|parameter| self.how(parameter, rates)).collect();
        let groups = groups(&how, &device);
        let mut joined: Vec<_> = groups.iter().map(|group| group.join(|at| gradients[at].clone())).collect();
        // Numbers that nobody else has are clipped where they are.
        drop(gradients);
        if clip_norm > 0.0 {
            joined = clip_by_global_norm(joined, clip_norm);
        }
        let together = |group: &Group| Together {
            how: how[group.first()].0,
            #[cfg(feature = "gpu")]
            members: group.members().map(|at| parameters[at].id).collect(),
        };
        self.last = groups.iter().map(together).collect();
        let steps = self.steps_of_last(rate, numbers, &device);
        let mut moved = HashMap::with_capacity(parameters.len());
        for ((group, gradient), step) in groups.iter().zip(joined).zip(steps) {
            let weights = self.move_group(group, step, &parameters, gradient);
            moved.extend(group.part(weights).map(|(at, weights)| (parameters[at].id, weights)));
        }
        model.map(&mut Replace(moved))
    }

    /// How a parameter is moved, and how many numbers it has.
    fn how(&self, parameter: &Parameter, rates: &Rates) -> (How, usize) {
        let steps = match self.rule {
            Rule::Adamw(_) => self.steps(parameter.id),
            Rule::Sgd(..) => 0,
        };
        (How { share: rates.share(parameter.id), decays: !parameter.is_vector, steps }, parameter.length())
    }

    /// How often a parameter was moved.
    fn steps(&self, id: ParamId) -> usize {
        self.moments.get(&id).map_or(0, |moments| moments.steps)
    }

    /// What the last moved are moved by, at this rate; on a GPU by numbers that it is told, or was.
    fn steps_of_last(&self, rate: f64, numbers: Option<Tensor<1>>, device: &Device) -> Vec<Step> {
        #[cfg(feature = "gpu")]
        if !on_cpu(device) {
            let told = || Tensor::from_data(TensorData::from(self.next(rate).as_slice()), device);
            let numbers = numbers.unwrap_or_else(told);
            let step = |(at, together): (usize, &Together)| Step {
                how: together.how,
                rate,
                by: Some(By { numbers: numbers.clone(), at }),
            };
            return self.last.iter().enumerate().map(step).collect();
        }
        #[cfg(not(feature = "gpu"))]
        let _ = (numbers, device);
        let step = |together: &Together| Step {
            how: together.how,
            rate,
            #[cfg(feature = "gpu")]
            by: None,
        };
        self.last.iter().map(step).collect()
    }

    /// The weights of a group after a step.
    fn move_group(&mut self, group: &Group, step: Step, parameters: &[Parameter], gradient: Tensor<1>) -> Tensor<1> {
        let weights = group.join(|at| parameters[at].values.clone());
        let remembered = |which: usize| {
            let of = |at: usize| self.moments.get(&parameters[at].id)?.tensors.get(which).cloned();
            match group.members().any(|at| of(at).is_some()) {
                true => group.join(|at| of(at).unwrap_or_else(|| parameters[at].values.zeros_like())),
                false => weights.zeros_like(),
            }
        };
        let remembered = (0..self.rule.remembers()).map(remembered).collect();
        for id in group.members().map(|at| parameters[at].id) {
            let steps = self.steps(id) + 1;
            self.moments.insert(id, Moments { steps, tensors: Vec::new() });
        }
        let (weights, remembered) = self.rule.step(step, weights, gradient, remembered);
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

    /// The share of the rate that a parameter is moved by.
    fn share(&self, id: ParamId) -> f64 {
        match &self.backbone {
            Some((backbone, share)) if backbone.contains(&id) => *share,
            _ => 1.0,
        }
    }
}

/// Scales all gradients by `min(1, largest / norm)`, the norm taken over all of them together (Pascanu et al. 2013), as
/// PyTorch's `clip_grad_norm_`. Nothing is read back.
pub fn clip_by_global_norm(gradients: Vec<Tensor<1>>, largest: f64) -> Vec<Tensor<1>> {
    let squares = gradients.iter().map(|gradient| sum_of_squares(gradient.clone()));
    let Some(sum) = squares.reduce(|sum, squares| sum + squares) else { return gradients };
    let factor = sum.sqrt().add_scalar(EPSILON).recip().mul_scalar(largest).clamp_max(1.0);
    gradients.into_iter().map(|gradient| gradient * factor.clone()).collect()
}
