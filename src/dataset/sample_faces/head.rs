//! What the features stand on: backdrop, body, head, hair.

use super::geometry::Muscles;
use super::identity::{Hair, Person, Scene};
use super::paint::{Canvas, Colour, Extent, Point, ellipse};

fn darker(colour: Colour, share: f32) -> Colour {
    colour.map(|value| value * (1.0 - share))
}

/// The signed distance to the outline of the head: an ellipse that narrows towards the chin, and lengthens as the jaw drops.
fn outline(person: &Person, muscles: &Muscles, [x, y]: Point) -> f32 {
    let length = if y > 0.0 { 1.0 + 0.09 * muscles.jaw_drop.clamp(0.0, 1.2) } else { 1.0 };
    let down = (y / length).clamp(0.0, 1.0);
    let width = person.head_width * (1.0 - person.jaw_taper * down * down);
    ellipse([x, y], width, length)
}

/// Everything behind the features.
pub fn draw(canvas: &mut Canvas, person: &Person, scene: &Scene, muscles: &Muscles) {
    light(canvas, person, scene);
    backdrop(canvas, scene);
    hair_behind(canvas, person);
    body(canvas, person);
    ears(canvas, person);
    let skin = person.skin;
    canvas.lay(Extent::about([0.0, 0.0], 0.95, 1.15), |canvas, place| {
        (skin.map(|value| value * place.light), canvas.cover(outline(person, muscles, place.head)))
    });
}

/// Lambert's law on a rounded head, over an even ambient light.
fn light(canvas: &mut Canvas, person: &Person, scene: &Scene) {
    let ([right, down, near], ambient, width) = (scene.light, scene.ambient, person.head_width);
    canvas.light_up(|[x, y]| {
        let (u, v) = (x / width, 0.85 * y);
        let depth = (1.05 - u * u - v * v).max(0.0).sqrt();
        let facing = (u * right + v * down + depth * near) / (u * u + v * v + depth * depth).sqrt().max(1e-3);
        ambient + (1.1 - ambient) * facing.max(0.0)
    });
}

fn backdrop(canvas: &mut Canvas, scene: &Scene) {
    let ([from, to], angle) = (scene.backdrop, scene.backdrop_angle);
    let (cos, sin) = (angle.cos(), angle.sin());
    canvas.lay(Extent::EVERYWHERE, |_, place| {
        let share = (0.5 + 0.4 * (cos * place.head[0] + sin * place.head[1])).clamp(0.0, 1.0);
        (std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share), 1.0)
    });
}

fn hair_behind(canvas: &mut Canvas, person: &Person) {
    let (drop, width) = match person.hair {
        Hair::Long => (1.5, 1.2),
        Hair::Bob => (0.75, 1.2),
        _ => return,
    };
    let (colour, width) = (darker(person.hair_colour, 0.25), width * person.head_width);
    canvas.lay(Extent::about([0.0, 0.3], 1.1, 1.5), |canvas, place| {
        let [x, y] = place.head;
        let crown = ellipse([x, y + 0.1], width, 1.05);
        let curtain = (x.abs() - width * (1.0 - 0.08 * y)).max(y - drop).max(-0.1 - y);
        (colour.map(|value| value * (0.55 + 0.4 * place.light)), canvas.cover(crown.min(curtain)))
    });
}

fn body(canvas: &mut Canvas, person: &Person) {
    let (clothes, neck) = (person.clothes, person.head_width * 0.56);
    let skin = darker(person.skin, 0.28);
    canvas.lay(Extent::about([0.0, 1.3], 2.0, 0.9), |canvas, place| {
        let [x, y] = place.head;
        (skin.map(|value| value * (0.4 + 0.6 * place.light)), canvas.cover((x.abs() - neck).max(0.4 - y)))
    });
    canvas.lay(Extent::about([0.0, 1.9], 2.5, 0.9), |canvas, place| {
        let [x, y] = place.head;
        let shoulders = ellipse([x, y - 2.0], 1.55, 0.85);
        let collar = ellipse([x, y - 1.1], neck * 1.05, 0.22);
        (clothes.map(|value| value * (0.5 + 0.5 * place.light)), canvas.cover(shoulders.max(-collar)))
    });
}

fn ears(canvas: &mut Canvas, person: &Person) {
    if matches!(person.hair, Hair::Bob | Hair::Long) {
        return;
    }
    for side in [-1.0, 1.0] {
        let middle = [side * person.head_width * 1.0, 0.02];
        canvas.lay(Extent::about(middle, 0.12, 0.2), |canvas, place| {
            let (x, y) = (place.head[0] - middle[0], place.head[1] - middle[1]);
            let inner = canvas.cover(ellipse([x - 0.01 * side, y], 0.035, 0.09));
            let colour = person.skin.map(|value| value * (0.9 - 0.3 * inner) * (0.3 + 0.65 * place.light));
            (colour, canvas.cover(ellipse([x, y], 0.085, 0.165)))
        });
    }
}

/// The hair over the forehead and temples; drawn after the features of the skin, before brows.
pub fn hair(canvas: &mut Canvas, person: &Person) {
    if person.hair == Hair::Bald {
        return;
    }
    let (width, puff) = match person.hair {
        Hair::Short | Hair::Bald => (person.head_width * 1.04, 1.05),
        _ => (person.head_width * 1.12, 1.12),
    };
    canvas.lay(Extent::about([0.0, -0.2], 1.1, 1.1), |canvas, place| {
        let [x, y] = place.head;
        let cap = ellipse([x, y], width, puff);
        let strands = strand(9.0 * (place.front[0] - person.parting) / (1.7 + y)) * strand(2.3 * x - 1.1 * y);
        let shine = 0.35 + 0.6 * place.light + 0.2 * strands;
        // Hair ends softly.
        let roots = ((hairline(person, place.front) - y) / 0.07 + 0.5).clamp(0.0, 1.0);
        (person.hair_colour.map(|value| value * shine), canvas.cover(cap) * roots)
    });
}

/// A cheap wave of period 1, between -1 and 1.
fn strand(phase: f32) -> f32 {
    let share = phase + 64.0 - (phase + 64.0) as i32 as f32;
    8.0 * share * (1.0 - share) - 1.0
}

/// Down to where the hair reaches at this place of the front.
fn hairline(person: &Person, [x, _]: Point) -> f32 {
    let across = (x / person.head_width).abs();
    let temple = across * across * across * across;
    match person.hair {
        Hair::Bald | Hair::Short => -person.hairline + 0.12 * across * across + 0.42 * temple,
        Hair::Fringe => -0.47 + 0.03 * (14.0 * x).sin() + 0.62 * temple,
        Hair::Bob | Hair::Long => {
            let parted = (x - person.parting).abs();
            // Past the cheekbones it falls down the side of the face.
            -person.hairline - 0.08 + 0.75 * parted * parted + 1.0 * temple
        }
    }
}

/// Beard and moustache: hair that lets the skin show through.
pub fn beard(canvas: &mut Canvas, person: &Person, muscles: &Muscles) {
    // White hair on dark skin would pass for teeth.
    let colour = [0, 1, 2].map(|i| 0.55 * person.hair_colour[i] + 0.3 * person.skin[i]);
    let mouth = 0.52;
    if person.beard > 0.0 {
        canvas.lay_on_face(Extent::about([0.0, 0.55], 0.8, 0.65), |canvas, [x, y]| {
            let edge = 0.16 + 0.34 * (1.0 - (x / 0.62).powi(2)).max(0.0).sqrt();
            let inside = canvas.cover(outline(person, muscles, [x, y]) + 0.02);
            let soft = ((y - edge) / 0.1).clamp(0.0, 1.0);
            (colour, 0.8 * person.beard * soft * inside)
        });
    }
    if person.moustache > 0.0 {
        canvas.lay_on_face(Extent::about([0.0, mouth - 0.1], 0.36, 0.13), |canvas, [x, y]| {
            let distance = ellipse([x, y - (mouth - 0.115) - 0.35 * x * x], 0.27, 0.055);
            (colour, 0.85 * person.moustache * canvas.cover(distance))
        });
    }
}
