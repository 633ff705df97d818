//! Tables: of labels beside images, of pixels, of votes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mien_fuzz::{file, import_in_bounds, png};

fuzz_target!(|bytes: &[u8]| {
    let images = |names: [&str; 4]| names.map(|name| file(&format!("d/{name}"), &png(7))).into_iter();
    let labels = file("d/labels.csv", bytes);
    import_in_bounds(images(["0.png", "a.png", "images/1.png", "train_00001_aligned.jpg"]).chain([labels]).collect());
    import_in_bounds(vec![file("d/fer2013.csv", bytes)]);
    let votes = file("d/FER2013Train/label.csv", bytes);
    let names = [1, 2, 3, 4].map(|i| format!("FER2013Train/fer000000{i}.png"));
    import_in_bounds(images([&names[0], &names[1], &names[2], &names[3]]).chain([votes]).collect());
});
