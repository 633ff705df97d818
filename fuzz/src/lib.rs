//! What the fuzz targets share. The rooms under test are compiled here by themselves, without Burn and the browser: a
//! target is then built in a minute.

#[path = "../../src/affect/mod.rs"]
pub mod affect;
#[path = "../../src/choice.rs"]
mod choice;
#[allow(unused_imports)] // The engine alone reads archives for other things.
#[path = "../../src/dataset/mod.rs"]
pub mod dataset;
#[path = "../../src/imaging/mod.rs"]
pub mod imaging;
#[path = "../../src/number.rs"]
mod number;
#[path = "../../tests/dataset_attacks/memory.rs"]
mod memory;

use std::io::Cursor;

use dataset::{Dataset, DroppedFile, Import, MemoryPixelStore, MemorySource, PixelStore, SplitPlan, Twins};

/// What an import holds whatever it reads: a block of the pixel store, windows into files, decoders.
const USUAL: usize = 16 << 20;

/// What a byte of a table or an array may cost: it may be an image, with its name and its label.
const A_BYTE: usize = 1024;

/// A dropped file that lies in memory.
pub fn file(path: &str, bytes: &[u8]) -> DroppedFile {
    DroppedFile::new(path, MemorySource::new(bytes))
}

/// A PNG of one gray shade.
pub fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let written =
        image::GrayImage::from_pixel(6, 4, image::Luma([shade])).write_to(&mut bytes, image::ImageFormat::Png);
    written.expect("memory takes all that is written");
    bytes.into_inner()
}

/// Imports what is dropped, in as much memory as it has bytes for.
pub fn import_in_bounds(files: Vec<DroppedFile>) {
    let size: u64 = files.iter().map(|file| file.source.size()).sum();
    let ((), most) = memory::measured(|| import(files));
    assert!(most <= USUAL + A_BYTE * size as usize, "{most} bytes of memory for {size} bytes of files");
}

/// Imports what is dropped: it ends in a dataset whose figures hold together, or in a sentence.
pub fn import(files: Vec<DroppedFile>) {
    let mut store = MemoryPixelStore::new();
    let imported = Import::open(files, SplitPlan::default()).and_then(|mut import| {
        while import.step(&mut store) {}
        import.finish()
    });
    match imported {
        Ok(dataset) => check(&dataset, &store),
        Err(error) => assert!(error.to_string().contains(' '), "{error}"),
    }
}

fn check(dataset: &Dataset, store: &MemoryPixelStore) {
    assert_eq!(store.len(), dataset.samples.len());
    for sample in &dataset.samples {
        let annotation = &sample.annotation;
        assert!(!annotation.is_empty() && sample.split.is_some());
        assert!([annotation.valence, annotation.arousal].into_iter().flatten().all(|value| value.abs() <= 1.0));
        if let Some(distribution) = &annotation.expression {
            assert_eq!(distribution.len(), dataset.label_set.len());
            assert!(distribution.iter().all(|weight| *weight >= 0.0));
            assert!((distribution.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{distribution:?}");
        }
    }
    let looks: Vec<_> = dataset.samples.iter().map(|sample| sample.look).collect();
    let summary = dataset.summary(&Twins::among(&looks));
    assert_eq!(summary.split_sizes.iter().sum::<usize>(), dataset.samples.len());
}
