//! A depthwise and a pointwise convolution beside a shortcut: what small networks for telephones are made of.

use super::Direct;
use crate::then::{Then, relu};
use crate::vector::mapped;

/// A block (Bazarevsky et al. 2019, *BlazeFace*, figure 1, single): `relu(shortcut(x) + pointwise(depthwise(x)))`, each
/// with its bias. The shortcut is the largest of the places that the stride joins; channels that it lacks are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separable {
    /// The depthwise convolution.
    pub depthwise: Direct,
    /// Channels of the output: at least as many as of the input.
    pub channels: usize,
}

impl Separable {
    /// `[batch, channels in, height, width]` to `[batch, channels out, height', width']`. A weight and its bias each:
    /// `[channels in, 1, kernel, kernel]` and `[channels out, channels in, 1, 1]`.
    ///
    /// # Panics
    /// Where a slice is not as long as the shapes say.
    pub fn forward(&self, input: &[f32], depthwise: (&[f32], &[f32]), pointwise: (&[f32], &[f32])) -> Vec<f32> {
        let Direct { batch, groups, output: (down, across), .. } = self.depthwise;
        let places = down * across;
        let spread = self.depthwise.forward(input, depthwise.0, depthwise.1, Then::Nothing);
        let mixed = Direct {
            batch,
            groups: 1,
            channels: (groups, self.channels),
            input: (1, places),
            output: (1, places),
            kernel: 1,
            stride: 1,
            before: (0, 0),
        };
        let mixed = mixed.forward(&spread, pointwise.0, pointwise.1, Then::Nothing);
        let shortcut = self.shortcut(input);
        let mut output = Vec::with_capacity(mixed.len());
        let images = mixed.chunks_exact((self.channels * places).max(1));
        for (image, shortcut) in images.zip(shortcut.chunks_exact((groups * places).max(1))) {
            let (with, without) = image.split_at(shortcut.len());
            mapped([with, shortcut], &mut output, |[value, of]| relu(value + of));
            mapped([without], &mut output, |[value]| relu(value));
        }
        output
    }

    fn shortcut<'a>(&self, input: &'a [f32]) -> std::borrow::Cow<'a, [f32]> {
        let Direct { stride, input: (height, width), output: (down, across), .. } = self.depthwise;
        if stride == 1 {
            return input.into();
        }
        let mut joined = vec![f32::NEG_INFINITY; input.len() / (height * width).max(1) * down * across];
        let planes = input.chunks_exact((height * width).max(1)).zip(joined.chunks_exact_mut((down * across).max(1)));
        for (from, to) in planes {
            for (y, row) in from.chunks_exact(width.max(1)).enumerate() {
                let to = &mut to[y / stride * across..][..across];
                for (to, from) in to.iter_mut().zip(row.chunks(stride)) {
                    *to = from.iter().copied().fold(*to, f32::max);
                }
            }
        }
        joined.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_adds_what_it_got_and_cuts_at_zero() {
        let depthwise = Direct {
            batch: 1,
            groups: 2,
            channels: (1, 1),
            input: (2, 4),
            output: (1, 2),
            kernel: 3,
            stride: 2,
            before: (0, 0),
        };
        let block = Separable { depthwise, channels: 3 };
        let input = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, -1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0];
        // The depthwise kernels take the place itself, and twice it.
        let mut weight = [0.0; 18];
        (weight[0], weight[9]) = (1.0, 2.0);
        let output = block.forward(&input, (&weight, &[0.0, 1.0]), (&[1.0, 0.0, 0.0, 1.0, 1.0, 1.0], &[0.0, 0.0, 2.0]));
        // Depthwise: [1, 3] and [-1, -5]; shortcut: [6, 8], [-1, -3], zero.
        assert_eq!(output, [7.0, 11.0, 0.0, 0.0, 2.0, 0.0]);
    }
}
