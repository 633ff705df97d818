//! The names of a module's parameters, and how they are drawn, read and replaced.

use std::collections::{BTreeMap, HashMap};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{ExecutionError, Tensor, TensorData, Transaction};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Weights;

/// Where a traversal stands in a module.
///
/// Names are the fields joined by dots, as in PyTorch: the scale and shift of a batch normalisation are called `weight`
/// and `bias`, and the variants of an enum leave no trace.
#[derive(Clone, Debug, Default)]
pub struct Path(Vec<String>);

impl Path {
    /// To be called from `enter_module`.
    pub fn enter(&mut self, name: &str, container_type: &str) {
        if !container_type.starts_with("Enum:") {
            self.0.push(name.into());
        }
    }

    /// To be called from `exit_module`.
    pub fn exit(&mut self, container_type: &str) {
        if !container_type.starts_with("Enum:") {
            self.0.pop();
        }
    }

    /// The name of the parameter the traversal stands at.
    pub fn name(&self) -> String {
        let mut parts: Vec<&str> = self.0.iter().map(String::as_str).collect();
        if let Some(last) = parts.last_mut() {
            *last = match *last {
                "gamma" => "weight",
                "beta" => "bias",
                other => other,
            };
        }
        parts.join(".")
    }

    /// Whether the traversal stands at a running statistic: a number that is measured, not trained.
    pub fn is_statistic(&self) -> bool {
        self.0.last().is_some_and(|last| last.starts_with("running_"))
    }
}

/// Forwards a traversal's whereabouts to the field `path`.
macro_rules! follow_path {
    () => {
        fn enter_module(&mut self, name: &str, container_type: &str) {
            self.path.enter(name, container_type);
        }

        fn exit_module(&mut self, _: &str, container_type: &str) {
            self.path.exit(container_type);
        }
    };
}

/// Draws the weights: convolutions from He's uniform distribution over the fan-in (He et al. 2015), fully connected
/// layers from `U(-k, k)`, `k = 1 / sqrt(fan-in)` (PyTorch's default). Biases and normalisations stay as they are built.
pub fn initialise<M: Module>(module: M, rng: &mut ChaCha8Rng) -> M {
    struct Initialiser<'a>(&'a mut ChaCha8Rng);

    impl ModuleMapper for Initialiser<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            if D < 2 {
                return param;
            }
            let shape = param.lazy_shape();
            let fan_in: usize = shape[1..].iter().product();
            let bound = if D == 4 { (6.0 / fan_in as f32).sqrt() } else { 1.0 / (fan_in as f32).sqrt() };
            let values: Vec<f32> =
                (0..shape.num_elements()).map(|_| (self.0.random::<f32>() * 2.0 - 1.0) * bound).collect();
            replace(param, TensorData::new(values, shape))
        }
    }

    module.map(&mut Initialiser(rng))
}

/// The parameter with new values, on the same device, trainable if it was.
fn replace<const D: usize>(param: Param<Tensor<D>>, values: TensorData) -> Param<Tensor<D>> {
    let (id, old, mapper) = param.consume();
    let new = Tensor::from_data(values, &old.device()).set_require_grad(old.is_require_grad());
    Param::from_mapped_value(id, new, mapper)
}

/// The numbers of a tensor that was read. Not one by one, as `TensorData::iter` gives them: in training it is millions a step.
pub fn numbers(data: TensorData) -> Vec<f32> {
    // What was converted to `f32` is that.
    data.convert::<f32>().try_into_vec().expect("numbers of f32")
}

/// The shape of every parameter and running statistic, by name.
pub fn shapes<M: Module>(module: &M) -> BTreeMap<String, Vec<usize>> {
    #[derive(Default)]
    struct Shapes {
        path: Path,
        shapes: BTreeMap<String, Vec<usize>>,
    }

    impl ModuleVisitor for Shapes {
        follow_path!();

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.shapes.insert(self.path.name(), param.lazy_shape().to_vec());
        }
    }

    let mut visitor = Shapes::default();
    module.visit(&mut visitor);
    visitor.shapes
}

/// The name of every parameter and running statistic, by its id.
pub fn names<M: Module>(module: &M) -> HashMap<ParamId, String> {
    #[derive(Default)]
    struct Names {
        path: Path,
        names: HashMap<ParamId, String>,
    }

    impl ModuleVisitor for Names {
        follow_path!();

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.names.insert(param.id, self.path.name());
        }
    }

    let mut visitor = Names::default();
    module.visit(&mut visitor);
    visitor.names
}

/// The values of the parameters and running statistics that are `wanted`, by name, in one read-back.
///
/// # Errors
/// Where the device fails.
pub async fn read<M: Module>(
    module: &M,
    wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Weights>, ExecutionError> {
    // Not by the type of `wanted`: every other visitor is the walk through all networks once more.
    struct Reader<'a> {
        path: Path,
        wanted: &'a dyn Fn(&str) -> bool,
        names: Vec<(String, Vec<usize>)>,
        transaction: Transaction,
    }

    impl ModuleVisitor for Reader<'_> {
        follow_path!();

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let name = self.path.name();
            if (self.wanted)(&name) {
                let tensor = param.val();
                self.names.push((name, tensor.dims().to_vec()));
                self.transaction = std::mem::take(&mut self.transaction).register(tensor);
            }
        }
    }

    let (names, transaction) = {
        let mut reader =
            Reader { path: Path::default(), wanted: &wanted, names: Vec::new(), transaction: Transaction::default() };
        // `valid` brings the running statistics up to date: a plain visit sees them one step late.
        module.valid().visit(&mut reader);
        (reader.names, reader.transaction)
    };
    let weights = names.into_iter().zip(transaction.execute_async().await?);
    Ok(weights.map(|((name, shape), data)| (name, Weights { shape, values: numbers(data) })).collect())
}

/// Puts weights into a module. What `weights` does not name stays as it is; shapes must have been checked.
pub fn load<M: Module>(module: M, weights: &BTreeMap<String, Weights>) -> M {
    struct Loader<'a> {
        path: Path,
        weights: &'a BTreeMap<String, Weights>,
    }

    impl ModuleMapper for Loader<'_> {
        follow_path!();

        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match self.weights.get(&self.path.name()) {
                Some(weights) => replace(param, TensorData::new(weights.values.clone(), weights.shape.clone())),
                None => param,
            }
        }
    }

    module.map(&mut Loader { path: Path::default(), weights })
}
