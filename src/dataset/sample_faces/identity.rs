//! Who is in the picture, and how the picture was taken. Neither knows the expression.

use rand::Rng;

use super::draw::{bell, between, chance, pick};
use super::paint::Colour;

/// How far the features of one person differ from another's, as a share. More hides expressions among faces.
pub const FEATURE_SPREAD: f32 = 0.10;

/// How far the resting mouth and brows of a person lean towards an expression, in face units.
pub const RESTING_LOOK: f32 = 0.01;

/// Largest turn of the head in the picture plane, radians.
pub const ROLL: f32 = 0.08;

/// Largest turn to the side and up or down, as the shift of what lies nearest to the viewer, in face units.
pub const TURN: f32 = 0.06;

/// Largest noise, as a standard deviation in shares of the range.
pub const NOISE: f32 = 0.02;

/// Largest weight of a pixel's neighbours when the picture is blurred.
pub const BLUR: f32 = 0.12;

/// How the hair is worn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hair {
    /// None.
    Bald,
    /// Short, off the forehead.
    Short,
    /// Over the forehead.
    Fringe,
    /// Parted, to the jaw.
    Bob,
    /// Parted, to the shoulders.
    Long,
}

/// One person at rest. Lengths are in face units: half the height of the head is 1.
#[derive(Clone, Debug)]
pub struct Person {
    pub skin: Colour,
    pub hair_colour: Colour,
    pub iris: Colour,
    pub lips: Colour,
    pub clothes: Colour,
    pub hair: Hair,
    /// Where the hair begins, from the middle of the face up.
    pub hairline: f32,
    /// The parting, from the middle to the right.
    pub parting: f32,
    /// 0 none, 1 full.
    pub beard: f32,
    pub moustache: f32,
    pub glasses: bool,
    /// 0 young, 1 old: the depth of lines.
    pub age: f32,
    pub head_width: f32,
    /// How much the face narrows towards the chin.
    pub jaw_taper: f32,
    pub eye_distance: f32,
    pub eye_width: f32,
    pub eye_height: f32,
    /// How far the outer corners of the eyes stand above the inner ones.
    pub eye_tilt: f32,
    pub brow_height: f32,
    pub brow_thickness: f32,
    /// Inner ends lower than outer ends, at rest.
    pub brow_slope: f32,
    pub nose_width: f32,
    pub nose_length: f32,
    pub mouth_width: f32,
    /// Corners below the middle, at rest.
    pub mouth_droop: f32,
    pub lip_fullness: f32,
}

/// How the picture was taken.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Where the middle of the face stands, in shares of the side.
    pub centre: [f32; 2],
    /// Face units to shares of the side.
    pub scale: f32,
    pub roll: f32,
    pub yaw: f32,
    pub pitch: f32,
    /// Where the eyes look, across and down.
    pub gaze: [f32; 2],
    /// Where the light comes from: right, down, towards the viewer.
    pub light: [f32; 3],
    pub ambient: f32,
    pub backdrop: [Colour; 2],
    /// The direction in which the backdrop changes, radians.
    pub backdrop_angle: f32,
    pub exposure: f32,
    pub blur: f32,
    pub noise: f32,
}

/// Skin from light to dark.
const SKIN: [Colour; 7] = [
    [0.97, 0.85, 0.77],
    [0.93, 0.77, 0.65],
    [0.86, 0.68, 0.53],
    [0.76, 0.56, 0.41],
    [0.61, 0.42, 0.29],
    [0.45, 0.29, 0.20],
    [0.32, 0.20, 0.14],
];

const HAIR: [Colour; 8] = [
    [0.06, 0.05, 0.05],
    [0.10, 0.07, 0.06],
    [0.20, 0.13, 0.09],
    [0.33, 0.21, 0.13],
    [0.46, 0.24, 0.13],
    [0.72, 0.55, 0.33],
    [0.55, 0.53, 0.52],
    [0.82, 0.80, 0.78],
];

const IRIS: [Colour; 6] = [
    [0.17, 0.10, 0.06],
    [0.25, 0.15, 0.08],
    [0.34, 0.22, 0.11],
    [0.30, 0.38, 0.24],
    [0.27, 0.42, 0.56],
    [0.42, 0.48, 0.52],
];

fn mixed(from: Colour, to: Colour, share: f32) -> Colour {
    std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share)
}

fn tinted(colour: Colour, spread: f32, rng: &mut impl Rng) -> Colour {
    let brightness = 1.0 + spread * bell(rng);
    colour.map(|value| (value * (brightness + 0.4 * spread * bell(rng))).clamp(0.02, 1.0))
}

fn any_colour(rng: &mut impl Rng) -> Colour {
    let brightness = between(0.12, 0.9, rng);
    std::array::from_fn(|_| (brightness + 0.08 * bell(rng)).clamp(0.03, 0.97))
}

impl Person {
    /// Somebody.
    pub fn new(rng: &mut impl Rng) -> Self {
        let tone = between(0.0, (SKIN.len() - 1) as f32 - 0.01, rng);
        let skin = tinted(mixed(SKIN[tone as usize], SKIN[tone as usize + 1], tone.fract()), 0.03, rng);
        let age = between(0.0, 1.0, rng).powi(2);
        let hair_colour = match (tone > 3.0, age > 0.6) {
            (_, true) => pick([HAIR[6], HAIR[7], HAIR[2]], rng),
            (true, false) => pick([HAIR[0], HAIR[1], HAIR[2]], rng),
            (false, false) => pick(HAIR, rng),
        };
        let lips = mixed(
            skin,
            pick([[0.70, 0.28, 0.28], [0.62, 0.30, 0.30], [0.72, 0.20, 0.26]], rng),
            between(0.3, 0.6, rng),
        );
        let hair = pick([Hair::Bald, Hair::Short, Hair::Short, Hair::Fringe, Hair::Bob, Hair::Long, Hair::Long], rng);
        let bearded = !matches!(hair, Hair::Bob | Hair::Long) && chance(0.35, rng);
        let mut about = |mean: f32| mean * (1.0 + FEATURE_SPREAD * 0.6 * bell(rng));
        let (head_width, eye_distance, eye_width) =
            (about(0.76).clamp(0.68, 0.85), about(0.335).clamp(0.29, 0.39), about(0.165));
        let (eye_height, brow_height, brow_thickness) = (about(0.078), about(0.285), about(0.042));
        let (nose_width, nose_length) = (about(0.125), about(0.235));
        let (mouth_width, lip_fullness) = (about(0.285), about(1.0));
        Person {
            skin,
            hair_colour: tinted(hair_colour, 0.1, rng),
            iris: tinted(if tone > 3.0 { pick([IRIS[0], IRIS[1]], rng) } else { pick(IRIS, rng) }, 0.08, rng),
            lips: tinted(lips, 0.04, rng),
            clothes: any_colour(rng),
            hair,
            hairline: between(0.60, 0.72, rng),
            parting: between(-0.35, 0.35, rng),
            beard: if bearded { between(0.3, 1.0, rng) } else { 0.0 },
            moustache: if bearded { between(0.4, 1.0, rng) } else { 0.0 },
            glasses: chance(0.15, rng),
            age,
            head_width,
            jaw_taper: between(0.16, 0.34, rng),
            eye_distance,
            eye_width,
            eye_height,
            eye_tilt: 0.012 + 0.012 * bell(rng),
            brow_height,
            brow_thickness: brow_thickness * between(0.75, 1.25, rng),
            brow_slope: RESTING_LOOK * bell(rng),
            nose_width,
            nose_length,
            mouth_width,
            mouth_droop: RESTING_LOOK * bell(rng),
            lip_fullness: lip_fullness * between(0.75, 1.3, rng),
        }
    }
}

impl Scene {
    /// A picture of somebody.
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut either = |limit: f32| between(-limit, limit, rng);
        let (light_x, light_y) = (either(0.75), either(0.35) - 0.35);
        let length = (light_x * light_x + light_y * light_y + 0.75 * 0.75).sqrt();
        let (centre, roll, yaw, pitch) =
            ([0.5 + either(0.02), 0.495 + either(0.02)], either(ROLL), either(TURN), either(0.6 * TURN));
        let gaze = [either(0.03), either(0.012)];
        Scene {
            centre,
            scale: between(0.46, 0.51, rng),
            roll,
            yaw,
            pitch,
            gaze,
            light: [light_x / length, light_y / length, 0.75 / length],
            ambient: between(0.55, 0.72, rng),
            backdrop: [any_colour(rng), any_colour(rng)],
            backdrop_angle: between(0.0, std::f32::consts::TAU, rng),
            exposure: between(0.88, 1.1, rng),
            blur: between(0.02, BLUR, rng),
            noise: between(0.006, NOISE, rng),
        }
    }
}
