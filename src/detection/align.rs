//! A face by itself: upright, and as large in its square as faces are in the pictures that networks learn from.

use super::{Face, Keypoint, Place};
use crate::imaging::Pixels;

/// How far the eyes are apart, in shares of the square's side: the median over 397 faces of FER+'s validation images, as
/// MediaPipe finds them (a tenth are below 0.29, a tenth above 0.43).
const EYES: f32 = 0.37;

/// How far down the square the eyes are, in shares of its side: the median over the same faces.
const DOWN: f32 = 0.4;

/// A face whose eyes are close together is seen from the side: its square goes by its bounds then, of which it is so much.
/// The median is 1.145.
const PROFILE: f32 = 1.1;

/// Samples a pixel, along each side, at most.
const MOST_SAMPLES: usize = 8;

/// Cuts a face out, turned upright, `side x side`, with the picture's channels. Black where the picture ends.
pub fn upright(picture: &Pixels, face: &Face, side: usize) -> Pixels {
    let (right, left) = (face.at(Keypoint::RightEye), face.at(Keypoint::LeftEye));
    let eyes = (left.0 - right.0).hypot(left.1 - right.1);
    let length = (eyes / EYES).max(face.bounds.width.max(face.bounds.height) * PROFILE).max(1.0);
    let middle = ((left.0 + right.0) / 2.0, (left.1 + right.1) / 2.0);
    let (sine, cosine) = face.tilt().sin_cos();
    let scale = length / side as f32;
    // From the square to the picture: the eyes' middle stays where it is.
    let source = |(x, y): Place| {
        let (x, y) = (x * scale - length / 2.0, y * scale - length * DOWN);
        (middle.0 + x * cosine - y * sine, middle.1 + x * sine + y * cosine)
    };
    // As many samples as pixels fall together: nothing aliases.
    let samples = (scale.ceil() as usize).clamp(1, MOST_SAMPLES);
    let mut data = Vec::with_capacity(side * side * picture.channels);
    let mut sums = vec![0.0; picture.channels];
    for y in 0..side {
        for x in 0..side {
            sums.fill(0.0);
            for sample in 0..samples * samples {
                let within = |place: usize| (place as f32 + 0.5) / samples as f32;
                let at = source((x as f32 + within(sample % samples), y as f32 + within(sample / samples)));
                add(picture, at, &mut sums);
            }
            let count = (samples * samples) as f32;
            data.extend(sums.iter().map(|sum| (sum / count).round() as u8));
        }
    }
    Pixels { width: side, height: side, channels: picture.channels, data }
}

/// Adds what a picture has at a place, between its pixels' middles by their distance.
fn add(picture: &Pixels, (x, y): Place, sums: &mut [f32]) {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    for (row, down) in [(top, 1.0 - (y - top)), (top + 1.0, y - top)] {
        for (column, across) in [(left, 1.0 - (x - left)), (left + 1.0, x - left)] {
            let inside = row >= 0.0 && column >= 0.0 && row < picture.height as f32 && column < picture.width as f32;
            if inside {
                let pixel = (row as usize * picture.width + column as usize) * picture.channels;
                let values = &picture.data[pixel..pixel + picture.channels];
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += f32::from(*value) * down * across);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::Bounds;

    /// A picture that is as bright as its place across, and has a dark square at each eye.
    fn face(right: Place, left: Place) -> (Pixels, Face) {
        let mut picture = Pixels::filled(200, 200, 1, 200);
        for (x, y) in [right, left] {
            for dy in 0..5 {
                for dx in 0..5 {
                    picture.data[(y as usize - 2 + dy) * 200 + x as usize - 2 + dx] = 0;
                }
            }
        }
        let bounds = Bounds { left: 60.0, top: 60.0, width: 60.0, height: 60.0 };
        let keypoints = [right, left, (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)];
        (picture, Face { bounds, keypoints, score: 1.0 })
    }

    /// The mean place of what is dark, in each half of a picture.
    fn dark(picture: &Pixels) -> [(f32, f32); 2] {
        [0, 1].map(|half| {
            let (mut weight, mut across, mut down) = (0.0, 0.0, 0.0);
            for y in 0..picture.height {
                for x in half * picture.width / 2..(half + 1) * picture.width / 2 {
                    let ink = 200.0 - f32::from(picture.data[y * picture.width + x]);
                    (weight, across, down) =
                        (weight + ink, across + ink * (x as f32 + 0.5), down + ink * (y as f32 + 0.5));
                }
            }
            (across / weight, down / weight)
        })
    }

    #[test]
    fn eyes_come_to_the_same_place_however_the_face_is_turned() {
        // The person's right eye is on the left; then the head is turned by a quarter.
        for (right, left) in
            [((80.0, 90.0), (120.0, 90.0)), ((90.0, 80.0), (90.0, 120.0)), ((84.0, 84.0), (112.0, 112.0))]
        {
            let (picture, face) = face(right, left);
            let cut = upright(&picture, &face, 64);
            let half = EYES / 2.0 * 64.0;
            for (found, expected) in dark(&cut).into_iter().zip([32.0 - half, 32.0 + half]) {
                assert!((found.0 - expected).abs() < 1.0 && (found.1 - DOWN * 64.0).abs() < 1.0, "{found:?}");
            }
        }
    }

    #[test]
    fn beyond_the_picture_is_black() {
        let (picture, mut face) = face((80.0, 90.0), (120.0, 90.0));
        face.keypoints = face.keypoints.map(|(x, y)| (x - 100.0, y));
        let cut = upright(&picture, &face, 16);
        assert_eq!(cut.data[..2], [0, 0]);
    }
}
