//! The canvas: shapes given by signed distances, antialiased as they are laid down, in the face's own coordinates.

use rand::Rng;

use super::identity::Scene;
use crate::imaging::Pixels;

/// Height and width of a sample face, pixels.
pub const SIDE: usize = 64;

/// Red, green and blue, 0..=1.
pub type Colour = [f32; 3];

/// A point in face units: right, down; the middle of the face is (0, 0).
pub type Point = [f32; 2];

/// A picture being painted. Every pixel knows where on the head it lies.
pub struct Canvas {
    pixels: Vec<Colour>,
    places: Vec<Place>,
    /// Face units a pixel.
    pub pixel: f32,
    frame: Frame,
}

/// Where a pixel lies.
#[derive(Clone, Copy)]
pub struct Place {
    /// On the flat outline of the head.
    pub head: Point,
    /// On its rounded front, which turns with yaw and pitch.
    pub front: Point,
    /// How much light falls there.
    pub light: f32,
}

/// Where the face is in the picture.
#[derive(Clone, Copy)]
struct Frame {
    centre: Point,
    pixels_a_unit: f32,
    sin: f32,
    cos: f32,
    turn: Point,
}

/// A rectangle that holds a shape: its middle and half its sides.
#[derive(Clone, Copy)]
pub struct Extent {
    pub middle: Point,
    pub half: Point,
}

impl Extent {
    /// The whole picture.
    pub const EVERYWHERE: Extent = Extent { middle: [0.0, 0.0], half: [9.0, 9.0] };

    /// About a point.
    pub fn about(middle: Point, half_width: f32, half_height: f32) -> Self {
        Extent { middle, half: [half_width, half_height] }
    }
}

/// How much of a turn shows at a point of the head: all of it in the middle, little at the edge.
fn nearness([x, y]: Point) -> f32 {
    (1.0 - 0.8 * (x * x / 0.62 + y * y)).max(0.0)
}

impl Canvas {
    /// An empty canvas for a scene.
    pub fn new(scene: &Scene) -> Self {
        let side = SIDE as f32;
        let frame = Frame {
            centre: scene.centre.map(|share| share * side),
            pixels_a_unit: scene.scale * side,
            sin: scene.roll.sin(),
            cos: scene.roll.cos(),
            turn: [scene.yaw, scene.pitch],
        };
        let place = |index: usize| {
            let (x, y) = ((index % SIDE) as f32 + 0.5, (index / SIDE) as f32 + 0.5);
            let (dx, dy) = ((x - frame.centre[0]) / frame.pixels_a_unit, (y - frame.centre[1]) / frame.pixels_a_unit);
            let head = [frame.cos * dx + frame.sin * dy, frame.cos * dy - frame.sin * dx];
            let near = nearness(head);
            let front = [head[0] - frame.turn[0] * near, head[1] - frame.turn[1] * near];
            Place { head, front, light: 1.0 }
        };
        Canvas {
            pixels: vec![[0.0; 3]; SIDE * SIDE],
            places: (0..SIDE * SIDE).map(place).collect(),
            pixel: 1.0 / frame.pixels_a_unit,
            frame,
        }
    }

    /// How much of a pixel a shape covers, from the signed distance to its edge (inside below zero), in face units.
    pub fn cover(&self, distance: f32) -> f32 {
        (0.5 - distance / self.pixel).clamp(0.0, 1.0)
    }

    /// Says how much light falls on every pixel's place on the head.
    pub fn light_up(&mut self, light: impl Fn(Point) -> f32) {
        for place in &mut self.places {
            place.light = light(place.head);
        }
    }

    /// Lays a shape on the front of the face: it turns with the head, and the scene's light falls on it. `shape` gives a colour
    /// and how opaque it is.
    pub fn lay_on_face(&mut self, extent: Extent, shape: impl Fn(&Canvas, Point) -> (Colour, f32)) {
        let near = nearness(extent.middle);
        let moved = Extent {
            middle: [extent.middle[0] + self.frame.turn[0] * near, extent.middle[1] + self.frame.turn[1] * near],
            half: extent.half.map(|half| 1.15 * half + 0.03),
        };
        self.lay(moved, |canvas, place| {
            let (colour, opacity) = shape(canvas, place.front);
            (colour.map(|value| value * place.light), opacity)
        });
    }

    /// Lays a shape behind or around the face, unlit and unturned unless `shape` sees to it.
    pub fn lay(&mut self, extent: Extent, shape: impl Fn(&Canvas, Place) -> (Colour, f32)) {
        let [columns, rows] = self.pixels_of(extent);
        for y in rows[0]..rows[1] {
            for index in y * SIDE + columns[0]..y * SIDE + columns[1] {
                let (colour, opacity) = shape(self, self.places[index]);
                if opacity > 0.0 {
                    for (value, new) in self.pixels[index].iter_mut().zip(colour) {
                        *value += (new - *value) * opacity;
                    }
                }
            }
        }
    }

    /// The columns and rows an extent may touch: first, and one past the last.
    fn pixels_of(&self, extent: Extent) -> [[usize; 2]; 2] {
        let Frame { centre, pixels_a_unit, sin, cos, .. } = self.frame;
        let [x, y] = extent.middle;
        let middle = [cos * x - sin * y, sin * x + cos * y];
        let half = [
            cos.abs() * extent.half[0] + sin.abs() * extent.half[1],
            sin.abs() * extent.half[0] + cos.abs() * extent.half[1],
        ];
        std::array::from_fn(|axis| {
            let edge = |sign: f32| centre[axis] + (middle[axis] + sign * half[axis]) * pixels_a_unit;
            // The conversion stops at zero.
            [(edge(-1.0) - 1.0) as usize, ((edge(1.0) + 2.0) as usize).min(SIDE)].map(|edge| edge.min(SIDE))
        })
    }

    /// A soft patch that is strongest in its middle: a shadow, a blush, a highlight.
    pub fn glow(&mut self, middle: Point, half: Point, colour: Colour, strength: f32) {
        if strength.abs() < 0.01 {
            return;
        }
        self.lay_on_face(Extent::about(middle, half[0], half[1]), |_, [x, y]| {
            let (u, v) = ((x - middle[0]) / half[0], (y - middle[1]) / half[1]);
            let inside = (1.0 - u * u - v * v).max(0.0);
            (colour, strength.clamp(0.0, 1.0) * inside * inside)
        });
    }

    /// A soft line through three points that thins out towards its ends: a fold of the skin.
    pub fn fold(&mut self, points: [Point; 3], half_width: f32, colour: Colour, strength: f32) {
        if strength < 0.02 {
            return;
        }
        let [a, b, c] = points;
        let low = [0, 1].map(|axis| a[axis].min(b[axis]).min(c[axis]) - half_width);
        let high = [0, 1].map(|axis| a[axis].max(b[axis]).max(c[axis]) + half_width);
        let middle = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
        // The curve that passes through the middle point half way.
        let control = [0, 1].map(|axis| 2.0 * b[axis] - (a[axis] + c[axis]) / 2.0);
        let steps: [Point; 5] = std::array::from_fn(|step| {
            let t = step as f32 / 4.0;
            let along = |i: usize| (1.0 - t) * (1.0 - t) * a[i] + 2.0 * t * (1.0 - t) * control[i] + t * t * c[i];
            [along(0), along(1)]
        });
        let extent = Extent::about(middle, (high[0] - low[0]) / 2.0, (high[1] - low[1]) / 2.0);
        self.lay_on_face(extent, |canvas, point| {
            let nearest = steps.windows(2).map(|pair| distance_squared(point, pair[0], pair[1])).fold(9.0, f32::min);
            let share = 1.0 - nearest.sqrt() / (half_width + 0.5 * canvas.pixel);
            (colour, strength.min(1.0) * share.max(0.0))
        });
    }

    /// The finished picture: exposed, blurred, with the camera's noise, in 8 bits.
    pub fn develop(self, scene: &Scene, rng: &mut impl Rng) -> Pixels {
        let blurred = blur(&self.pixels, scene.blur);
        let mut data = Vec::with_capacity(SIDE * SIDE * 3);
        for pixel in blurred {
            // Six bytes of chance, each even; the sum of three has a standard deviation of 128.
            let chance = rng.next_u64().to_le_bytes();
            let sum = |bytes: &[u8]| bytes.iter().map(|byte| f32::from(*byte) - 127.5).sum::<f32>();
            let gray = sum(&chance[..3]) / 128.0;
            for (channel, value) in pixel.into_iter().enumerate() {
                let own = (f32::from(chance[3 + channel]) - 127.5) / 74.0;
                let noisy = value * scene.exposure + scene.noise * (gray + 0.35 * own);
                // The conversion clamps to 0..=255.
                data.push((noisy * 255.0 + 0.5) as u8);
            }
        }
        Pixels { width: SIDE, height: SIDE, channels: 3, data }
    }
}

/// Mixes each pixel with its neighbours, across and then down.
fn blur(pixels: &[Colour], share: f32) -> Vec<Colour> {
    let mix = |before: Colour, pixel: Colour, after: Colour| -> Colour {
        std::array::from_fn(|c| pixel[c] * (1.0 - 2.0 * share) + (before[c] + after[c]) * share)
    };
    let mut across = Vec::with_capacity(pixels.len());
    for row in pixels.chunks_exact(SIDE) {
        across.extend((0..SIDE).map(|x| mix(row[x.saturating_sub(1)], row[x], row[(x + 1).min(SIDE - 1)])));
    }
    let above = |i: usize| if i < SIDE { i } else { i - SIDE };
    let below = |i: usize| if i + SIDE < across.len() { i + SIDE } else { i };
    (0..across.len()).map(|i| mix(across[above(i)], across[i], across[below(i)])).collect()
}

/// The squared distance from a point to a stretch of line.
pub fn distance_squared(point: Point, from: Point, to: Point) -> f32 {
    let (px, py) = (point[0] - from[0], point[1] - from[1]);
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let along = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
    let (x, y) = (px - along * dx, py - along * dy);
    x * x + y * y
}

/// The signed distance to an ellipse about (0, 0), to first order: exact on its edge.
pub fn ellipse([x, y]: Point, half_width: f32, half_height: f32) -> f32 {
    let (u, v) = (x / half_width, y / half_height);
    let (gradient_x, gradient_y) = (u / half_width, v / half_height);
    let steepness = (gradient_x * gradient_x + gradient_y * gradient_y).sqrt();
    let radius = (u * u + v * v).sqrt();
    if steepness < 1e-6 { -half_width.min(half_height) } else { radius * (radius - 1.0) / steepness }
}
