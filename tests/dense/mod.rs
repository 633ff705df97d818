//! The kernels on a GPU against Burn's operations on the CPU, forward and backward.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::kernels::{Window, convolution};

use crate::waves::wave;

async fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
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

/// Dense convolutions of many shapes.
pub async fn convolutions_are_burns_on_the_cpu() {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    let symmetric = |kernel: usize, stride| Window::around(kernel, stride, 1);
    // As TensorFlow pads: the odd zero is below and to the right.
    let uneven = Window { padding: [(0, 1), (1, 2)], ..symmetric(3, 2) };
    for (input, [channels_out, kernel], window) in [
        ([2, 3, 9, 11], [5, 3], symmetric(3, 1)),
        ([1, 9, 17, 18], [19, 3], symmetric(3, 1)),
        ([2, 4, 9, 8], [8, 3], symmetric(3, 2)),
        ([1, 2, 8, 7], [3, 3], uneven),
        ([1, 2, 8, 8], [3, 3], Window { padding: [(0, 1); 2], ..symmetric(3, 2) }),
        ([2, 5, 6, 7], [7, 1], symmetric(1, 1)),
        ([2, 5, 7, 7], [7, 1], symmetric(1, 2)),
        ([1, 6, 7, 4], [9, 5], symmetric(5, 1)),
        ([1, 3, 21, 20], [10, 7], symmetric(7, 2)),
        ([3, 16, 8, 8], [40, 3], symmetric(3, 1)),
    ] {
        let weight = [channels_out, input[1], kernel, kernel];
        let ours = convolved(&gpu, input, weight, |input, weight| convolution(input, weight, window, 1)).await;
        let options = ConvOptions::new_with_padding([window.stride; 2], window.padding, [1; 2], 1);
        let burns = |input, weight| conv2d(input, weight, None, options.clone());
        let burns = convolved(&Device::flex(), input, weight, burns).await;
        for (what, (ours, burns)) in
            ["output", "input's gradient", "weight's gradient"].iter().zip(ours.iter().zip(&burns))
        {
            let largest = burns.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
            let off = ours.iter().zip(burns).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert_eq!(ours.len(), burns.len());
            assert!(off <= 1e-5 * largest, "{what} of {input:?} by {weight:?}, {window:?}: {off} of {largest}");
        }
    }
}
