//! Faces in pictures: BlazeFace beside LiteRT, which runs the same weights, and the detector beside MediaPipe's own. The
//! weights and the portrait are there where `make weights` has been; tests/golden/make_detection.py made the reference.

mod made;

use burn::tensor::{Device, Tensor, TensorData};
use futures_executor::block_on;
use made::made;
use mien::detection::{Bounds, Detector, Face, Keypoint, Search, upright};
use mien::imaging::{Pixels, decode, resized};
use mien::models::{BLAZEFACE, BlazeFace, NUMBERS};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    network: Network,
    pictures: std::collections::BTreeMap<String, Vec<Found>>,
}

#[derive(Deserialize)]
struct Network {
    scores: Vec<f32>,
    places: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "box")]
    bounds: [f32; 4],
    keypoints: Vec<(f32, f32)>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("golden/detection.json")).unwrap()
}

fn detector() -> Option<Detector> {
    Some(Detector::read(&made("site/blazeface.safetensors")?, &Device::flex()).unwrap())
}

fn portrait() -> Option<Pixels> {
    Some(decode(&made("check/astronaut.png")?).unwrap())
}

fn look(detector: &Detector, picture: &Pixels, search: Search) -> Vec<Face> {
    block_on(detector.look(picture, search)).unwrap()
}

/// A picture of this size whose pixels are a function of their places.
fn made_of(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Pixels {
    let pixels = (0..width * height).flat_map(|place| pixel(place % width, place / width));
    Pixels { width, height, channels: 3, data: pixels.collect() }
}

fn pixel(picture: &Pixels, x: usize, y: usize) -> [u8; 3] {
    let at = (y * picture.width + x) * 3;
    [picture.data[at], picture.data[at + 1], picture.data[at + 2]]
}

/// As `turned` in the script that made the reference.
fn turned(picture: &Pixels, degrees: f64) -> Pixels {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let (width, height) = (picture.width as f64, picture.height as f64);
    made_of(picture.width, picture.height, |x, y| {
        let (dx, dy) = (x as f64 + 0.5 - width / 2.0, y as f64 + 0.5 - height / 2.0);
        let column = (dx * cosine + dy * sine + width / 2.0).floor();
        let row = (dy * cosine - dx * sine + height / 2.0).floor();
        let inside = column >= 0.0 && row >= 0.0 && column < width && row < height;
        if inside { pixel(picture, column as usize, row as usize) } else { [0; 3] }
    })
}

fn framed(picture: &Pixels, margin: usize) -> Pixels {
    made_of(picture.width + 2 * margin, picture.height + 2 * margin, |x, y| {
        let inside = (margin..margin + picture.width).contains(&x) && (margin..margin + picture.height).contains(&y);
        if inside { pixel(picture, x - margin, y - margin) } else { [0; 3] }
    })
}

fn tiled(picture: &Pixels, across: usize, down: usize) -> Pixels {
    let (width, height) = (picture.width, picture.height);
    made_of(width * across, height * down, |x, y| pixel(picture, x % width, y % height))
}

#[test]
fn the_network_is_mediapipes() {
    let Some(file) = made("site/blazeface.safetensors") else { return };
    assert_eq!(file.len() as u64, BLAZEFACE.bytes, "the engine expects the file that is made");
    let network = BlazeFace::read(&file, &Device::flex()).unwrap();
    let mut values = Vec::new();
    for channel in 0..3 {
        for y in 0..128 {
            values.extend(
                (0..128).map(|x| (0.05 * f64::from(x) * f64::from(channel + 1) + 0.08 * f64::from(y)).sin() as f32),
            );
        }
    }
    // Twice the same: images of a batch are told apart.
    let images = TensorData::new([values.clone(), values].concat(), [2, 3, 128, 128]);
    let guesses = block_on(network.guess(Tensor::from_data(images, &Device::flex()))).unwrap();
    let Reference { network: expected, .. } = reference();
    for guesses in guesses {
        assert_eq!(guesses.scores.len(), expected.scores.len());
        for (ours, theirs) in guesses.scores.iter().zip(&expected.scores) {
            assert!((ours - theirs).abs() < 2e-3, "{ours} instead of {theirs}");
        }
        for (ours, theirs) in guesses.places.chunks(64 * NUMBERS).zip(&expected.places) {
            for (ours, theirs) in ours.iter().zip(theirs) {
                assert!((ours - theirs).abs() < 5e-3, "{ours} instead of {theirs}");
            }
        }
    }
}

#[test]
fn faces_are_where_mediapipe_finds_them() {
    let (Some(detector), Some(portrait)) = (detector(), portrait()) else { return };
    let Reference { pictures, .. } = reference();
    let dark = Pixels { data: portrait.data.iter().map(|value| value / 4).collect(), ..portrait.clone() };
    let cases = [
        ("portrait", portrait.clone()),
        ("upper half", portrait.cropped(96, 0, 256, 256)),
        ("turned -30", turned(&portrait, -30.0)),
        ("turned -15", turned(&portrait, -15.0)),
        ("turned 15", turned(&portrait, 15.0)),
        ("turned 30", turned(&portrait, 30.0)),
        ("dark", dark),
        ("sky", portrait.cropped(380, 0, 100, 100)),
    ];
    for (name, picture) in cases {
        let (ours, theirs) = (look(&detector, &picture, Search::Whole), &pictures[name]);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (ours, theirs) in ours.iter().zip(theirs) {
            let [left, top, width, height] = theirs.bounds;
            let overlap = ours.bounds.overlap(&Bounds { left, top, width, height });
            assert!(overlap > 0.85, "{name}: {:?}, not {:?}: {overlap}", ours.bounds, theirs.bounds);
            for (ours, theirs) in ours.keypoints.iter().zip(&theirs.keypoints) {
                let way = (ours.0 - theirs.0).hypot(ours.1 - theirs.1);
                assert!(way < 0.12 * width, "{name}: {ours:?}, not {theirs:?}");
            }
        }
    }
}

/// MediaPipe, which looks at the whole picture only, finds none of these eight.
#[test]
fn a_search_in_parts_finds_small_faces() {
    let (Some(detector), Some(portrait)) = (detector(), portrait()) else { return };
    let face = look(&detector, &portrait, Search::Whole)[0];
    let many = tiled(&portrait, 4, 2);
    assert!(look(&detector, &many, Search::Whole).is_empty());
    let mut found = look(&detector, &many, Search::Parts(256));
    found.sort_by_key(|face| (face.bounds.top as usize / 512, face.bounds.left as usize / 512));
    assert_eq!(found.len(), 8, "{found:?}");
    for (number, found) in found.iter().enumerate() {
        let (across, down) = ((number % 4 * 512) as f32, (number / 4 * 512) as f32);
        let expected = face.moved(1.0, |(x, y)| (x + across, y + down));
        let overlap = found.bounds.overlap(&expected.bounds);
        assert!(overlap > 0.7, "face {number}: {overlap}");
    }
}

/// From afar the whole portrait looks like a face, and so does the flag in it.
#[test]
fn a_search_in_parts_takes_nothing_else_for_a_face() {
    let (Some(detector), Some(portrait)) = (detector(), portrait()) else { return };
    let copies = [(640, 80, 240), (268, 850, 110), (134, 1330, 530), (134, 1600, 900)];
    let copies = copies.map(|(side, left, top)| (resized(&portrait, side, side), left, top));
    let picture = made_of(2048, 1152, |x, y| {
        let inside =
            |copy: &Pixels, left, top| (left..left + copy.width).contains(&x) && (top..top + copy.height).contains(&y);
        let copy = copies.iter().find(|(copy, left, top)| inside(copy, *left, *top));
        copy.map_or([90; 3], |(copy, left, top)| pixel(copy, x - left, y - top))
    });
    let found = look(&detector, &picture, Search::Parts(256));
    assert!(found.len() >= 2, "those of a hundred and of forty pixels: {found:?}");
    for face in &found {
        let middle = face.bounds.middle();
        let is_there = copies.iter().any(|(copy, left, top)| {
            // Where MediaPipe finds it in the portrait.
            let at = |share: f32, from: usize| from as f32 + share * copy.width as f32;
            (middle.0 - at(0.44, *left)).abs().max((middle.1 - at(0.24, *top)).abs()) < 0.05 * copy.width as f32
        });
        assert!(is_there, "{face:?}");
    }
}

/// A face of 46 pixels in a picture of 640: a search of the whole picture does not find it.
#[test]
fn a_small_face_in_a_film_is_found_in_time_and_then_kept() {
    let (Some(detector), Some(portrait)) = (detector(), portrait()) else { return };
    let small = resized(&portrait, 250, 250);
    let film = |left: usize| {
        made_of(640, 512, |x, y| {
            let inside = (left..left + 250).contains(&x) && (200..450).contains(&y);
            if inside { pixel(&small, x - left, y - 200) } else { [90; 3] }
        })
    };
    assert!(look(&detector, &film(300), Search::Whole).is_empty());
    let (mut known, mut seen) = (Vec::new(), Vec::new());
    for turn in 0..20 {
        // It moves by a tenth of its width from one picture to the next.
        let picture = film(300 - 4 * turn);
        let (faces, candidates) = block_on(detector.look_again(&picture, &known, turn)).unwrap();
        seen.push(faces.len());
        known = faces.into_iter().chain(candidates).collect();
    }
    let first = seen.iter().position(|faces| *faces == 1).unwrap();
    assert!(first < 10, "{seen:?}");
    assert!(seen[first..].iter().all(|faces| *faces == 1), "{seen:?}");
    let middle = known[0].bounds.middle();
    // In the portrait, of 512 pixels, its middle is at (225, 128).
    let expected = (300.0 - 76.0 + 225.0 * 250.0 / 512.0, 200.0 + 128.0 * 250.0 / 512.0);
    assert!((middle.0 - expected.0).abs() < 6.0 && (middle.1 - expected.1).abs() < 6.0, "{middle:?}, not {expected:?}");
}

/// Measured: from -90 to 90 degrees. Beyond 60 it is taken for less turned than it is.
#[test]
fn a_face_that_is_turned_or_dark_is_found() {
    let (Some(detector), Some(portrait)) = (detector(), portrait()) else { return };
    let face = portrait.cropped(65, 0, 320, 320);
    for degrees in [-60.0, -45.0, 0.0, 45.0, 60.0] {
        let found = look(&detector, &turned(&face, degrees), Search::Whole);
        let [face] = &found[..] else { panic!("turned by {degrees}: {} faces", found.len()) };
        assert!(
            (f64::from(face.tilt()).to_degrees() - degrees).abs() < 20.0,
            "{degrees}: {}",
            face.tilt().to_degrees()
        );
    }
    for share in [4, 8] {
        let dark = Pixels { data: face.data.iter().map(|value| value / share).collect(), ..face.clone() };
        assert_eq!(look(&detector, &dark, Search::Whole).len(), 1, "1/{share} of the light");
    }
}

#[test]
fn a_face_that_is_cut_out_stands_upright() {
    let (Some(detector), Some(portrait)) = (detector(), portrait()) else { return };
    for degrees in [-30.0, 0.0, 20.0] {
        let picture = framed(&turned(&portrait, degrees), 10);
        let face = look(&detector, &picture, Search::Whole)[0];
        let cut = upright(&picture, &face, 128);
        let again = look(&detector, &framed(&cut, 40), Search::Whole);
        assert_eq!(again.len(), 1, "turned by {degrees}");
        assert!(again[0].tilt().abs() < 0.15, "turned by {degrees}: {}", again[0].tilt());
        let (right, left) = (again[0].at(Keypoint::RightEye), again[0].at(Keypoint::LeftEye));
        assert!(((right.0 + left.0) / 2.0 - 104.0).abs() < 8.0, "turned by {degrees}: {right:?}, {left:?}");
    }
}
