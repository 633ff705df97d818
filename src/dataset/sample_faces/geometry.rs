//! From an expression and a place on the circumplex to what the muscles of the face do.
//!
//! The muscles are named after the action units (AU) of the Facial Action Coding System (Ekman & Friesen 1978), in spirit:
//! they are sliders of a drawing, not measurements of a face.

use rand::{Rng, RngExt};

use super::draw::{bell, between};
use crate::affect::Expression;

/// How strongly an expression is shown, from the faintest to the fullest. A lower floor makes classes harder to tell apart.
pub const INTENSITY: (f32, f32) = (0.8, 1.1);

/// How far each muscle strays from its class's pattern, as a share of it.
pub const MUSCLE_JITTER: f32 = 0.15;

/// Standard deviation of what every muscle does that no expression asked for.
pub const IDLE_MOTION: f32 = 0.03;

/// Standard deviation of valence, and of arousal, about a class's place.
pub const AFFECT_SPREAD: f32 = 0.15;

/// How far one unit of valence beyond the class's place moves the muscles that show it.
pub const VALENCE_GAIN: f32 = 1.0;

/// How far one unit of arousal beyond the class's place moves the muscles that show it.
pub const AROUSAL_GAIN: f32 = 1.2;

/// What the face does. 0 is at rest and 1 as far as it goes; slightly more, or less than nothing, is a slight overdoing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Muscles {
    /// AU1: the inner ends of the brows rise.
    pub inner_brow_raise: f32,
    /// AU2: the outer ends of the brows rise.
    pub outer_brow_raise: f32,
    /// AU4: the brows are lowered and drawn together.
    pub brow_lower: f32,
    /// AU5: the upper lids rise; below zero they droop.
    pub lid_raise: f32,
    /// AU6: the cheeks rise and push the lower lids up.
    pub cheek_raise: f32,
    /// AU7: both lids tighten.
    pub lid_tighten: f32,
    /// AU9: the nose wrinkles.
    pub nose_wrinkle: f32,
    /// AU10: the upper lip rises.
    pub upper_lip_raise: f32,
    /// AU12: the corners of the mouth are pulled up: left and right in the picture.
    pub corner_pull: [f32; 2],
    /// AU14: the corners of the mouth are drawn in.
    pub dimple: [f32; 2],
    /// AU15: the corners of the mouth go down.
    pub corner_down: f32,
    /// AU16: the lower lip goes down.
    pub lower_lip_down: f32,
    /// AU17: the chin is pushed up.
    pub chin_raise: f32,
    /// AU20: the mouth is stretched.
    pub lip_stretch: f32,
    /// AU23: the lips are pressed thin.
    pub lip_tighten: f32,
    /// AU25: the lips part.
    pub lips_part: f32,
    /// AU26: the jaw drops.
    pub jaw_drop: f32,
    /// How wide the pupils are: -1..=1, 0 at rest.
    pub pupil: f32,
}

/// Where an expression stands on the circumplex: (valence, arousal).
///
/// These places are this generator's own choice, laid out in the spirit of Russell (1980, *A circumplex model of affect*); they
/// are not published figures.
pub fn place(expression: Expression) -> (f32, f32) {
    match expression {
        Expression::Neutral => (0.0, -0.05),
        Expression::Happy => (0.7, 0.3),
        Expression::Sad => (-0.6, -0.4),
        Expression::Surprise => (0.2, 0.65),
        Expression::Fear => (-0.5, 0.65),
        Expression::Disgust => (-0.65, 0.2),
        Expression::Anger => (-0.5, 0.5),
        Expression::Contempt => (-0.4, 0.05),
    }
}

/// Draws (valence, arousal) about an expression's place, both in -1..=1.
pub fn draw_affect(expression: Expression, rng: &mut impl Rng) -> (f32, f32) {
    let (valence, arousal) = place(expression);
    let mut about = |centre: f32| (centre + AFFECT_SPREAD * bell(rng)).clamp(-1.0, 1.0);
    (about(valence), about(arousal))
}

impl Muscles {
    /// The pattern of an expression, fully shown. Contempt is shown on the left of the picture.
    fn pattern(expression: Expression) -> Self {
        let rest = Muscles::default();
        match expression {
            Expression::Neutral => rest,
            Expression::Happy => Muscles { cheek_raise: 0.8, corner_pull: [0.95; 2], lips_part: 0.55, ..rest },
            Expression::Sad => Muscles {
                inner_brow_raise: 1.0,
                brow_lower: 0.45,
                lid_raise: -0.4,
                corner_down: 0.95,
                chin_raise: 0.6,
                ..rest
            },
            Expression::Surprise => Muscles {
                inner_brow_raise: 1.0,
                outer_brow_raise: 1.0,
                lid_raise: 0.8,
                lips_part: 0.4,
                jaw_drop: 0.8,
                ..rest
            },
            Expression::Fear => Muscles {
                inner_brow_raise: 1.1,
                outer_brow_raise: 0.4,
                brow_lower: 0.6,
                lid_raise: 0.9,
                lip_stretch: 0.95,
                lips_part: 0.7,
                jaw_drop: 0.2,
                ..rest
            },
            Expression::Disgust => Muscles {
                brow_lower: 0.45,
                cheek_raise: 0.35,
                lid_tighten: 0.45,
                nose_wrinkle: 1.0,
                upper_lip_raise: 0.9,
                corner_down: 0.55,
                lower_lip_down: 0.5,
                lips_part: 0.25,
                ..rest
            },
            Expression::Anger => Muscles {
                brow_lower: 1.1,
                outer_brow_raise: 0.2,
                lid_raise: 0.4,
                lid_tighten: 0.6,
                corner_down: 0.2,
                chin_raise: 0.3,
                lip_tighten: 1.0,
                ..rest
            },
            Expression::Contempt => Muscles {
                outer_brow_raise: 0.15,
                lid_raise: -0.2,
                corner_pull: [1.1, -0.2],
                dimple: [1.2, 0.0],
                chin_raise: 0.2,
                ..rest
            },
        }
    }

    /// The muscles of one face. Within a class, valence lifts corners and cheeks and eases the brow; arousal opens eyes and mouth,
    /// lifts the brows and widens the pupils.
    pub fn new(expression: Expression, valence: f32, arousal: f32, rng: &mut impl Rng) -> Self {
        let mut muscles = Self::pattern(expression);
        if rng.random::<bool>() {
            muscles.corner_pull.reverse();
            muscles.dimple.reverse();
        }
        let intensity = between(INTENSITY.0, INTENSITY.1, rng);
        for muscle in muscles.each_mut() {
            *muscle *= intensity * (1.0 + MUSCLE_JITTER * between(-1.0, 1.0, rng));
            *muscle += IDLE_MOTION * bell(rng);
        }
        let (home_valence, home_arousal) = place(expression);
        muscles.show_valence(VALENCE_GAIN * (valence - home_valence));
        muscles.show_arousal(AROUSAL_GAIN * (arousal - home_arousal));
        muscles
    }

    fn show_valence(&mut self, amount: f32) {
        for corner in &mut self.corner_pull {
            *corner += 0.9 * amount;
        }
        self.cheek_raise += 0.5 * amount;
        self.brow_lower -= 0.5 * amount;
    }

    fn show_arousal(&mut self, amount: f32) {
        self.lid_raise += 0.9 * amount;
        self.inner_brow_raise += 0.4 * amount;
        self.outer_brow_raise += 0.5 * amount;
        self.lips_part += 0.5 * amount;
        self.jaw_drop += 0.35 * amount;
        self.pupil += 1.2 * amount;
    }

    fn each_mut(&mut self) -> [&mut f32; 20] {
        let [pull_left, pull_right] = &mut self.corner_pull;
        let [dimple_left, dimple_right] = &mut self.dimple;
        [
            &mut self.inner_brow_raise,
            &mut self.outer_brow_raise,
            &mut self.brow_lower,
            &mut self.lid_raise,
            &mut self.cheek_raise,
            &mut self.lid_tighten,
            &mut self.nose_wrinkle,
            &mut self.upper_lip_raise,
            pull_left,
            pull_right,
            dimple_left,
            dimple_right,
            &mut self.corner_down,
            &mut self.lower_lip_down,
            &mut self.chin_raise,
            &mut self.lip_stretch,
            &mut self.lip_tighten,
            &mut self.lips_part,
            &mut self.jaw_drop,
            &mut self.pupil,
        ]
    }
}
