//! Batch normalisation on a GPU against Burn's on the CPU, forward and backward.

use burn::module::{Module, Param};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::{Device, Tensor, TensorData, activation};
use mien::engine::device;
use mien::engine::protocol::DeviceChoice;
use mien::kernels::{Then, batch_norm};

use crate::convolutions::{assert_alike, values};
use crate::waves::wave;

fn burns(norm: &BatchNorm, input: Tensor<4>, then: Then) -> Tensor<4> {
    let normalised = norm.forward(input);
    match then {
        Then::Nothing => normalised,
        Then::Relu => activation::relu(normalised),
        Then::Silu => activation::silu(normalised),
    }
}

/// The normalised, the gradients to the input and to the two parameters, and the running mean and variance after two steps.
async fn normalised(
    device: &Device,
    shape: [usize; 4],
    normalise: impl Fn(&BatchNorm, Tensor<4>) -> Tensor<4>,
) -> [Vec<f32>; 6] {
    let device = device.clone().autodiff();
    let mut norm: BatchNorm = BatchNormConfig::new(shape[1]).init(&device);
    norm.gamma = Param::from_tensor(wave([shape[1]], 1.5, &device));
    norm.beta = Param::from_tensor(wave([shape[1]], 0.3, &device));
    // Far from zero, where squares cancel; and the first, from which a sum might start, is nothing like the rest.
    let mut first = vec![0.0f32; shape.iter().product()];
    first[0] = 100.0;
    let first = Tensor::from_data(TensorData::new(first, shape), &device);
    let input = (wave(shape, 30.0, &device) + first + 20.0).require_grad();
    // A step before, so that what runs has run from somewhere.
    normalise(&norm, input.clone().detach() * 0.5);
    let output = normalise(&norm, input.clone());
    // Not the input's own wave: a batch norm lets nothing of that through.
    let gradient = wave(shape, 0.1, &device).powi_scalar(2);
    let gradients = (output.clone() * gradient).sum().backward();
    let [gamma, beta] = [norm.gamma.val(), norm.beta.val()].map(|parameter| parameter.grad(&gradients).unwrap());
    let norm = norm.valid();
    let [mean, variance] = [norm.running_mean.value(), norm.running_var.value()];
    let to_input = input.grad(&gradients).unwrap();
    [
        values(output.inner()).await,
        values(to_input).await,
        values(gamma).await,
        values(beta).await,
        values(mean).await,
        values(variance).await,
    ]
}

/// In training, with what comes behind it.
pub async fn batch_norm_is_burns_on_the_cpu() {
    let (gpu, _) = device::start(DeviceChoice::WebGpu, 1).await.expect("there is a GPU, if of software");
    assert_eq!(burn::runtime_config().fusion().beam_search.max_blocks, 1, "fusion is in order");
    let cases = [
        ([3, 4, 5, 3], Then::Relu),
        ([2, 70, 3, 3], Then::Silu),
        ([1, 6, 7, 1], Then::Nothing),
        ([5, 3, 1, 1], Then::Relu),
        // Summed by 64, 128 and 256 threads.
        ([2, 3, 16, 16], Then::Nothing),
        ([2, 3, 40, 33], Then::Silu),
        ([5, 2, 64, 64], Then::Relu),
    ];
    for (shape, then) in cases {
        let ours = normalised(&gpu, shape, |norm, input| batch_norm(norm, input, then)).await;
        let burns = normalised(&Device::flex(), shape, |norm, input| burns(norm, input, then)).await;
        let names = ["output", "input's gradient", "gamma's", "beta's", "running mean", "running variance"];
        for (name, (ours, burns)) in names.iter().zip(ours.iter().zip(&burns)) {
            assert_alike(&format!("{name} of {shape:?}, {then:?}"), ours, burns, 1e-4);
        }
    }
}
