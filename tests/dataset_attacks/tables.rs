//! Tables and lists.

use mien::dataset::{Dataset, DroppedFile};

use super::support::{classes, file, png, sentences};
use super::{attack, bytes, refused};

fn with_images(path: &str, content: impl Into<Vec<u8>>) -> Vec<DroppedFile> {
    let mut files: Vec<DroppedFile> = (1..4).map(|i| file(&format!("d/{i}.png"), png(i))).collect();
    files.push(file(path, content));
    files
}

fn opened(name: &str) -> Dataset {
    attack(with_images("d/labels.csv", bytes(name))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The table says the same as all of its kind.
fn is_read(name: &str) {
    let dataset = opened(name);
    assert_eq!(classes(&dataset), [("d/1.png", "happy"), ("d/2.png", "sad"), ("d/3.png", "fear")], "{name}");
    let values: Vec<_> = dataset.samples.iter().map(|s| (s.annotation.valence, s.annotation.arousal)).collect();
    assert_eq!(values, [(Some(0.5), Some(0.5)), (Some(-0.5), Some(0.0)), (Some(0.0), Some(0.0))], "{name}");
    assert_eq!(sentences(&dataset), [""; 0], "{name}");
}

#[test]
fn a_mark_at_the_beginning() {
    is_read("bom.csv");
}

#[test]
fn line_ends_of_every_kind() {
    is_read("crlf.csv");
    is_read("cr-only.csv");
}

#[test]
fn semicolons_tabs_and_decimal_commas() {
    is_read("semicolon.csv");
    is_read("tab.csv");
}

#[test]
fn quoted_line_ends() {
    is_read("quoted-newlines.csv");
}

#[test]
fn ragged_rows() {
    let dataset = opened("ragged-rows.csv");
    assert_eq!(classes(&dataset), [("d/2.png", "sad")]);
    let expected = [
        "d/labels.csv, row 2: has 2 cells where the header has 4; the row is left out",
        "d/labels.csv, row 4: has 5 cells where the header has 4; the row is left out",
        "d/1.png: has no row in the table; add one, or leave the image out",
        "d/3.png: has no row in the table; add one, or leave the image out",
    ];
    assert_eq!(sentences(&dataset), expected);
}

#[test]
fn values_that_are_no_numbers() {
    let dataset = opened("not-a-number.csv");
    let cells = [
        (2, "valence", "NaN"),
        (2, "arousal", "nan"),
        (3, "valence", "inf"),
        (3, "arousal", "-inf"),
        (4, "valence", "1e999"),
    ];
    let why = |(row, column, found)| {
        format!(
            "d/labels.csv, row {row}, column {column}: expected a number from -1 to 1, found {found}; this value is left out"
        )
    };
    assert_eq!(sentences(&dataset), cells.map(why));
    assert_eq!(dataset.samples.len(), 3);
}

#[test]
fn two_rows_for_an_image_and_an_image_without_a_row() {
    let twice = opened("two-rows-for-an-image.csv");
    assert_eq!(classes(&twice)[0], ("d/1.png", "happy"));
    let expected = "d/labels.csv, row 3, column image: names 1.png, as row 2 did; the first of the two is kept";
    assert_eq!(sentences(&twice), [expected]);
    let without = opened("image-without-a-row.csv");
    assert_eq!(sentences(&without), ["d/3.png: has no row in the table; add one, or leave the image out"]);
}

#[test]
fn a_quote_that_is_never_closed() {
    let dataset = opened("open-quote.csv");
    assert_eq!(classes(&dataset), [("d/1.png", "happy")]);
    assert_eq!(sentences(&dataset)[0], "d/labels.csv, row 3: has 2 cells where the header has 4; the row is left out");
}

#[test]
fn letters_that_are_not_utf8() {
    let why = "holds letters that are not UTF-8, here and perhaps below; save the table as CSV UTF-8";
    let dataset = opened("not-utf8.csv");
    assert_eq!((dataset.samples.len(), sentences(&dataset)), (3, vec![format!("d/labels.csv, row 3: {why}")]));
    let sentence = refused(with_images("d/labels.csv", bytes("utf16.csv")));
    assert_eq!(sentence, format!("No image of d could be imported. d/labels.csv, row 1: {why}."));
    let zeros = sentences(&opened("nul-bytes.csv"));
    assert_eq!(zeros, ["d/labels.csv, row 3: has 1 cells where the header has 4; the row is left out"]);
}

#[test]
fn a_million_rows() {
    let mut table = "image,expression\n".to_owned();
    table.extend((0..1_000_000).map(|row| format!("{row}.png,happy\n")));
    let dataset = attack(with_images("d/labels.csv", table)).unwrap();
    assert_eq!(dataset.samples.len(), 3);
    assert_eq!((dataset.problems.len(), dataset.problem_count), (1000, 999_997));
    let expected = "d/labels.csv, row 2, column image: names 0.png, which was not dropped; the row is left out";
    assert_eq!(dataset.problems[0].to_string(), expected);
}

#[test]
fn a_row_of_a_hundred_megabytes() {
    let mut table = b"image,expression\n1.png,happy\n2.png,".to_vec();
    table.resize(100 << 20, b'x');
    let dataset = attack(with_images("d/labels.csv", table)).unwrap();
    assert_eq!(dataset.samples[0].name, "d/1.png");
}

#[test]
fn pixels_that_are_none() {
    let dataset = attack(vec![file("d/pixels.csv", bytes("pixels.csv"))]).unwrap();
    assert_eq!(classes(&dataset), [("d/pixels.csv, row 2", "angry"), ("d/pixels.csv, row 9", "neutral")]);
    let expected = [
        "row 5, column emotion: expected the number of an emotion, 0 (angry) to 6 (neutral), found 9",
        "row 3, column pixels: holds 3 numbers, which are no square image; it is left out",
        "row 4, column pixels: expected numbers from 0 to 255, found 256 in place 4; the image is left out",
        "row 6, column pixels: holds 0 numbers, which are no square image; it is left out",
        "row 7, column pixels: holds 0 numbers, which are no square image; it is left out",
        "row 8, column pixels: expected numbers from 0 to 255, found -1 in place 1; the image is left out",
    ];
    assert_eq!(sentences(&dataset), expected.map(|problem| format!("d/pixels.csv, {problem}")));
}

#[test]
fn clips_of_strange_frames() {
    let dataset = attack(with_images("d/clip.json", bytes("frames.json"))).unwrap();
    let values: Vec<_> = dataset.samples.iter().map(|s| (s.annotation.valence, s.annotation.arousal)).collect();
    assert_eq!(values, [(None, Some(-0.5)), (Some(0.5), None)]);
    let expected = [
        "d/clip.json, column frame 1: expected valence and arousal from -10 to 10, found 11",
        "d/clip.json, column frame 9: names a frame that was not dropped",
        "d/3.png: is named by no JSON file in its folder; it is left out",
    ];
    assert_eq!(sentences(&dataset), expected);
    for name in ["deep.json", "no-frames.json"] {
        let sentence = refused(with_images("d/clip.json", bytes(name)));
        assert!(sentence.starts_with("d holds 3 images but no labels."), "{sentence}");
    }
}
