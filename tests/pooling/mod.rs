//! Max pooling on a GPU against Burn's on the CPU, forward and backward.

use burn::nn::PaddingConfig2d;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::{Device, Tensor, activation};
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::kernels::max_pool;

use crate::convolutions::{assert_alike, values};
use crate::waves::wave;

/// The largest of windows, and the gradient to the input.
async fn pooled(device: &Device, shape: [usize; 4], pool: impl Fn(Tensor<4>) -> Tensor<4>) -> [Vec<f32>; 2] {
    let input = wave(shape, 0.0, &device.clone().autodiff()).require_grad();
    // As behind a ReLU: many places are alike. And below zero, where what lies beside a map would be the largest if it counted.
    let output = pool(activation::relu(input.clone()) - 1.0);
    let gradients = (output.clone() * wave(output.dims(), 0.1, &output.device())).sum().backward();
    [values(output.inner()).await, values(input.grad(&gradients).unwrap()).await]
}

pub async fn max_pooling_is_burns_on_the_cpu() {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    let pool = |size: usize, stride: usize, padding: PaddingConfig2d| {
        MaxPool2dConfig::new([size; 2]).with_strides([stride; 2]).with_padding(padding).init()
    };
    let around = |places| PaddingConfig2d::Explicit(places, places, places, places);
    let cases: [([usize; 4], MaxPool2d); 9] = [
        ([2, 3, 8, 16], pool(2, 2, PaddingConfig2d::Valid)),
        ([1, 70, 2, 2], pool(2, 2, PaddingConfig2d::Valid)),
        ([3, 1, 7, 11], pool(2, 2, PaddingConfig2d::Valid)),
        ([2, 5, 14, 12], pool(3, 2, around(1))),
        ([1, 2, 9, 19], pool(3, 2, around(1))),
        ([1, 2, 6, 7], pool(3, 1, around(1))),
        ([2, 2, 9, 8], pool(5, 3, around(2))),
        ([1, 3, 8, 9], pool(2, 3, PaddingConfig2d::Valid)),
        ([1, 2, 7, 6], pool(3, 2, PaddingConfig2d::Explicit(0, 2, 1, 0))),
    ];
    for (shape, pool) in cases {
        let ours = pooled(&gpu, shape, |input| max_pool(&pool, input)).await;
        let burns = pooled(&Device::flex(), shape, |input| pool.forward(input)).await;
        for (name, (ours, burns)) in ["output", "input's gradient"].iter().zip(ours.iter().zip(&burns)) {
            assert_alike(
                &format!("{name} of {shape:?}, {} by {:?}", pool.kernel_size[0], pool.stride),
                ours,
                burns,
                1e-6,
            );
        }
    }
}

/// Wherever in a window it is.
pub async fn what_is_not_a_number_stays_so_in_max_pooling() {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    let rows =
        [[f32::NAN, 1.0, 7.0, f32::NAN], [8.0, 2.0, 3.0, 4.0], [1.0, 2.0, 5.0, 6.0], [f32::NAN, 9.0, 3.0, f32::NAN]];
    let maps = Tensor::<2>::from_floats(rows, &gpu).reshape([1, 1, 4, 4]);
    let pooled = values(max_pool(&MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(), maps)).await;
    assert!(pooled.iter().all(|largest| largest.is_nan()), "{pooled:?}");
}
