//! Whether anything has moved: where nothing has, faces are where they were.

use crate::detection::Face;
use crate::imaging::{Pixels, resized};

/// A picture is compared in so many cells across and down.
const CELLS: usize = 32;

/// A cell that is brighter or darker by more has moved, in levels of 255: more than a camera's noise leaves of a mean.
const MOVED: u8 = 6;

/// Even where nothing moves, one looks again after so many seconds.
const PATIENCE: f64 = 1.0;

/// The picture in which one looked last, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Stillness {
    last: Option<Last>,
}

#[derive(Clone, Debug)]
struct Last {
    time: f64,
    size: (usize, usize),
    gist: Pixels,
    faces: Vec<Face>,
}

impl Stillness {
    /// The faces of the last picture that was looked at, where this one, at `time` in seconds, shows nothing else.
    pub fn faces(&self, picture: &Pixels, time: f64) -> Option<&[Face]> {
        let last = self.last.as_ref()?;
        let recent = (0.0..PATIENCE).contains(&(time - last.time)) && last.size == (picture.width, picture.height);
        let moved = |now: &Pixels| now.data.iter().zip(&last.gist.data).any(|(now, then)| now.abs_diff(*then) > MOVED);
        (recent && !moved(&gist(picture))).then_some(&last.faces)
    }

    /// Remembers what was found in a picture.
    pub fn remember(&mut self, picture: &Pixels, time: f64, faces: &[Face]) {
        let size = (picture.width, picture.height);
        self.last = Some(Last { time, size, gist: gist(picture), faces: faces.into() });
    }
}

fn gist(picture: &Pixels) -> Pixels {
    resized(picture, CELLS, CELLS).gray().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_moves_is_looked_at_again() {
        let mut still = Stillness::default();
        let wall = Pixels::filled(320, 240, 3, 100);
        assert!(still.faces(&wall, 0.0).is_none(), "nothing is known yet");
        still.remember(&wall, 0.0, &[]);
        let mut noisy = wall.clone();
        noisy.data.iter_mut().enumerate().for_each(|(place, value)| *value += (place * 7919 % 9) as u8);
        assert!(still.faces(&noisy, 0.1).is_some());
        let mut hand = wall.clone();
        for y in 100..120 {
            hand.data[(y * 320 + 50) * 3..(y * 320 + 70) * 3].fill(140);
        }
        assert!(still.faces(&hand, 0.1).is_none());
        assert!(still.faces(&wall, 1.5).is_none(), "long ago");
        assert!(still.faces(&wall, -1.0).is_none(), "wound back");
        assert!(still.faces(&Pixels::filled(240, 320, 3, 100), 0.1).is_none(), "another camera");
    }
}
