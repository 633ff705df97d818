//! What starting a kernel takes.

use burn::tensor::Shape;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Threads of a workgroup.
pub const THREADS: usize = 64;

/// From how many groups a workgroup's threads come: from one, so that all of them read the same there, which devices can tell from that
/// alone; from several where a group has too few to fill one, of two ways the one that leaves fewer idle.
fn together(threads: usize, groups: usize) -> u32 {
    if threads >= THREADS / 2 {
        return 1;
    }
    let taken = |together: usize| threads.next_multiple_of(THREADS / together) * groups.next_multiple_of(together);
    if taken(THREADS) < taken(8) { THREADS as u32 } else { 8 }
}

/// Workgroups for so many threads, as often as there are `groups`, of which each has threads of so many as it is high.
/// [`group`](super::shapes::group) says of which a thread is.
pub fn workgroups(threads: usize, groups: usize) -> (CubeCount, CubeDim) {
    let together = together(threads, groups);
    let along = THREADS as u32 / together;
    let count = CubeCount::Static((threads as u32).div_ceil(along), (groups as u32).div_ceil(together), 1);
    (count, CubeDim::new_2d(along, together))
}

/// A square kernel and how it goes over the input, as a thread's text is unrolled for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    pub size: u32,
    pub stride: u32,
    /// Its elements are so many places apart.
    pub dilation: u32,
    /// There is one for each channel, which looks at that one alone.
    pub depthwise: bool,
}

impl Kernel {
    /// Places of the input, in a row or in a column, that so many of the output look at.
    pub fn looks_at(self, places: u32) -> u32 {
        (places - 1) * self.stride + (self.size - 1) * self.dilation + 1
    }

    /// The row that looks at this line of the input for this row of the output.
    pub fn row(self, line: u32, row: u32) -> Option<u32> {
        let below = line.checked_sub(row * self.stride)?;
        (below % self.dilation == 0 && below / self.dilation < self.size).then(|| below / self.dilation)
    }

    /// Whether any of so many rows of the output looks at this line.
    pub fn any_row(self, line: u32, rows: u32) -> bool {
        (0..rows).any(|row| self.row(line, row).is_some())
    }

    /// Which of the places that a row of the output looks at meets this column for this place.
    pub fn value(self, place: u32, column: u32) -> usize {
        (place * self.stride + column * self.dilation) as usize
    }

    /// Weights in all.
    pub fn area(self) -> u32 {
        self.size * self.size
    }
}

/// How long to make the pieces of a row: as few pieces as the longest allowed would take, and all of them alike, so that little of the last
/// one lies beside the row.
pub fn evenly(length: u32, longest: u32) -> u32 {
    let pieces = length.div_ceil(longest).max(1);
    length.div_ceil(pieces).max(1)
}

/// What a thread computes of feature maps: so many rows, neighbours in them, and channels. Each value that it reads is used for as
/// many of them as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    pub rows: u32,
    pub places: u32,
    pub channels: u32,
}

/// Threads that keep a device busy. Where there are fewer, each does less.
pub const BUSY: usize = 1024;

/// Threads so few that a device waits for what they read more than it computes. Where there are fewer, each is given fewer channels.
const FEW: usize = 256;

impl Tile {
    /// For maps `[batch, channels, height, width]` that are convolved by kernels of this size, where a thread holds so many sums in
    /// registers. A kernel's text grows with them, and with it the time to compile it.
    pub fn of(maps: [usize; 4], kernel: Kernel, held: u32) -> Tile {
        let [_, channels, height, width] = maps.map(|length| length as u32);
        let places = evenly(width, 8);
        if kernel.depthwise {
            return Tile { rows: height.min(4), places, channels: 1 };
        }
        let rows = if kernel.size == 3 { height.min(2) } else { 1 };
        let of = |held: u32| Tile { rows, places, channels: (held / (rows * places)).clamp(1, channels.max(1)) };
        let mut tile = of(if kernel.size > 3 { held / 2 } else { held });
        let threads = |tile: Tile| tile.threads(maps) * tile.groups(maps);
        if threads(tile) < BUSY {
            tile = of(held / 2);
        }
        while threads(tile) < FEW && tile.channels > 1 {
            tile.channels = tile.channels.div_ceil(2);
        }
        tile
    }

    /// Sums that it takes.
    pub fn sums(self) -> u32 {
        self.rows * self.places * self.channels
    }

    /// Threads that compute all places of a group of channels.
    pub fn threads(self, [batch, _, height, width]: [usize; 4]) -> usize {
        batch * height.div_ceil(self.rows as usize) * width.div_ceil(self.places as usize)
    }

    /// Groups of channels.
    pub fn groups(self, maps: [usize; 4]) -> usize {
        maps[1].div_ceil(self.channels as usize)
    }
}

/// A tensor of this shape on the device of `like`, not filled.
pub fn empty(like: &CubeTensor, shape: impl Into<Vec<usize>>) -> CubeTensor {
    let shape = Shape::from(shape.into());
    let buffer = like.client.empty(shape.num_elements() * like.dtype.size());
    CubeTensor::new_contiguous(like.client.clone(), like.device.clone(), shape, buffer, like.dtype)
}

/// A tensor's four lengths.
pub fn dims(tensor: &CubeTensor) -> [usize; 4] {
    tensor.meta.shape().dims()
}
