//! Eyes, brows and nose, as the muscles hold them.

use super::geometry::Muscles;
use super::identity::{Person, Scene};
use super::paint::{Canvas, Colour, Extent, Point, ellipse};

/// The height of the eyes above the middle of the face.
const EYE_LINE: f32 = -0.1;

/// How deep a fold looks, against the skin.
fn shade(skin: Colour) -> Colour {
    [skin[0] * 0.52, skin[1] * 0.42, skin[2] * 0.40]
}

/// The modelling of the skin: sockets, cheeks, folds and wrinkles.
pub fn skin(canvas: &mut Canvas, person: &Person, muscles: &Muscles) {
    let shade = shade(person.skin);
    let blush = [person.skin[0] * 1.02, person.skin[1] * 0.8, person.skin[2] * 0.78];
    let cheek = muscles.cheek_raise.max(0.0);
    for side in [-1.0, 1.0] {
        let eye = [side * person.eye_distance, EYE_LINE];
        canvas.glow([eye[0] * 0.92, eye[1] - 0.05], [0.27, 0.2], shade, 0.36);
        canvas.glow([eye[0] * 1.15, 0.27 - 0.05 * cheek], [0.3, 0.25], blush, 0.3 + 0.35 * cheek);
        canvas.glow([eye[0] * 1.2, 0.2 - 0.05 * cheek], [0.16, 0.1], person.skin.map(|v| v * 1.25), 0.18 + 0.3 * cheek);
        let bag = [[eye[0] - 0.13, 0.01], [eye[0], 0.055 - 0.02 * cheek], [eye[0] + 0.13, 0.01]];
        canvas.fold(bag, 0.035, shade, 0.12 + 0.25 * person.age + 0.4 * cheek + 0.3 * muscles.lid_tighten);
        let foot = [[eye[0] + side * 0.2, -0.08], [eye[0] + side * 0.25, -0.065], [eye[0] + side * 0.29, -0.03]];
        canvas.fold(foot, 0.03, shade, (0.2 + 0.5 * person.age) * cheek);
    }
    brow_wrinkles(canvas, muscles, shade, person.age);
    nasolabial(canvas, person, muscles, shade);
    canvas.glow([0.0, 0.83], [0.16, 0.08], shade, 0.15 + 0.4 * muscles.chin_raise.max(0.0));
}

/// AU1 and AU2 crease the forehead across, AU4 between the brows upright.
fn brow_wrinkles(canvas: &mut Canvas, muscles: &Muscles, shade: Colour, age: f32) {
    let raised = (0.5 * muscles.inner_brow_raise + 0.4 * muscles.outer_brow_raise).max(0.0);
    for (row, height) in [-0.5, -0.59].into_iter().enumerate() {
        let half = 0.34 - 0.06 * row as f32;
        let bend = height - 0.03;
        canvas.fold(
            [[-half, height], [0.0, bend], [half, height]],
            0.03,
            shade,
            (0.35 + 0.4 * age) * raised + 0.12 * age,
        );
    }
    for side in [-1.0, 1.0] {
        let line = [[side * 0.06, -0.36], [side * 0.045, -0.28], [side * 0.06, -0.19]];
        canvas.fold(line, 0.032, shade, 0.75 * muscles.brow_lower);
    }
}

/// The fold from the nose to beyond the corner of the mouth: AU9, AU10, AU12 and AU14 deepen it.
fn nasolabial(canvas: &mut Canvas, person: &Person, muscles: &Muscles, shade: Colour) {
    for (side, sign) in [-1.0, 1.0].into_iter().enumerate() {
        let pulled = muscles.corner_pull[side].max(muscles.dimple[side]);
        let depth = pulled.max(muscles.nose_wrinkle).max(0.8 * muscles.upper_lip_raise).max(0.0);
        let from = [sign * (person.nose_width + 0.04), person.nose_length - 0.03];
        let to = [sign * (person.mouth_width + 0.1), 0.47 - 0.08 * pulled];
        let through = [sign * (0.55 * (from[0] + to[0]).abs() + 0.02), (from[1] + to[1]) / 2.0 - 0.02];
        canvas.fold([from, through, to], 0.045, shade, 0.1 + 0.22 * person.age + 0.5 * depth);
    }
}

/// Both eyes. In the upper half of each, the lid; its edge is where the lashes are.
pub fn eyes(canvas: &mut Canvas, person: &Person, scene: &Scene, muscles: &Muscles) {
    for side in [-1.0, 1.0] {
        eye(canvas, person, scene, muscles, side);
    }
}

fn eye(canvas: &mut Canvas, person: &Person, scene: &Scene, muscles: &Muscles, side: f32) {
    let tighten = muscles.lid_tighten.max(0.0) + 0.75 * muscles.cheek_raise.max(0.0);
    let upper = person.eye_height * (1.0 + 0.75 * muscles.lid_raise - 0.3 * tighten).clamp(0.12, 2.1);
    let lower = person.eye_height * (0.62 + 0.22 * muscles.lid_raise.max(0.0) - 0.42 * tighten).clamp(0.08, 1.0);
    let (width, middle) = (person.eye_width, [side * person.eye_distance, EYE_LINE]);
    let iris_radius = 0.068;
    let pupil_radius = iris_radius * (0.46 + 0.22 * muscles.pupil.clamp(-1.0, 1.2));
    let (white, lash, lid) = ([0.93, 0.91, 0.88], [0.07, 0.05, 0.05], shade(person.skin));

    canvas.lay_on_face(Extent::about(middle, width + 0.08, 0.26), |canvas, point| {
        let (x, y) = (point[0] - middle[0], point[1] - middle[1]);
        let u = x / width;
        let bow = 1.0 - u * u;
        // The line between the corners; the outer one stands higher.
        let axis = -person.eye_tilt * u * side;
        let slant = 1.0 / (1.0 + (2.0 * upper * u / width).powi(2)).sqrt();
        let above = (axis - upper * bow - y) * slant;
        let below = (y - axis - lower * bow) * slant;
        let side_ways = (u.abs() - 1.0) * width;

        let gaze = [scene.gaze[0], scene.gaze[1] - 0.012];
        let from_pupil = ((x - gaze[0]).powi(2) + (y - gaze[1]).powi(2)).sqrt();
        let mut colour = white.map(|value: f32| value * (1.0 - 0.3 * canvas.cover(-above - 0.03)));
        let rim = 1.0 - 0.45 * ((from_pupil / iris_radius) * 2.0 - 1.0).clamp(0.0, 1.0);
        blend(&mut colour, person.iris.map(|value| 1.25 * value * rim), canvas.cover(from_pupil - iris_radius));
        blend(&mut colour, [0.02; 3], canvas.cover(from_pupil - pupil_radius));
        let glint = ((x - gaze[0] - 0.03 * scene.light[0]).powi(2) + (y - gaze[1] + 0.025).powi(2)).sqrt() - 0.016;
        blend(&mut colour, [1.0; 3], 0.85 * canvas.cover(glint));

        let open = canvas.cover(above.max(below).max(side_ways));
        // The lashes thicken outwards; the crease of the lid runs above them.
        let thick = 0.017 + 0.006 * (u * side).max(-0.5);
        let lashes =
            canvas.cover((above.abs() - thick).max(side_ways - 0.015)) * if y < axis + 0.02 { 1.0 } else { 0.0 };
        let lower_edge = 0.35 * canvas.cover((below.abs() - 0.008).max(side_ways));
        let crease = 0.45 * canvas.cover(((above - 0.055).abs() - 0.012).max((u.abs() - 0.95) * width));
        blend_over(open, colour, [(lid, crease), (lid, lower_edge), (lash, 0.92 * lashes)])
    });
}

fn blend(colour: &mut Colour, new: Colour, opacity: f32) {
    for (value, new) in colour.iter_mut().zip(new) {
        *value += (new - *value) * opacity;
    }
}

/// Layers over a first one that covers `opacity`: their joint colour and cover.
pub fn blend_over<const N: usize>(opacity: f32, colour: Colour, layers: [(Colour, f32); N]) -> (Colour, f32) {
    let (mut sum, mut total) = (colour.map(|value| value * opacity), opacity);
    for (new, cover) in layers {
        sum = std::array::from_fn(|i| sum[i] * (1.0 - cover) + new[i] * cover);
        total = total * (1.0 - cover) + cover;
    }
    (sum.map(|value| value / total.max(1e-4)), total)
}

/// Both brows: tapered strokes through an inner, a middle and an outer point.
pub fn brows(canvas: &mut Canvas, person: &Person, muscles: &Muscles) {
    let Muscles { inner_brow_raise: inner, outer_brow_raise: outer, brow_lower: lower, nose_wrinkle, .. } = *muscles;
    let height = EYE_LINE - person.brow_height * 0.72;
    let thick = person.brow_thickness * (1.0 + 0.15 * lower);
    let colour = [0, 1, 2].map(|i| 0.75 * person.hair_colour[i].min(0.6) + 0.06 * person.skin[i]);
    for side in [-1.0, 1.0] {
        let start = person.eye_distance - 0.185 - 0.045 * lower;
        let span = 0.36;
        let ends = [
            height + 0.015 + person.brow_slope - 0.135 * inner + 0.13 * lower + 0.05 * nose_wrinkle,
            height - 0.035 - 0.06 * inner - 0.085 * outer + 0.07 * lower + 0.02 * nose_wrinkle,
            height + 0.025 - person.brow_slope - 0.11 * outer + 0.015 * lower,
        ];
        let middle = [side * (start + span / 2.0), (ends[0] + ends[2]) / 2.0];
        canvas.lay_on_face(Extent::about(middle, span / 2.0 + 0.05, 0.24), |canvas, [x, y]| {
            let u = (x * side - start) / span;
            let (line, slope) = parabola(ends, u.clamp(0.0, 1.0));
            let half = thick * (1.0 - 0.55 * u.clamp(0.0, 1.0)) * 0.5 + 0.006;
            let slant = 1.0 / (1.0 + (slope / span).powi(2)).sqrt();
            let away = (y - line).abs() * slant - half;
            let past = (-u).max(u - 1.0) * span;
            (colour, 0.9 * canvas.cover(away.max(past)))
        });
    }
}

/// The parabola through heights at 0, 1/2 and 1: its height and slope at `u`.
fn parabola([a, b, c]: [f32; 3], u: f32) -> (f32, f32) {
    let bend = 2.0 * (a - 2.0 * b + c);
    let rise = c - a - bend;
    (a + rise * u + bend * u * u, rise + 2.0 * bend * u)
}

/// The nose: its shaded side, tip, wings and nostrils. AU9 shortens it and creases its bridge.
pub fn nose(canvas: &mut Canvas, person: &Person, scene: &Scene, muscles: &Muscles) {
    let shade = shade(person.skin);
    let wrinkle = muscles.nose_wrinkle.max(0.0);
    let dark_side = if scene.light[0] > 0.0 { -1.0 } else { 1.0 };
    let base = person.nose_length - 0.045 * wrinkle;
    let wide = person.nose_width * (1.0 + 0.15 * wrinkle + 0.08 * muscles.corner_pull[0].max(0.0));
    let bridge = [[0.055 * dark_side, -0.16], [0.05 * dark_side, 0.0], [0.085 * dark_side, base - 0.05]];
    canvas.fold(bridge, 0.075, shade, 0.3 + 0.35 * scene.light[0].abs());
    canvas.glow([-0.01 * dark_side, base - 0.07], [0.07, 0.09], person.skin.map(|value| value * 1.3), 0.42);
    canvas.glow([0.0, base + 0.05], [wide * 1.1, 0.055], shade, 0.6);
    for side in [-1.0, 1.0] {
        let wing: [Point; 3] =
            [[side * wide * 0.86, base - 0.075], [side * wide * 1.08, base - 0.02], [side * wide * 0.8, base + 0.022]];
        canvas.fold(wing, 0.036, shade, 0.62);
        let nostril = [side * wide * 0.47, base + 0.012];
        canvas.lay_on_face(Extent::about(nostril, 0.05, 0.03), |canvas, [x, y]| {
            let distance = ellipse([x - nostril[0], y - nostril[1] - 0.01], 0.036, 0.019);
            (shade.map(|value| value * 0.45), 0.85 * canvas.cover(distance))
        });
        for row in 0..3 {
            let y = -0.085 + 0.065 * row as f32;
            let line = [[side * 0.015, y - 0.012], [side * 0.06, y], [side * 0.1, y + 0.03]];
            canvas.fold(line, 0.03, shade, 0.75 * wrinkle);
        }
    }
}

/// Frames and their bridge.
pub fn glasses(canvas: &mut Canvas, person: &Person) {
    let (half, height) = (person.eye_width + 0.075, 0.185);
    let reach = person.eye_distance + half;
    canvas.lay_on_face(Extent::about([0.0, EYE_LINE + 0.01], reach + 0.1, 0.22), |canvas, [x, y]| {
        let down = y - EYE_LINE - 0.02;
        let ring = ellipse([x.abs() - person.eye_distance, down], half, height).abs() - 0.014;
        let bridge = (x.abs() - (person.eye_distance - half)).max((down + 0.05).abs() - 0.014);
        ([0.1, 0.09, 0.1], 0.85 * canvas.cover(ring.min(bridge)))
    });
}
