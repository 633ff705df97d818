//! Datasets that are large and honest: memory does not grow with them.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::time::Instant;

use mien::dataset::{DroppedFile, Import, MemorySource, PixelStore, ReadSeek, Source, SplitPlan, StoreError};
use mien::imaging::Pixels;

use super::memory;

/// A file that consists of a head and of parts, which are made when they are read.
#[derive(Clone)]
struct Made {
    head: Vec<u8>,
    part: fn(u64) -> Vec<u8>,
    /// Bytes of a part.
    length: u64,
    parts: u64,
}

struct MadeReader {
    file: Made,
    position: u64,
}

impl Source for Made {
    fn size(&self) -> u64 {
        self.head.len() as u64 + self.length * self.parts
    }

    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(MadeReader { file: self.clone(), position: 0 }))
    }
}

impl Read for MadeReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() && self.position < self.file.size() {
            let count = match self.position.checked_sub(self.file.head.len() as u64) {
                None => (&self.file.head[self.position as usize..]).read(&mut into[filled..])?,
                Some(at) => {
                    let part = (self.file.part)(at / self.file.length);
                    (&part[(at % self.file.length) as usize..]).read(&mut into[filled..])?
                }
            };
            self.position += count as u64;
            filled += count;
        }
        Ok(filled)
    }
}

impl Seek for MadeReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(position) = to else { return Err(io::ErrorKind::Unsupported.into()) };
        self.position = position;
        Ok(position)
    }
}

/// A store that only counts, and sums the first pixels.
#[derive(Default)]
struct Sums {
    images: usize,
    sum: u64,
}

impl PixelStore for Sums {
    fn push(&mut self, pixels: &Pixels) -> Result<usize, StoreError> {
        self.sum += u64::from(pixels.data[0]);
        self.images += 1;
        Ok(self.images - 1)
    }

    fn get(&self, index: usize) -> Result<Pixels, StoreError> {
        Err(StoreError::Missing { index, stored: self.images })
    }

    fn len(&self) -> usize {
        self.images
    }
}

/// Imports, and says how many bytes that took beside the list of samples.
fn import(files: Vec<DroppedFile>) -> (Sums, usize) {
    let start = Instant::now();
    let (sums, most) = memory::measured(|| {
        let mut sums = Sums::default();
        let mut import = Import::open(files, SplitPlan::default()).unwrap();
        while import.step(&mut sums) {}
        assert_eq!(import.finish().unwrap().problem_count, 0);
        sums
    });
    println!("{:.0} images a second, {} KiB", sums.images as f64 / start.elapsed().as_secs_f64(), most >> 10);
    (sums, most)
}

/// The memory of a sample (its name, its label) and of what is known before its pixels are read.
const A_SAMPLE: usize = 600;

fn fer2013_row(row: u64) -> Vec<u8> {
    let pixels = format!("{:03} ", row % 256).repeat(2304);
    format!("{},{pixels},Training\n", row % 7).into_bytes()
}

/// A table as long as FER2013's own.
#[test]
fn fer2013_is_never_in_memory_as_a_whole() {
    let rows = 35_887;
    let head = b"emotion,pixels,Usage\n".to_vec();
    let table = Made { head, part: fer2013_row, length: fer2013_row(0).len() as u64, parts: rows };
    assert!(table.size() > 290_000_000);
    let (sums, most) = import(vec![DroppedFile::new("fer2013.csv", table)]);
    assert_eq!((sums.images as u64, sums.sum), (rows, (0..rows).map(|row| row % 256).sum()));
    assert!(most < (2 << 20) + rows as usize * A_SAMPLE, "{most} bytes");
}

fn array(shape: &str, descr: &str, fortran: bool) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}}}");
    [&b"\x93NUMPY\x01\0"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat()
}

fn labels(count: u64) -> DroppedFile {
    let values = (0..count).map(|image| (image % 8) as u8).collect();
    let bytes: Vec<u8> = [array(&format!("({count},)"), "|u1", false), values].concat();
    DroppedFile::new("d/labels.npy", MemorySource::new(bytes))
}

#[test]
fn an_array_of_images_is_never_in_memory_as_a_whole() {
    let count = 40_000;
    let part = |image: u64| vec![(image % 256) as u8; 64 * 64];
    let images = Made { head: array("(40000, 64, 64)", "|u1", false), part, length: 64 * 64, parts: count };
    let (sums, most) = import(vec![DroppedFile::new("d/images.npy", images), labels(count)]);
    assert_eq!((sums.images as u64, sums.sum), (count, (0..count).map(|image| image % 256).sum()));
    assert!(most < (2 << 20) + count as usize * A_SAMPLE, "{most} bytes");
}

/// In Fortran order each image lies all over the file: blocks of 64 MiB are held.
#[test]
fn an_array_in_fortran_order_is_read_block_by_block() {
    let count = 40_000;
    // A plane: the same pixel of every image.
    let part = |_| (0..40_000_u64).map(|image| (image % 256) as u8).collect();
    let images = Made { head: array("(40000, 64, 64)", "|u1", true), part, length: count, parts: 64 * 64 };
    let (sums, most) = import(vec![DroppedFile::new("d/images.npy", images), labels(count)]);
    assert_eq!((sums.images as u64, sums.sum), (count, (0..count).map(|image| image % 256).sum()));
    assert!(most < (132 << 20) + count as usize * A_SAMPLE, "{most} bytes");
}

/// Annotations of one value each, four files an image.
#[test]
fn affectnets_annotations_are_read_with_their_images() {
    let mut png = Cursor::new(Vec::new());
    image::GrayImage::from_pixel(48, 48, image::Luma([7])).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = MemorySource::new(png.into_inner());
    let value = MemorySource::new([array("()", "|u1", false), vec![1]].concat());
    let mut files = Vec::new();
    for number in 0..5_000 {
        files.push(DroppedFile::new(format!("a/images/{number}.png"), png.clone()));
        for part in ["aro", "exp", "lnd", "val"] {
            files.push(DroppedFile::new(format!("a/annotations/{number}_{part}.npy"), value.clone()));
        }
    }
    let (sums, _) = import(files);
    assert_eq!(sums.sum, 7 * 5_000);
}
