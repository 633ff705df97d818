//! The sample dataset: faces drawn by rule, so that the page can teach without anybody's photograph.
//!
//! A face is drawn in four steps, each in its file: an expression and a place on the circumplex become muscles (`geometry`),
//! chance chooses a person and a scene (`identity`), shapes are laid on a canvas (`head`, `features`, `mouth`), and the
//! canvas antialiases, blurs and adds noise (`paint`). The constants of the first two decide how hard the dataset is.

mod draw;
mod features;
mod geometry;
mod head;
mod identity;
mod mouth;
mod paint;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::affect::{Annotation, Expression};
use crate::imaging::Pixels;

pub use geometry::place;
pub use paint::SIDE;

/// A dataset of drawn faces, of any size: face `index` depends on the seed and the index alone.
///
/// Expressions take turns in AffectNet's order, so that any run of eight has one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleFaces {
    seed: u64,
}

impl SampleFaces {
    /// The faces of a seed.
    pub fn new(seed: u64) -> Self {
        SampleFaces { seed }
    }

    /// Face `index`: [`SIDE`] x [`SIDE`] pixels in colour, with its class (AffectNet-8), valence and arousal.
    pub fn face(&self, index: usize) -> (Pixels, Annotation) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        // A stream of its own for every face.
        rng.set_stream(index as u64);
        let class = index % Expression::ALL.len();
        let (valence, arousal) = geometry::draw_affect(Expression::ALL[class], &mut rng);
        let pixels = portrait(Expression::ALL[class], valence, arousal, &mut rng);
        let annotation = Annotation {
            valence: Some(valence),
            arousal: Some(arousal),
            ..Annotation::one_hot(class, Expression::ALL.len())
        };
        (pixels, annotation)
    }

    /// The person and scene of face `index` with another expression and place: for the page's explanation of the generator,
    /// and for tests of what pixels depend on.
    pub fn with_affect(&self, index: usize, expression: Expression, valence: f32, arousal: f32) -> Pixels {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(index as u64);
        portrait(expression, valence, arousal, &mut rng)
    }
}

/// Draws somebody. Who, and how, is drawn from `rng` before the muscles are.
fn portrait(expression: Expression, valence: f32, arousal: f32, rng: &mut ChaCha8Rng) -> Pixels {
    let person = identity::Person::new(rng);
    let scene = identity::Scene::new(rng);
    let muscles = geometry::Muscles::new(expression, valence, arousal, rng);

    let mut canvas = paint::Canvas::new(&scene);
    head::draw(&mut canvas, &person, &scene, &muscles);
    head::beard(&mut canvas, &person, &muscles);
    features::skin(&mut canvas, &person, &muscles);
    features::nose(&mut canvas, &person, &scene, &muscles);
    features::eyes(&mut canvas, &person, &scene, &muscles);
    mouth::draw(&mut canvas, &person, &muscles);
    features::brows(&mut canvas, &person, &muscles);
    head::hair(&mut canvas, &person);
    if person.glasses {
        features::glasses(&mut canvas, &person);
    }
    canvas.develop(&scene, rng)
}
