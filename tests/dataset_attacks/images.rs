//! Image files.

use mien::dataset::DroppedFile;

use super::support::{file, png};
use super::{attack, bytes, survived};

/// A good image, and the attack.
fn beside(name: &str) -> Vec<DroppedFile> {
    vec![file("d/happy/1.png", png(1)), file(&format!("d/sad/{name}"), bytes(name))]
}

/// The attack is left out, and is said to be this.
fn is_left_out(name: &str, what: &str) {
    let sentence = survived(beside(name), 1);
    assert!(sentence.starts_with(&format!("d/sad/{name}: {what}")), "{sentence}");
}

/// The file is an image like others.
fn is_read(name: &str) {
    let dataset = attack(beside(name)).unwrap();
    assert_eq!((dataset.samples.len(), dataset.problem_count), (2, 0), "{name}");
}

#[test]
fn headers_of_a_hundred_thousand_pixels() {
    let why = "is 100000 x 100000 pixels, more than the 64 megapixels Mien reads; scale it down";
    is_left_out("100000-by-100000.png", why);
    is_left_out("100000-by-100000.ppm", why);
    is_left_out("100000-by-100000.bmp", "is damaged: ");
    is_left_out("100000-by-100000.webp", "is damaged: ");
    let why = "is 65535 x 65535 pixels, more than the 64 megapixels Mien reads; scale it down";
    is_left_out("65535-by-65535.gif", why);
    is_left_out("65535-by-65535.jpg", why);
}

#[test]
fn headers_that_promise_more_than_the_file_holds() {
    let why = "is damaged: its header says 8000 x 8000 pixels, and it is";
    is_left_out("8000-by-8000-in-80-bytes.png", why);
    is_left_out("8000-by-8000-in-17-bytes.pgm", why);
}

#[test]
fn images_that_end_too_early() {
    is_left_out("truncated.png", "is damaged: ");
    is_left_out("truncated.jpg", "is damaged: ");
}

#[test]
fn a_wrong_extension() {
    is_read("jpeg-called.png");
    let why = "is not an image Mien can read (PNG, JPEG, WebP, BMP, GIF, PGM, PPM or TIFF)";
    is_left_out("text-called.png", why);
    is_left_out("svg-called.png", why);
}

#[test]
fn no_pixels() {
    is_left_out("zero-pixels.png", "is damaged: ");
    is_left_out("zero-pixels.pgm", "is damaged: its header says 0 x 4 pixels");
    is_left_out("zero-pixels.bmp", "is of a kind Mien cannot read: ");
}

#[test]
fn animated_images_show_their_first_frame() {
    is_read("animated.png");
    is_read("animated.gif");
}

#[test]
fn colour_profiles_and_texts_that_are_bombs() {
    is_read("icc-bomb.png");
    is_read("icc-damaged.png");
    is_read("text-bomb.png");
}

#[test]
fn sixteen_bits_and_an_orientation_that_is_none() {
    is_read("16-bit.png");
    is_read("orientation-9.jpg");
}
