//! One face for every person: a detector guesses each several times.

use super::{Bounds, Face};

/// Guesses that overlap by more are of the same face.
const SAME: f32 = 0.3;

/// Brings guesses together that are of one face: the places are the mean of theirs, weighted by how sure each is, and it is
/// as sure as the surest (weighted non-maximum suppression, as Bazarevsky et al. 2019 call it "blending"). The surest first.
pub fn one_each(mut guesses: Vec<Face>) -> Vec<Face> {
    guesses.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while let Some(surest) = guesses.first().copied() {
        let (same, others): (Vec<Face>, Vec<Face>) =
            guesses.iter().partition(|guess| guess.bounds.overlap(&surest.bounds) > SAME);
        // A guess without extent overlaps nothing, not even itself.
        faces.push(if same.is_empty() { surest } else { mean(&same, surest.score) });
        guesses = if same.is_empty() { guesses.split_off(1) } else { others };
    }
    faces
}

fn mean(guesses: &[Face], score: f32) -> Face {
    let total: f32 = guesses.iter().map(|guess| guess.score).sum();
    let of = |part: &dyn Fn(&Face) -> f32| guesses.iter().map(|guess| guess.score * part(guess)).sum::<f32>() / total;
    let bounds = Bounds {
        left: of(&|guess| guess.bounds.left),
        top: of(&|guess| guess.bounds.top),
        width: of(&|guess| guess.bounds.width),
        height: of(&|guess| guess.bounds.height),
    };
    let keypoints =
        std::array::from_fn(|number| (of(&|guess| guess.keypoints[number].0), of(&|guess| guess.keypoints[number].1)));
    Face { bounds, keypoints, score }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(left: f32, score: f32) -> Face {
        let bounds = Bounds { left, top: 0.0, width: 10.0, height: 10.0 };
        Face { bounds, keypoints: [(left, 5.0); 6], score }
    }

    #[test]
    fn guesses_of_one_face_are_weighted_by_how_sure_they_are() {
        let faces = one_each(vec![guess(1.0, 0.6), guess(40.0, 0.7), guess(0.0, 0.9)]);
        assert_eq!(faces.len(), 2);
        assert_eq!((faces[0].score, faces[1].score), (0.9, 0.7));
        assert!((faces[0].bounds.left - 0.4).abs() < 1e-6 && (faces[0].keypoints[3].0 - 0.4).abs() < 1e-6);
        assert_eq!(faces[1].bounds, guess(40.0, 0.7).bounds);
    }

    #[test]
    fn guesses_without_extent_end() {
        let mut flat = guess(0.0, 0.9);
        flat.bounds.width = 0.0;
        assert_eq!(one_each(vec![flat, flat]).len(), 2);
        assert!(one_each(Vec::new()).is_empty());
    }
}
