//! How fast this device is with every network of the catalogue: in use, and in training.

use burn::tensor::{Device, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use web_time::Instant;

use super::memory::Memory;
use super::pace::next_task;
use super::{Answer, Service, refused};
use crate::affect::LabelSet;
use crate::engine::protocol::{Failure, Outcome, Progress, RequestId, SPEED_BATCH, Speed};
use crate::kernels::on_cpu;
use crate::models::{Architecture, Graph, Model, Predictor, architecture};
use crate::training::{MODELS, TrainingPlan};

/// Turns that are timed: so many, or for as long, seconds; one at least. Some browsers' clocks go by a tenth of a second.
const TURNS: usize = 200;
const LONG: f64 = 1.0;

/// A training that takes more memory, bytes, is not tried on the CPU: what the engine has once taken it keeps.
const MOST_BYTES: u64 = 1 << 30;

/// A rate by which no training diverges: it is not to learn.
const RATE: f64 = 1e-6;

/// What is measured of a network, one after another.
const PARTS: usize = 3;

/// Seeds the weights: nothing depends on them.
const SEED: u64 = 1;

impl Service {
    /// Measures every network that takes images of this height and width.
    pub(super) async fn measure_speed(&self, id: RequestId, size: u32) -> Answer {
        let _task = self.begin("A measurement")?;
        let networks = MODELS.iter().filter_map(|name| architecture(name));
        let networks: Vec<_> = networks.filter(|network| network.sizes().contains(&size)).collect();
        if networks.is_empty() {
            return Err(refused(format!("No network takes images of {size} pixels.")));
        }
        drop(self.tilings.lock().await);
        for (at, network) in networks.iter().enumerate() {
            let tell = |part: usize| {
                let done = (at * PARTS + part) as f64 / (networks.len() * PARTS) as f64;
                self.progress(id, Progress::Share { doing: format!("measuring {}", network.label), done });
            };
            let speed = self.speed(id, network, size, tell).await?;
            self.progress(id, Progress::Speed(speed));
        }
        Ok((Outcome::Done, None))
    }

    async fn speed(
        &self,
        id: RequestId,
        network: &'static Architecture,
        size: u32,
        tell: impl Fn(usize),
    ) -> Result<Speed, Failure> {
        let (device, label_set) = (self.device()?, LabelSet::affectnet8());
        let model = Model::init(network, label_set.len(), &mut ChaCha8Rng::seed_from_u64(SEED), &device);
        let graph = Graph::of(&model, size as usize);
        let plan = TrainingPlan {
            model: network.name.into(),
            input_size: size,
            batch_size: SPEED_BATCH as u32,
            learning_rate: RATE,
            ..TrainingPlan::default()
        };
        let memory = Memory::of(&model, &graph, &plan, 0);
        let mut predictor = Predictor::new(model);
        tell(0);
        let alone = self.time_use(id, &mut predictor, 1, size, &device).await?;
        tell(1);
        let many = SPEED_BATCH.min(predictor.batch(size as usize));
        let together = self.time_use(id, &mut predictor, many, size, &device).await?;
        drop(predictor);
        tell(2);
        let fits = self.lack_of_memory(&memory, network, &plan).is_none();
        let is_tried = fits && !(on_cpu(&device) && memory.bytes(plan.batch_size) > MOST_BYTES);
        let training = match is_tried {
            true => Some(self.time_training(id, network, &plan, &label_set).await?),
            false => None,
        };
        Ok(Speed {
            label: network.label.into(),
            multiplications: graph.multiplications(),
            alone,
            together: together / many as f64,
            training,
        })
    }

    /// Seconds from so many images on the device to what is said of them, the mean of turns.
    async fn time_use(
        &self,
        id: RequestId,
        predictor: &mut Predictor,
        images: usize,
        size: u32,
        device: &Device,
    ) -> Result<f64, Failure> {
        let size = size as usize;
        let (mut seconds, mut turns) = (0.0, 0);
        // The first compiles and allocates, the second is recorded.
        for turn in 0..TURNS + 2 {
            self.check_cancelled(id)?;
            let images = Tensor::ones([images, 3, size, size], device);
            let began = Instant::now();
            predictor.predict(images).await.map_err(refused)?;
            if turn > 1 {
                seconds += began.elapsed().as_secs_f64();
                turns += 1;
            }
            next_task().await;
            if seconds > LONG {
                break;
            }
        }
        Ok(seconds / f64::from(turns.max(1)))
    }

    /// Images a second in a training of the whole network, from images to its next weights.
    async fn time_training(
        &self,
        id: RequestId,
        architecture: &'static Architecture,
        plan: &TrainingPlan,
        label_set: &LabelSet,
    ) -> Result<f64, Failure> {
        let probe = self.probe(architecture, plan, label_set)?;
        let images = plan.batch_size as usize;
        let step = probe.step(images, plan.input_size, || self.check_cancelled(id)).await?;
        Ok(images as f64 / step)
    }
}
