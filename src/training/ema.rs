//! The exponential moving average of the weights (Polyak & Juditsky 1992).

use std::collections::{BTreeMap, HashMap, HashSet};

#[cfg(feature = "gpu")]
use burn::module::ModuleMapper;
use burn::module::{Module, ModuleVisitor, Param, ParamId};
#[cfg(feature = "gpu")]
use burn::tensor::TensorData;
use burn::tensor::{Device, Tensor};

use super::together::{Parameter, Replace, groups};
#[cfg(feature = "gpu")]
use crate::kernels::{gpu::averaged, on_cpu};
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
        self.update_by(None, model);
    }

    /// The same by a number that a GPU has already, where it has: as [`next`](Self::next) says.
    pub(super) fn update_by(&mut self, decay: Option<Tensor<1>>, model: &Model) {
        let [now, average] = [model, &self.average].map(|model| Values::of(model, &self.trained));
        let mut values: HashMap<ParamId, Tensor<1>> = now.statistics.into_iter().collect();
        let device = model.head.affect.weight.device();
        let blend = Blend::new(self.next(), decay, &device);
        // As an optimiser has grouped them, as far as can be seen here.
        let kinds: Vec<_> = now.trained.iter().map(|parameter| (parameter.is_vector, parameter.length())).collect();
        for group in groups(&kinds, &device) {
            let [current, average] = [&now.trained, &average.trained].map(|of| group.join(|at| of[at].values.clone()));
            let blended = blend.of(average, current);
            values.extend(group.part(blended).map(|(at, values)| (now.trained[at].id, values)));
        }
        self.average = self.average.clone().map(&mut Replace(values));
        self.updates += 1;
    }

    /// How much of the average stays at the next update.
    pub(super) fn next(&self) -> f64 {
        let t = f64::from(self.updates);
        self.decay.min((1.0 + t) / (10.0 + t))
    }
}

/// Updates that a GPU does over, without being asked for each of them.
#[cfg(feature = "gpu")]
impl Ema {
    /// The last update was done once more, without being asked.
    pub(super) fn was_replayed(&mut self) {
        self.updates += 1;
    }

    /// A device knows the average again.
    pub(super) fn know(&mut self, known: &mut impl ModuleMapper) {
        self.average = self.average.clone().map(known);
    }

    /// The last update was recorded, and not done.
    pub(super) fn was_recorded(&mut self) {
        self.updates -= 1;
    }
}

/// How much of an average stays.
struct Blend {
    decay: f64,
    /// The same on a GPU, if it is there.
    #[cfg(feature = "gpu")]
    on_gpu: Option<Tensor<1>>,
}

impl Blend {
    fn new(decay: f64, told: Option<Tensor<1>>, device: &Device) -> Self {
        #[cfg(feature = "gpu")]
        return {
            let on_gpu = || told.unwrap_or_else(|| Tensor::from_data(TensorData::from([decay as f32]), device));
            Blend { decay, on_gpu: (!on_cpu(device)).then(on_gpu) }
        };
        #[cfg(not(feature = "gpu"))]
        {
            let _ = (told, device);
            Blend { decay }
        }
    }

    fn of(&self, average: Tensor<1>, current: Tensor<1>) -> Tensor<1> {
        #[cfg(feature = "gpu")]
        if let Some(decay) = &self.on_gpu {
            return averaged(average, current, decay.clone());
        }
        average.mul_scalar(self.decay) + current.mul_scalar(1.0 - self.decay)
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
