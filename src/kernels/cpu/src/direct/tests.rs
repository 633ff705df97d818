//! Against the definition of convolution, in f64.

use super::*;
use crate::noise::noise;

/// By the definition, in f64.
fn defined(shape: &Direct, input: &[f32], weight: &[f32], bias: &[f32], then: Then) -> Vec<f64> {
    let Direct { batch, groups, channels: (inputs, outputs), kernel, stride, before, .. } = *shape;
    let ((height, width), (down, across)) = (shape.input, shape.output);
    let mut values = Vec::new();
    for (image, out) in (0..batch * groups * outputs).map(|at| (at / (groups * outputs), at % (groups * outputs))) {
        for (y, x) in (0..down * across).map(|at| (at / across, at % across)) {
            let mut sum = f64::from(bias[out]);
            for (inp, ky, kx) in
                (0..inputs * kernel * kernel).map(|at| (at / (kernel * kernel), at / kernel % kernel, at % kernel))
            {
                let from = |at: usize, k: usize, before: usize, size: usize| {
                    (at * stride + k).checked_sub(before).filter(|at| *at < size)
                };
                if let (Some(fy), Some(fx)) = (from(y, ky, before.0, height), from(x, kx, before.1, width)) {
                    let channel = image * groups * inputs + out / outputs * inputs + inp;
                    let weight = weight[(out * inputs + inp) * kernel * kernel + ky * kernel + kx];
                    sum += f64::from(weight) * f64::from(input[(channel * height + fy) * width + fx]);
                }
            }
            values.push(match then {
                Then::Nothing => sum,
                Then::Relu => sum.max(0.0),
                Then::Silu => sum / (1.0 + (-sum).exp()),
            });
        }
    }
    values
}

fn check(shape: Direct) {
    let Direct { batch, groups, channels: (inputs, outputs), kernel, .. } = shape;
    let input = noise(batch * groups * inputs * shape.input.0 * shape.input.1, 1);
    let weight = noise(groups * outputs * inputs * kernel * kernel, 2);
    let bias = noise(groups * outputs, 3);
    for then in [Then::Nothing, Then::Relu, Then::Silu] {
        let found = shape.forward(&input, &weight, &bias, then);
        let wanted = defined(&shape, &input, &weight, &bias, then);
        assert_eq!(found.len(), wanted.len());
        for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            assert!((f64::from(*found) - wanted).abs() < 2e-5, "{shape:?} at {at}: {found}, not {wanted}");
        }
    }
}

#[test]
fn it_is_what_the_definition_says() {
    let shape = |groups, channels, input: (usize, usize), kernel, stride: usize, before| Direct {
        batch: 2,
        groups,
        channels,
        input,
        output: (input.0.div_ceil(stride), input.1.div_ceil(stride)),
        kernel,
        stride,
        before,
    };
    // Depthwise, symmetric and as TensorFlow pads; the stems of the backbones; 1x1.
    check(shape(5, (1, 1), (7, 19), 3, 1, (1, 1)));
    check(shape(3, (1, 1), (16, 16), 5, 1, (2, 2)));
    check(shape(3, (1, 1), (16, 34), 3, 2, (0, 0)));
    check(shape(2, (1, 1), (9, 33), 3, 2, (1, 1)));
    check(shape(2, (1, 1), (12, 20), 5, 2, (2, 2)));
    check(shape(2, (1, 1), (12, 20), 5, 2, (1, 1)));
    check(shape(1, (3, 6), (20, 21), 5, 2, (2, 2)));
    check(shape(1, (3, 9), (18, 22), 7, 2, (3, 3)));
    check(shape(1, (7, 11), (1, 50), 1, 1, (0, 0)));
    // 1x1, the places of both images together.
    check(shape(1, (7, 11), (1, 1), 1, 1, (0, 0)));
    check(shape(1, (9, 6), (1, 9), 1, 1, (0, 0)));
    check(shape(2, (2, 4), (5, 1), 3, 1, (1, 1)));
    // By patches: few places, of two images and of one; a row that is no whole number of registers; strides, padded unlike; several
    // blocks, the last one smaller.
    check(shape(1, (70, 9), (1, 3), 1, 1, (0, 0)));
    check(shape(1, (9, 6), (3, 4), 3, 1, (1, 1)));
    check(shape(1, (8, 5), (7, 9), 3, 2, (1, 1)));
    check(shape(1, (8, 5), (6, 4), 5, 2, (1, 2)));
    check(Direct { batch: 1, ..shape(1, (8, 7), (7, 7), 3, 1, (1, 1)) });
    check(Direct { batch: 1, ..shape(1, (64, 4), (1, 1), 1, 1, (0, 0)) });
    check(shape(1, (80, 6), (8, 11), 1, 2, (0, 0)));
    check(shape(1, (60, 2), (11, 9), 3, 2, (1, 1)));
}

#[test]
fn of_nothing_nothing_comes() {
    let shape = Direct {
        batch: 0,
        groups: 2,
        channels: (1, 1),
        input: (4, 4),
        output: (4, 4),
        kernel: 3,
        stride: 1,
        before: (1, 1),
    };
    assert!(shape.forward(&[], &[0.0; 18], &[0.0; 2], Then::Nothing).is_empty());
}

/// Calls `place` with the flat places of output, input and kernel of every product in the definition.
fn products(shape: &Direct, mut place: impl FnMut(usize, usize, usize)) {
    let Direct { batch, groups, channels: (inputs, outputs), kernel, stride, before, .. } = *shape;
    let ((height, width), (down, across)) = (shape.input, shape.output);
    for (plane, y, x) in
        (0..batch * groups * outputs * down * across).map(|at| (at / (down * across), at / across % down, at % across))
    {
        let (group, channel) = (plane / outputs, plane % (groups * outputs));
        for (from_channel, ky, kx) in
            (0..inputs * kernel * kernel).map(|at| (at / (kernel * kernel), at / kernel % kernel, at % kernel))
        {
            let from = |at: usize, k: usize, before: usize, size: usize| {
                (at * stride + k).checked_sub(before).filter(|at| *at < size)
            };
            if let (Some(fy), Some(fx)) = (from(y, ky, before.0, height), from(x, kx, before.1, width)) {
                place(
                    (plane * down + y) * across + x,
                    ((group * inputs + from_channel) * height + fy) * width + fx,
                    ((channel * inputs + from_channel) * kernel + ky) * kernel + kx,
                );
            }
        }
    }
}

#[test]
fn gradients_are_the_definitions() {
    let shape = |groups, channels, input: (usize, usize), kernel, stride: usize, before| Direct {
        batch: 2,
        groups,
        channels,
        input,
        output: (input.0.div_ceil(stride), input.1.div_ceil(stride)),
        kernel,
        stride,
        before,
    };
    for shape in [
        shape(5, (1, 1), (7, 19), 3, 1, (1, 1)),
        shape(3, (1, 1), (16, 16), 5, 1, (2, 2)),
        shape(3, (1, 1), (16, 34), 3, 2, (0, 0)),
        shape(2, (1, 1), (9, 33), 3, 2, (1, 1)),
        shape(2, (1, 1), (12, 20), 5, 2, (1, 1)),
        shape(4, (1, 1), (1, 1), 5, 1, (2, 2)),
        shape(1, (3, 6), (20, 21), 3, 2, (1, 1)),
        shape(1, (2, 1), (12, 13), 7, 1, (3, 3)),
        shape(2, (2, 3), (5, 6), 3, 1, (1, 1)),
        // 1x1, where places are taken through all images: three of an image, whole blocks of places, a bit more.
        shape(1, (5, 9), (1, 3), 1, 1, (0, 0)),
        shape(1, (4, 4), (1, 512), 1, 1, (0, 0)),
        shape(1, (7, 2), (1, 601), 1, 1, (0, 0)),
        shape(1, (7, 6), (5, 9), 1, 2, (0, 0)),
        // By patches.
        shape(1, (9, 6), (3, 4), 3, 1, (1, 1)),
        shape(1, (8, 5), (7, 9), 3, 2, (1, 1)),
        shape(1, (8, 5), (6, 4), 5, 2, (1, 2)),
        shape(1, (80, 6), (8, 11), 1, 2, (0, 0)),
        shape(1, (60, 2), (11, 9), 3, 2, (1, 1)),
    ] {
        let (inputs, outputs) = shape.channels;
        let input = noise(2 * shape.groups * inputs * shape.input.0 * shape.input.1, 1);
        let weight = noise(shape.groups * outputs * inputs * shape.kernel * shape.kernel, 2);
        let output = noise(2 * shape.groups * outputs * shape.output.0 * shape.output.1, 3);
        let (mut of_input, mut of_weight) = (vec![0.0f64; input.len()], vec![0.0f64; weight.len()]);
        products(&shape, |out, inp, tap| {
            of_input[inp] += f64::from(output[out]) * f64::from(weight[tap]);
            of_weight[tap] += f64::from(output[out]) * f64::from(input[inp]);
        });
        let close = |found: Vec<f32>, wanted: Vec<f64>| {
            assert_eq!(found.len(), wanted.len());
            for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                assert!((f64::from(*found) - wanted).abs() < 1e-4, "{shape:?} at {at}: {found}, not {wanted}");
            }
        };
        close(shape.input_gradient(&output, &weight), of_input);
        close(shape.weight_gradient(&input, &output), of_weight);
        let area = shape.output.0 * shape.output.1;
        let mut of_bias = vec![0.0; shape.groups * outputs];
        for (plane, values) in output.chunks(area).enumerate() {
            of_bias[plane % (shape.groups * outputs)] += values.iter().map(|value| f64::from(*value)).sum::<f64>();
        }
        close(shape.bias_gradient(&output), of_bias);
    }
}
