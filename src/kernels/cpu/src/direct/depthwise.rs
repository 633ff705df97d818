//! How gradients pass through a depthwise convolution.

use wide::f32x4;

use super::{Direct, LANES, lanes};

impl Direct {
    /// The gradient to the input of a depthwise convolution, from that to its output: the same convolution, of stride 1, with
    /// the kernels turned round, over the output's places as far apart as the input's that they looked at.
    ///
    /// # Panics
    /// Where a slice is not as long as the shapes say, or more zeros are above or left of the input than a kernel reaches.
    pub fn depthwise_input_gradient(&self, output: &[f32], weight: &[f32]) -> Vec<f32> {
        let Direct { batch, groups, output: (down, across), kernel, stride, before, .. } = *self;
        let apart = ((down.max(1) - 1) * stride + 1, (across.max(1) - 1) * stride + 1);
        let mut spread = vec![0.0; batch * groups * apart.0 * apart.1];
        let planes = output.chunks_exact((down * across).max(1)).zip(spread.chunks_exact_mut(apart.0 * apart.1));
        for (from, to) in planes {
            for (from, to) in from.chunks_exact(across.max(1)).zip(to.chunks_mut(stride * apart.1)) {
                to.iter_mut().step_by(stride).zip(from).for_each(|(to, from)| *to = *from);
            }
        }
        let turned = Direct {
            input: apart,
            output: self.input,
            stride: 1,
            before: (kernel - 1 - before.0, kernel - 1 - before.1),
            ..*self
        };
        let kernels = weight.chunks_exact(kernel * kernel).flat_map(|kernel| kernel.iter().rev());
        let kernels: Vec<f32> = kernels.copied().collect();
        turned.forward(&spread, &kernels, &vec![0.0; groups], false)
    }

    /// The gradient to the kernels of a depthwise convolution, `[channels, 1, kernel, kernel]`, from that to its output.
    ///
    /// # Panics
    /// Where a slice is not as long as the shapes say.
    pub fn depthwise_weight_gradient(&self, input: &[f32], output: &[f32]) -> Vec<f32> {
        let Direct { batch, groups, input: (height, width), output: (down, across), stride, .. } = *self;
        assert_eq!(input.len(), batch * groups * height * width, "the input is as large as its shape");
        assert_eq!(output.len(), batch * groups * down * across, "so is the output");
        let layout = self.layout();
        let taps = layout.taps.len();
        let row = across.next_multiple_of(LANES);
        let (mut plane, mut padded) = (vec![0.0; layout.plane], vec![0.0; row]);
        let mut gradient = vec![0.0; groups * taps];
        let planes = input.chunks_exact((height * width).max(1)).zip(output.chunks_exact((down * across).max(1)));
        for (number, (input, output)) in planes.enumerate() {
            self.lay(&layout, input, &mut plane);
            let mut sums = vec![f32x4::ZERO; taps];
            for (y, output) in output.chunks_exact(across.max(1)).enumerate() {
                padded[..across].copy_from_slice(output);
                for (x, output) in padded.chunks_exact(LANES).enumerate() {
                    let start = layout.start(y * stride, x * LANES);
                    let output: [f32x4; LANES / 4] = lanes(output);
                    for (sum, tap) in sums.iter_mut().zip(&layout.taps) {
                        let values: [f32x4; LANES / 4] = lanes(&plane[start + tap..start + tap + LANES]);
                        output.iter().zip(values).for_each(|(output, value)| *sum += *output * value);
                    }
                }
            }
            let of = &mut gradient[number % groups * taps..][..taps];
            of.iter_mut().zip(&sums).for_each(|(to, sum)| *to += sum.reduce_add());
        }
        gradient
    }
}
