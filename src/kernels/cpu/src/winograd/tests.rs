//! Against the definition of convolution, in f64.

use super::Convolution;
use crate::noise::noise;

/// Calls `place` with the flat places of output, input and kernel of every product in the definition.
fn products(shape: &Convolution, mut place: impl FnMut(usize, usize, usize)) {
    let Convolution { batch, channels_in, channels_out, height, width, dilation } = *shape;
    for (image, out, inp) in (0..batch * channels_out * channels_in)
        .map(|at| (at / channels_in / channels_out, at / channels_in % channels_out, at % channels_in))
    {
        for (y, x, ky, kx) in (0..height * width * 9).map(|at| (at / 9 / width, at / 9 % width, at % 9 / 3, at % 3)) {
            let from = |at: usize, k: usize, size| (at + k * dilation).checked_sub(dilation).filter(|&at| at < size);
            if let (Some(fy), Some(fx)) = (from(y, ky, height), from(x, kx, width)) {
                place(
                    ((image * channels_out + out) * height + y) * width + x,
                    ((image * channels_in + inp) * height + fy) * width + fx,
                    (out * channels_in + inp) * 9 + ky * 3 + kx,
                );
            }
        }
    }
}

fn close(found: &[f32], wanted: &[f64]) {
    let largest = wanted.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert!((f64::from(*found) - wanted).abs() < 4e-6 * largest, "at {at}: {found}, not {wanted}");
    }
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn equals_the_definition() {
    let shapes = [
        (1, 1, 1, 4, 4, 1),
        (2, 3, 5, 7, 9, 1),
        (3, 4, 8, 3, 2, 1),
        (1, 7, 3, 1, 13, 1),
        (2, 16, 12, 12, 12, 1),
        (5, 2, 2, 17, 33, 1),
        (2, 6, 7, 12, 10, 2),
        (1, 4, 4, 6, 5, 3),
        (2, 3, 4, 2, 2, 3),
        (1, 5, 2, 25, 19, 3),
        // By patches: few places are not transformed.
        (2, 8, 6, 3, 4, 1),
        (1, 9, 5, 7, 7, 1),
    ];
    for (batch, channels_in, channels_out, height, width, dilation) in shapes {
        let shape = Convolution { batch, channels_in, channels_out, height, width, dilation };
        let input = noise(batch * channels_in * height * width, 1);
        let kernels = noise(channels_in * channels_out * 9, 2);
        let gradient = noise(batch * channels_out * height * width, 3);
        let [mut forward, mut input_gradient, mut kernel_gradient] =
            [gradient.len(), input.len(), kernels.len()].map(|count| vec![0.0; count]);
        products(&shape, |out, inp, kernel| {
            let [x, w, g] = [input[inp], kernels[kernel], gradient[out]].map(f64::from);
            forward[out] += x * w;
            input_gradient[inp] += g * w;
            kernel_gradient[kernel] += g * x;
        });
        close(&shape.forward(&input, &kernels), &forward);
        let bias = noise(channels_out, 4);
        let planes = forward.chunks_exact(height * width).zip(bias.iter().cycle());
        let cut: Vec<f64> =
            planes.flat_map(|(plane, bias)| plane.iter().map(|sum| (sum + f64::from(*bias)).max(0.0))).collect();
        close(&shape.forward_with(&input, &kernels, &bias, true), &cut);
        close(&shape.input_gradient(&gradient, &kernels), &input_gradient);
        close(&shape.kernel_gradient(&input, &gradient), &kernel_gradient);
    }
}
