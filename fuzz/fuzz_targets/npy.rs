//! NumPy arrays: by themselves, as labels, and as images.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mien_fuzz::dataset::npy::{Array, Values};
use mien_fuzz::{file, import_in_bounds, png};

fuzz_target!(|bytes: &[u8]| {
    let Ok(array) = Array::read(bytes, 1 << 20) else { return };
    let count: usize = array.header.shape.iter().product();
    match array.values() {
        Values::Numbers(numbers) => assert_eq!(numbers.len(), count),
        Values::Text(texts) => assert_eq!(texts.len(), count),
    }
    let images = array.header.shape.first().copied().unwrap_or(1).min(4);
    let mut files: Vec<_> = (0..images).map(|i| file(&format!("d/images/{i}.png"), &png(i as u8))).collect();
    files.push(file("d/expressions.npy", bytes));
    files.push(file("d/valence.npy", bytes));
    import_in_bounds(files);
    import_in_bounds(vec![file("d/images.npy", bytes), file("d/labels.npy", bytes)]);
});
