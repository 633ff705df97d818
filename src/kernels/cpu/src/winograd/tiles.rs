//! Where the tiles of a convolution lie, and their way from images to panels and back.

use core::array::from_fn;

use wide::f32x4;

use super::transform::{TILE, WINDOW, gather, spread, window};
use super::{Convolution, Kernels, LANES, POINTS, load, plane, store};
use crate::product::PANEL;

/// Groups of so many tiles in a panel.
const GROUPS: usize = PANEL / LANES;

/// About how many bytes the transformed tiles of a block may take, so that they stay in the second-level cache.
const BLOCK_BYTES: usize = 1 << 20;

/// The output of a convolution cut into tiles of 4x4. With a dilation, every phase of rows and columns is cut for itself.
pub struct Tiles {
    convolution: Convolution,
    /// Tile rows of a phase.
    down: usize,
    /// Tiles of a tile row.
    across: usize,
    /// Tile rows of a block.
    rows: usize,
}

/// Some tile rows, transformed together: the tiles of one after the other, filled up to whole panels.
pub struct Block {
    convolution: Convolution,
    across: usize,
    rows: Vec<Row>,
}

/// A tile row: the tiles from the place `y`, `x` of an image on.
struct Row {
    image: usize,
    y: usize,
    x: usize,
}

impl Tiles {
    /// The tiles of a convolution.
    pub fn new(convolution: &Convolution) -> Self {
        let tiles = |size: usize| size.div_ceil(convolution.dilation).div_ceil(TILE);
        let across = tiles(convolution.width);
        let channels = convolution.channels_in + convolution.channels_out;
        let wanted = (BLOCK_BYTES / (POINTS * 4 * channels)).clamp(64, 256);
        Tiles { convolution: *convolution, down: tiles(convolution.height), across, rows: wanted.div_ceil(across) }
    }

    /// Transformed values of the largest block, of so many channels.
    pub fn values_of_block(&self, channels: usize) -> usize {
        POINTS * plane((self.rows * self.across).next_multiple_of(PANEL) * channels)
    }

    /// All tiles, block by block.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        let Convolution { batch, dilation, .. } = self.convolution;
        let all = batch * dilation * dilation * self.down;
        (0..all).step_by(self.rows).map(move |first| Block {
            convolution: self.convolution,
            across: self.across,
            rows: (first..all.min(first + self.rows)).map(|row| self.row(row)).collect(),
        })
    }

    fn row(&self, index: usize) -> Row {
        let dilation = self.convolution.dilation;
        let (phase, row) = (index / self.down, index % self.down);
        let (image, phase) = (phase / (dilation * dilation), phase % (dilation * dilation));
        Row { image, y: phase / dilation + row * TILE * dilation, x: phase % dilation }
    }
}

impl Block {
    /// Panels of eight tiles.
    fn panels(&self) -> usize {
        (self.rows.len() * self.across).div_ceil(PANEL)
    }

    /// The values of each point, `[panels, channels, 8]`.
    pub fn points<'a>(&self, transformed: &'a [f32], channels: usize) -> impl Iterator<Item = &'a [f32]> {
        let values = self.panels() * channels * PANEL;
        transformed.chunks_exact(plane(values)).take(POINTS).map(move |point| &point[..values])
    }

    /// The values of each point, `[panels, channels, 8]`, to be written.
    pub fn points_mut<'a>(&self, transformed: &'a mut [f32], channels: usize) -> impl Iterator<Item = &'a mut [f32]> {
        let values = self.panels() * channels * PANEL;
        transformed.chunks_exact_mut(plane(values)).take(POINTS).map(move |point| &mut point[..values])
    }

    /// `Bt d B` of the input `[batch, channels, height, width]` as `[36, panels, padded channels, 8]`.
    pub fn windows(&self, input: &[f32], channels: usize, padded: usize, transformed: &mut [f32]) {
        self.transform::<WINDOW>(input, channels, padded, 1, transformed, window);
    }

    /// `A dy At` of the output's gradient `[batch, channels, height, width]` as `[36, panels, padded channels, 8]`.
    pub fn spread(&self, output: &[f32], channels: usize, padded: usize, transformed: &mut [f32]) {
        self.transform::<TILE>(output, channels, padded, 0, transformed, spread);
    }

    /// `one` along rows and columns of every tile of `SIDE` x `SIDE` values, of which the first `halo` rows and columns
    /// belong to the tile before.
    #[inline(always)]
    fn transform<const SIDE: usize>(
        &self,
        images: &[f32],
        channels: usize,
        padded: usize,
        halo: usize,
        transformed: &mut [f32],
        one: impl Fn([f32x4; SIDE]) -> [f32x4; WINDOW],
    ) {
        let plane = plane(self.panels() * padded * PANEL);
        let mut lines = Lines::new::<SIDE>(self);
        for channel in 0..padded {
            if channel < channels {
                lines.read(self, images, channels, channel, halo);
            } else {
                lines.clear();
            }
            for (group, bases) in lines.bases.iter().enumerate() {
                let along: [[f32x4; WINDOW]; SIDE] = from_fn(|line| one(lines.columns::<SIDE>(bases, line)));
                let place = (group / GROUPS * padded + channel) * PANEL + group % GROUPS * LANES;
                for x in 0..WINDOW {
                    let down = one(from_fn(|line| along[line][x]));
                    for (y, values) in down.iter().enumerate() {
                        store(*values, &mut transformed[(y * WINDOW + x) * plane + place..]);
                    }
                }
            }
        }
    }

    /// `At m A` of products `[36, panels, padded channels, 8]`, written with what the kernels add to it to the output `[batch,
    /// channels, height, width]`.
    pub(super) fn gather(&self, products: &[f32], padded: usize, kernels: &Kernels, output: &mut [f32]) {
        let (channels, zero) = (self.convolution.channels_out, f32x4::ZERO);
        let plane = plane(self.panels() * padded * PANEL);
        let count = self.rows.len() * self.across;
        for (channel, bias) in kernels.bias[..channels].iter().enumerate() {
            let bias = f32x4::splat(*bias);
            // Not `max`: what is not a number must stay so.
            let cut = |value: f32x4| if kernels.relu { value.simd_lt(zero).select(zero, value) } else { value };
            for group in 0..count.div_ceil(LANES) {
                let place = (group / GROUPS * padded + channel) * PANEL + group % GROUPS * LANES;
                let down: [[f32x4; TILE]; WINDOW] =
                    from_fn(|x| gather(from_fn(|y| load(&products[(y * WINDOW + x) * plane + place..]))));
                let lines: [[f32x4; LANES]; TILE] = from_fn(|y| f32x4::transpose(gather(from_fn(|x| down[x][y]))));
                let tiles: [[f32x4; TILE]; LANES] = from_fn(|lane| from_fn(|y| lines[y][lane]));
                for (tile, lines) in (group * LANES..count).zip(tiles) {
                    self.write(tile, lines.map(|line| cut(line + bias)), channels, channel, output);
                }
            }
        }
    }

    /// Writes the part of a tile that lies within the image.
    #[inline(always)]
    fn write(&self, tile: usize, lines: [f32x4; TILE], channels: usize, channel: usize, output: &mut [f32]) {
        let Convolution { height, width, dilation, .. } = self.convolution;
        let row = &self.rows[tile / self.across];
        let x = row.x + tile % self.across * TILE * dilation;
        let plane = &mut output[(row.image * channels + channel) * height * width..][..height * width];
        for (line, y) in lines.iter().zip((row.y..height).step_by(dilation)) {
            let line = line.as_array();
            match plane[y * width..][..width].get_mut(x..x + TILE) {
                Some(whole) if dilation == 1 => whole.copy_from_slice(line),
                _ => {
                    for (value, x) in line.iter().zip((x..width).step_by(dilation)) {
                        plane[y * width + x] = *value;
                    }
                }
            }
        }
    }
}

/// The lines of one channel that the tiles of a block need, with zeros where the image ends.
struct Lines {
    values: Vec<f32>,
    width: usize,
    side: usize,
    /// For every four tiles, where each begins.
    bases: Vec<[usize; LANES]>,
}

impl Lines {
    fn new<const SIDE: usize>(block: &Block) -> Self {
        // Two vectors are read from the start of the last tile.
        let width = block.across * TILE + LANES;
        let count = block.rows.len() * block.across;
        // Tiles that fill up the last panel read behind the last row, where everything is zero.
        let nothing = block.rows.len() * SIDE * width;
        let base = |tile: usize| match tile < count {
            true => tile / block.across * SIDE * width + tile % block.across * TILE,
            false => nothing,
        };
        let groups = block.panels() * PANEL / LANES;
        let bases = (0..groups).map(|group| from_fn(|lane| base(group * LANES + lane))).collect();
        Lines { values: vec![0.0; nothing + SIDE * width], width, side: SIDE, bases }
    }

    fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// Reads one channel of the images.
    fn read(&mut self, block: &Block, images: &[f32], channels: usize, channel: usize, halo: usize) {
        let Convolution { height, width, dilation, .. } = block.convolution;
        for (row, lines) in block.rows.iter().zip(self.values.chunks_exact_mut(self.side * self.width)) {
            let plane = &images[(row.image * channels + channel) * height * width..][..height * width];
            for (line, values) in lines.chunks_exact_mut(self.width).enumerate() {
                let y = (row.y + line * dilation).checked_sub(halo * dilation).filter(|&y| y < height);
                let read = match y {
                    Some(y) if dilation == 1 => {
                        values[halo..halo + width].copy_from_slice(&plane[y * width..][..width]);
                        width
                    }
                    Some(y) => {
                        let phase = plane[y * width..][..width].get(row.x..).unwrap_or_default();
                        let phase = phase.iter().step_by(dilation);
                        let length = phase.len();
                        values[halo..].iter_mut().zip(phase).for_each(|(value, pixel)| *value = *pixel);
                        length
                    }
                    None => 0,
                };
                values[halo + read..].fill(0.0);
            }
        }
    }

    /// The columns of one line of four tiles.
    #[inline(always)]
    fn columns<const SIDE: usize>(&self, bases: &[usize; LANES], line: usize) -> [f32x4; SIDE] {
        let at = |lane: usize, column: usize| load(&self.values[bases[lane] + line * self.width + column..]);
        let first = f32x4::transpose(from_fn(|lane| at(lane, 0)));
        if SIDE <= LANES {
            return from_fn(|column| first[column]);
        }
        let second = f32x4::transpose(from_fn(|lane| at(lane, LANES)));
        from_fn(|column| if column < LANES { first[column] } else { second[column - LANES] })
    }
}
