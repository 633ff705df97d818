//! The optimisers, and the clipping of gradients.

use burn::module::{Module, ModuleVisitor, Param, ParamGroup, ParamId};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::lr_scheduler::module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::Tensor;

use super::{Optimizer, TrainingPlan};
use crate::models::{Model, moved};

/// Momentum of SGD.
const MOMENTUM: f64 = 0.9;

/// Keeps the clipping factor from being 0/0.
const EPSILON: f32 = 1e-6;

/// The plan's optimiser. Weight decay is for weights: biases and normalisations are left alone.
pub fn optimizer(plan: &TrainingPlan, model: &Model) -> ModuleOptimizer {
    let vectors = ParamGroup::from_ids(vectors(model));
    match plan.optimizer {
        Optimizer::Adamw => {
            let adamw = |decay: f64| AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(decay as f32).build();
            ModuleOptimizer::from(adamw(plan.weight_decay)).with_group(vectors, adamw(0.0), None)
        }
        Optimizer::Sgd => {
            let momentum = MomentumConfig::new().with_momentum(MOMENTUM).with_dampening(0.0);
            let sgd = SgdConfig::new().with_momentum(Some(momentum));
            let decay = Some(WeightDecayConfig::new(plan.weight_decay as f32));
            let plain = sgd.build();
            ModuleOptimizer::from(sgd.with_weight_decay(decay).build()).with_group(vectors, plain, None)
        }
    }
}

/// Which parameters are moved at which rate.
pub struct Rates {
    /// The pre-trained backbone's parameters, and their share of the rate; `None` where all are moved alike.
    backbone: Option<(ParamGroup, f64)>,
}

impl Rates {
    /// One rate for all.
    pub fn alike() -> Self {
        Rates { backbone: None }
    }

    /// `share` of the rate for the backbone of a model with autodiff.
    pub fn with_backbone(model: &Model, share: f64) -> Self {
        Rates { backbone: Some((ParamGroup::from_ids(moved(&model.backbone).into_keys().collect()), share)) }
    }

    /// The rates of a step.
    pub fn at(&self, rate: f64) -> ModuleLearningRate {
        match &self.backbone {
            Some((group, share)) => ModuleLrScheduler::new(rate).with_group(group.clone(), rate * share).step(),
            None => rate.into(),
        }
    }
}

/// The parameters of one dimension.
fn vectors(model: &Model) -> Vec<ParamId> {
    struct Vectors(Vec<ParamId>);

    impl ModuleVisitor for Vectors {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if D == 1 {
                self.0.push(param.id);
            }
        }
    }

    let mut visitor = Vectors(Vec::new());
    model.visit(&mut visitor);
    visitor.0
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
