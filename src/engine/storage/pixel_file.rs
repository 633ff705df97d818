//! Pixels in one file of the storage: packed 8-bit samples, one image after the other, read where they lie. Memory holds
//! 24 bytes an image, whatever its size.

use super::StorageError;
use super::folder::File;
use crate::dataset::{MemoryPixelStore, PackedShape, PixelStore, StoreError};
use crate::imaging::Pixels;

/// Bytes of an image in the index: width, height, channels, checksum.
const ENTRY: usize = 9;

/// Bytes that are gathered before they are written: a browser may take milliseconds over a write, however small.
const GATHERED: usize = 1 << 20;

/// After so many images it is foreseen how much room all will take.
const FORESIGHT: usize = 32;

/// A dataset's pixels: in a file as far as there is room, and in memory from there on.
#[derive(Default)]
pub struct PixelFile {
    file: Option<(String, File)>,
    images: Vec<Stored>,
    /// Bytes in the file; what stands in `tail` comes after them.
    written: u64,
    tail: Vec<u8>,
    /// Images to come in all, and bytes there are for them, where that is known.
    budget: Option<(usize, u64)>,
    /// Why the file takes no more; what comes after goes to memory.
    closed: Option<StorageError>,
    rest: MemoryPixelStore,
}

/// Where an image lies, and the CRC-32 of its samples.
#[derive(Clone, Copy)]
struct Stored {
    offset: u64,
    shape: PackedShape,
    checksum: u32,
}

impl PixelFile {
    /// An empty one in `file` of the folder `place`.
    pub(super) fn create(place: String, file: File, budget: Option<(usize, u64)>) -> Self {
        PixelFile { file: Some((place, file)), budget, ..Default::default() }
    }

    /// One that was filled before, with its index.
    pub(super) fn open(place: String, file: File, index: &[u8]) -> Result<Self, StorageError> {
        let mut pixels = PixelFile::create(place, file, None);
        let (entries, rest) = index.as_chunks::<ENTRY>();
        if !rest.is_empty() {
            return Err(StorageError::Damaged("the index of its images ends within an entry".into()));
        }
        for &[w0, w1, h0, h1, channels, c0, c1, c2, c3] in entries {
            let (width, height) = (u16::from_le_bytes([w0, w1]), u16::from_le_bytes([h0, h1]));
            let shape = PackedShape { width, height, channels };
            let checksum = u32::from_le_bytes([c0, c1, c2, c3]);
            let bytes = shape.bytes().ok_or_else(|| StorageError::Damaged("its index lists a vast image".into()))?;
            pixels.images.push(Stored { offset: pixels.written, shape, checksum });
            // Fewer than 2^31 entries of fewer than 2^32 bytes each.
            pixels.written += bytes as u64;
        }
        let size = pixels.file_size()?;
        if size < pixels.written {
            let short = format!("its pixels have {size} bytes, not the {} that were written", pixels.written);
            return Err(StorageError::Damaged(short));
        }
        Ok(pixels)
    }

    /// What [`PixelFile::open`] needs beside the pixels.
    pub(super) fn index(&self) -> Vec<u8> {
        let entry = |image: &Stored| {
            let PackedShape { width, height, channels } = image.shape;
            let ([w0, w1], [h0, h1]) = (width.to_le_bytes(), height.to_le_bytes());
            let [c0, c1, c2, c3] = image.checksum.to_le_bytes();
            [w0, w1, h0, h1, channels, c0, c1, c2, c3]
        };
        self.images.iter().flat_map(entry).collect()
    }

    /// The name of the folder it lies in; `None` where all is in memory.
    pub fn place(&self) -> Option<&str> {
        self.file.as_ref().map(|(place, _)| place.as_str())
    }

    /// Whether all of it so far is in the file, and none in memory.
    pub fn is_filed(&self) -> bool {
        self.file.is_some() && self.closed.is_none()
    }

    /// Bytes in the file, and on their way there.
    pub fn bytes(&self) -> u64 {
        self.written + self.tail.len() as u64
    }

    /// Waits until every pixel is on the disk.
    ///
    /// # Errors
    /// Why not all of them are in the file.
    pub(super) fn finish(&mut self) -> Result<(), StorageError> {
        if self.is_filed()
            && let Err(why) = self.write_tail()
        {
            self.closed = Some(why);
        }
        match (&self.closed, &self.file) {
            (Some(why), _) => Err(why.clone()),
            (None, Some((_, file))) => file.flush(),
            (None, None) => Err(StorageError::Failed("there is none".into())),
        }
    }

    fn file_size(&self) -> Result<u64, StorageError> {
        self.file.as_ref().map_or(Ok(0), |(_, file)| file.size())
    }

    fn append(&mut self, pixels: &Pixels, shape: PackedShape) -> Result<(), StorageError> {
        if let Some((images, room)) = self.budget
            && self.images.len() == FORESIGHT.min(images.saturating_sub(1))
        {
            let needed = self.bytes() / (self.images.len().max(1) as u64) * images as u64;
            if needed > room {
                return Err(StorageError::NoRoom { needed, room });
            }
        }
        if self.tail.len() + pixels.data.len() > GATHERED {
            self.write_tail()?;
        }
        self.images.push(Stored { offset: self.bytes(), shape, checksum: crc32fast::hash(&pixels.data) });
        self.tail.extend_from_slice(&pixels.data);
        Ok(())
    }

    /// Where this fails the tail stays in memory, and is read from there.
    fn write_tail(&mut self) -> Result<(), StorageError> {
        if let Some((_, file)) = &self.file {
            file.write_at(&self.tail, self.written)?;
            self.written += self.tail.len() as u64;
            self.tail.clear();
        }
        Ok(())
    }

    fn read(&self, index: usize, image: Stored) -> Result<Pixels, StorageError> {
        let Some((_, file)) = &self.file else { return Err(StorageError::Missing("the file".into())) };
        // An image was no larger than this when it was written, or the file would not be long enough.
        let bytes = image.shape.bytes().unwrap_or(0);
        let mut data = vec![0; bytes];
        match image.offset.checked_sub(self.written) {
            // The tail holds all from `written` on, and is at most a few megabytes long.
            Some(start) => data.copy_from_slice(&self.tail[start as usize..][..bytes]),
            None => file.read_at(&mut data, image.offset)?,
        }
        if crc32fast::hash(&data) != image.checksum {
            return Err(StorageError::Damaged(format!("image {index} is not what was written; import the data again")));
        }
        Ok(image.shape.with(data))
    }
}

impl PixelStore for PixelFile {
    fn push(&mut self, pixels: &Pixels) -> Result<usize, StoreError> {
        let shape = PackedShape::of(pixels)?;
        if self.is_filed() {
            match self.append(pixels, shape) {
                Ok(()) => return Ok(self.images.len() - 1),
                Err(why) => self.closed = Some(why),
            }
        }
        Ok(self.images.len() + self.rest.push(pixels)?)
    }

    fn get(&self, index: usize) -> Result<Pixels, StoreError> {
        if let Some(image) = self.images.get(index) {
            return self.read(index, *image).map_err(|error| StoreError::Storage(error.to_string()));
        }
        self.rest.get(index - self.images.len()).map_err(|error| match error {
            StoreError::Missing { .. } => StoreError::Missing { index, stored: self.len() },
            other => other,
        })
    }

    fn len(&self) -> usize {
        self.images.len() + self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::super::Folder;
    use super::*;

    /// So large that a hundred are gathered twice.
    const BYTES: usize = 3 * 80 * 80;

    const ALL: u64 = 100 * BYTES as u64;

    fn image(i: usize) -> Pixels {
        Pixels { width: 80, height: 80, channels: 3, data: (0..BYTES).map(|j| (i * 31 + j) as u8).collect() }
    }

    /// A hundred images in a file with room for `room` bytes.
    fn hundred(name: &str, room: u64) -> PixelFile {
        let folder = Folder::at(std::env::temp_dir().join(format!("mien-{name}-{}", std::process::id()))).unwrap();
        let file = block_on(folder.open("pixels")).unwrap();
        block_on(folder.remove("pixels")).unwrap();
        let mut pixels = PixelFile::create("1".into(), file, Some((100, room)));
        for i in 0..100 {
            assert_eq!(pixels.push(&image(i)), Ok(i));
        }
        pixels
    }

    #[test]
    fn images_come_back_in_any_order_whatever_holds_them() {
        for (name, room, in_file) in [("roomy", ALL, 100), ("narrow", ALL - 1, FORESIGHT)] {
            let mut pixels = hundred(name, room);
            assert_eq!((pixels.images.len(), pixels.bytes()), (in_file, (in_file * BYTES) as u64), "{name}");
            assert!((0..100).rev().all(|i| pixels.get(i) == Ok(image(i))), "{name}");
            // Whether there is room or not, all that can be is now in the file.
            let _ = pixels.finish();
            assert!((0..100).rev().all(|i| pixels.get(i) == Ok(image(i))), "{name}");
            assert_eq!(pixels.get(100), Err(StoreError::Missing { index: 100, stored: 100 }));
        }
    }

    #[test]
    fn too_little_room_is_foreseen_and_said() {
        assert_eq!(hundred("enough", ALL).finish(), Ok(()));
        let why = hundred("scarce", ALL - 1).finish();
        assert_eq!(why, Err(StorageError::NoRoom { needed: ALL, room: ALL - 1 }));
    }

    #[test]
    fn an_index_that_lists_more_than_the_file_holds_is_damage() {
        let mut pixels = hundred("short", ALL);
        pixels.finish().unwrap();
        let index = pixels.index();
        let (_, file) = pixels.file.unwrap();
        let damaged =
            |index: &[u8], file| matches!(PixelFile::open("1".into(), file, index), Err(StorageError::Damaged(_)));
        let empty = || hundred("empty", 0).file.unwrap().1;
        assert!(damaged(&[index.clone(), vec![1, 0, 1, 0, 1, 0, 0, 0, 0]].concat(), file));
        assert!(damaged(&index[..10], empty()));
        assert!(damaged(&[255; ENTRY], empty()));
    }
}
