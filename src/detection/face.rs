//! A face in a picture.

use serde::{Deserialize, Serialize};

/// A place in a picture, pixels across and down from its upper left corner.
pub type Place = (f32, f32);

/// A rectangle in a picture, pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Its left side.
    pub left: f32,
    /// Its upper side.
    pub top: f32,
    /// Pixels across.
    pub width: f32,
    /// Pixels down.
    pub height: f32,
}

impl Bounds {
    /// Its middle.
    pub fn middle(&self) -> Place {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }

    /// How much of what two rectangles cover is covered by both: 0 (apart) to 1 (the same).
    pub fn overlap(&self, other: &Bounds) -> f32 {
        let length =
            |a: f32, a_length: f32, b: f32, b_length: f32| ((a + a_length).min(b + b_length) - a.max(b)).max(0.0);
        let both = length(self.left, self.width, other.left, other.width)
            * length(self.top, self.height, other.top, other.height);
        let all = self.width * self.height + other.width * other.height - both;
        if all > 0.0 { both / all } else { 0.0 }
    }
}

/// What of a face a keypoint marks. Right and left are the person's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keypoint {
    /// The middle of the right eye.
    RightEye = 0,
    /// The middle of the left eye.
    LeftEye = 1,
    /// The tip of the nose.
    Nose = 2,
    /// The middle of the mouth.
    Mouth = 3,
    /// Where the right ear meets the cheek.
    RightEar = 4,
    /// Where the left ear meets the cheek.
    LeftEar = 5,
}

/// A face that was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// Around it, from above the brows to the chin.
    pub bounds: Bounds,
    /// Where its [`Keypoint`]s are, in their order.
    pub keypoints: [Place; 6],
    /// How sure the detector is, 0..1.
    pub score: f32,
}

impl Face {
    /// Where something of it is.
    pub fn at(&self, keypoint: Keypoint) -> Place {
        self.keypoints[keypoint as usize]
    }

    /// The angle by which the line from the right eye to the left is turned, clockwise, radians: 0 where the face is upright.
    pub fn tilt(&self) -> f32 {
        let (right, left) = (self.at(Keypoint::RightEye), self.at(Keypoint::LeftEye));
        (left.1 - right.1).atan2(left.0 - right.0)
    }

    /// The same face where every place is moved by `change`, and every length is `scale` times as long.
    #[must_use]
    pub fn moved(&self, scale: f32, change: impl Fn(Place) -> Place) -> Face {
        let (left, top) = change((self.bounds.left, self.bounds.top));
        let bounds = Bounds { left, top, width: self.bounds.width * scale, height: self.bounds.height * scale };
        Face { bounds, keypoints: self.keypoints.map(change), score: self.score }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_a_share_of_both() {
        let square = |left, top| Bounds { left, top, width: 2.0, height: 2.0 };
        assert_eq!(square(0.0, 0.0).overlap(&square(0.0, 0.0)), 1.0);
        assert_eq!(square(0.0, 0.0).overlap(&square(1.0, 0.0)), 2.0 / 6.0);
        assert_eq!(square(0.0, 0.0).overlap(&square(2.0, 0.0)), 0.0);
        assert_eq!(Bounds::default().overlap(&Bounds::default()), 0.0);
    }
}
