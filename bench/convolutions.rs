//! The convolutions of VGG16 and ResNet50 on this machine's GPU, natively, each tiling by itself: `cargo bench` (`-- 4` for other batches
//! than 16). In GFLOP/s, and what share that is of a loop that does nothing but multiply and add.

use std::time::Instant;

use burn::Tensor;
use burn::backend::Dispatch;
use burn::tensor::{Device, TensorData};
use cubecl::device::WgpuDeviceKind;
use cubecl::future::block_on;
use cubecl::prelude::*;
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::kernels::Window;
use mien::kernels::gpu::{Course, GpuConvolution, Tilings, Work};

/// Channels in and out, height and width, kernel, stride.
const SHAPES: [(usize, usize, usize, usize, usize); 12] = [
    (64, 64, 224, 3, 1),
    (128, 128, 112, 3, 1),
    (256, 256, 56, 3, 1),
    (512, 512, 28, 3, 1),
    (512, 512, 14, 3, 1),
    (64, 64, 56, 3, 1),
    (128, 128, 56, 3, 2),
    (128, 128, 28, 3, 1),
    (256, 256, 14, 3, 1),
    (512, 512, 7, 3, 1),
    (256, 64, 56, 1, 1),
    (512, 2048, 7, 1, 1),
];

/// Seconds that are measured at least.
const LONG: f64 = 0.2;

fn main() -> Result<(), String> {
    let batch = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(16);
    let (device, report) = block_on(device::start(DeviceChoice::WebGpu, 1)).map_err(|why| why.to_string())?;
    let peak = peak()?;
    println!("{}; multiplying and adding alone: {peak:.0} GFLOP/s", report.description);
    println!("batch {batch}; forward, to the input, to the kernels");
    for (channels_in, channels_out, side, kernel, stride) in SHAPES {
        println!("{kernel}x{kernel}, stride {stride}, {channels_in} to {channels_out}, {side}x{side}");
        let work = if kernel == 3 && stride == 1 { Work::Convolution } else { Work::Pointwise };
        for tiling in work.tilings() {
            let window = Window::around(kernel, stride, 1);
            let (input, weight) = ([batch, channels_in, side, side], [channels_out, channels_in, kernel, kernel]);
            let course = Course { tilings: Tilings::only(tiling), ..Course::of(input, weight, window, 1) };
            let (down, across) = course.output;
            let operations = 2 * batch * channels_out * down * across * channels_in * kernel * kernel;
            let output = [batch, channels_out, down, across];
            let [input, weight, gradient] = [input, weight, output].map(|shape| ones(shape, &device));
            let [x, w, g] = [&input, &weight, &gradient].map(|tensor| || tensor.clone().into_dispatch());
            // With a stride the gradient to the input is cut in one way alone.
            let rates = [
                seconds(|| Dispatch::convolve(x(), w(), course)),
                seconds(|| Dispatch::convolve_input_gradient(g(), w(), course)),
                seconds(|| Dispatch::convolve_weight_gradient(x(), g(), kernel, course)),
            ]
            .map(|seconds| operations as f64 / seconds / 1e9);
            let cells = rates.map(|rate| format!("{rate:8.1} ({:3.0} %)", 100.0 * rate / peak));
            println!("  {:17} {}", format!("{tiling:?}"), cells.join("  "));
        }
    }
    Ok(())
}

fn ones(shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(vec![1.0f32; shape.iter().product()], shape), device)
}

/// What one takes of as many as are long enough to be timed.
fn seconds(compute: impl Fn() -> burn::backend::DispatchTensor) -> f64 {
    let run = |times: u32| {
        let begun = Instant::now();
        for _ in 1..times {
            compute();
        }
        let last: Tensor<4> = Tensor::from_dispatch(compute());
        // Natively what is read is waited for where it is looked at.
        let _: f32 = last.slice([0..1, 0..1, 0..1, 0..1]).into_scalar();
        begun.elapsed().as_secs_f64()
    };
    // The first compiles.
    run(1);
    let mut times = 1;
    loop {
        let seconds = run(times);
        if seconds > LONG {
            return seconds / f64::from(times);
        }
        times *= 2;
    }
}

/// Sixteen sums a thread that do not wait for one another.
#[cube(launch_unchecked)]
fn products(output: &mut [f32], rounds: u32) {
    let by = ABSOLUTE_POS as f32 * 1e-9 + 0.999;
    let mut sums = Array::<f32>::new(16usize);
    #[unroll]
    for at in 0..16usize {
        sums[at] = by + at as f32;
    }
    for _ in 0..rounds {
        #[unroll]
        for at in 0..16usize {
            sums[at] = fma(sums[at], by, 1e-3);
        }
    }
    let mut all = 0.0f32;
    #[unroll]
    for at in 0..16usize {
        all += sums[at];
    }
    output[ABSOLUTE_POS] = all;
}

/// GFLOP/s of [`products`].
fn peak() -> Result<f64, String> {
    const WORKGROUPS: usize = 1024;
    const THREADS: usize = 64;
    let client = cubecl::Device::wgpu(WgpuDeviceKind::default()).map_err(|why| why.to_string())?.client();
    let run = |rounds: u32| {
        let begun = Instant::now();
        let output = client.empty(4 * WORKGROUPS * THREADS);
        let (count, dim) = (CubeCount::Static(WORKGROUPS as u32, 1, 1), CubeDim::new_1d(THREADS as u32));
        // SAFETY: a thread writes its own number.
        unsafe {
            let output = BufferArg::from_raw_parts(output.clone(), WORKGROUPS * THREADS);
            products::launch_unchecked(&client, count, dim, output, rounds);
        }
        client.read_one_unchecked(output);
        begun.elapsed().as_secs_f64()
    };
    run(1);
    let mut rounds = 64;
    loop {
        let seconds = run(rounds);
        if seconds > LONG {
            return Ok((32 * WORKGROUPS * THREADS) as f64 * f64::from(rounds) / seconds / 1e9);
        }
        rounds *= 2;
    }
}
