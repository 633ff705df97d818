//! The mouth, as the muscles hold it.

use super::features::blend_over;
use super::geometry::Muscles;
use super::identity::Person;
use super::paint::{Canvas, Colour, Extent};

/// The height of the closed mouth below the middle of the face.
const MOUTH_LINE: f32 = 0.5;

/// A mouth in a moment. Lengths in face units.
struct Shape {
    half_width: f32,
    /// The middle of the opening.
    line: f32,
    /// How far each corner, left and right, stands below the middle.
    corners: [f32; 2],
    /// From the middle line to the inner edge of each lip, at the middle.
    opening: [f32; 2],
    /// The thickness of each lip, at the middle.
    lips: [f32; 2],
    /// 0: the opening is pointed at the corners; 1: nearly a rectangle.
    square: f32,
}

impl Shape {
    fn new(person: &Person, muscles: &Muscles) -> Self {
        let pull = (muscles.corner_pull[0] + muscles.corner_pull[1]) / 2.0;
        let jaw = muscles.jaw_drop.clamp(0.0, 1.2);
        let part = (0.075 * muscles.lips_part + 0.02 * pull.max(0.0)).max(0.0) + 0.36 * jaw;
        let thin = 1.0 - 0.55 * muscles.lip_tighten.clamp(0.0, 1.2);
        let spread = 1.0 - 0.25 * pull.max(0.0) - 0.2 * muscles.lip_stretch.max(0.0);
        let width = 1.0 + 0.28 * pull + 0.28 * muscles.lip_stretch - 0.3 * jaw - 0.14 * muscles.lip_tighten;
        let corner = |side: usize| {
            person.mouth_droop + 0.14 * muscles.corner_down
                - 0.18 * muscles.corner_pull[side]
                - 0.03 * muscles.dimple[side]
                + 0.03 * muscles.lip_stretch
        };
        Shape {
            half_width: person.mouth_width * width.max(0.4),
            line: MOUTH_LINE + 0.03 * pull - 0.02 * muscles.chin_raise - 0.02 * muscles.nose_wrinkle,
            corners: [corner(0), corner(1)],
            opening: [
                0.3 * part + 0.045 * muscles.upper_lip_raise.max(0.0),
                0.7 * part + 0.04 * muscles.lower_lip_down.max(0.0),
            ],
            lips: [0.052, 0.075].map(|thickness| thickness * person.lip_fullness * thin * spread),
            square: (0.8 * muscles.lip_stretch + 0.5 * muscles.upper_lip_raise + 0.4 * muscles.jaw_drop)
                .clamp(0.0, 1.0),
        }
    }
}

/// Lips, teeth, tongue, and the shadows about the mouth.
pub fn draw(canvas: &mut Canvas, person: &Person, muscles: &Muscles) {
    let shape = Shape::new(person, muscles);
    let skin_shade: Colour = [person.skin[0] * 0.55, person.skin[1] * 0.45, person.skin[2] * 0.43];
    let lowest = shape.line + shape.opening[1] + shape.lips[1];
    canvas.glow([0.0, lowest + 0.06], [0.2, 0.06], skin_shade, 0.45);
    canvas.glow([0.0, shape.line - 0.15], [0.04, 0.1], skin_shade, 0.25);
    for (side, sign) in [-1.0, 1.0].into_iter().enumerate() {
        let corner = [sign * (shape.half_width + 0.015), shape.line + shape.corners[side]];
        let depth = 0.3 + 0.4 * muscles.corner_pull[side].max(0.0) + 0.6 * muscles.dimple[side].max(0.0);
        canvas.glow(corner, [0.065, 0.075], skin_shade, depth);
    }

    let dark_lip = person.lips.map(|value| value * 0.82);
    let seam = person.lips.map(|value| value * 0.28);
    let opened = shape.opening[0] + shape.opening[1];
    let extent = Extent::about([0.0, shape.line], shape.half_width + 0.05, 0.25 + opened);
    canvas.lay_on_face(extent, |canvas, [x, y]| {
        let t = (x / shape.half_width).abs();
        let bow = (1.0 - t * t).max(0.0);
        let lift = bow + (bow.sqrt() - bow) * shape.square;
        let corner = shape.corners[usize::from(x > 0.0)];
        let down = y - shape.line - corner * t * t;
        let slant = 1.0 / (1.0 + (2.0 * corner * t / shape.half_width).powi(2)).sqrt();
        let past = (t - 1.0) * shape.half_width;

        let (upper, lower) = (-shape.opening[0] * lift, shape.opening[1] * lift);
        // The dip in the middle of the upper lip.
        let dip = 1.0 - 0.3 * (1.0 - 5.0 * t).max(0.0);
        let top = upper - shape.lips[0] * bow.sqrt() * dip;
        let bottom = lower + shape.lips[1] * bow;
        let lips = canvas.cover(((top - down) * slant).max((down - bottom) * slant).max(past));
        let inside = canvas.cover(((upper - down) * slant).max((down - lower) * slant).max(past));
        let closed = ((down - (upper + lower) / 2.0).abs() * slant - 0.011).max(past - 0.012);

        let middle = (upper + lower) / 2.0;
        let lip = if down < middle { dark_lip } else { person.lips };
        let sheen = 1.0 + 0.16 * (1.0 - ((down - bottom + 0.6 * shape.lips[1]) / 0.03).abs()).max(0.0) * bow;
        let (colour, opacity) = blend_over(
            0.85 * lips,
            lip.map(|value| value * sheen),
            [(seam, 0.8 * canvas.cover(closed)), (interior(canvas, muscles, [upper, lower], down, t), inside)],
        );
        (colour, opacity)
    });
}

/// What shows between the lips: upper teeth, lower teeth when the lower lip is drawn down, the tongue, the dark.
fn interior(canvas: &Canvas, muscles: &Muscles, [upper, lower]: [f32; 2], down: f32, t: f32) -> Colour {
    let (dark, teeth, tongue) = ([0.16, 0.05, 0.06], [0.93, 0.90, 0.84], [0.58, 0.25, 0.26]);
    let round = 1.0 - 0.45 * t * t;
    let upper_edge = upper + (0.085 - 0.03 * muscles.jaw_drop.clamp(0.0, 1.0)) * round;
    let bared = muscles.lip_stretch.max(muscles.lower_lip_down).clamp(0.0, 1.0);
    let lower_edge = lower - 0.055 * bared * round;
    let shown = canvas.cover(down - upper_edge).max(canvas.cover(lower_edge - down) * bared.min(1.0));
    let tongue_shown =
        canvas.cover(lower - 0.09 * (1.0 - t * t) - down) * ((lower - upper - 0.16) / 0.1).clamp(0.0, 0.9);
    let (colour, _) =
        blend_over(1.0, dark, [(tongue, tongue_shown), (teeth.map(|value: f32| value * round), 0.95 * shown)]);
    colour
}
