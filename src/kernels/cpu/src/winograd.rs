//! 3x3 convolution of stride 1 whose output is as large as its input, by Winograd's minimal filtering F(4x4, 3x3).
//!
//! An output tile of 4x4 is `At [(G g Gt) * (Bt d B)] A` of a 3x3 kernel `g` and a 6x6 input tile `d`: 36 multiplications
//! a tile where the definition takes 144, and they come as 36 matrix products over channels (Lavin & Gray 2016, *Fast
//! Algorithms for Convolutional Neural Networks*). The gradient to the input is the same convolution with the kernel
//! turned round; the gradient to the kernel is the transpose of the formula: `Gt [(A dy At) * (Bt d B)] G`.
//!
//! A dilated convolution is, for every phase of its dilation, a plain one over every `dilation`th row and column.

#[cfg(test)]
mod tests;
mod tiles;
mod transform;

use wide::f32x4;

use crate::cores;
use crate::direct::Direct;
use crate::product::{self, accumulate, multiply};
use crate::then::Then;
use tiles::Tiles;
use transform::{WINDOW, kernels_gradient, kernels_transformed};

/// Places of the transformed tile: 6x6.
const POINTS: usize = WINDOW * WINDOW;

/// Distance in memory between one point's values and the next's. A cache line more than they take: 36 points a power of
/// two apart would share a few lines of the first-level cache.
fn plane(values: usize) -> usize {
    values + 16
}

/// Numbers that are transformed side by side.
const LANES: usize = 4;

#[inline(always)]
fn load(values: &[f32]) -> f32x4 {
    let values = &values[..LANES];
    f32x4::new([values[0], values[1], values[2], values[3]])
}

#[inline(always)]
fn store(vector: f32x4, values: &mut [f32]) {
    values[..LANES].copy_from_slice(vector.as_array());
}

/// How a convolution is laid out. Tensors are contiguous: images `[batch, channels, height, width]`, kernels
/// `[channels out, channels in, 3, 3]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convolution {
    /// Images.
    pub batch: usize,
    /// Channels of the input.
    pub channels_in: usize,
    /// Channels of the output.
    pub channels_out: usize,
    /// Rows, of input and output alike.
    pub height: usize,
    /// Columns, of input and output alike.
    pub width: usize,
    /// Distance between the kernel's elements; the padding is the same number.
    pub dilation: usize,
}

/// What an input is convolved by.
struct Kernels<'a> {
    /// As [`kernels_transformed`] gives them.
    transformed: &'a [f32],
    /// One a channel of the output.
    bias: &'a [f32],
    /// Whether what is below zero becomes zero.
    relu: bool,
}

impl Convolution {
    /// The output `[batch, channels out, height, width]`.
    ///
    /// # Panics
    /// If a slice is shorter than its shape says.
    pub fn forward(&self, input: &[f32], kernels: &[f32]) -> Vec<f32> {
        self.forward_with(input, kernels, &vec![0.0; self.channels_out], false)
    }

    /// The same with a bias, `[channels out]`, and zero where that is below zero and `relu` says so.
    ///
    /// # Panics
    /// If a slice is shorter than its shape says.
    pub fn forward_with(&self, input: &[f32], kernels: &[f32], bias: &[f32], relu: bool) -> Vec<f32> {
        if let Some(defined) = self.by_patches() {
            return defined.forward(input, kernels, bias, if relu { Then::Relu } else { Then::Nothing });
        }
        let transformed = kernels_transformed(kernels, self.channels_out, self.channels_in, false);
        self.convolve(input, &Kernels { transformed: &transformed, bias, relu })
    }

    /// The same by patches, where that is faster: kernels are transformed for few places otherwise.
    fn by_patches(&self) -> Option<Direct> {
        let size = (self.height, self.width);
        let defined = Direct {
            batch: self.batch,
            groups: 1,
            channels: (self.channels_in, self.channels_out),
            input: size,
            output: size,
            kernel: 3,
            stride: 1,
            before: (1, 1),
        };
        Some(defined).filter(|defined| self.dilation == 1 && defined.is_by_patches())
    }

    /// The gradient to the input, `[batch, channels in, height, width]`, from the gradient to the output.
    ///
    /// # Panics
    /// If a slice is shorter than its shape says.
    pub fn input_gradient(&self, output: &[f32], kernels: &[f32]) -> Vec<f32> {
        if let Some(defined) = self.by_patches() {
            return defined.input_gradient(output, kernels);
        }
        let turned = Convolution { channels_in: self.channels_out, channels_out: self.channels_in, ..*self };
        let transformed = kernels_transformed(kernels, self.channels_in, self.channels_out, true);
        let bias = vec![0.0; self.channels_in];
        turned.convolve(output, &Kernels { transformed: &transformed, bias: &bias, relu: false })
    }

    /// The gradient to the kernels, `[channels out, channels in, 3, 3]`, from the input and the gradient to the output.
    ///
    /// # Panics
    /// If a slice is shorter than its shape says.
    pub fn kernel_gradient(&self, input: &[f32], output: &[f32]) -> Vec<f32> {
        if let Some(defined) = self.by_patches() {
            return defined.weight_gradient(input, output);
        }
        let part = cores::share(self.batch, input.len());
        let [image, result] = self.images(part);
        let parts = input.chunks(image).zip(output.chunks(result));
        cores::summed(cores::each(parts, |(input, output)| self.of(input).kernel_gradient_of(input, output)))
    }

    fn kernel_gradient_of(&self, input: &[f32], output: &[f32]) -> Vec<f32> {
        let tiles = Tiles::new(self);
        let rows = self.channels_out.next_multiple_of(product::ROWS);
        let columns = self.channels_in.next_multiple_of(product::COLUMNS);
        let mut sums = vec![0.0; POINTS * plane(rows * columns)];
        let mut windows = vec![0.0; tiles.values_of_block(columns)];
        let mut outputs = vec![0.0; tiles.values_of_block(rows)];
        for block in tiles.blocks() {
            block.windows(input, self.channels_in, columns, &mut windows);
            block.spread(output, self.channels_out, rows, &mut outputs);
            let points = block.points(&outputs, rows).zip(block.points(&windows, columns));
            for ((outputs, windows), sums) in points.zip(sums.chunks_exact_mut(plane(rows * columns))) {
                accumulate(outputs, windows, rows, columns, sums);
            }
        }
        kernels_gradient(&sums, self.channels_out, self.channels_in, rows, columns)
    }

    fn convolve(&self, input: &[f32], kernels: &Kernels) -> Vec<f32> {
        let mut output = vec![0.0; self.batch * self.channels_out * self.height * self.width];
        let part = cores::share(self.batch, input.len());
        let [image, result] = self.images(part);
        let parts = input.chunks(image).zip(output.chunks_mut(result));
        cores::each(parts, |(input, output)| self.of(input).convolve_into(input, kernels, output));
        output
    }

    fn convolve_into(&self, input: &[f32], kernels: &Kernels, output: &mut [f32]) {
        let tiles = Tiles::new(self);
        let (rows, depth) = (self.channels_out.next_multiple_of(product::ROWS), self.channels_in);
        let mut windows = vec![0.0; tiles.values_of_block(depth)];
        let mut products = vec![0.0; tiles.values_of_block(rows)];
        for block in tiles.blocks() {
            block.windows(input, depth, depth, &mut windows);
            let of_points = kernels.transformed.chunks_exact(plane(rows * depth)).map(|point| &point[..rows * depth]);
            let products_of_points = block.points_mut(&mut products, rows);
            for ((kernels, windows), products) in of_points.zip(block.points(&windows, depth)).zip(products_of_points) {
                multiply(kernels, windows, rows, depth, products);
            }
            block.gather(&products, rows, kernels, output);
        }
    }

    /// Values of so many images, of the input and of the output.
    fn images(&self, count: usize) -> [usize; 2] {
        let of = |channels: usize| (count * channels * self.height * self.width).max(1);
        [of(self.channels_in), of(self.channels_out)]
    }

    /// The same of these images alone.
    fn of(&self, input: &[f32]) -> Convolution {
        let [image, _] = self.images(1);
        Convolution { batch: input.len() / image, ..*self }
    }
}
