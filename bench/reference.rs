//! Mien's side of the benchmark: the training step of the reference network, driven by a page's worker, or natively
//! (`cargo run --release --bin bench`) for a profiler.

mod inference;
mod network;

use std::pin::Pin;

use burn::Tensor;
use burn::optim::GradientsParams;
use burn::tensor::{Device, ExecutionError, TensorData};

use mien::engine::protocol::DeviceChoice;
use mien::kernels::gpu::{Known, Probe, Recorded, Replays, Tilings, WORKS, choose, chosen};
use mien::kernels::on_cpu;
use mien::models::Model;
use mien::training::{Descent, Rates};
use network::{Batch, EXPRESSIONS, Learner, Network};

/// Of plain gradient descent, as `problem.js` has it for the others, and says why.
fn rate(network: Option<&str>) -> f64 {
    match network {
        None => 0.05,
        Some("resnet50") => 1e-6,
        Some(_) => 0.001,
    }
}

/// A network in training on one batch.
struct Training<N> {
    network: N,
    optimiser: Descent,
    rate: f64,
    batch: Batch,
    /// The step, once a GPU has recorded it, as in the page.
    replays: Replays<()>,
}

/// What is trained step by step, whatever network it is.
trait Steps {
    /// Forward, backward, update. The loss before the update, not yet read: `[1]`.
    fn step(&mut self) -> Pin<Box<dyn Future<Output = Result<Tensor<1>, ExecutionError>> + '_>>;
}

impl<N: Learner> Training<N> {
    /// A step by numbers that a GPU is told, or is not.
    fn learn(&mut self, told: Option<Tensor<1>>) -> Tensor<1> {
        let loss = self.network.loss(self.batch.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let network = self.network.clone();
        self.network = self.optimiser.step_by(told, &Rates::alike(), self.rate, 0.0, network, gradients);
        loss.inner()
    }
}

impl<N: Learner> Steps for Training<N> {
    fn step(&mut self) -> Pin<Box<dyn Future<Output = Result<Tensor<1>, ExecutionError>> + '_>> {
        Box::pin(self.learn_or_replay())
    }
}

impl<N: Learner> Training<N> {
    async fn learn_or_replay(&mut self) -> Result<Tensor<1>, ExecutionError> {
        let device = self.batch.images.device().inner();
        let numbers = || Tensor::from_data(TensorData::from(self.optimiser.next(self.rate).as_slice()), &device);
        if let Some(recorded) = self.replays.of(&()) {
            return Ok(recorded.replay(numbers()));
        }
        if on_cpu(&device) || !self.replays.is_due(&()) {
            return Ok(self.learn(None));
        }
        let (loss, recorded) = Recorded::new(numbers(), |numbers| self.learn(Some(numbers.clone()))).await?;
        if recorded.is_none() {
            self.network = self.network.clone().map(&mut Known);
        }
        self.replays.keep((), recorded);
        Ok(loss)
    }
}

impl<N> Training<N> {
    fn of(network: N, rate: f64, batch: Batch) -> Self {
        Training { network, optimiser: Descent::sgd(0.0, 0.0), rate, batch, replays: Replays::default() }
    }
}

impl Learner for Model {
    fn loss(&self, batch: Batch) -> Tensor<1> {
        let output = self.forward(batch.images.clone(), None);
        let logits = output.logits.expect("it was built for expressions");
        batch.loss(logits, output.affect)
    }
}

/// The network of the catalogue that [`inference`] draws, on a device with autodiff.
async fn catalogued(name: &str, size: usize, batch: Batch, device: &Device) -> Result<Training<Model>, String> {
    let model = inference::drawn(name, size).await?.build(device).map_err(|error| error.to_string())?;
    Ok(Training::of(model, rate(Some(name)), batch))
}

/// The reference network with these weights, on a device with autodiff.
fn reference(weights: &[f32], batch: Batch, device: &Device) -> Result<Training<Network>, String> {
    let network = Network::new(weights, device).ok_or("the weights are not the reference network's")?;
    Ok(Training::of(network, rate(None), batch))
}

/// `images` as `[batch, 3, size, size]`, `expression` as `[batch, 8]`, `affect` as `[batch, 2]`.
fn batch(
    size: usize,
    images: Vec<f32>,
    expression: Vec<f32>,
    affect: Vec<f32>,
    device: &Device,
) -> Result<Batch, String> {
    let count = expression.len() / EXPRESSIONS;
    if images.len() != count * 3 * size * size || affect.len() != count * 2 {
        return Err(format!("the batch is not {count} images of {size} x {size} pixels with their labels"));
    }
    Ok(Batch {
        images: Tensor::from_data(TensorData::new(images, [count, 3, size, size]), device),
        expression: Tensor::from_data(TensorData::new(expression, [count, EXPRESSIONS]), device),
        affect: Tensor::from_data(TensorData::new(affect, [count, 2]), device),
    })
}

/// Starts `gpu`, `webgpu`, which is the same, or `cpu`. A GPU computes in the way that it is fastest with, as in the page.
async fn start(device: &str) -> Result<Device, String> {
    let choice = match device {
        "gpu" | "webgpu" => DeviceChoice::WebGpu,
        _ => DeviceChoice::Cpu,
    };
    let (device, _) = mien::engine::device::start(choice, 1).await.map_err(|why| why.to_string())?;
    if choice == DeviceChoice::WebGpu {
        choose(fastest(&device).await.map_err(|why| why.to_string())?);
    }
    Ok(device)
}

/// The tilings that a device is fastest with.
async fn fastest(device: &Device) -> Result<Tilings, ExecutionError> {
    let mut speeds = Vec::new();
    for work in WORKS {
        let probe = Probe::new(work, device).await?;
        for tiling in work.tilings().skip(1) {
            speeds.push((work, tiling, probe.speed(tiling).await?.unwrap_or_default()));
        }
    }
    Ok(Tilings::fastest(&speeds))
}

#[cfg(target_family = "wasm")]
mod worker {
    use wasm_bindgen::prelude::*;

    use crate::{Steps, batch, catalogued, chosen, reference, start};

    /// The other benchmark: a network of the catalogue in use.
    #[wasm_bindgen]
    pub struct InferenceBench(crate::inference::Inference);

    #[wasm_bindgen]
    impl InferenceBench {
        /// Starts a device, `cpu` or `webgpu`, and puts the network on it.
        pub async fn start(device: String, name: String, size: usize) -> Result<InferenceBench, String> {
            crate::inference::Inference::new(&name, size, start(&device).await?).await.map(InferenceBench)
        }

        /// Multiplications that an image takes.
        pub fn multiplications(&self) -> Result<f64, String> {
            self.0.multiplications()
        }

        /// The same network as an ONNX file.
        pub fn onnx(&self) -> Result<Vec<u8>, String> {
            self.0.onnx()
        }

        /// Images to probabilities.
        pub async fn predict(&mut self, images: Vec<f32>) -> Result<Vec<f32>, String> {
            self.0.predict(images).await
        }
    }

    /// What the worker holds: a training on a device.
    #[wasm_bindgen]
    pub struct Bench(Box<dyn Steps>);

    #[wasm_bindgen]
    impl Bench {
        /// Starts a device, `cpu` or `webgpu`, and puts a network and the batch on it: the reference network with these weights; or the
        /// one of the catalogue with this name, whose weights are drawn.
        pub async fn start(
            device: String,
            name: Option<String>,
            size: usize,
            weights: Vec<f32>,
            images: Vec<f32>,
            expression: Vec<f32>,
            affect: Vec<f32>,
        ) -> Result<Bench, String> {
            let device = start(&device).await?.autodiff();
            let batch = batch(size, images, expression, affect, &device)?;
            Ok(Bench(match name {
                None => Box::new(reference(&weights, batch, &device)?),
                Some(name) => Box::new(catalogued(&name, size, batch, &device).await?),
            }))
        }

        /// In what way a GPU computes: the page's choice is by the same trials.
        pub fn tilings() -> String {
            chosen().to_string()
        }

        /// Runs so many steps and reads the last one's loss.
        pub async fn run(&mut self, steps: usize) -> Result<f32, String> {
            let mut loss = None;
            for _ in 0..steps {
                loss = Some(self.0.step().await.map_err(|error| error.to_string())?);
            }
            let loss = loss.ok_or("no steps were asked for")?;
            loss.into_scalar_async().await.map_err(|error| error.to_string())
        }
    }
}

#[cfg(target_family = "wasm")]
fn main() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker makes this function; it only registers Burn's kernels, and nothing has run before.
    unsafe { __wasm_call_ctors() };
    console_error_panic_hook::set_once();
}

/// `bench [gpu] [NETWORK] [size] [batch] [steps]` trains the reference network, or that one of the catalogue; `bench [gpu] inference
/// [size] [batch]` times all of those in use.
#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), String> {
    use cubecl::future::block_on;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (words, numbers): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.parse::<usize>().is_err());
    let asked = |word: &str| words.iter().any(|given| *given == word);
    let number = |at: usize, default| numbers.get(at).and_then(|number| number.parse().ok()).unwrap_or(default);
    let (size, batch, steps) = (number(0, 64), number(1, 32), number(2, 5));
    let device = block_on(start(if asked("gpu") { "gpu" } else { "cpu" }))?;
    if asked("gpu") {
        println!("{}", chosen());
    }
    if asked("inference") {
        return inference::natively(size, batch, &device);
    }
    let device = device.autodiff();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut noise =
        |count: usize, scale: f32| -> Vec<f32> { (0..count).map(|_| scale * (random.random::<f32>() - 0.5)).collect() };
    let convolutions: usize = network::CHANNELS.windows(2).map(|pair| 9 * (pair[0] + pair[1]) * pair[1]).sum();
    let weights = noise(convolutions + 256 * (EXPRESSIONS + 2), 0.1);
    let (images, affect) = (noise(batch * 3 * size * size, 2.0), noise(batch * 2, 1.0));
    let expression = vec![1.0 / EXPRESSIONS as f32; batch * EXPRESSIONS];
    let all = self::batch(size, images, expression, affect, &device)?;
    let name = words.iter().find(|word| !["gpu", "cpu"].contains(&word.as_str()));
    let mut training: Box<dyn Steps> = match name {
        None => Box::new(reference(&weights, all, &device)?),
        Some(name) => Box::new(block_on(catalogued(name, size, all, &device))?),
    };
    for _ in 0..steps {
        let start = std::time::Instant::now();
        let loss = block_on(training.step()).map_err(|error| error.to_string())?.into_scalar::<f32>();
        println!("loss {loss:.5}, {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}
