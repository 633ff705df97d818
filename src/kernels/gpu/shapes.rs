//! What the kernels on a device have in common: the lengths that they are told, where a thread begins, and how it reads a row.

use cubecl::prelude::*;

use super::launch::Tile;

/// What a convolution or a pooling goes over.
#[derive(CubeLaunch, CubeType, Clone)]
pub struct Shapes {
    pub batch: u32,
    pub channels_in: u32,
    /// Of the input.
    pub height: u32,
    pub width: u32,
    pub channels_out: u32,
    /// Height and width of the output.
    pub down: u32,
    pub across: u32,
    /// Zeros above the input, and to its left.
    pub above: u32,
    pub left: u32,
}

/// Of a convolution from maps `[batch, channels, height, width]` to others, with so many zeros above and to the left.
pub fn shapes(from: [usize; 4], to: [usize; 4], before: (usize, usize)) -> ShapesLaunch {
    let number = |number: usize| number as u32;
    let [batch, channels_in, height, width] = from.map(number);
    let [_, channels_out, down, across] = to.map(number);
    ShapesLaunch::new(batch, channels_in, height, width, channels_out, down, across, number(before.0), number(before.1))
}

/// Where in maps the tile of a thread begins.
#[derive(CubeType)]
pub struct Corner {
    pub image: u32,
    pub row: u32,
    pub place: u32,
}

/// This thread's, in maps of such a height and width. Threads next to one another have tiles next to one another. The last threads
/// have an image past the last one.
#[cube]
pub fn corner(height: u32, width: u32, #[comptime] tile: Tile) -> Corner {
    let rows = comptime!(tile.rows);
    let places = comptime!(tile.places);
    let tiles = width.div_ceil(places);
    let bands = height.div_ceil(rows);
    let band = thread() / tiles;
    Corner { image: band / bands, row: (band % bands) * rows, place: (thread() % tiles) * places }
}

/// This thread, among those of its group.
#[cube]
pub fn thread() -> u32 {
    CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X
}

/// The group that this thread is of. The last ones may be past the last group.
#[cube]
pub fn group(#[comptime] together: u32) -> u32 {
    if comptime!(together == 1) { CUBE_POS_Y } else { CUBE_POS_Y * together + UNIT_POS_Y }
}

/// Neighbours in a row of a map, some of which may lie beside it.
#[derive(CubeType)]
pub struct Neighbours {
    column: Array<u32>,
    inside: Array<bool>,
    #[cube(comptime)]
    count: u32,
}

/// `count` of them, from column `first` of maps that are `width` wide.
#[cube]
pub fn neighbours(first: i32, width: u32, #[comptime] count: u32) -> Neighbours {
    let mut column = Array::<u32>::new(comptime!(count as usize));
    let mut inside = Array::<bool>::new(comptime!(count as usize));
    #[unroll]
    for at in 0..count {
        let x = first + at as i32;
        let lies = x >= 0 && (x as u32) < width;
        column[at as usize] = select(lies, x as u32, 0u32.runtime());
        inside[at as usize] = lies;
    }
    Neighbours { column, inside, count }
}

#[cube]
impl Neighbours {
    /// Their values in the row that begins there. Beside the map they are zero, whatever the row begins with: to read that is faster
    /// than to ask whether to.
    pub fn read<F: Float>(&self, maps: &Tensor<F>, row: u32) -> Array<F> {
        self.read_or::<F>(maps, row, F::new(0.0))
    }

    /// The same, but beside the map they are as told.
    pub fn read_or<F: Float>(&self, maps: &Tensor<F>, row: u32, beside: F) -> Array<F> {
        let mut values = Array::<F>::new(comptime!(self.count as usize));
        #[unroll]
        for at in 0..self.count {
            let value = maps[(row + self.column[at as usize]) as usize];
            values[at as usize] = select(self.inside[at as usize], value, beside);
        }
        values
    }
}

/// So many sums, of nothing yet.
#[cube]
pub fn zeros<F: Float>(#[comptime] count: u32) -> Array<F> {
    let mut sums = Array::<F>::new(comptime!(count as usize));
    #[unroll]
    for sum in 0..count {
        sums[sum as usize] = F::new(0.0);
    }
    sums
}
