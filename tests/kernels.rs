//! The kernels against Burn's own operations, forward and backward.

mod waves;

use burn::module::Param;
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::optim::{AdamWConfig, Optimizer};
use burn::tensor::activation;
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use mien::kernels::{
    AdamW, Then, Window, adamw_on_cpu, batch_norm, convolution, convolution_3x3_on_cpu, direct_on_cpu, max_pool, silu,
};
use waves::wave;

fn close<const D: usize>(found: Tensor<D>, wanted: Tensor<D>) {
    let largest = wanted.clone().abs().max().into_scalar::<f32>();
    let difference = (found - wanted).abs().max().into_scalar::<f32>();
    assert!(difference <= 2e-5 * largest.max(1e-3), "{difference} of {largest}");
}

/// Convolves an input by a weight of these shapes with `ours` and with Burn's `conv2d`: the outputs are the same, and so are the
/// gradients to both.
fn alike(
    input: [usize; 4],
    weight: [usize; 4],
    ours: impl Fn(Tensor<4>, Tensor<4>) -> Tensor<4>,
    options: ConvOptions<2>,
) {
    let device = Device::flex().autodiff();
    let run = |convolve: &dyn Fn(Tensor<4>, Tensor<4>) -> Tensor<4>| {
        let input = wave(input, 0.2, &device).require_grad();
        let weight = wave(weight, 0.0, &device).require_grad();
        let output = convolve(input.clone(), weight.clone());
        let gradient = wave(output.dims(), 0.1, &device);
        let gradients = (output.clone() * gradient).sum().backward();
        (output.inner(), input.grad(&gradients).unwrap(), weight.grad(&gradients).unwrap())
    };
    let (ours, burns) = (run(&ours), run(&|input, weight| conv2d(input, weight, None, options.clone())));
    close(ours.0, burns.0);
    close(ours.1, burns.1);
    close(ours.2, burns.2);
}

#[test]
fn a_3x3_convolution_is_burns_forward_and_backward() {
    for (shape, channels_out, dilation) in
        [([2, 3, 9, 7], 5, 1), ([3, 8, 12, 12], 12, 1), ([2, 6, 12, 12], 7, 2), ([1, 4, 5, 6], 4, 3)]
    {
        let options = ConvOptions::new([1, 1], [dilation; 2], [dilation; 2], 1);
        let ours = |input, weight| convolution(input, weight, Window::around(3, 1, dilation), dilation);
        alike(shape, [channels_out, shape[1], 3, 3], ours, options);
    }
}

#[test]
fn a_convolution_by_its_definition_is_burns_forward_and_backward() {
    let device = Device::flex().autodiff();
    for (shape, channels_out, groups, kernel, stride) in [
        // Depthwise; stems; few channels to few; 1x1.
        ([2, 5, 9, 18], 5, 5, 3, 1),
        ([2, 3, 12, 20], 3, 3, 5, 2),
        ([1, 4, 7, 7], 4, 4, 5, 1),
        ([3, 2, 8, 9], 2, 2, 3, 2),
        ([2, 3, 12, 10], 8, 1, 3, 2),
        ([1, 3, 21, 22], 10, 1, 7, 2),
        ([2, 2, 12, 12], 1, 1, 7, 1),
        ([1, 4, 6, 6], 6, 2, 3, 1),
        ([2, 5, 6, 7], 9, 1, 1, 1),
        ([2, 5, 6, 7], 9, 1, 1, 2),
        ([3, 6, 3, 3], 8, 1, 1, 1),
    ] {
        let padding = kernel / 2;
        let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], groups);
        for cut in [false, true] {
            let then = if cut { Then::Relu } else { Then::Nothing };
            let window = Window { stride, padding: [(padding, padding); 2], groups, then };
            let run = |ours: bool| {
                let input = wave(shape, 0.2, &device).require_grad();
                let weight = wave([channels_out, shape[1] / groups, kernel, kernel], 0.0, &device).require_grad();
                let bias: Tensor<1> = wave([channels_out], 0.1, &device).require_grad();
                let (x, w, b) = (input.clone(), weight.clone(), bias.clone());
                let output = match (ours, cut) {
                    (true, _) => direct_on_cpu(x, w, b, window),
                    (false, true) => relu(conv2d(x, w, Some(b), options.clone())),
                    (false, false) => conv2d(x, w, Some(b), options.clone()),
                };
                let gradients = (output.clone() * wave(output.dims(), 0.1, &device)).sum().backward();
                let of_bias = bias.grad(&gradients).unwrap();
                (output.inner(), input.grad(&gradients).unwrap(), weight.grad(&gradients).unwrap(), of_bias)
            };
            let (ours, burns) = (run(true), run(false));
            close(ours.0, burns.0);
            close(ours.1, burns.1);
            close(ours.2, burns.2);
            close(ours.3, burns.3);
        }
    }
}

#[test]
fn what_comes_behind_a_convolution_comes_at_once() {
    let device = Device::flex();
    for (shape, channels_out, dilation) in [([2, 5, 9, 18], 6, 1), ([1, 16, 12, 12], 5, 1), ([2, 3, 10, 7], 4, 2)] {
        let input: Tensor<4> = wave(shape, 0.2, &device);
        let weight: Tensor<4> = wave([channels_out, shape[1], 3, 3], 0.0, &device);
        let bias: Tensor<1> = wave([channels_out], 0.1, &device);
        let options = ConvOptions::new([1; 2], [dilation; 2], [dilation; 2], 1);
        let plain = conv2d(input.clone(), weight.clone(), Some(bias.clone()), options);
        let with = |then| Window { then, ..Window::around(3, 1, dilation) };
        let at_once = |then| convolution_3x3_on_cpu(&input, &weight, &bias, with(then), dilation);
        close(at_once(Then::Nothing).unwrap(), plain.clone());
        close(at_once(Then::Relu).unwrap(), relu(plain.clone()));
        assert!(at_once(Then::Silu).is_none(), "that is not done at once");
        if dilation == 1 {
            let silu_behind = direct_on_cpu(input.clone(), weight.clone(), bias.clone(), with(Then::Silu));
            close(silu_behind, burn::tensor::activation::silu(plain));
        }
    }
}

#[test]
fn a_view_is_convolved_as_what_it_shows() {
    let device = Device::flex();
    let whole = wave([5, 2, 11, 8], 0.0, &device);
    let weight = wave([5, 4, 3, 3], 0.0, &device);
    let view = whole.permute([1, 0, 3, 2]).slice([0..2, 1..5, 0..8, 2..11]);
    let copy = Tensor::<4>::from_data(view.clone().into_data(), &device);
    let weights = weight.clone().swap_dims(2, 3);
    let copied = Tensor::<4>::from_data(weights.clone().into_data(), &device);
    let window = Window::around(3, 1, 1);
    close(convolution(view, weights, window, 1), convolution(copy, copied, window, 1));
}

#[test]
fn strided_and_larger_kernels_are_burns() {
    let device = Device::flex();
    for (kernel, stride, dilation) in [(3, 2, 1), (5, 1, 1), (7, 1, 1), (1, 1, 1), (5, 2, 2)] {
        let (input, weight) = (wave([2, 3, 10, 9], 0.0, &device), wave([4, 3, kernel, kernel], 0.0, &device));
        let padding = dilation * (kernel / 2);
        let options = ConvOptions::new([stride; 2], [padding; 2], [dilation; 2], 1);
        let window = Window::around(kernel, stride, dilation);
        close(convolution(input.clone(), weight.clone(), window, dilation), conv2d(input, weight, None, options));
    }
}

#[test]
fn batch_norm_is_burns_forward_backward_and_in_its_running_statistics() {
    let device = Device::flex().autodiff();
    let all = [
        ([3, 4, 5, 3], Then::Relu),
        ([2, 3, 4, 4], Then::Nothing),
        ([1, 6, 7, 1], Then::Relu),
        ([2, 3, 3, 3], Then::Silu),
    ];
    for (shape, then) in all {
        let fresh = || {
            let mut norm: BatchNorm = BatchNormConfig::new(shape[1]).init(&device);
            norm.gamma = Param::from_tensor(wave([shape[1]], 1.5, &device));
            norm.beta = Param::from_tensor(wave([shape[1]], 0.3, &device));
            norm
        };
        // Not the input's own wave: a batch norm lets nothing of that through.
        let gradient = wave(shape, 0.1, &device).powi_scalar(2);
        let run = |ours: bool| {
            let (norm, input) = (fresh(), wave(shape, 30.0, &device).require_grad());
            let output = match (ours, then) {
                (true, _) => batch_norm(&norm, input.clone(), then),
                (false, Then::Nothing) => norm.forward(input.clone()),
                (false, Then::Relu) => relu(norm.forward(input.clone())),
                (false, Then::Silu) => silu(norm.forward(input.clone())),
            };
            let gradients = (output.clone() * gradient.clone()).sum().backward();
            let channels = [norm.gamma.val(), norm.beta.val()].map(|parameter| parameter.grad(&gradients).unwrap());
            let running = [norm.running_mean.value_sync(), norm.running_var.value_sync()].map(Tensor::inner);
            (output.inner(), input.grad(&gradients).unwrap(), channels, running)
        };
        let (ours, burns) = (run(true), run(false));
        close(ours.0, burns.0);
        close(ours.1, burns.1);
        ours.2.into_iter().zip(burns.2).for_each(|(ours, burns)| close(ours, burns));
        ours.3.into_iter().zip(burns.3).for_each(|(ours, burns)| close(ours, burns));
    }
}

#[test]
fn max_pooling_is_burns_forward_and_backward() {
    let device = Device::flex().autodiff();
    for shape in [[2, 3, 8, 6], [1, 2, 7, 9], [3, 1, 2, 2]] {
        let run = |pool: &dyn Fn(Tensor<4>) -> Tensor<4>| {
            let input = wave(shape, 0.0, &device).require_grad();
            let output = pool(input.clone());
            let gradients = (output.clone() * wave(output.dims(), 0.1, &device)).sum().backward();
            (output.inner(), input.grad(&gradients).unwrap())
        };
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        let ours = run(&|input| max_pool(&pool, input));
        let burns = run(&|input| pool.forward(input));
        close(ours.0, burns.0);
        close(ours.1, burns.1);
    }
}

#[test]
fn silu_is_burns_forward_and_backward() {
    let device = Device::flex().autodiff();
    // 101 numbers from -20 to 20: not a multiple of four.
    let input = || (wave([1, 101], 0.0, &device) * 20.0).require_grad();
    let run = |of: fn(Tensor<2>) -> Tensor<2>| {
        let input = input();
        let output = of(input.clone());
        let gradients = (output.clone() * wave([1, 101], 0.5, &device)).sum().backward();
        (output.inner(), input.grad(&gradients).unwrap())
    };
    let (ours, burns) = (run(silu), run(activation::silu));
    close(ours.0, burns.0);
    close(ours.1, burns.1);
    let view = wave([4, 5], 0.0, &Device::flex()).transpose();
    close(silu(view.clone()), activation::silu(Tensor::from_data(view.into_data(), &Device::flex())));
}

/// AdamW in one go is Burn's, made of a tensor's operations, to the last bit.
#[test]
fn adamw_in_one_go_is_burns() {
    let device = Device::flex();
    let rule = AdamWConfig::new().with_weight_decay(0.02).with_epsilon(1e-8).build();
    let mut burns = (wave([13, 79], 0.0, &device), None);
    let mut ours = [burns.0.clone(), Tensor::zeros([13, 79], &device), Tensor::zeros([13, 79], &device)];
    for step in 1..=3 {
        let gradient = wave([13, 79], step as f32 - 1.8, &device) * 0.01;
        burns = rule.step(0.004, burns.0, gradient.clone(), burns.1);
        let left = (1.0 - 0.004 * f64::from(0.02f32)) as f32;
        let this = AdamW { betas: [0.9, 0.999], epsilon: 1e-8, rate: 0.004, left, step };
        let [weights, first, second] = ours;
        ours = adamw_on_cpu(weights, gradient, [first, second], this);
    }
    let values = |tensor: &Tensor<2>| tensor.to_data().try_to_vec::<f32>().unwrap();
    let momentum = burns.1.unwrap().momentum;
    let expected = [burns.0, momentum.moment_1, momentum.moment_2];
    for (what, (ours, burns)) in ["weights", "first moments", "second moments"].iter().zip(ours.iter().zip(&expected)) {
        assert_eq!(values(ours), values(burns), "{what}");
    }
}
