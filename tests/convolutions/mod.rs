//! The kernels on a GPU against Burn's operations on the CPU, forward and backward.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, Device, Tensor, TensorData, activation};
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::kernels::gpu::{TILINGS, Tiling, Tilings, Work, choose};
use mien::kernels::{Then, Window, convolution, convolution_on_gpu, kept_on_gpu};
use mien::models::Activation;

use crate::waves::wave;

pub async fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data_async().await.unwrap().try_to_vec().unwrap()
}

/// What a convolution gives of an input and a weight of these shapes, and its gradients to them.
async fn convolved(
    device: &Device,
    input: [usize; 4],
    weight: [usize; 4],
    convolve: impl Fn(Tensor<4>, Tensor<4>) -> Tensor<4>,
) -> [Vec<f32>; 3] {
    let device = device.clone().autodiff();
    let (input, weight) = (wave(input, 0.0, &device).require_grad(), wave(weight, 0.0, &device).require_grad());
    let output = convolve(input.clone(), weight.clone());
    let gradients = (output.clone() * wave(output.dims(), 0.0, &device)).sum().backward();
    let [to_input, to_weight] = [&input, &weight].map(|tensor| tensor.grad(&gradients).unwrap());
    [values(output.inner()).await, values(to_input).await, values(to_weight).await]
}

/// Shapes of inputs, channels out and kernels, how these go over those, and how far apart their elements are.
fn cases() -> Vec<([usize; 4], [usize; 2], Window, usize)> {
    let symmetric = |kernel: usize, stride| Window::around(kernel, stride, 1);
    let dilated = |dilation| Window { padding: [(dilation, dilation); 2], ..symmetric(3, 1) };
    // As TensorFlow pads: the odd zero is below and to the right.
    let uneven = Window { padding: [(0, 1), (1, 2)], ..symmetric(3, 2) };
    vec![
        ([2, 3, 9, 11], [5, 3], symmetric(3, 1), 1),
        ([1, 9, 17, 18], [19, 3], symmetric(3, 1), 1),
        ([2, 4, 9, 8], [8, 3], symmetric(3, 2), 1),
        ([1, 2, 8, 7], [3, 3], uneven, 1),
        ([1, 2, 8, 8], [3, 3], Window { padding: [(0, 1); 2], ..symmetric(3, 2) }, 1),
        ([1, 3, 14, 28], [4, 3], symmetric(3, 2), 1),
        ([2, 5, 6, 7], [7, 1], symmetric(1, 1), 1),
        ([2, 5, 7, 7], [7, 1], symmetric(1, 2), 1),
        ([1, 6, 7, 4], [9, 5], symmetric(5, 1), 1),
        ([1, 3, 21, 20], [10, 7], symmetric(7, 2), 1),
        ([3, 16, 8, 8], [40, 3], symmetric(3, 1), 1),
        ([2, 3, 9, 11], [5, 3], dilated(2), 2),
        ([1, 5, 7, 4], [9, 3], dilated(3), 3),
        ([2, 5, 9, 11], [5, 3], Window::around(3, 1, 5), 1),
        ([2, 3, 9, 8], [3, 5], Window::around(5, 2, 3), 1),
        ([1, 70, 7, 4], [70, 5], Window::around(5, 1, 70), 1),
        ([1, 4, 8, 7], [4, 3], Window { groups: 4, ..uneven }, 1),
        ([1, 2, 9, 9], [2, 3], Window { groups: 2, ..dilated(2) }, 2),
        // More zeros than the kernel reaches; and an even kernel.
        ([1, 2, 5, 6], [3, 3], Window { padding: [(4, 3); 2], ..symmetric(3, 1) }, 1),
        ([1, 2, 6, 9], [3, 2], Window { padding: [(0, 1); 2], ..symmetric(2, 1) }, 1),
        // Maps of few places, of which workgroups take several groups of channels.
        ([1, 70, 2, 2], [90, 1], symmetric(1, 1), 1),
        ([3, 9, 3, 3], [70, 3], symmetric(3, 1), 1),
        ([5, 9, 1, 1], [3, 1], symmetric(1, 1), 1),
        // More than a workgroup's tile, on every side.
        ([2, 17, 9, 7], [70, 3], symmetric(3, 1), 1),
        ([1, 70, 13, 9], [67, 1], symmetric(1, 1), 1),
        // Kernels whose gradient is summed in parts, of which the last is shorter.
        ([3, 4, 19, 31], [33, 3], symmetric(3, 1), 1),
        // So many tiles and channels that Winograd's algorithm takes an image at a time.
        ([3, 1, 1, 2048], [512, 3], symmetric(3, 1), 1),
    ]
}

/// Those that can be cut so.
fn cases_of(tiling: Tiling) -> impl Iterator<Item = ([usize; 4], [usize; 2], Window, usize)> {
    let work = |kernel| if kernel == 3 { Work::Convolution } else { Work::Pointwise };
    cases().into_iter().filter(move |(_, [_, kernel], ..)| work(*kernel).tilings().any(|other| other == tiling))
}

fn burns(input: Tensor<4>, weight: Tensor<4>, window: Window, dilation: usize) -> Tensor<4> {
    conv2d(
        input,
        weight,
        None,
        ConvOptions::new_with_padding([window.stride; 2], window.padding, [dilation; 2], window.groups),
    )
}

/// Fails where values differ by more than `share` of the largest.
pub fn assert_alike(what: &str, ours: &[f32], burns: &[f32], share: f32) {
    let largest = burns.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    assert_eq!(ours.len(), burns.len());
    // What is not a number is the largest difference of all.
    let off = ours.iter().zip(burns).map(|(a, b)| (a - b).abs()).max_by(f32::total_cmp).unwrap();
    assert!(off <= share * largest, "{what}: {off} of {largest}");
}

/// Convolutions of many shapes, forward and backward, however they are cut.
pub async fn convolutions_are_burns_on_the_cpu() {
    for tiling in TILINGS {
        choose(Tilings::only(tiling));
        convolutions_cut_so_are_burns_on_the_cpu(tiling).await;
    }
    choose(Tilings::SAFE);
}

async fn convolutions_cut_so_are_burns_on_the_cpu(tiling: Tiling) {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    for (input, [channels_out, kernel], window, dilation) in cases_of(tiling) {
        let weight = [channels_out, input[1] / window.groups, kernel, kernel];
        let ours = convolved(&gpu, input, weight, |input, weight| convolution(input, weight, window, dilation)).await;
        let burns =
            convolved(&Device::flex(), input, weight, |input, weight| burns(input, weight, window, dilation)).await;
        for (what, (ours, burns)) in
            ["output", "input's gradient", "weight's gradient"].iter().zip(ours.iter().zip(&burns))
        {
            let what = format!("{tiling:?}: {what} of {input:?} by {weight:?}, {window:?}, {dilation} apart");
            assert_alike(&what, ours, burns, 1e-5);
        }
    }
}

/// The same in use: with a factor and a bias for each channel, what comes behind, and weights of 16 bits where the GPU has those.
pub async fn convolutions_in_use_are_burns_on_the_cpu() {
    for tiling in TILINGS {
        choose(Tilings::only(tiling));
        convolutions_in_use_cut_so_are_burns_on_the_cpu(tiling).await;
    }
    choose(Tilings::SAFE);
}

async fn convolutions_in_use_cut_so_are_burns_on_the_cpu(tiling: Tiling) {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    let activations = [Activation::Identity, Activation::Relu, Activation::Silu];
    for ((input, [channels_out, kernel], window, dilation), then) in cases_of(tiling).zip(activations.iter().cycle()) {
        let shape = [channels_out, input[1] / window.groups, kernel, kernel];
        let of = |device: &Device| {
            let [scale, bias] = [1.0, 2.0].map(|phase| wave([channels_out], phase, device));
            (wave(input, 0.0, device), wave(shape, 0.0, device), scale, bias)
        };
        let (x, weight, scale, bias) = of(&Device::flex());
        let [scale, bias] = [scale, bias].map(|tensor| tensor.reshape([1, channels_out, 1, 1]));
        let y = burns(x, weight, window, dilation) * scale + bias;
        let y = match then {
            Activation::Relu => activation::relu(y),
            Activation::Silu => activation::silu(y),
            _ => y,
        };
        let (x, weight, scale, bias) = of(&gpu);
        let window = Window { then: then.at_once().unwrap(), ..window };
        let weight = kept_on_gpu(weight);
        // A number of 16 bits is within 2^-11 of what it was.
        let share = if weight.dtype() == DType::F32 { 1e-5 } else { 1e-3 };
        let ours = convolution_on_gpu(x, weight, scale, bias, window, dilation);
        let what = format!("{tiling:?}: {input:?} by {shape:?}, {window:?}, {dilation} apart, {then:?}");
        assert_alike(&what, &values(ours).await, &values(y).await, share);
    }
}

/// As on the CPU.
pub async fn what_is_not_a_number_stays_so_behind_a_convolution() {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    let mut numbers = vec![1.0f32; 2 * 8 * 8];
    numbers[27] = f32::NAN;
    for then in [Then::Relu, Then::Silu] {
        let x = Tensor::<4>::from_data(TensorData::new(numbers.clone(), [1, 2, 8, 8]), &gpu);
        let [scale, bias] = [1.0, 2.0].map(|phase| wave([3], phase, &gpu));
        let window = Window { then, ..Window::around(3, 1, 1) };
        let y = values(convolution_on_gpu(x, wave([3, 2, 3, 3], 0.0, &gpu), scale, bias, window, 1)).await;
        assert_eq!(y.iter().filter(|value| value.is_nan()).count(), 9 * 3, "{then:?}");
    }
}
