//! Convolution by its definition: the fastest where a kernel looks at few channels, be it depthwise, of an image, or 1x1; and, patch by
//! patch, where there are few places, or a stride.

mod gradients;
mod patches;
mod pointwise;

use crate::cores;
use crate::silu::Sigmoid;
use crate::then::Then;
use crate::vector::{Vector, WIDTH, fused, vectors};

/// Places across that are summed up at once where one channel of the output is.
const LANES: usize = 16;

/// Channels of the output that are summed up at once: what is read for one is used for all.
const WIDE: usize = 4;

/// A convolution with bias of `[batch, groups * channels in, height, width]` by `[groups * channels out, channels in,
/// kernel, kernel]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direct {
    /// Images.
    pub batch: usize,
    /// Groups of channels that do not look at one another.
    pub groups: usize,
    /// Channels of a group, in and out.
    pub channels: (usize, usize),
    /// Height and width of the input.
    pub input: (usize, usize),
    /// Height and width of the output.
    pub output: (usize, usize),
    /// Height and width of the kernel.
    pub kernel: usize,
    /// Every so many places are looked at.
    pub stride: usize,
    /// Zeros above the input, and left of it; as many as are needed below and on the right.
    pub before: (usize, usize),
}

/// What an input is convolved by.
struct Kernels<'a> {
    weight: &'a [f32],
    /// The same of every [`WIDE`] channels of the output, side by side.
    wide: Vec<[f32; WIDE]>,
    bias: &'a [f32],
    then: Then,
    sigmoid: Sigmoid,
}

/// How a channel lies while it is worked on: with its zeros, and every `stride`th column beside the next.
struct Layout {
    /// Places of a row, of each of the `stride` phases.
    row: usize,
    /// Rows of a channel.
    rows: usize,
    /// Places of a channel.
    plane: usize,
    /// Where each tap of the kernel begins, from a row's first place.
    taps: Vec<usize>,
}

impl Direct {
    /// The output, put through `then`.
    ///
    /// # Panics
    /// Where a slice is not as long as the shapes say.
    pub fn forward(&self, input: &[f32], weight: &[f32], bias: &[f32], then: Then) -> Vec<f32> {
        let (size, area) = self.places_of_a_group();
        assert_eq!(input.len(), self.batch * self.groups * size, "the input is as large as its shape");
        assert_eq!(weight.len(), self.groups * self.channels.1 * self.taps(), "so is the weight");
        assert_eq!(bias.len(), self.groups * self.channels.1, "and the bias");
        let by_patches = self.is_by_patches();
        let wide = if by_patches { Vec::new() } else { self.side_by_side(weight) };
        let (layout, kernels) = (self.layout(), Kernels { wide, weight, bias, then, sigmoid: Sigmoid::new() });
        let mut output = vec![0.0; self.batch * self.groups * area];
        let part = cores::share(self.batch, output.len());
        let sizes = [size, area].map(|size| (part * self.groups * size).max(1));
        let parts = input.chunks(sizes[0]).zip(output.chunks_mut(sizes[1]));
        cores::each(parts, |(input, output)| match self.joined(input.len() / size.max(1)) {
            _ if by_patches => self.forward_by_patches(&kernels, input, output),
            Some(joined) => self.forward_joined(&joined, &kernels, input, output),
            None if self.is_pointwise() => self.forward_pointwise(&kernels, input, output),
            None => self.forward_of(&layout, &kernels, input, output),
        });
        output
    }

    /// What a value of the output is the sum of.
    fn taps(&self) -> usize {
        self.channels.0 * self.kernel * self.kernel
    }

    /// Values of a group of channels, of the input and of the output.
    fn places_of_a_group(&self) -> (usize, usize) {
        let (inputs, outputs) = self.channels;
        (inputs * self.input.0 * self.input.1, outputs * self.output.0 * self.output.1)
    }

    /// The kernels of every [`WIDE`] channels of a group, tap by tap. What is left over of a group is not there.
    fn side_by_side(&self, weight: &[f32]) -> Vec<[f32; WIDE]> {
        let taps = self.taps();
        let mut wide = Vec::with_capacity(weight.len() / WIDE);
        for group in weight.chunks_exact((self.channels.1 * taps).max(1)) {
            for block in group.chunks_exact((WIDE * taps).max(1)) {
                let (a, rest) = block.split_at(taps);
                let (b, rest) = rest.split_at(taps);
                let (c, d) = rest.split_at(taps);
                wide.extend(a.iter().zip(b).zip(c.iter().zip(d)).map(|((a, b), (c, d))| [*a, *b, *c, *d]));
            }
        }
        wide
    }

    /// The output of some of the images.
    fn forward_of(&self, layout: &Layout, kernels: &Kernels, input: &[f32], output: &mut [f32]) {
        let (inputs, outputs) = self.channels;
        let (size, area) = self.places_of_a_group();
        let (taps, places) = (self.taps(), self.output.0 * self.output.1);
        let blocks = outputs / WIDE;
        let mut planes = vec![0.0; inputs * layout.plane];
        let groups = input.chunks_exact(size.max(1)).zip(output.chunks_exact_mut(area.max(1)));
        for (number, (input, output)) in groups.enumerate() {
            let channels = input.chunks_exact((size / inputs).max(1)).zip(planes.chunks_exact_mut(layout.plane));
            channels.for_each(|(from, plane)| self.lay(layout, from, plane));
            let group = number % self.groups;
            let (wide, rest) = output.split_at_mut(blocks * WIDE * places);
            for (block, out) in wide.chunks_exact_mut((WIDE * places).max(1)).enumerate() {
                let weights = &kernels.wide[(group * blocks + block) * taps..][..taps];
                let biases = std::array::from_fn(|n| kernels.bias[group * outputs + block * WIDE + n]);
                match self.registers() {
                    2 => self.sum_wide::<2>(layout, &planes, weights, biases, kernels, out),
                    _ => self.sum_wide::<3>(layout, &planes, weights, biases, kernels, out),
                }
            }
            for (out, channel) in rest.chunks_exact_mut(places.max(1)).zip(group * outputs + blocks * WIDE..) {
                let weights = &kernels.weight[channel * taps..][..taps];
                self.sum_one(layout, &planes, weights, kernels.bias[channel], kernels, out);
            }
        }
    }

    fn layout(&self) -> Layout {
        let Direct { kernel, stride, output: (down, across), .. } = *self;
        // A row is read in whole lanes.
        let row = across.next_multiple_of(LANES).max(across.next_multiple_of(self.registers() * WIDTH))
            + (kernel - 1) / stride;
        let rows = (down.max(1) - 1) * stride + kernel;
        let tap = |at: usize| {
            let (y, x) = (at / kernel, at % kernel);
            (y * stride + x % stride) * row + x / stride
        };
        Layout { row, rows, plane: rows * stride * row, taps: (0..kernel * kernel).map(tap).collect() }
    }

    /// Lays a channel out. The zeros around it are there already: they are in the same places for all.
    fn lay(&self, layout: &Layout, from: &[f32], plane: &mut [f32]) {
        let ((above, left), stride) = (self.before, self.stride);
        let rows = plane.chunks_exact_mut(stride * layout.row).skip(above);
        for (from, to) in from.chunks_exact(self.input.1.max(1)).zip(rows) {
            if stride == 1 {
                let length = from.len().min(layout.row - left);
                to[left..left + length].copy_from_slice(&from[..length]);
                continue;
            }
            for (phase, to) in to.chunks_exact_mut(layout.row).enumerate() {
                let first = (phase + stride - left % stride) % stride;
                let to = to.iter_mut().skip((first + left) / stride);
                to.zip(from.iter().skip(first).step_by(stride)).for_each(|(to, from)| *to = *from);
            }
        }
    }

    /// Sums up one channel of the output.
    #[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
    fn sum_one(
        &self,
        layout: &Layout,
        planes: &[f32],
        weights: &[f32],
        bias: f32,
        kernels: &Kernels,
        output: &mut [f32],
    ) {
        let across = self.output.1;
        for (y, row) in output.chunks_exact_mut(across.max(1)).enumerate() {
            for x in (0..across).step_by(LANES) {
                let start = layout.start(y * self.stride, x);
                let mut sums = [Vector::splat(bias); LANES / WIDTH];
                let channels = planes.chunks_exact(layout.plane).zip(weights.chunks_exact(layout.taps.len()));
                for (plane, weights) in channels {
                    for (tap, weight) in layout.taps.iter().zip(weights) {
                        let weight = Vector::splat(*weight);
                        let values: [Vector; LANES / WIDTH] = vectors(&plane[start + tap..start + tap + LANES]);
                        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = fused(weight, value, *sum));
                    }
                }
                kernels.write(sums, &mut row[x..across.min(x + LANES)]);
            }
        }
    }

    /// Registers of places that are summed up at once where [`WIDE`] channels are. Three go faster than two, and leave more over
    /// at the end of a row.
    fn registers(&self) -> usize {
        let across = self.output.1;
        if 20 * across.next_multiple_of(3 * WIDTH) > 21 * across.next_multiple_of(2 * WIDTH) { 2 } else { 3 }
    }

    /// Sums up [`WIDE`] channels of the output, `V` registers of places at once.
    #[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
    fn sum_wide<const V: usize>(
        &self,
        layout: &Layout,
        planes: &[f32],
        weights: &[[f32; WIDE]],
        biases: [f32; WIDE],
        kernels: &Kernels,
        output: &mut [f32],
    ) {
        let (down, across) = self.output;
        for y in 0..down {
            for x in (0..across).step_by(WIDTH * V) {
                let start = layout.start(y * self.stride, x);
                let mut sums = biases.map(|bias| [Vector::splat(bias); V]);
                let channels = planes.chunks_exact(layout.plane).zip(weights.chunks_exact(layout.taps.len()));
                for (plane, weights) in channels {
                    for (tap, weights) in layout.taps.iter().zip(weights) {
                        let values: [Vector; V] = vectors(&plane[start + tap..start + tap + WIDTH * V]);
                        for (sums, weight) in sums.iter_mut().zip(weights) {
                            let weight = Vector::splat(*weight);
                            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = fused(weight, value, *sum));
                        }
                    }
                }
                for (n, sums) in sums.into_iter().enumerate() {
                    let row = &mut output[(n * down + y) * across..][..across];
                    kernels.write(sums, &mut row[x..across.min(x + WIDTH * V)]);
                }
            }
        }
    }
}

impl Kernels<'_> {
    /// Puts sums through what comes behind them.
    fn put_through(&self, values: &mut [f32]) {
        if self.then == Then::Nothing {
            return;
        }
        let (whole, rest) = values.as_chunks_mut::<WIDTH>();
        for values in whole {
            *values = self.then.of(&self.sigmoid, Vector::new(*values)).to_array();
        }
        let last = Vector::new(std::array::from_fn(|n| rest.get(n).copied().unwrap_or_default()));
        rest.iter_mut().zip(self.then.of(&self.sigmoid, last).to_array()).for_each(|(to, from)| *to = from);
    }

    /// Writes what comes of the first sums, as many as there is room for.
    fn write<const N: usize>(&self, sums: [Vector; N], to: &mut [f32]) {
        let (whole, rest) = to.as_chunks_mut::<WIDTH>();
        let mut sums = sums.into_iter();
        let mut next = || sums.next().map(|sum| self.then.of(&self.sigmoid, sum).to_array());
        for (to, from) in whole.iter_mut().zip(std::iter::from_fn(&mut next)) {
            *to = from;
        }
        if let Some(last) = if rest.is_empty() { None } else { next() } {
            rest.iter_mut().zip(last).for_each(|(to, from)| *to = from);
        }
    }
}

impl Layout {
    /// Where in a channel a place of a row lies, its zeros counted.
    fn start(&self, row: usize, x: usize) -> usize {
        row * self.plane / self.rows + x
    }
}

#[cfg(test)]
mod tests;
