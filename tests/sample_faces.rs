//! The sample faces: what a seed decides, how labels lie, and that pixels show them.

use mien::affect::Expression;
use mien::dataset::sample_faces::{SIDE, SampleFaces, place};
use mien::imaging::Pixels;

/// The largest distance of a label from its class's place: 3.5 standard deviations.
const REACH: f32 = 3.5 * 0.15;

#[test]
fn seed_and_index_alone_decide() {
    let faces = SampleFaces::new(7);
    let late_first: Vec<_> = [5, 900_000, 0].map(|index| faces.face(index)).into();
    assert_eq!(late_first[2], SampleFaces::new(7).face(0));
    assert_eq!(late_first[0], SampleFaces::new(7).face(5));
    assert_ne!(faces.face(0).0, SampleFaces::new(8).face(0).0);
    assert_ne!(faces.face(0).0, faces.face(8).0, "two neutral faces are two people");
}

#[test]
fn classes_are_balanced_and_labels_lie_about_their_places() {
    let faces = SampleFaces::new(1);
    let mut sums = [(0, 0.0, 0.0); 8];
    for index in 0..800 {
        let (pixels, label) = faces.face(index);
        assert_eq!((pixels.width, pixels.height, pixels.channels), (SIDE, SIDE, 3));
        assert_eq!(pixels.data.len(), SIDE * SIDE * 3);
        let (class, valence, arousal) = (label.class().unwrap(), label.valence.unwrap(), label.arousal.unwrap());
        let home = place(Expression::ALL[class]);
        assert!((-1.0..=1.0).contains(&valence) && (valence - home.0).abs() <= REACH);
        assert!((-1.0..=1.0).contains(&arousal) && (arousal - home.1).abs() <= REACH);
        let sum = &mut sums[class];
        *sum = (sum.0 + 1, sum.1 + valence, sum.2 + arousal);
    }
    for (expression, (count, valence, arousal)) in Expression::ALL.into_iter().zip(sums) {
        assert_eq!(count, 100, "{expression:?}");
        // Five standard errors of a mean of 100.
        assert!((valence / 100.0 - place(expression).0).abs() < 0.075, "{expression:?}");
        assert!((arousal / 100.0 - place(expression).1).abs() < 0.075, "{expression:?}");
    }
}

/// The mean difference of two pictures in some of their rows, in levels.
fn difference(a: &Pixels, b: &Pixels, rows: std::ops::Range<usize>) -> f32 {
    let samples = rows.start * SIDE * 3..rows.end * SIDE * 3;
    let count = samples.len() as f32;
    samples.map(|i| f32::from(a.data[i].abs_diff(b.data[i]))).sum::<f32>() / count
}

#[test]
fn the_same_face_shows_valence_at_the_mouth_and_arousal_at_the_eyes() {
    let faces = SampleFaces::new(3);
    let (eyes, mouth) = (SIDE / 5..SIDE / 2, SIDE * 5 / 8..SIDE * 7 / 8);
    for expression in Expression::ALL {
        let (valence, arousal) = place(expression);
        for person in 0..10 {
            let draw = |dv: f32, da: f32| faces.with_affect(person, expression, valence + dv, arousal + da);
            let home = draw(0.0, 0.0);
            assert_eq!(home, draw(0.0, 0.0), "nothing else moves");
            let (some, more) = (draw(0.15, 0.0), draw(0.4, 0.0));
            let (near, far) = (difference(&home, &some, mouth.clone()), difference(&home, &more, mouth.clone()));
            assert!(near > 0.1 && far > 1.3 * near, "{expression:?} {person}: valence {near} {far}");
            let (some, more) = (draw(0.0, 0.15), draw(0.0, 0.4));
            let (near, far) = (difference(&home, &some, eyes.clone()), difference(&home, &more, eyes.clone()));
            assert!(near > 0.1 && far > 1.3 * near, "{expression:?} {person}: arousal {near} {far}");
        }
    }
}

#[test]
fn expressions_differ_more_than_the_camera_does() {
    let faces = SampleFaces::new(4);
    for person in 0..10 {
        let pictures = Expression::ALL.map(|expression| faces.with_affect(person, expression, 0.0, 0.0));
        for (i, a) in pictures.iter().enumerate() {
            for b in &pictures[..i] {
                assert!(difference(a, b, SIDE / 5..SIDE * 7 / 8) > 0.25, "person {person}");
            }
        }
    }
}
