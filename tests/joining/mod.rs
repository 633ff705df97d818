//! Parameters that are moved as one on a GPU, against each moved alone on the CPU.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, Transaction};
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::kernels::gpu::{join, parts};
use mien::training::{Descent, Optimizer, Rates, TrainingPlan};

use crate::convolutions::{assert_alike, values};
use crate::waves::wave;

async fn gpu() -> Device {
    device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software").0
}

/// Fewer than are laid at once, as many, more, and so many that what was laid is laid again; as long as their room, and not.
pub async fn parts_are_what_was_joined() {
    let gpu = gpu().await;
    for count in [2, 6, 7, 50] {
        let lengths: Vec<usize> = (0..count).map(|at| [1, 64, 65, 700, 128][at % 5] + at).collect();
        let of_part = |(at, length): (usize, &usize)| wave([*length], at as f32, &Device::flex());
        let wanted: Vec<Tensor<1>> = lengths.iter().enumerate().map(of_part).collect();
        let given = lengths.iter().enumerate().map(|(at, length)| wave([*length], at as f32, &gpu)).collect::<Vec<_>>();
        let joined = join(&given);
        let room: usize = lengths.iter().map(|length| length.next_multiple_of(64)).sum();
        assert_eq!(joined.dims(), [room]);
        // What lies between them is nothing, so that sums are theirs.
        let sum: f32 = values(joined.clone().sum()).await[0];
        let mut sum_of_parts = 0.0;
        let mut parts = parts(&joined, &lengths);
        let again = values(join(&copied(&parts))).await;
        assert_eq!(values(join(&parts)).await, again);
        parts.reverse();
        let turned = values(join(&copied(&parts))).await;
        assert_eq!(values(join(&parts)).await, turned);
        assert_ne!(turned, again);
        parts.reverse();
        // The first ones are parts, the last is not.
        let last = copied(&parts[count - 1..]).remove(0);
        let mixed: Vec<_> = parts[..count - 1].iter().cloned().chain([last]).collect();
        assert_eq!(values(join(&mixed)).await, again);
        // What becomes of them as one is nothing to them.
        values(join(&parts).mul_scalar(2.0)).await;
        for (part, wanted) in parts.into_iter().zip(wanted) {
            let wanted = values(wanted).await;
            sum_of_parts += wanted.iter().sum::<f32>();
            // Read as it is, and by a kernel.
            assert_eq!(values(part.clone()).await, wanted);
            let doubled: Vec<f32> = wanted.iter().map(|value| value * 2.0).collect();
            assert_eq!(values(part.mul_scalar(2.0)).await, doubled);
        }
        assert!((sum - sum_of_parts).abs() < 1e-4 * sum_of_parts.abs(), "{sum}, not {sum_of_parts}");
    }
}

/// The same numbers, elsewhere in memory.
fn copied(parts: &[Tensor<1>]) -> Vec<Tensor<1>> {
    parts.iter().map(|part| part.clone() * 1.0).collect()
}

/// Small parameters of two kinds, and one that is moved alone.
#[derive(Module, Debug)]
struct Network {
    dense: Vec<Linear>,
    norms: Vec<BatchNorm>,
    long: Linear,
}

/// Every parameter a wave of its own.
struct Waves<'a>(&'a Device, f32);

impl ModuleMapper for Waves<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.1 += 0.1;
        let value = wave(param.dims(), self.1, self.0);
        Param::initialized(param.id, if param.is_require_grad() { value.require_grad() } else { value })
    }
}

impl Network {
    fn new(device: &Device) -> Self {
        let dense = (0..9).map(|at| LinearConfig::new(3 + at, 20).init(device)).collect();
        let norms = (0..5).map(|at| BatchNormConfig::new(10 + at).init(device)).collect();
        let network = Network { dense, norms, long: LinearConfig::new(600, 500).init(device) };
        network.map(&mut Waves(device, 0.0))
    }

    /// Gradients that grow from step to step; in the second, one of a group has none.
    fn gradients(&self, step: usize, device: &Device) -> GradientsParams {
        struct Gradients<'a> {
            written: GradientsParams,
            step: usize,
            parameter: usize,
            device: &'a Device,
        }

        impl ModuleVisitor for Gradients<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.parameter += 1;
                if param.is_require_grad() && !(self.step == 1 && self.parameter == 5) {
                    let centre = 0.01 * (self.step * self.parameter) as f32;
                    self.written.register(param.id, wave(param.dims(), centre, self.device));
                }
            }
        }

        let mut gradients = Gradients { written: GradientsParams::new(), step, parameter: 0, device };
        self.visit(&mut gradients);
        gradients.written
    }

    async fn values(&self) -> Vec<f32> {
        struct All(Transaction);

        impl ModuleVisitor for All {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.0 = std::mem::take(&mut self.0).register(param.val().inner());
            }
        }

        let mut all = All(Transaction::default());
        self.visit(&mut all);
        let read = all.0.execute_async().await.unwrap();
        read.into_iter().flat_map(|data| data.try_to_vec::<f32>().unwrap()).collect()
    }
}

async fn moved(device: &Device, optimizer: Optimizer) -> Vec<f32> {
    let with_gradients = device.clone().autodiff();
    let mut network = Network::new(&with_gradients);
    let plan = TrainingPlan { optimizer, weight_decay: 0.1, ..TrainingPlan::default() };
    let mut descent = Descent::new(&plan);
    for step in 0..4 {
        let gradients = network.gradients(step, device);
        let (before, were) = (network.clone(), network.values().await);
        network = descent.step(&Rates::alike(), 0.01, 5.0, network, gradients);
        // Whoever keeps weights, as the best ones, keeps what they were.
        assert_eq!(before.values().await, were);
    }
    network.values().await
}

/// By both rules, clipped; also where a parameter of a group had no gradient once, and is moved with others from then on.
pub async fn parameters_are_moved_as_on_the_cpu() {
    let gpu = gpu().await;
    for optimizer in [Optimizer::Adamw, Optimizer::Sgd] {
        let [ours, alone] = [moved(&gpu, optimizer).await, moved(&Device::flex(), optimizer).await];
        assert_alike(&format!("parameters by {optimizer:?}"), &ours, &alone, 1e-5);
    }
}
