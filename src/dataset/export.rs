//! A dataset out again, in the plain layout: a zip of `images/00001.png` and so on, and of `labels.csv`. It opens here as
//! the same dataset, and in whatever reads tables and images.

mod archive;

use std::io::{self, Write};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use thiserror::Error;

pub use archive::ArchiveWriter;

use super::{Dataset, PixelStore, Sample, StoreError};
use crate::affect::Annotation;
use crate::imaging::Pixels;

/// What the table is called.
const TABLE: &str = "labels.csv";

/// Before the name of a class: the column of its probability.
pub(in crate::dataset) const PROBABILITY: &str = "probability_";

/// Why a dataset could not be written: one sentence.
#[derive(Debug, Error)]
pub enum ExportError {
    /// There is no place for it.
    #[error("The dataset could not be written: {0}.")]
    Write(#[from] io::Error),
    /// An image could not be read.
    #[error("The dataset could not be written: {0}.")]
    Store(#[from] StoreError),
}

/// A dataset on its way out, step by step, as an [`Import`](super::Import) is on its way in.
pub struct Export<W> {
    archive: ArchiveWriter<W>,
    /// What is written: every face that is in use and of which something is known.
    faces: Vec<usize>,
    done: usize,
    png: Vec<u8>,
}

impl<W: Write> Export<W> {
    /// Writes the table; no image yet.
    ///
    /// # Errors
    /// Where there is no place for it.
    pub fn open(dataset: &Dataset, out: W) -> Result<Self, ExportError> {
        let in_use = |index: &usize| {
            let sample = &dataset.samples[*index];
            sample.split.is_some() && !sample.annotation.is_empty()
        };
        let faces: Vec<usize> = (0..dataset.samples.len()).filter(in_use).collect();
        let table = Table::of(dataset, &faces);
        let mut measure = Measure::default();
        table.write(&mut measure)?;
        let mut archive = ArchiveWriter::new(out);
        table.write(archive.begin(TABLE, measure.bytes, measure.checksum.finalize())?)?;
        Ok(Export { archive, faces, done: 0, png: Vec::new() })
    }

    /// How many images there are to write.
    pub fn total(&self) -> usize {
        self.faces.len()
    }

    /// How many of them are written.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Writes the next image. `false` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read, or there is no place for it.
    pub fn step(&mut self, pixels: &dyn PixelStore) -> Result<bool, ExportError> {
        let Some(&face) = self.faces.get(self.done) else { return Ok(false) };
        self.png.clear();
        encode(&pixels.get(face)?, &mut self.png)?;
        self.archive.add(&image_name(self.done, self.total()), &self.png)?;
        self.done += 1;
        Ok(true)
    }

    /// Ends the archive, and gives back what it was written to.
    ///
    /// # Errors
    /// Where there is no place for its directory.
    pub fn finish(self) -> Result<W, ExportError> {
        Ok(self.archive.finish()?)
    }
}

/// Where the `place`th of `count` images lies in the archive. All names are equally long: every program sorts them alike.
fn image_name(place: usize, count: usize) -> String {
    let digits = count.to_string().len().max(5);
    format!("images/{:0digits$}.png", place + 1)
}

fn encode(pixels: &Pixels, png: &mut Vec<u8>) -> io::Result<()> {
    let colour = if pixels.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let encoder = PngEncoder::new_with_quality(png, CompressionType::Default, FilterType::Adaptive);
    // The sides of a stored image fit 16 bits.
    let written = encoder.write_image(&pixels.data, pixels.width as u32, pixels.height as u32, colour);
    written.map_err(io::Error::other)
}

/// What is known of the faces.
struct Table<'a> {
    dataset: &'a Dataset,
    faces: &'a [usize],
    /// Whether each class has a column of its probability.
    probabilities: bool,
    /// Whether it is known of a face whose it is.
    persons: bool,
}

impl<'a> Table<'a> {
    fn of(dataset: &'a Dataset, faces: &'a [usize]) -> Self {
        let soft = |face: &usize| is_soft(&dataset.samples[*face].annotation);
        let classes = dataset.label_set.classes();
        let probabilities = faces.iter().any(soft) || !classes.iter().all(|name| is_plain(name));
        let persons = faces.iter().any(|face| dataset.samples[*face].person.is_some());
        Table { dataset, faces, probabilities, persons }
    }

    fn write(&self, out: impl Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(out);
        let classes = self.dataset.label_set.classes().iter().filter(|_| self.probabilities);
        let fixed = ["image", "expression", "valence", "arousal", "split", "source"].map(str::to_owned);
        let person = self.persons.then(|| "person".to_owned());
        table.write_record(
            fixed.into_iter().chain(person).chain(classes.map(|class| format!("{PROBABILITY}{class}"))),
        )?;
        for (place, face) in self.faces.iter().enumerate() {
            table.write_record(self.row(place, &self.dataset.samples[*face]))?;
        }
        table.flush()
    }

    /// Numbers are written in the fewest digits that tell them from their neighbours.
    fn row(&self, place: usize, sample: &Sample) -> impl Iterator<Item = String> {
        let Sample { name, annotation, split, person, .. } = sample;
        let label_set = &self.dataset.label_set;
        let class = annotation.class().and_then(|class| label_set.classes().get(class)).cloned().unwrap_or_default();
        let number = |value: Option<f32>| value.map(|value| format!("{value:?}")).unwrap_or_default();
        let split = split.map_or("", |split| split.name());
        let image = image_name(place, self.faces.len());
        let fixed = [image, class, number(annotation.valence), number(annotation.arousal), split.into(), name.clone()];
        let weight = |class| annotation.expression.as_ref().and_then(|weights| weights.get(class)).copied();
        let classes = if self.probabilities { label_set.len() } else { 0 };
        let person = self.persons.then(|| person.clone().unwrap_or_default());
        fixed.into_iter().chain(person).chain((0..classes).map(weight).map(number).collect::<Vec<_>>())
    }
}

/// Whether an expression is more than the name of a class.
fn is_soft(annotation: &Annotation) -> bool {
    annotation.expression.as_ref().is_some_and(|weights| weights.iter().any(|weight| *weight != 0.0 && *weight != 1.0))
}

/// Whether a table that is read takes the name of a class for nothing else: numbers are taken for AffectNet's.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && name.parse::<f64>().is_err()
}

/// Takes in what is written, and keeps what an archive must know before.
#[derive(Default)]
struct Measure {
    bytes: u64,
    checksum: crc32fast::Hasher,
}

impl Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        self.checksum.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
