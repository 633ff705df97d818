//! Files that nobody should have to open (`tests/attacks/make_attacks.py`), and some that are too large to keep. Each ends as
//! a problem with its place, or as a sentence; nothing panics; nothing takes more memory than it has bytes for.
#![cfg(feature = "engine")]

#[path = "../dataset_import/support.rs"]
#[allow(dead_code)]
mod support;

mod archives;
mod arrays;
mod images;
mod memory;
mod scale;
mod tables;

use std::path::Path;

use mien::dataset::{Dataset, DroppedFile};
use support::import;

/// What an import holds whatever it reads: a block of the pixel store, windows into files, and as much as images may have
/// besides their pixels.
const USUAL: usize = 14 << 20;

/// A file of the corpus.
fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks").join(name)).unwrap()
}

/// Imports what is dropped. It must not take more memory than four times its own bytes beside what is usual.
fn attack(files: Vec<DroppedFile>) -> Result<Dataset, String> {
    let size: u64 = files.iter().map(|file| file.source.size()).sum();
    let (result, most) = memory::measured(|| import(files).map_err(|error| error.to_string()));
    let allowed = USUAL + 4 * size as usize;
    assert!(most <= allowed, "{most} bytes of memory for {size} bytes of files");
    result.map(|(dataset, _)| dataset)
}

/// What is left of a dataset under attack, and the only problem it has.
fn survived(files: Vec<DroppedFile>, images: usize) -> String {
    let dataset = attack(files).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(dataset.samples.len(), images);
    let problems = support::sentences(&dataset);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

/// The sentence that an import ends with.
fn refused(files: Vec<DroppedFile>) -> String {
    attack(files).expect_err("there is nothing to import")
}
