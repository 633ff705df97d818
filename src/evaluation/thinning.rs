//! Fewer points for the same line.

/// Deviations below this, in units of the axes, are seen by nobody.
const INVISIBLE: f64 = 5e-4;

/// At most `most` of the points of a line, its ends among them: each time the point that lies farthest from the line so
/// far is added, until none lies off it (Ramer 1972; Douglas & Peucker 1973, with a budget instead of a tolerance).
pub(super) fn thinned(points: &[[f64; 2]], most: usize) -> Vec<[f64; 2]> {
    let Some(last) = points.len().checked_sub(1).filter(|last| *last > 0) else { return points.to_vec() };
    let mut kept = vec![0, last];
    let mut strays = vec![farthest(points, 0, last)];
    while kept.len() < most {
        let worst = (0..strays.len()).max_by(|&a, &b| strays[a].distance.total_cmp(&strays[b].distance));
        let Some(stray) = worst.map(|worst| strays.swap_remove(worst)).filter(|s| s.distance > INVISIBLE) else {
            break;
        };
        kept.push(stray.point);
        strays.push(farthest(points, stray.from, stray.point));
        strays.push(farthest(points, stray.point, stray.to));
    }
    kept.sort_unstable();
    kept.into_iter().map(|point| points[point]).collect()
}

/// The point between `from` and `to` that lies farthest from the straight line between them.
struct Stray {
    from: usize,
    point: usize,
    to: usize,
    distance: f64,
}

fn farthest(points: &[[f64; 2]], from: usize, to: usize) -> Stray {
    let none = Stray { from, point: from, to, distance: 0.0 };
    (from + 1..to).fold(none, |farthest, point| {
        let distance = distance(points[point], points[from], points[to]);
        if distance > farthest.distance { Stray { point, distance, ..farthest } } else { farthest }
    })
}

/// From a point to the stretch between two others.
fn distance(p: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let minus = |a: [f64; 2], b: [f64; 2]| [a[0] - b[0], a[1] - b[1]];
    let dot = |a: [f64; 2], b: [f64; 2]| a[0] * b[0] + a[1] * b[1];
    let (along, out) = (minus(to, from), minus(p, from));
    let length = dot(along, along);
    let share = if length > 0.0 { (dot(out, along) / length).clamp(0.0, 1.0) } else { 0.0 };
    let off = minus(out, along.map(|step| step * share));
    dot(off, off).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_its_ends() {
        let line: Vec<[f64; 2]> = (0..1000).map(|i| [f64::from(i) / 999.0; 2]).collect();
        assert_eq!(thinned(&line, 200), [[0.0; 2], [1.0; 2]]);
        assert_eq!(thinned(&line[..1], 200), [[0.0; 2]]);
        assert!(thinned(&[], 200).is_empty());
    }

    #[test]
    fn what_is_left_out_lies_near_what_is_kept() {
        let curve: Vec<[f64; 2]> = (0..50_000).map(|i| f64::from(i) / 49_999.0).map(|x| [x, x.powf(0.1)]).collect();
        let drawn = thinned(&curve, 200);
        assert!(drawn.len() <= 200 && drawn.is_sorted());
        for (place, point) in curve.iter().enumerate().step_by(7) {
            let near = drawn.windows(2).map(|ends| distance(*point, ends[0], ends[1])).fold(f64::INFINITY, f64::min);
            assert!(near < 1e-3, "point {place} is {near} off");
        }
    }
}
