//! How gradients pass through a convolution by its definition.

use super::{Direct, LANES, Layout};
use crate::cores;
use crate::then::Then;
use crate::vector::{Vector, WIDTH, fused, vectors};

impl Direct {
    /// The gradient to the input, from that to the output. Where it does not go by patches it is a convolution of stride 1, with the
    /// kernels turned round and the channels exchanged, over the output's places as far apart as the input's that they looked at.
    ///
    /// # Panics
    /// Where a slice is not as long as the shapes say, or more zeros are above or left of the input than a kernel reaches.
    pub fn input_gradient(&self, output: &[f32], weight: &[f32]) -> Vec<f32> {
        let area = self.places_of_a_group().1;
        assert_eq!(output.len(), self.batch * self.groups * area, "the output is as large as its shape");
        assert_eq!(weight.len(), self.groups * self.channels.1 * self.taps(), "so is the weight");
        if self.is_by_patches() {
            return self.input_gradient_by_patches(output, weight);
        }
        let Direct { batch, groups, channels: (inputs, outputs), output: (down, across), .. } = *self;
        let Direct { kernel, stride, before, .. } = *self;
        let apart = ((down.max(1) - 1) * stride + 1, (across.max(1) - 1) * stride + 1);
        let turned = Direct {
            channels: (outputs, inputs),
            input: apart,
            output: self.input,
            stride: 1,
            before: (kernel - 1 - before.0, kernel - 1 - before.1),
            ..*self
        };
        let (weight, bias) = (self.turned(weight), vec![0.0; groups * inputs]);
        if stride == 1 {
            return turned.forward(output, &weight, &bias, Then::Nothing);
        }
        let mut spread = vec![0.0; batch * groups * outputs * apart.0 * apart.1];
        let planes = output.chunks_exact((down * across).max(1)).zip(spread.chunks_exact_mut(apart.0 * apart.1));
        for (from, to) in planes {
            for (from, to) in from.chunks_exact(across.max(1)).zip(to.chunks_mut(stride * apart.1)) {
                to.iter_mut().step_by(stride).zip(from).for_each(|(to, from)| *to = *from);
            }
        }
        turned.forward(&spread, &weight, &bias, Then::Nothing)
    }

    /// Kernels turned by half a turn, `[groups, channels in, channels out, kernel, kernel]`.
    fn turned(&self, weight: &[f32]) -> Vec<f32> {
        let ((inputs, outputs), taps) = (self.channels, self.kernel * self.kernel);
        let mut turned = Vec::with_capacity(weight.len());
        for group in weight.chunks_exact((outputs * inputs * taps).max(1)) {
            for input in 0..inputs {
                let kernels = group.chunks_exact(taps).skip(input).step_by(inputs);
                kernels.for_each(|kernel| turned.extend(kernel.iter().rev()));
            }
        }
        turned
    }

    /// The gradient to the kernels, `[groups * channels out, channels in, kernel, kernel]`, from that to the output.
    ///
    /// # Panics
    /// Where a slice is not as long as the shapes say.
    pub fn weight_gradient(&self, input: &[f32], output: &[f32]) -> Vec<f32> {
        let (size, area) = self.places_of_a_group();
        assert_eq!(input.len(), self.batch * self.groups * size, "the input is as large as its shape");
        assert_eq!(output.len(), self.batch * self.groups * area, "so is the output");
        let part = cores::share(self.batch, input.len());
        let [input_part, output_part] = [size, area].map(|size| (part * self.groups * size).max(1));
        let parts = input.chunks(input_part).zip(output.chunks(output_part));
        let by_patches = self.is_by_patches();
        cores::summed(cores::each(parts, |(input, output)| match self.is_pointwise() {
            true => self.pointwise_gradient_of(input, output),
            false if by_patches => self.weight_gradient_by_patches(input, output),
            false => self.weight_gradient_of(input, output),
        }))
    }

    /// The gradient to the bias, `[groups * channels out]`, from that to the output.
    pub fn bias_gradient(&self, output: &[f32]) -> Vec<f32> {
        let mut gradient = vec![0.0; self.groups * self.channels.1];
        let images = output.chunks_exact((self.groups * self.places_of_a_group().1).max(1));
        for image in images {
            let planes = image.chunks_exact((self.output.0 * self.output.1).max(1));
            gradient.iter_mut().zip(planes).for_each(|(to, plane)| *to += sum(plane));
        }
        gradient
    }

    /// The same of some of the images.
    fn weight_gradient_of(&self, input: &[f32], output: &[f32]) -> Vec<f32> {
        let (inputs, outputs) = self.channels;
        let (size, area) = self.places_of_a_group();
        let layout = self.layout();
        let taps = layout.taps.len();
        let (mut planes, mut row) =
            (vec![0.0; inputs * layout.plane], vec![0.0; self.output.1.next_multiple_of(LANES)]);
        let mut gradient = vec![0.0; self.groups * outputs * inputs * taps];
        let groups = input.chunks_exact(size.max(1)).zip(output.chunks_exact(area.max(1)));
        for (number, (input, output)) in groups.enumerate() {
            let channels = input.chunks_exact((size / inputs).max(1));
            channels
                .zip(planes.chunks_exact_mut(layout.plane))
                .for_each(|(from, plane)| self.lay(&layout, from, plane));
            let first = number % self.groups * outputs * inputs * taps;
            let kernels = gradient[first..].chunks_exact_mut(inputs * taps);
            for (output, kernels) in output.chunks_exact((area / outputs).max(1)).zip(kernels) {
                for (plane, kernel) in planes.chunks_exact(layout.plane).zip(kernels.chunks_exact_mut(taps)) {
                    self.correlate(&layout, plane, output, &mut row, kernel);
                }
            }
        }
        gradient
    }

    /// Adds to every element of a kernel the sum of the places that it looked at, each times the gradient to what came of it.
    /// `row` is room for a row of the output, in whole lanes, whose end is zero.
    #[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
    fn correlate(&self, layout: &Layout, plane: &[f32], output: &[f32], row: &mut [f32], kernel: &mut [f32]) {
        let across = self.output.1;
        let mut sums = vec![Vector::ZERO; kernel.len()];
        for (y, output) in output.chunks_exact(across.max(1)).enumerate() {
            row[..across].copy_from_slice(output);
            for (x, output) in row.chunks_exact(LANES).enumerate() {
                let start = layout.start(y * self.stride, x * LANES);
                let output: [Vector; LANES / WIDTH] = vectors(output);
                for (sum, tap) in sums.iter_mut().zip(&layout.taps) {
                    let values: [Vector; LANES / WIDTH] = vectors(&plane[start + tap..start + tap + LANES]);
                    output.iter().zip(values).for_each(|(output, value)| *sum = fused(*output, value, *sum));
                }
            }
        }
        kernel.iter_mut().zip(&sums).for_each(|(to, sum)| *to += sum.reduce_add());
    }
}

/// Their sum, sixteen sums side by side.
fn sum(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut sums = [Vector::ZERO; LANES / WIDTH];
    for values in whole {
        sums.iter_mut().zip(vectors::<{ LANES / WIDTH }>(values)).for_each(|(sum, value)| *sum += value);
    }
    sums.into_iter().sum::<Vector>().reduce_add() + rest.iter().sum::<f32>()
}
