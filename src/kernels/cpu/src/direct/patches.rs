//! Convolution by patches: what a place of the output looks at is put in a row, in the order in which a kernel lies, and each value is
//! the product of two rows. Kernels are read as they lie: where there are few places, to lay them out anew would take longer than all
//! else. Nor is anything computed for places that a stride leaves out.

use std::ops::Range;

use super::pointwise::gather;
use super::{Direct, Kernels};
use crate::cores;
use crate::product::{COLUMNS, PANEL, ROWS, accumulate, multiply};
use crate::vector::{Vector, WIDTH, fused};

/// The most places, of all images together, where every place of the input is looked at from all around; and where from itself alone.
/// Measured: from there on other ways are faster.
const FEW: usize = 150;
const FEW_POINTWISE: usize = 25;

/// The shortest row that is worth it, and the fewest channels of the input.
const LONG: usize = 64;
const DEEP: usize = 8;

/// Channels of the output, and places, whose sums are held in registers together.
const CHANNELS: usize = 4;
const TOGETHER: usize = 2;

/// About how many values of patches are taken at a time, so that they stay in the second-level cache. Tests are to see several.
const BLOCK: usize = if cfg!(test) { 1 << 11 } else { 1 << 17 };

impl Direct {
    /// Whether it is best done so.
    pub(crate) fn is_by_patches(&self) -> bool {
        let places = self.batch * self.output.0 * self.output.1;
        let few = if self.kernel == 1 { FEW_POINTWISE } else { FEW };
        let worth_it = self.groups == 1 && self.channels.0 >= DEEP && self.taps() >= LONG;
        worth_it && (self.stride > 1 || places <= few)
    }

    /// The output of some of the images.
    pub(super) fn forward_by_patches(&self, kernels: &Kernels, input: &[f32], output: &mut [f32]) {
        let (outputs, places, taps) = (self.channels.1, self.output.0 * self.output.1, self.taps());
        let all = output.len() / outputs.max(1);
        let most = (BLOCK / taps).max(TOGETHER);
        let mut patches = vec![0.0; most.min(all) * taps];
        for first in (0..all).step_by(most) {
            let block = first..all.min(first + most);
            let patches = &mut patches[..block.len() * taps];
            self.gather(input, block, patches);
            let mut write = |channel: usize, place: usize, sum: f32| {
                let place = first + place;
                output[(place / places * outputs + channel) * places + place % places] = sum + kernels.bias[channel];
            };
            let mut rows = kernels.weight.chunks_exact(CHANNELS * taps);
            for (block, weights) in rows.by_ref().enumerate() {
                products::<CHANNELS>(weights, patches, taps, |row, place, sum| {
                    write(block * CHANNELS + row, place, sum)
                });
            }
            for (weights, channel) in rows.remainder().chunks_exact(taps).zip(outputs / CHANNELS * CHANNELS..) {
                products::<1>(weights, patches, taps, |_, place, sum| write(channel, place, sum));
            }
        }
        kernels.put_through(output);
    }

    /// [`weight_gradient`](Direct::weight_gradient) of some of the images.
    pub(super) fn weight_gradient_by_patches(&self, input: &[f32], output: &[f32]) -> Vec<f32> {
        let (outputs, places, taps) = (self.channels.1, self.output.0 * self.output.1, self.taps());
        let (rows, columns) = (outputs.next_multiple_of(COLUMNS), taps.next_multiple_of(COLUMNS));
        let most = (BLOCK / taps).max(1).next_multiple_of(PANEL);
        let (mut patches, mut looked_at) = (vec![0.0; most * taps], vec![0.0; most * columns]);
        let mut of_output = vec![0.0; most * rows];
        let mut sums = vec![0.0; rows * columns];
        let all = output.len() / outputs.max(1);
        for first in (0..all).step_by(most) {
            let block = first..all.min(first + most);
            let (patches, filled) = (&mut patches[..block.len() * taps], block.len().next_multiple_of(PANEL));
            let (of_output, looked_at) = (&mut of_output[..filled * rows], &mut looked_at[..filled * columns]);
            gather(output, places, outputs, rows, block.clone(), of_output);
            self.gather(input, block, patches);
            turned(patches, taps, looked_at);
            accumulate(of_output, looked_at, rows, columns, &mut sums);
        }
        sums.chunks_exact(columns).take(outputs).flat_map(|row| &row[..taps]).copied().collect()
    }

    /// [`input_gradient`](Direct::input_gradient): what each patch gets, put back to where it came from.
    pub(super) fn input_gradient_by_patches(&self, output: &[f32], weight: &[f32]) -> Vec<f32> {
        let area = self.places_of_a_group().1.max(1);
        let kernels = panels_of(weight, self.taps());
        let parts = output.chunks((cores::share(self.batch, output.len()) * area).max(1));
        cores::joined(cores::each(parts, |output| self.input_gradient_of(output, &kernels)))
    }

    /// The same of some of the images, from kernels as [`panels_of`] gives them.
    fn input_gradient_of(&self, output: &[f32], kernels: &[f32]) -> Vec<f32> {
        let (outputs, places, taps) = (self.channels.1, self.output.0 * self.output.1, self.taps());
        let most = (BLOCK / taps).max(1).next_multiple_of(ROWS);
        let all = output.len() / outputs.max(1);
        let mut products = vec![0.0; most * taps.next_multiple_of(PANEL)];
        let mut of_output = vec![0.0; most * outputs];
        let mut gradient = vec![0.0; all / places.max(1) * self.places_of_a_group().0];
        for first in (0..all).step_by(most) {
            let block = first..all.min(first + most);
            let rows = block.len().next_multiple_of(ROWS);
            let of_output = &mut of_output[..rows * outputs];
            for (at, values) in of_output.chunks_exact_mut(ROWS).enumerate() {
                let (place, channel) = (first + at / outputs * ROWS, at % outputs);
                for (place, value) in (place..).zip(values) {
                    let from = (place / places * outputs + channel) * places + place % places;
                    *value = if place < block.end { output[from] } else { 0.0 };
                }
            }
            let products = &mut products[..rows * taps.next_multiple_of(PANEL)];
            multiply(of_output, kernels, rows, outputs, products);
            self.scatter(products, rows, block, &mut gradient);
        }
        gradient
    }

    /// Adds what patches get, `[taps / PANEL, rows, PANEL]`, to the images that they are of.
    fn scatter(&self, products: &[f32], rows: usize, places: Range<usize>, images: &mut [f32]) {
        let (area, size) = (self.kernel * self.kernel, self.input.0 * self.input.1);
        for (row, place) in places.enumerate() {
            let Looked { image, rows: down, columns, from } = self.looked_at(place);
            let planes = images[image * self.channels.0 * size..].chunks_exact_mut(size).take(self.channels.0);
            for (channel, plane) in planes.enumerate() {
                for (y, x) in down.clone().flat_map(|y| columns.clone().map(move |x| (y, x))) {
                    let tap = channel * area + y * self.kernel + x;
                    plane[(from.0 + y - self.before.0) * self.input.1 + from.1 + x - self.before.1] +=
                        products[(tap / PANEL * rows + row) * PANEL + tap % PANEL];
                }
            }
        }
    }

    /// What a place, counted through the images, looks at.
    fn looked_at(&self, place: usize) -> Looked {
        let Direct { kernel, stride, before: (above, left), input: (height, width), output: (down, across), .. } =
            *self;
        let (y, x) = (place / across % down * stride, place % across * stride);
        Looked {
            image: place / (down * across),
            rows: above.saturating_sub(y)..kernel.min((height + above).saturating_sub(y)),
            columns: left.saturating_sub(x)..kernel.min((width + left).saturating_sub(x)),
            from: (y, x),
        }
    }

    /// The patches of some places, counted through the images.
    fn gather(&self, input: &[f32], places: Range<usize>, patches: &mut [f32]) {
        let ((above, left), (height, width)) = (self.before, self.input);
        let (inputs, area) = (self.channels.0, self.kernel * self.kernel);
        // What falls outside an image is zero.
        patches.fill(0.0);
        for (place, patch) in places.zip(patches.chunks_exact_mut(inputs * area)) {
            let Looked { image, rows, columns, from: (y, x) } = self.looked_at(place);
            let planes = input[image * inputs * height * width..].chunks_exact(height * width);
            for (plane, patch) in planes.zip(patch.chunks_exact_mut(area)) {
                for row in rows.clone() {
                    let from = (y + row - above) * width + x;
                    for column in columns.clone() {
                        patch[row * self.kernel + column] = plane[from + column - left];
                    }
                }
            }
        }
    }
}

/// What a place of the output looks at.
struct Looked {
    image: usize,
    /// The rows and columns of the kernel that fall on the image.
    rows: Range<usize>,
    columns: Range<usize>,
    /// The row and column of the input where the kernel begins, the zeros before the input counted.
    from: (usize, usize),
}

/// Patches as `[panels, padded taps, PANEL]`. What fills up the last panel becomes zero; what fills up the taps is left as it is.
fn turned(patches: &[f32], taps: usize, panels: &mut [f32]) {
    let padded = taps.next_multiple_of(COLUMNS);
    for (patches, panel) in patches.chunks(PANEL * taps).zip(panels.chunks_exact_mut(PANEL * padded)) {
        for (tap, values) in panel.as_chunks_mut::<PANEL>().0.iter_mut().take(taps).enumerate() {
            *values = std::array::from_fn(|place| patches.get(place * taps + tap).copied().unwrap_or_default());
        }
    }
}

/// Kernels `[outputs, taps]` as `[taps / PANEL, outputs, PANEL]`, the taps filled up with zeros.
fn panels_of(kernels: &[f32], taps: usize) -> Vec<f32> {
    let mut panels = Vec::with_capacity(kernels.len() / taps * taps.next_multiple_of(PANEL));
    for first in (0..taps).step_by(PANEL) {
        for kernel in kernels.chunks_exact(taps) {
            let values = &kernel[first..taps.min(first + PANEL)];
            panels.extend_from_slice(values);
            panels.resize(panels.len() + PANEL - values.len(), 0.0);
        }
    }
    panels
}

/// `N` kernels times every patch: calls `write` with the kernel, the patch and their product.
#[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
fn products<const N: usize>(weights: &[f32], patches: &[f32], taps: usize, mut write: impl FnMut(usize, usize, f32)) {
    let weights: [&[f32]; N] = std::array::from_fn(|row| &weights[row * taps..][..taps]);
    let mut pairs = patches.chunks_exact(TOGETHER * taps);
    let mut place = 0;
    for pair in pairs.by_ref() {
        let pair: [&[f32]; TOGETHER] = std::array::from_fn(|n| &pair[n * taps..][..taps]);
        for (row, sums) in sums(weights, pair).into_iter().enumerate() {
            sums.into_iter().enumerate().for_each(|(n, sum)| write(row, place + n, sum));
        }
        place += TOGETHER;
    }
    for patch in pairs.remainder().chunks_exact(taps) {
        for (row, [sum]) in sums(weights, [patch]).into_iter().enumerate() {
            write(row, place, sum);
        }
        place += 1;
    }
}

/// The products of `N` rows with `M` others, all of one length.
#[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
#[inline]
fn sums<const N: usize, const M: usize>(rows: [&[f32]; N], others: [&[f32]; M]) -> [[f32; M]; N] {
    let (rows, others) = (rows.map(|row| row.as_chunks::<WIDTH>()), others.map(|row| row.as_chunks::<WIDTH>()));
    let mut sums = [[Vector::ZERO; M]; N];
    let whole = rows.first().map_or(0, |(whole, _)| whole.len());
    for at in 0..whole {
        let others = others.map(|(whole, _)| Vector::new(whole[at]));
        for ((row, _), sums) in rows.iter().zip(&mut sums) {
            let row = Vector::new(row[at]);
            sums.iter_mut().zip(others).for_each(|(sum, other)| *sum = fused(row, other, *sum));
        }
    }
    std::array::from_fn(|n| {
        std::array::from_fn(|m| {
            let rest = rows[n].1.iter().zip(others[m].1).map(|(row, other)| row * other);
            sums[n][m].reduce_add() + rest.sum::<f32>()
        })
    })
}
