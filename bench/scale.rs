//! What a dataset costs as it grows: `cargo run --release --features bench --bin scale [images]...`, natively, through the
//! same import and the same storage as in the browser. See README.md.

#[path = "../tests/dataset_attacks/memory.rs"]
mod memory;

use std::borrow::Cow;
use std::fs::File;
use std::future::Future;
use std::io::BufWriter;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use mien::affect::{Annotation, Expression};
use mien::dataset::{
    ArchiveWriter, Dataset, DroppedFile, Export, FileSource, Import, PixelStore, SplitPlan, StoreError, Twins,
};
use mien::engine::storage::{Folder, PixelFile, Storage};
use mien::imaging::{Pixels, Preprocessing};
use mien::training::{SampleSource, normalised, shuffled_batches};

type Failure = Box<dyn std::error::Error>;

/// Images a batch.
const BATCH: usize = 64;

fn main() -> Result<(), Failure> {
    let counts: Vec<usize> = std::env::args().skip(1).map(|count| count.parse()).collect::<Result<_, _>>()?;
    let counts = if counts.is_empty() { vec![10_000, 300_000] } else { counts };
    let folder = std::env::temp_dir().join(format!("mien-scale-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&folder, &counts);
    std::fs::remove_dir_all(folder)?;
    measured
}

fn measure(folder: &Path, counts: &[usize]) -> Result<(), Failure> {
    let storage = Storage::at(Folder::at(folder)?);
    let small = made_zip(&folder.join("small.zip"), 10_000, 48)?;
    println!("48 x 48, in a zip of PNG:");
    import(&storage, small)?;
    for &count in counts {
        println!("64 x 64, {count} images:");
        let zip = made_zip(&folder.join("made.zip"), count, 64)?;
        let (dataset, mut pixels) = import(&storage, zip)?;
        told("kept", count, || Ok(now(storage.keep_dataset(&dataset, &mut pixels))?))?;
        drop((dataset, pixels));
        let (dataset, pixels) = told("opened again", count, || {
            let (dataset, _, pixels) = now(storage.kept_dataset()).ok_or("nothing was kept")?;
            Ok((dataset, pixels))
        })?;
        let looks: Vec<_> = dataset.samples.iter().map(|sample| sample.look).collect();
        let twins = told("twins found", count, || Ok(Twins::among(&looks)))?;
        told("looked at", count, || Ok(dataset.summary(&twins)))?;
        told("downloaded", count, || {
            let mut export = Export::open(&dataset, BufWriter::new(File::create(folder.join("export.zip"))?))?;
            while export.step(&pixels)? {}
            Ok(export.finish()?)
        })?;
        let mut epoch = Epoch { images: now(storage.scratch_pixels(count)), annotations: Vec::new() };
        told("made ready to train on", count, || epoch.fill(&dataset, &pixels))?;
        told("streamed, an epoch", count, || epoch.stream())?;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        println!("  the whole process so far: {}", peak.trim_start_matches("VmHWM:").trim());
    }
    Ok(())
}

/// Does it, and says how long it took, how much of that the processor, and what it held at most, beyond what was held
/// before.
fn told<T>(what: &str, images: usize, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let (start, busy) = (Instant::now(), busy_seconds());
    let (result, most) = memory::measured(work);
    let (seconds, busy) = (start.elapsed().as_secs_f64(), busy_seconds() - busy);
    let (rate, most) = (images as f64 / seconds, most as f64 / 1e6);
    println!("  {what:24} {seconds:8.2} s ({busy:6.2} s busy) {rate:10.0} images/s {most:8.1} MB at most");
    result
}

/// What the processor has done for this thread.
fn busy_seconds() -> f64 {
    let nanoseconds = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    nanoseconds.split(' ').next().and_then(|number| number.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}

fn import(storage: &Storage, zip: DroppedFile) -> Result<(Dataset, PixelFile), Failure> {
    let mut import = told("listed", 1, || Ok(Import::open(vec![zip], SplitPlan::default())?))?;
    let total = import.total();
    let mut pixels = now(storage.new_pixels(total));
    told("imported", total, || {
        while import.step(&mut pixels) {}
        let dataset = import.finish()?;
        Ok((dataset, pixels))
    })
}

/// A zip of folders per class, of pictures that all differ.
fn made_zip(path: &Path, count: usize, side: usize) -> Result<DroppedFile, Failure> {
    let mut archive = ArchiveWriter::new(BufWriter::new(File::create(path)?));
    let mut png = Vec::new();
    for index in 0..count {
        png.clear();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up);
        encoder.write_image(&picture(index, side), side as u32, side as u32, ExtendedColorType::L8)?;
        let class = Expression::ALL[index % 8].name();
        archive.add(&format!("made/{class}/{index:06}.png"), &png)?;
    }
    archive.finish()?;
    Ok(DroppedFile::new("made.zip", FileSource::new(path)?))
}

/// Waves, of a direction, a width and a grain that the index says.
fn picture(index: usize, side: usize) -> Vec<u8> {
    let turn = (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [across, down, phase, grain] = [0, 16, 32, 48].map(|shift| ((turn >> shift) & 0xffff) as usize);
    let wave = |at: usize| at.wrapping_mul(1 + grain) >> 9 & 15;
    (0..side * side)
        .map(|at| {
            let (x, y) = (at % side, at / side);
            let slope = (x * (across % 512) + y * (down % 512) + phase) / 64;
            (if slope & 128 == 0 { slope & 127 } else { 127 - (slope & 127) } + 64 + wave(at)) as u8
        })
        .collect()
}

/// Images of the network's size, in the storage: what an epoch is read from.
struct Epoch {
    images: PixelFile,
    annotations: Vec<Annotation>,
}

impl Epoch {
    fn fill(&mut self, dataset: &Dataset, pixels: &PixelFile) -> Result<(), Failure> {
        let preprocessing = Preprocessing::plain(64);
        for (index, sample) in dataset.samples.iter().enumerate() {
            self.images.push(&preprocessing.apply(&pixels.get(index)?))?;
            self.annotations.push(sample.annotation.clone());
        }
        Ok(())
    }

    /// Every batch of an epoch in a random order; what the first and the last tenth of them cost.
    fn stream(&self) -> Result<(), Failure> {
        let samples: Vec<usize> = (0..self.len()).collect();
        let batches = shuffled_batches(&samples, BATCH, &mut ChaCha8Rng::seed_from_u64(1));
        let preprocessing = Preprocessing::plain(64);
        let mut milliseconds = Vec::with_capacity(batches.len());
        for batch in &batches {
            let start = Instant::now();
            normalised(self, batch, &preprocessing, None)?;
            milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
        }
        let tenth = (milliseconds.len() / 10).max(1);
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let (first, last) = (mean(&milliseconds[..tenth]), mean(&milliseconds[milliseconds.len() - tenth..]));
        println!("  a batch of {BATCH}: {:.2} ms; at first {first:.2}, at last {last:.2}", mean(&milliseconds));
        Ok(())
    }
}

impl SampleSource for Epoch {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn image(&self, index: usize) -> Result<Cow<'_, Pixels>, StoreError> {
        self.images.get(index).map(Cow::Owned)
    }

    fn extent(&self, _: usize) -> (usize, usize) {
        (64, 64)
    }

    fn annotation(&self, index: usize) -> &Annotation {
        &self.annotations[index]
    }
}

/// Storage on a disk never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("a disk does not let anybody wait"),
    }
}
