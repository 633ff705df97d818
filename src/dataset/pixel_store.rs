//! Where decoded images wait for training: packed 8-bit samples, by index.

use thiserror::Error;

use crate::imaging::Pixels;

/// Why an image was not stored, or not given back.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// There is no room for another image.
    #[error("there is no room for more images after {stored}; import fewer, or free memory or storage")]
    Full {
        /// Images stored so far.
        stored: usize,
    },
    /// There is no such image.
    #[error("image {index} is not in the store, which holds {stored}")]
    Missing {
        /// The index asked for.
        index: usize,
        /// Images stored.
        stored: usize,
    },
    /// The images have more pixels or fewer than their width, height and channels say, or are too large for the store.
    #[error("an image of {width} x {height} pixels and {channels} channels cannot be stored")]
    Shape {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// Channels.
        channels: usize,
    },
    /// What was stored of an import that was cut short is not what its files are now.
    #[error("the files have changed since their import was cut short; drop them again, and it begins anew")]
    Changed,
    /// The storage below failed.
    #[error("the image storage failed: {0}")]
    Storage(String),
}

/// Holds the pixels of a dataset: image `i` belongs to sample `i`.
pub trait PixelStore {
    /// Stores an image and returns its index: 0, 1, 2, ...
    fn push(&mut self, pixels: &Pixels) -> Result<usize, StoreError>;

    /// The image at `index`, as it was pushed.
    fn get(&self, index: usize) -> Result<Pixels, StoreError>;

    /// How many images there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Width, height and channels in as few bytes as they need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedShape {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// 1 (gray) or 3 (red, green, blue).
    pub channels: u8,
}

impl PackedShape {
    /// The shape of an image that can be stored.
    ///
    /// # Errors
    /// [`StoreError::Shape`] where it is too large, or its data is not as long as its shape says.
    pub fn of(pixels: &Pixels) -> Result<Self, StoreError> {
        let Pixels { width, height, channels, ref data } = *pixels;
        let bytes = width.checked_mul(height).and_then(|area| area.checked_mul(channels));
        match (u16::try_from(width), u16::try_from(height), u8::try_from(channels)) {
            (Ok(packed_width), Ok(packed_height), Ok(packed_channels))
                if bytes == Some(data.len()) && u32::try_from(data.len()).is_ok() =>
            {
                Ok(PackedShape { width: packed_width, height: packed_height, channels: packed_channels })
            }
            _ => Err(StoreError::Shape { width, height, channels }),
        }
    }

    /// The image of this shape.
    pub fn with(self, data: Vec<u8>) -> Pixels {
        let PackedShape { width, height, channels } = self;
        Pixels { width: width.into(), height: height.into(), channels: channels.into(), data }
    }

    /// Samples it has; `None` where a memory of 32 bits could not hold them.
    pub fn bytes(self) -> Option<usize> {
        usize::from(self.width).checked_mul(self.height.into())?.checked_mul(self.channels.into())
    }
}

/// Bytes of a block. Blocks rather than one growing vector: growing would need room for all images twice.
const BLOCK: usize = 4 * 1024 * 1024;

/// Images in memory, one after the other, gray ones with one byte a pixel.
#[derive(Default)]
pub struct MemoryPixelStore {
    blocks: Vec<Vec<u8>>,
    images: Vec<Packed>,
}

/// Where an image lies.
#[derive(Clone, Copy)]
struct Packed {
    block: u32,
    offset: u32,
    shape: PackedShape,
}

impl MemoryPixelStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last block, if it has room for `bytes`, else a new one.
    fn block_for(&mut self, bytes: usize) -> Option<&mut Vec<u8>> {
        if self.blocks.last().is_none_or(|block| block.capacity() - block.len() < bytes) {
            let mut block = Vec::new();
            block.try_reserve_exact(bytes.max(BLOCK)).ok()?;
            self.blocks.push(block);
        }
        self.blocks.last_mut()
    }
}

impl PixelStore for MemoryPixelStore {
    fn push(&mut self, pixels: &Pixels) -> Result<usize, StoreError> {
        let shape = PackedShape::of(pixels)?;
        let index = self.images.len();
        self.images.try_reserve(1).map_err(|_| StoreError::Full { stored: index })?;
        let block = self.block_for(pixels.data.len()).ok_or(StoreError::Full { stored: index })?;
        let offset = block.len() as u32;
        block.extend_from_slice(&pixels.data);
        self.images.push(Packed { block: self.blocks.len() as u32 - 1, offset, shape });
        Ok(index)
    }

    fn get(&self, index: usize) -> Result<Pixels, StoreError> {
        let missing = StoreError::Missing { index, stored: self.images.len() };
        let Some(&Packed { block, offset, shape }) = self.images.get(index) else { return Err(missing) };
        let start = offset as usize;
        let end = shape.bytes().and_then(|bytes| start.checked_add(bytes));
        let data = end.and_then(|end| self.blocks.get(block as usize)?.get(start..end));
        Ok(shape.with(data.ok_or(missing)?.to_vec()))
    }

    fn len(&self) -> usize {
        self.images.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_come_back_as_they_went_in() {
        let image = |i: usize| {
            let (width, height, channels) = (1 + i % 256, 1 + i * 7 % 256, if i.is_multiple_of(3) { 3 } else { 1 });
            let data = (0..width * height * channels).map(|j| (i * 31 + j) as u8).collect();
            Pixels { width, height, channels, data }
        };
        let mut store = MemoryPixelStore::new();
        for i in 0..700 {
            assert_eq!(store.push(&image(i)), Ok(i));
        }
        assert!(store.blocks.len() > 2, "blocks are crossed");
        assert!((0..700).rev().all(|i| store.get(i) == Ok(image(i))));
        assert_eq!(store.get(700), Err(StoreError::Missing { index: 700, stored: 700 }));
    }

    #[test]
    fn a_shape_that_does_not_fit_its_data_is_refused() {
        let mut store = MemoryPixelStore::new();
        for (width, height, length) in [(2, 2, 3), (70_000, 1, 70_000), (usize::MAX, 2, 4)] {
            let pixels = Pixels { width, height, channels: 1, data: vec![0; length] };
            assert_eq!(store.push(&pixels), Err(StoreError::Shape { width, height, channels: 1 }));
        }
        assert!(store.is_empty());
    }
}
