//! How much faster a device is with one tiling than with the one that holds on any: tried on a small convolution.

use burn::backend::Dispatch;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use web_time::Instant;

use super::tilings::{Tiling, Tilings, Work};
use super::{Course, GpuConvolution, Window};

/// Height and width of its maps, and their channels: what the middle of a backbone has.
const SIDE: usize = 28;
const CHANNELS: usize = 64;

/// Its images: fewer first, and more where those are done too soon to be timed.
const FEW: usize = 4;
const MANY: usize = 64;

/// What is done sooner, seconds, is too little: waiting for the device is most of it.
const SOON: f64 = 0.1;

/// Values may be so far apart, of the largest: they are sums of other orders.
const APART: f32 = 1e-4;

/// A convolution that is tried in several ways.
pub struct Probe {
    work: Work,
    input: Tensor<4>,
    /// The weights, or for their gradient that to the output.
    other: Tensor<4>,
    expected: Tensor<4>,
}

impl Probe {
    /// One of this work, on a device without autodiff.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn new(work: Work, device: &Device) -> Result<Probe, ExecutionError> {
        let few = Probe::of(work, FEW, device);
        few.seconds(Tiling::Registers64, 1).await?;
        let is_soon = few.seconds(Tiling::Registers64, 1).await? < SOON;
        Ok(if is_soon { Probe::of(work, MANY, device) } else { few })
    }

    fn of(work: Work, images: usize, device: &Device) -> Probe {
        let maps = [images, CHANNELS, SIDE, SIDE];
        let other = if work.is_gradient() { maps } else { [CHANNELS, CHANNELS, work.kernel(), work.kernel()] };
        let [input, other] = noise([maps, other], device);
        let expected = Tensor::zeros([1; 4], device);
        let mut probe = Probe { work, input, other, expected };
        probe.expected = probe.compute(Tiling::Registers64);
        probe
    }

    /// How many times as fast this tiling is as the one that holds anywhere; `None` where it computes something else.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn speed(&self, tiling: Tiling) -> Result<Option<f64>, ExecutionError> {
        let apart = (self.compute(tiling) - self.expected.clone()).abs();
        // A maximum may hide what is not a number, a mean does not.
        let apart = (apart.clone().max() + apart.mean()) / self.expected.clone().abs().max();
        let apart: f32 = apart.into_scalar_async().await?;
        if apart.is_nan() || apart > APART {
            return Ok(None);
        }
        // Whatever is read back takes so long.
        let waiting = self.seconds(tiling, 0).await?;
        let mut times = 1;
        while self.seconds(Tiling::Registers64, times).await? < waiting + SOON {
            times *= 2;
        }
        let mut least = f64::INFINITY;
        for _ in 0..2 {
            let safe = self.seconds(Tiling::Registers64, times).await? - waiting;
            let other = self.seconds(tiling, times).await? - waiting;
            least = least.min(safe / other.max(1e-3));
        }
        Ok(Some(least))
    }

    /// How long so many take, and to wait for the last.
    async fn seconds(&self, tiling: Tiling, times: usize) -> Result<f64, ExecutionError> {
        let begun = Instant::now();
        let mut last = self.expected.clone();
        for _ in 0..times {
            last = self.compute(tiling);
        }
        // Natively what is read is waited for where it is looked at.
        let _: f32 = last.slice([0..1, 0..1, 0..1, 0..1]).into_scalar_async().await?;
        Ok(begun.elapsed().as_secs_f64())
    }

    fn compute(&self, tiling: Tiling) -> Tensor<4> {
        let (kernel, window) = (self.work.kernel(), Window::around(self.work.kernel(), 1, 1));
        let (input, other) = (self.input.clone(), self.other.clone());
        let weight = [CHANNELS, CHANNELS, kernel, kernel];
        let course = Course { tilings: Tilings::only(tiling), ..Course::of(input.dims(), weight, window, 1) };
        let (input, other) = (input.into_dispatch(), other.into_dispatch());
        Tensor::from_dispatch(match self.work.is_gradient() {
            true => Dispatch::convolve_weight_gradient(input, other, kernel, course),
            false => Dispatch::convolve(input, other, course),
        })
    }
}

/// Two tensors' numbers from -1 to 1 without a pattern: a multiplicative congruential generator's (Park & Miller 1988).
fn noise(shapes: [[usize; 4]; 2], device: &Device) -> [Tensor<4>; 2] {
    let mut state = 1u64;
    shapes.map(|shape| {
        let numbers = (0..shape.iter().product::<usize>()).map(|_| {
            state = state * 48271 % 0x7fff_ffff;
            state as f32 / 0x3fff_ffff as f32 - 1.0
        });
        Tensor::from_data(TensorData::new(numbers.collect(), shape), device)
    })
}
