//! Decoding and resizing, against Pillow (`golden/make_imaging.py`), and against hostile files.

use std::fs;
use std::path::PathBuf;

use mien::imaging::{Colour, Crop, DecodeError, Filter, Pixels, Preprocessing, decode};
use proptest::prelude::*;
use serde_json::Value;

fn golden(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/imaging").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn cases(name: &str) -> Vec<Value> {
    serde_json::from_slice(&golden(name)).unwrap()
}

fn number(case: &Value, key: &str) -> usize {
    case[key].as_u64().unwrap() as usize
}

fn choice<T>(case: &Value, key: &str, named: fn(&str) -> Option<T>) -> T {
    named(case[key].as_str().unwrap()).unwrap()
}

fn assert_close(found: &Pixels, case: &Value) {
    let shape = [found.width, found.height, found.channels];
    assert_eq!(shape, ["width", "height", "channels"].map(|key| number(case, key)), "{}", case["file"]);
    let expected = case["data"].as_array().unwrap();
    assert_eq!(found.data.len(), expected.len());
    let worst = found.data.iter().zip(expected).map(|(a, b)| i64::from(*a).abs_diff(b.as_i64().unwrap())).max();
    assert!(
        worst <= Some(number(case, "tolerance") as u64),
        "{}: {worst:?} levels off, {} {}",
        case["file"],
        case["crop"],
        case["filter"]
    );
}

#[test]
fn every_format_decodes_as_pillow_decodes_it() {
    let cases = cases("decode.json");
    assert!(cases.len() > 35);
    for case in cases {
        let name = case["file"].as_str().unwrap();
        let found = decode(&golden(name)).unwrap_or_else(|error| panic!("{name} {error}"));
        assert_close(&found, &case);
    }
}

#[test]
fn a_tiff_of_another_compression_says_so() {
    let error = decode(&golden("lzw.tif")).unwrap_err();
    assert!(matches!(error, DecodeError::Unsupported(_)), "{error}");
    assert!(error.to_string().ends_with("compression 5; save it as PNG or JPEG"), "{error}");
}

#[test]
fn resizing_is_pillows() {
    let cases = cases("resize.json");
    assert_eq!(cases.len(), 3 * Crop::NAMES.len() * Filter::NAMES.len() + 2);
    for case in cases {
        let settings = Preprocessing {
            crop: choice(&case, "crop", Crop::from_name),
            colour: choice(&case, "colour", Colour::from_name),
            filter: choice(&case, "filter", Filter::from_name),
            ..Preprocessing::plain(number(&case, "width") as u32)
        };
        let source = decode(&golden(case["file"].as_str().unwrap())).unwrap();
        assert_close(&settings.apply(&source), &case);
    }
}

#[test]
fn a_huge_image_is_refused_from_its_header() {
    for name in ["huge.png", "huge.bmp", "huge.ppm", "huge.gif", "huge.webp"] {
        let side = if name == "huge.webp" { 16_000 } else { 20_000 };
        assert_eq!(decode(&golden(name)), Err(DecodeError::TooManyPixels { width: side, height: side }), "{name}");
    }
}

#[test]
fn a_cut_off_file_is_damaged_and_says_so() {
    for name in ["rgb.png", "rgb.webp", "rgb.ppm", "gray.pgm"] {
        let whole = golden(name);
        let error = decode(&whole[..whole.len() * 3 / 4]).unwrap_err();
        assert!(error.to_string().starts_with("is damaged: "), "{name}: {error}");
    }
}

const FILES: [&str; 27] = [
    "rgb.png",
    "gray.png",
    "one-bit.png",
    "palette.png",
    "rgb-alpha.png",
    "gray-16.png",
    "rgb.bmp",
    "rgb.ppm",
    "gray.pgm",
    "rgb.webp",
    "lossy.webp",
    "two-frames.gif",
    "gray.jpg",
    "exif-6.jpg",
    "cmyk.jpg",
    "progressive.jpg",
    "palette.bmp",
    "one-bit.bmp",
    "one-bit.pbm",
    "rgb-16.png",
    "icc.png",
    "animated.webp",
    "transparent.gif",
    "ascii.ppm",
    "rgb.tif",
    "palette.tif",
    "packed.tif",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    /// Whatever is done to a file, decoding answers: pixels that are as many as they say, or an error.
    #[test]
    fn damaged_files_never_panic(
        file in 0..FILES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        kept in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = golden(FILES[file]);
        for (place, value) in edits {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(kept) = kept {
            bytes.truncate(kept.index(bytes.len() + 1));
        }
        if let Ok(image) = decode(&bytes) {
            prop_assert_eq!(image.data.len(), image.width * image.height * image.channels);
        }
    }
}
