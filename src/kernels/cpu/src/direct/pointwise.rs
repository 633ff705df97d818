//! 1x1 convolutions: which image a place is of makes no difference to them, so that places of several are taken together.

use std::ops::Range;

use super::{Direct, Kernels, WIDE};
use crate::product::{COLUMNS, PANEL, ROWS, accumulate};
use crate::vector::{Vector, WIDTH, fused, vectors};

/// Registers of places that are summed up at once for [`WIDE`] channels: with more, WebAssembly's compilers run out of them.
const REGISTERS: usize = 2;

/// How many places those are.
const TILE: usize = REGISTERS * WIDTH;

/// About how many values of the input are taken at a time, so that they stay in the second-level cache.
const BLOCK: usize = 1 << 17;

impl Direct {
    /// Whether it mixes the channels of every place, and does no more.
    pub(super) fn is_pointwise(&self) -> bool {
        (self.groups, self.kernel, self.stride) == (1, 1, 1) && self.input == self.output && self.before == (0, 0)
    }

    /// The output of some of the images. A few places of all channels are put together, and stay in the first cache while all that
    /// is asked of them is summed up.
    #[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
    pub(super) fn forward_pointwise(&self, kernels: &Kernels, input: &[f32], output: &mut [f32]) {
        let ((inputs, outputs), places) = (self.channels, self.output.0 * self.output.1);
        let blocks = outputs / WIDE;
        let mut tile = vec![[Vector::ZERO; REGISTERS]; inputs];
        let images =
            input.chunks_exact((inputs * places).max(1)).zip(output.chunks_exact_mut((outputs * places).max(1)));
        for (input, output) in images {
            for first in (0..places).step_by(TILE) {
                let last = places.min(first + TILE);
                let channels = input.chunks_exact(places).zip(&mut tile);
                channels.for_each(|(channel, values)| *values = filled_up(&channel[first..last]));
                let mut rows = output.chunks_exact_mut(places).map(|row| &mut row[first..last]);
                for block in 0..blocks {
                    let weights = &kernels.wide[block * inputs..][..inputs];
                    let biases = std::array::from_fn(|n| kernels.bias[block * WIDE + n]);
                    let sums = sums::<WIDE>(&tile, weights, biases);
                    sums.into_iter().zip(&mut rows).for_each(|(sums, row)| kernels.write(sums, row));
                }
                for (channel, row) in (blocks * WIDE..outputs).zip(rows) {
                    let weights = kernels.weight[channel * inputs..][..inputs].as_chunks::<1>().0;
                    let [sums] = sums::<1>(&tile, weights, [kernels.bias[channel]]);
                    kernels.write(sums, row);
                }
            }
        }
    }

    /// The same with the places of so many images in one row, where its rows would leave registers empty.
    pub(super) fn joined(&self, images: usize) -> Option<Direct> {
        let places = self.output.1;
        let filled = places.next_multiple_of(TILE);
        let row = (1, images * places);
        (self.is_pointwise() && self.output.0 == 1 && images > 1 && 10 * places < 9 * filled).then_some(Direct {
            batch: 1,
            input: row,
            output: row,
            ..*self
        })
    }

    /// The output of some of the images, by what they are `joined` to.
    pub(super) fn forward_joined(&self, joined: &Direct, kernels: &Kernels, input: &[f32], output: &mut [f32]) {
        let ((inputs, outputs), places, all) = (self.channels, self.output.1, joined.output.1);
        let (mut row, mut result) = (vec![0.0; inputs * all], vec![0.0; outputs * all]);
        for (image, input) in input.chunks_exact(inputs * places).enumerate() {
            let channels = input.chunks_exact(places).zip(row.chunks_exact_mut(all));
            channels.for_each(|(from, to)| to[image * places..][..places].copy_from_slice(from));
        }
        joined.forward_pointwise(kernels, &row, &mut result);
        for (image, output) in output.chunks_exact_mut(outputs * places).enumerate() {
            let channels = output.chunks_exact_mut(places).zip(result.chunks_exact(all));
            channels.for_each(|(to, from)| to.copy_from_slice(&from[image * places..][..places]));
        }
    }

    /// [`weight_gradient`](Direct::weight_gradient) of some of the images.
    pub(super) fn pointwise_gradient_of(&self, input: &[f32], output: &[f32]) -> Vec<f32> {
        let ((inputs, outputs), places) = (self.channels, self.input.0 * self.input.1);
        let (rows, columns) = (outputs.next_multiple_of(ROWS), inputs.next_multiple_of(COLUMNS));
        let taken = (BLOCK / columns.max(1)).clamp(64, 512) / PANEL * PANEL;
        let (mut of_output, mut of_input) = (vec![0.0; taken * rows], vec![0.0; taken * columns]);
        let mut sums = vec![0.0; rows * columns];
        let all = input.len() / inputs.max(1);
        for first in (0..all).step_by(taken) {
            let block = first..all.min(first + taken);
            let panels = block.len().next_multiple_of(PANEL);
            let (of_output, of_input) = (&mut of_output[..panels * rows], &mut of_input[..panels * columns]);
            gather(output, places, outputs, rows, block.clone(), of_output);
            gather(input, places, inputs, columns, block, of_input);
            accumulate(of_output, of_input, rows, columns, &mut sums);
        }
        sums.chunks_exact(columns.max(1)).take(outputs).flat_map(|row| &row[..inputs]).copied().collect()
    }
}

/// As many values as there are, then zeros.
#[inline(always)]
fn filled_up(values: &[f32]) -> [Vector; REGISTERS] {
    if values.len() == TILE {
        return vectors(values);
    }
    let mut filled = [[0.0; WIDTH]; REGISTERS];
    filled.as_flattened_mut()[..values.len()].copy_from_slice(values);
    filled.map(Vector::new)
}

/// `N` channels of the output at the places of a tile, from the weights of each channel of the input.
#[inline(always)]
fn sums<const N: usize>(
    tile: &[[Vector; REGISTERS]],
    weights: &[[f32; N]],
    biases: [f32; N],
) -> [[Vector; REGISTERS]; N] {
    let mut sums = biases.map(|bias| [Vector::splat(bias); REGISTERS]);
    for (values, weights) in tile.iter().zip(weights) {
        for (sums, weight) in sums.iter_mut().zip(weights) {
            let weight = Vector::splat(*weight);
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = fused(weight, *value, *sum));
        }
    }
    sums
}

/// Some places of all images `[batch, channels, places]`, counted through, as `[panels, padded channels, PANEL]`. What fills up the
/// channels is left as it is; what fills up the last panel becomes zero.
pub(super) fn gather(
    images: &[f32],
    places: usize,
    channels: usize,
    padded: usize,
    block: Range<usize>,
    panels: &mut [f32],
) {
    if !block.len().is_multiple_of(PANEL) {
        let last = panels.len() - padded * PANEL;
        panels[last..].fill(0.0);
    }
    let mut place = block.start;
    while place < block.end {
        let (image, within, into) = (place / places, place % places, place - block.start);
        let run = (places - within).min(PANEL - into % PANEL).min(block.end - place);
        let from = images[image * channels * places..][..channels * places].chunks_exact(places);
        let to = panels[into / PANEL * padded * PANEL..].chunks_exact_mut(PANEL);
        for (from, to) in from.zip(to) {
            let (from, to) = (&from[within..within + run], &mut to[into % PANEL..][..run]);
            match (from.as_array::<PANEL>(), to.as_mut_array::<PANEL>()) {
                // Of a known length it is two moves.
                (Some(from), Some(to)) => *to = *from,
                _ => to.copy_from_slice(from),
            }
        }
        place += run;
    }
}
