//! Looks for faces in a picture.

use burn::tensor::{Device, ExecutionError};

use super::{Bounds, Face, Place, one_each};
use crate::imaging::{Colour, Crop, Filter, Pixels, Preprocessing};
use crate::models::{BlazeFace, CheckpointError, GRIDS, Guesses, NUMBERS, SIDE, normalised};

/// Guesses that are less sure are dropped, as MediaPipe does.
const LEAST: f32 = 0.5;

/// Logits beyond are as good as certain; larger ones say nothing more.
const MOST_LOGIT: f32 = 100.0;

/// Pictures that go through the network at once.
const BATCH: usize = 8;

/// How far a part of a picture may be from the next: half its side.
const STEPS: usize = 2;

/// A guess that ends so close to an edge of a part, in shares of the part's side, may be of half a face.
const CUT: f32 = 0.02;

/// A film's pictures are searched in parts of this share of their longer side: smaller faces show too little to be read.
const FINEST: usize = 2;

/// Where faces are known already, more are looked for in every third picture.
const SELDOM: usize = 3;

/// A face that is narrower, in shares of the picture's longer side, may be too small to be found in the whole picture.
const SMALL: f32 = 0.2;

/// A face that is small is looked for in a square of so many times its width: the network knows faces of that share best.
const AROUND: f32 = 3.0;

/// What a search in parts takes for a face is looked at from closer by, in a square of so many times its width, so often.
const CLOSER: f32 = 2.0;
const LOOKS: usize = 2;

/// From close by a face is surer: of 150 faces of FER+, pasted into pictures of one colour, 148 are, and nothing else is.
const SURE: f32 = 0.7;

/// What overlaps no face by more may be another.
const NEW: f32 = 0.1;

/// How thorough a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// The whole picture at once: faces from about a tenth of its longer side.
    Whole,
    /// Parts of it as well, down to this side in pixels: for photographs of many people.
    Parts(usize),
}

/// A detector of faces.
#[derive(Debug)]
pub struct Detector {
    network: BlazeFace,
    device: Device,
    preprocessing: Preprocessing,
}

/// A square part of a picture, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl Detector {
    /// Reads the network's file.
    ///
    /// # Errors
    /// Where the file is not the network's.
    pub fn read(file: &[u8], device: &Device) -> Result<Detector, CheckpointError> {
        let preprocessing = Preprocessing {
            size: SIDE as u32,
            crop: Crop::Pad,
            colour: Colour::Rgb,
            filter: Filter::Bilinear,
            scale: 1.0 / 127.5,
            mean: [1.0; 3],
            std: [1.0; 3],
        };
        Ok(Detector { network: BlazeFace::read(file, device)?, device: device.clone(), preprocessing })
    }

    /// The faces in a picture, the surest first.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn look(&self, picture: &Pixels, search: Search) -> Result<Vec<Face>, ExecutionError> {
        let guesses = self.guesses(picture, &parts(picture.width, picture.height, search)).await?;
        let mut faces = one_each(guesses.into_iter().flatten().collect());
        if search != Search::Whole {
            for _ in 0..LOOKS {
                faces = self.look_closer(picture, &faces).await?;
            }
        }
        Ok(faces)
    }

    /// What is a face from close by as well. From afar many things look like one: a person's whole figure, a flag.
    async fn look_closer(&self, picture: &Pixels, faces: &[Face]) -> Result<Vec<Face>, ExecutionError> {
        let closer = |face: &Face| around(&face.bounds, CLOSER, picture.width, picture.height);
        let places: Vec<Part> = faces.iter().map(closer).collect();
        let guesses = self.guesses(picture, &places).await?.into_iter().flatten();
        Ok(one_each(guesses.filter(|guess| guess.score >= SURE).collect()))
    }

    /// The faces in a picture of a film, the surest first: looked for in all of it at once, and around where faces were `known`
    /// just before, where small ones are found again. And what else may be faces, in one more part of the picture: as the
    /// `turn` goes on in another, so that small faces that come are found in time. Those are faces if they are found again.
    ///
    /// # Errors
    /// Where the device fails.
    pub async fn look_again(
        &self,
        picture: &Pixels,
        known: &[Face],
        turn: usize,
    ) -> Result<(Vec<Face>, Vec<Face>), ExecutionError> {
        let (width, height) = (picture.width, picture.height);
        let is_small = |face: &&Face| face.bounds.width < SMALL * width.max(height) as f32;
        let mut places = parts(width, height, Search::Whole);
        places.extend(known.iter().filter(is_small).map(|face| around(&face.bounds, AROUND, width, height)));
        let certain = places.len();
        if known.is_empty() || turn.is_multiple_of(SELDOM) {
            let others = parts(width, height, Search::Parts(width.max(height) / FINEST)).split_off(1);
            // Known faces come and go: every part has its turn all the same.
            let next = if known.is_empty() { turn } else { turn / SELDOM };
            places.extend(others.get(next % others.len().max(1)));
        }
        let mut guesses = self.guesses(picture, &places).await?;
        let more: Vec<Face> = guesses.split_off(certain).into_iter().flatten().collect();
        let faces = one_each(guesses.into_iter().flatten().collect());
        let is_new = |guess: &Face| faces.iter().all(|face| face.bounds.overlap(&guess.bounds) < NEW);
        let candidates = one_each(more).into_iter().filter(is_new).collect();
        Ok((faces, candidates))
    }

    /// What each part seems to show, in pixels of the picture.
    async fn guesses(&self, picture: &Pixels, parts: &[Part]) -> Result<Vec<Vec<Face>>, ExecutionError> {
        let mut guesses = Vec::with_capacity(parts.len());
        for parts in parts.chunks(BATCH) {
            let squares: Vec<Pixels> = parts.iter().map(|part| self.square(picture, part)).collect();
            let said = self.network.guess(normalised(&squares, &self.preprocessing, &self.device)).await?;
            for (part, said) in parts.iter().zip(said) {
                let whole = |face: &Face| part.has_whole(&face.bounds, picture);
                guesses.push(faces(&said).map(|face| part.in_picture(&face)).filter(whole).collect());
            }
        }
        Ok(guesses)
    }

    fn square(&self, picture: &Pixels, part: &Part) -> Pixels {
        match (part.width, part.height) == (picture.width, picture.height) {
            true => self.preprocessing.apply(picture),
            false => self.preprocessing.apply(&picture.cropped(part.left, part.top, part.width, part.height)),
        }
    }
}

impl Part {
    /// A face in the network's input, in pixels of the picture. [`Crop::Pad`] put the part in the middle of the square.
    fn in_picture(&self, face: &Face) -> Face {
        let longest = self.width.max(self.height) as f32;
        let scale = longest / SIDE as f32;
        let margin = |length: usize| (longest - length as f32) / 2.0;
        let (across, down) = (self.left as f32 - margin(self.width), self.top as f32 - margin(self.height));
        face.moved(scale, |(x, y): Place| (x * scale + across, y * scale + down))
    }

    /// Whether a face does not end at an edge of the part that is none of the picture.
    fn has_whole(&self, face: &Bounds, picture: &Pixels) -> bool {
        let margin = CUT * self.width.max(self.height) as f32;
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        (self.left == 0 || face.left > self.left as f32 + margin)
            && (self.top == 0 || face.top > self.top as f32 + margin)
            && (right >= picture.width || face.left + face.width < right as f32 - margin)
            && (bottom >= picture.height || face.top + face.height < bottom as f32 - margin)
    }
}

/// The whole picture; then squares of half its longer side, of a quarter, and so on.
fn parts(width: usize, height: usize, search: Search) -> Vec<Part> {
    let mut parts = vec![Part { left: 0, top: 0, width, height }];
    let Search::Parts(least) = search else { return parts };
    let mut side = width.max(height) / 2;
    while side >= least.max(1) {
        for top in starts(height, side) {
            for left in starts(width, side) {
                parts.push(Part { left, top, width: side.min(width), height: side.min(height) });
            }
        }
        side /= 2;
    }
    parts
}

/// A square around a face, so many times as wide, within the picture where that is large enough.
fn around(face: &Bounds, times: f32, width: usize, height: usize) -> Part {
    let side = (times * face.width).round().max(1.0) as usize;
    let (across, down) = face.middle();
    let along = |middle: f32, length: usize| {
        let side = side.min(length);
        let from = (middle - side as f32 / 2.0).round().clamp(0.0, (length - side) as f32) as usize;
        (from, side)
    };
    let ((left, width), (top, height)) = (along(across, width), along(down, height));
    Part { left, top, width, height }
}

/// Where parts of this side begin along a length: evenly, half a side apart at most.
fn starts(length: usize, side: usize) -> Vec<usize> {
    let room = length.saturating_sub(side);
    let steps = (room * STEPS).div_ceil(side);
    (0..=steps).map(|step| room * step / steps.max(1)).collect()
}

/// The faces that a square's guesses speak of, in its pixels.
fn faces(said: &Guesses) -> impl Iterator<Item = Face> {
    let (numbers, _) = said.places.as_chunks::<NUMBERS>();
    let guesses = said.scores.iter().zip(numbers).zip(cells());
    guesses.filter_map(|((logit, numbers), (across, down))| {
        let score = 1.0 / (1.0 + (-logit.clamp(-MOST_LOGIT, MOST_LOGIT)).exp());
        let [x, y, width, height, keypoints @ ..] = *numbers;
        let bounds = Bounds { left: across + x - width / 2.0, top: down + y - height / 2.0, width, height };
        let keypoint = |number: usize| (across + keypoints[2 * number], down + keypoints[2 * number + 1]);
        (score >= LEAST).then(|| Face { bounds, keypoints: std::array::from_fn(keypoint), score })
    })
}

/// The middle of every guess's cell, pixels of the square.
fn cells() -> impl Iterator<Item = Place> {
    GRIDS.into_iter().flat_map(|(side, guesses)| {
        let middle = move |cell: usize| (cell as f32 + 0.5) * (SIDE / side) as f32;
        (0..side * side * guesses).map(move |guess| (middle(guess / guesses % side), middle(guess / guesses / side)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_stand_cell_by_cell() {
        let cells: Vec<Place> = cells().collect();
        assert_eq!(cells.len(), 896);
        assert_eq!(cells[..3], [(4.0, 4.0), (4.0, 4.0), (12.0, 4.0)]);
        assert_eq!(cells[32], (4.0, 12.0));
        assert_eq!(cells[512], (8.0, 8.0));
        assert_eq!(cells[518], (24.0, 8.0));
        assert_eq!(cells[895], (120.0, 120.0));
    }

    #[test]
    fn parts_cover_a_picture_and_lie_within_it() {
        for (width, height) in [(640, 480), (100, 900), (129, 128), (1, 1), (257, 5)] {
            let parts = parts(width, height, Search::Parts(64));
            assert!(parts.iter().all(|part| part.left + part.width <= width && part.top + part.height <= height));
            for side in parts.iter().map(|part| part.width.max(part.height)) {
                let of_side: Vec<&Part> = parts.iter().filter(|part| part.width.max(part.height) == side).collect();
                assert_eq!(of_side.iter().map(|part| part.left + part.width).max(), Some(width), "{side}");
                assert_eq!(of_side.iter().map(|part| part.top + part.height).max(), Some(height), "{side}");
            }
        }
        assert_eq!(parts(640, 480, Search::Whole).len(), 1);
        assert_eq!(starts(640, 320), [0, 160, 320]);
        assert_eq!(starts(300, 320), [0]);
    }

    #[test]
    fn what_is_around_a_face_lies_within_the_picture() {
        let at = |left, top, width| around(&Bounds { left, top, width, height: width }, AROUND, 640, 480);
        assert_eq!(at(300.0, 200.0, 40.0), Part { left: 260, top: 160, width: 120, height: 120 });
        assert_eq!(at(-10.0, 470.0, 40.0), Part { left: 0, top: 360, width: 120, height: 120 });
        assert_eq!(at(0.0, 0.0, 1000.0), Part { left: 0, top: 0, width: 640, height: 480 });
        assert_eq!(at(f32::NAN, 0.0, 0.0).width, 1);
    }

    #[test]
    fn a_face_comes_back_to_where_the_picture_has_it() {
        let part = Part { left: 100, top: 50, width: 256, height: 128 };
        let bounds = Bounds { left: 64.0, top: 64.0, width: 10.0, height: 12.0 };
        let face = part.in_picture(&Face { bounds, keypoints: [(0.0, 32.0); 6], score: 0.9 });
        assert_eq!(face.bounds, Bounds { left: 228.0, top: 114.0, width: 20.0, height: 24.0 });
        assert_eq!(face.keypoints[0], (100.0, 50.0));
    }

    #[test]
    fn half_a_face_at_the_edge_of_a_part_does_not_count() {
        let picture = Pixels::filled(400, 400, 3, 0);
        let part = Part { left: 100, top: 0, width: 200, height: 200 };
        let at = |left, top| Bounds { left, top, width: 50.0, height: 50.0 };
        assert!(part.has_whole(&at(150.0, 0.0), &picture), "the picture ends there, too");
        assert!(!part.has_whole(&at(101.0, 50.0), &picture));
        assert!(!part.has_whole(&at(249.0, 50.0), &picture));
        assert!(!part.has_whole(&at(150.0, 149.0), &picture));
    }
}
