//! The exponential moving average of the weights (Polyak & Juditsky 1992).

use std::collections::{BTreeMap, HashMap, HashSet};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;

use crate::models::{Model, Path, Weights, moved, parameters};

/// An average of the weights a model has had, the later ones counting more. Running statistics are copied, not averaged;
/// weights that are not trained are left alone.
#[derive(Clone, Debug)]
pub struct Ema {
    decay: f64,
    trained: HashSet<ParamId>,
    updates: u32,
    average: Model,
}

impl Ema {
    /// An average that begins at `model`, a model with autodiff.
    pub fn new(decay: f64, model: &Model) -> Self {
        Ema { decay, trained: moved(model).into_keys().collect(), updates: 0, average: model.valid() }
    }

    /// From now on more of the model is trained. What was not trained so far is still what it was in the average.
    pub fn train_more(&mut self, model: &Model) {
        self.trained.extend(moved(model).into_keys());
    }

    /// Goes on from another average of the same model, which was updated so often.
    pub(super) fn resume(&mut self, updates: u32, average: &BTreeMap<String, Weights>) {
        self.updates = updates;
        self.average = parameters::load(self.average.clone(), average);
    }

    /// How often it was updated.
    pub(super) fn updates(&self) -> u32 {
        self.updates
    }

    /// The average so far, without autodiff.
    pub fn model(&self) -> &Model {
        &self.average
    }

    /// `average = d average + (1 - d) model`, where d climbs to the decay as `(1 + t) / (10 + t)`, so that the first
    /// weights are soon forgotten (as TensorFlow's `ExponentialMovingAverage` does). `model` is without autodiff.
    pub fn update(&mut self, model: &Model) {
        let t = f64::from(self.updates);
        let decay = self.decay.min((1.0 + t) / (10.0 + t));
        let mut current = Current { path: Path::default(), trained: &self.trained, values: HashMap::new() };
        model.visit(&mut current);
        let mut blend = Blend { path: Path::default(), current: current.values, decay };
        self.average = self.average.clone().map(&mut blend);
        self.updates += 1;
    }
}

/// What may have changed of a model, flat, by id.
struct Current<'a> {
    path: Path,
    trained: &'a HashSet<ParamId>,
    values: HashMap<ParamId, Tensor<1>>,
}

impl ModuleVisitor for Current<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.path.is_statistic() || self.trained.contains(&param.id) {
            let value = param.val();
            let length = value.shape().num_elements();
            self.values.insert(param.id, value.reshape([length]));
        }
    }
}

struct Blend {
    path: Path,
    current: HashMap<ParamId, Tensor<1>>,
    decay: f64,
}

impl ModuleMapper for Blend {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(current) = self.current.remove(&param.id) else { return param };
        let decay = if self.path.is_statistic() { 0.0 } else { self.decay };
        param.map(|average| {
            let current = current.reshape(average.shape());
            if decay == 0.0 { current } else { average.mul_scalar(decay) + current.mul_scalar(1.0 - decay) }
        })
    }
}
