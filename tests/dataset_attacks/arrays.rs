//! NumPy arrays.

use mien::dataset::DroppedFile;

use super::support::{file, png};
use super::{bytes, refused, survived};

/// An array of numbers of one byte.
fn array(values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({},)}}", values.len());
    [&b"\x93NUMPY\x01\0"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes(), values].concat()
}

/// Two images and their valence, and expressions that are an attack.
fn as_expressions(name: &str) -> Vec<DroppedFile> {
    vec![
        file("d/1.png", png(1)),
        file("d/2.png", png(2)),
        file("d/valence.npy", array(&[0, 1])),
        file("d/expressions.npy", bytes(name)),
    ]
}

/// The attack costs no more than itself, and is said to be this.
fn costs_itself(name: &str, what: &str) {
    let sentence = survived(as_expressions(name), 2);
    assert!(sentence.starts_with(&format!("d/expressions.npy: {what}")), "{sentence}");
    // On its own it leaves nothing to import.
    let alone = refused(vec![file("d/images.npy", bytes(name)), file("d/labels.npy", array(&[0, 1]))]);
    assert!(alone.starts_with("No image of d could be imported. d/"), "{alone}");
}

#[test]
fn a_header_of_four_billion_bytes() {
    costs_itself("header-length.npy", "is damaged: its header claims 4294967280 bytes");
}

#[test]
fn a_negative_shape() {
    costs_itself("negative-shape.npy", "is damaged: at byte 51 of its header, expected a length that is not negative");
}

#[test]
fn shapes_beyond_all_memory() {
    costs_itself("overflowing-shape.npy", "is damaged or too large: its shape [4294967297, 4294967296]");
    costs_itself("shape-of-2-to-the-32.npy", "is damaged or too large: its shape [65536, 65536]");
    costs_itself("shape-of-40-digits.npy", "is damaged: at byte 51 of its header");
    costs_itself("header-of-brackets.npy", "is damaged: at byte 51 of its header");
}

#[test]
fn objects_and_records() {
    costs_itself("objects.npy", "holds Python objects");
    costs_itself("records.npy", "holds values of type record");
}

#[test]
fn data_that_ends_too_early_or_too_late() {
    costs_itself("truncated.npy", "is cut short: its shape needs 16 bytes and 13 are there");
    costs_itself("trailing-bytes.npy", "is damaged: more bytes follow after the 16");
}

#[test]
fn texts_of_no_letters_and_rows_without_end() {
    costs_itself("texts-of-no-letters.npy", "holds values of type <U0");
    // Thirty million zeros take 30 KiB in an archive, and would be 240 MB of numbers.
    let rows = b"{'descr': '|u1', 'fortran_order': True, 'shape': (2, 15000000)}";
    let mut wide = [&b"\x93NUMPY\x01\0"[..], &(rows.len() as u16).to_le_bytes(), rows].concat();
    wide.resize(wide.len() + 30_000_000, 0);
    let files = |name: &str| {
        vec![
            file("d/1.png", png(1)),
            file("d/2.png", png(2)),
            file(name, wide.clone()),
            file("d/arousal.npy", array(&[0, 1])),
        ]
    };
    for name in ["d/expressions.npy", "d/valence.npy"] {
        let sentence = survived(files(name), 2);
        assert!(
            sentence.starts_with(&format!("{name}: is of shape [2, 15000000]: expected a value for each image")),
            "{sentence}"
        );
    }
}

#[test]
fn a_version_to_come() {
    costs_itself("unknown-version.npy", "is of version 9.0 of NumPy's format");
}

#[test]
fn images_that_end_too_early() {
    let files = vec![file("d/images.npy", bytes("truncated-images.npy")), file("d/labels.npy", array(&[0, 1, 2, 3]))];
    assert_eq!(survived(files, 2), "d/images.npy: is cut short: 2 of its 4 images are there; copy it again");
}

#[test]
fn a_terabyte_of_images_in_a_kilobyte() {
    let files = vec![file("d/images.npy", bytes("terabyte-of-images.npy")), file("d/labels.npy", array(&[0, 1, 2, 3]))];
    let expected = "No image of d could be imported. d/images.npy: is cut short: 0 of its 1000000000 images are there";
    assert!(refused(files).starts_with(expected));
}

#[test]
fn images_of_no_pixels() {
    let files = vec![file("d/images.npy", bytes("zero-sized-images.npy")), file("d/labels.npy", array(&[0, 1, 2, 3]))];
    let expected = "No image of d could be imported. d/images.npy: is of shape [4, 0, 0]: expected images";
    assert!(refused(files).starts_with(expected));
}

#[test]
fn as_many_labels_as_there_are_not_images() {
    let files = vec![file("d/1.png", png(1)), file("d/2.png", png(2)), file("d/expressions.npy", array(&[0, 1, 2]))];
    let expected = "No image of d could be imported. d/expressions.npy: holds 3 values for 2 images, so nobody knows";
    assert!(refused(files).starts_with(expected));
}

#[test]
fn an_annotation_that_is_damaged_costs_itself() {
    let mut files = Vec::new();
    for number in 1..3 {
        files.push(file(&format!("d/images/{number}.jpg"), png(number)));
        files.push(file(&format!("d/annotations/{number}_val.npy"), array(&[1])));
        files.push(file(&format!("d/annotations/{number}_exp.npy"), array(&[number])));
    }
    files.push(file("d/images/3.jpg", png(3)));
    files.push(file("d/annotations/3_exp.npy", bytes("objects.npy")));
    files.push(file("d/annotations/3_val.npy", array(&[1])));
    let sentence = survived(files, 3);
    assert!(sentence.starts_with("d/annotations/3_exp.npy: holds Python objects"), "{sentence}");
}
