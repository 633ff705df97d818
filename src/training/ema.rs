//! The exponential moving average of the weights (Polyak & Juditsky 1992).

use std::collections::{BTreeMap, HashMap, HashSet};

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;

use super::together::{Parameter, Replace, groups};
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
        let [now, average] = [model, &self.average].map(|model| Values::of(model, &self.trained));
        let mut values: HashMap<ParamId, Tensor<1>> = now.statistics.into_iter().collect();
        // As an optimiser has grouped them, as far as can be seen here.
        let kinds: Vec<_> = now.trained.iter().map(|parameter| (parameter.is_vector, parameter.length())).collect();
        for group in groups(&kinds, &model.head.affect.weight.device()) {
            let [current, average] = [&now.trained, &average.trained].map(|of| group.join(|at| of[at].values.clone()));
            let blended = average.mul_scalar(decay) + current.mul_scalar(1.0 - decay);
            values.extend(group.part(blended).map(|(at, values)| (now.trained[at].id, values)));
        }
        self.average = self.average.clone().map(&mut Replace(values));
        self.updates += 1;
    }
}

/// What may have changed of a model, flat, in the order of a traversal.
struct Values<'a> {
    path: Path,
    moved: &'a HashSet<ParamId>,
    trained: Vec<Parameter>,
    statistics: Vec<(ParamId, Tensor<1>)>,
}

impl<'a> Values<'a> {
    fn of(model: &Model, moved: &'a HashSet<ParamId>) -> Self {
        let mut values = Values { path: Path::default(), moved, trained: Vec::new(), statistics: Vec::new() };
        model.visit(&mut values);
        values
    }
}

impl ModuleVisitor for Values<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let parameter = || Parameter::of::<D>(param.id, param.val());
        if self.path.is_statistic() {
            self.statistics.push((param.id, parameter().values));
        } else if self.moved.contains(&param.id) {
            self.trained.push(parameter());
        }
    }
}
