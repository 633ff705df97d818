//! Mien's side of the benchmark: the training step of the reference network, driven by a page's worker, or natively
//! (`cargo run --release --bin bench`) for a profiler.

mod inference;
mod network;

use burn::Tensor;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, TensorData};

use mien::engine::protocol::DeviceChoice;
use network::{Batch, EXPRESSIONS, Network};

/// Of plain gradient descent, the same on every side.
const LEARNING_RATE: f64 = 0.05;

/// A network in training on one batch.
struct Training {
    network: Network,
    optimiser: ModuleOptimizer,
    batch: Batch,
}

impl Training {
    /// `images` as `[batch, 3, size, size]`, `expression` as `[batch, 8]`, `affect` as `[batch, 2]`.
    fn new(
        device: Device,
        size: usize,
        weights: &[f32],
        images: Vec<f32>,
        expression: Vec<f32>,
        affect: Vec<f32>,
    ) -> Result<Self, String> {
        let count = expression.len() / EXPRESSIONS;
        if images.len() != count * 3 * size * size || affect.len() != count * 2 {
            return Err(format!("the batch is not {count} images of {size} x {size} pixels with their labels"));
        }
        let device = device.autodiff();
        let network = Network::new(weights, &device).ok_or("the weights are not the reference network's")?;
        let batch = Batch {
            images: Tensor::from_data(TensorData::new(images, [count, 3, size, size]), &device),
            expression: Tensor::from_data(TensorData::new(expression, [count, EXPRESSIONS]), &device),
            affect: Tensor::from_data(TensorData::new(affect, [count, 2]), &device),
        };
        Ok(Self { network, optimiser: SgdConfig::new().init(), batch })
    }

    /// Forward, backward, update. The loss before the update, not yet read: `[1]`.
    fn step(&mut self) -> Tensor<1> {
        let loss = self.network.loss(self.batch.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self.optimiser.step(LEARNING_RATE, self.network.clone(), gradients);
        loss.detach()
    }
}

/// Starts `gpu`, `webgpu`, which is the same, or `cpu`.
async fn start(device: &str) -> Result<Device, String> {
    let choice = match device {
        "gpu" | "webgpu" => DeviceChoice::WebGpu,
        _ => DeviceChoice::Cpu,
    };
    mien::engine::device::start(choice, 1).await.map(|(device, _)| device).map_err(|why| why.to_string())
}

#[cfg(target_family = "wasm")]
mod worker {
    use wasm_bindgen::prelude::*;

    use crate::start;

    /// The other benchmark: a network of the catalogue in use.
    #[wasm_bindgen]
    pub struct InferenceBench(crate::inference::Inference);

    #[wasm_bindgen]
    impl InferenceBench {
        /// Starts a device, `cpu` or `webgpu`, and puts the network on it.
        pub async fn start(device: String, name: String, size: usize) -> Result<InferenceBench, String> {
            crate::inference::Inference::new(&name, size, start(&device).await?).await.map(InferenceBench)
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

    /// What the worker holds: a device and a training on it.
    #[wasm_bindgen]
    pub struct Bench(super::Training);

    #[wasm_bindgen]
    impl Bench {
        /// Starts a device, `cpu` or `webgpu`, and puts the network and the batch on it.
        pub async fn start(
            device: String,
            size: usize,
            weights: Vec<f32>,
            images: Vec<f32>,
            expression: Vec<f32>,
            affect: Vec<f32>,
        ) -> Result<Bench, String> {
            super::Training::new(start(&device).await?, size, &weights, images, expression, affect).map(Bench)
        }

        /// Runs so many steps and reads the last one's loss.
        pub async fn run(&mut self, steps: usize) -> Result<f32, String> {
            let mut loss = None;
            for _ in 0..steps {
                loss = Some(self.0.step());
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

/// `bench [gpu] [size] [batch] [steps]` trains; `bench [gpu] inference [size] [batch]` times every network of the catalogue.
#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), String> {
    use cubecl::future::block_on;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (words, numbers): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.parse::<usize>().is_err());
    if words.iter().any(|word| !["gpu", "cpu", "inference"].contains(&word.as_str())) {
        return Err("usage: bench [gpu] [inference] [size] [batch] [steps]".into());
    }
    let asked = |word: &str| words.iter().any(|given| *given == word);
    let number = |at: usize, default| numbers.get(at).and_then(|number| number.parse().ok()).unwrap_or(default);
    let (size, batch, steps) = (number(0, 64), number(1, 32), number(2, 5));
    let device = block_on(start(if asked("gpu") { "gpu" } else { "cpu" }))?;
    if asked("inference") {
        return inference::natively(size, batch, &device);
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut noise =
        |count: usize, scale: f32| -> Vec<f32> { (0..count).map(|_| scale * (random.random::<f32>() - 0.5)).collect() };
    let convolutions: usize = network::CHANNELS.windows(2).map(|pair| 9 * (pair[0] + pair[1]) * pair[1]).sum();
    let weights = noise(convolutions + 256 * (EXPRESSIONS + 2), 0.1);
    let (images, affect) = (noise(batch * 3 * size * size, 2.0), noise(batch * 2, 1.0));
    let expression = vec![1.0 / EXPRESSIONS as f32; batch * EXPRESSIONS];
    let mut training = Training::new(device, size, &weights, images, expression, affect)?;
    for _ in 0..steps {
        let start = std::time::Instant::now();
        let loss = training.step().into_scalar::<f32>();
        println!("loss {loss:.5}, {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}
