//! The largest of every 2x2 places.

use crate::cores;

/// The largest of every 2x2 places of `[planes, height, width]`, as `[planes, height / 2, width / 2]`, and which of the four it
/// is (the first of equals, row by row). An odd last row or column is left out. What is no number is the largest.
///
/// # Panics
/// If there are not whole planes.
pub fn max_pool(input: &[f32], height: usize, width: usize) -> (Vec<f32>, Vec<u8>) {
    let plane = (height * width).max(1);
    assert_eq!(input.len() % plane, 0, "planes are whole");
    let part = cores::share(input.len() / plane, input.len()) * plane;
    let parts = cores::each(input.chunks(part), |planes| pooled(planes, height, width));
    let (values, places) = parts.into_iter().unzip();
    (cores::joined(values), cores::joined(places))
}

fn pooled(planes: &[f32], height: usize, width: usize) -> (Vec<f32>, Vec<u8>) {
    let across = width / 2;
    let count = planes.len() / (height * width).max(1) * (height / 2) * across;
    let (mut values, mut places) = (vec![0.0; count], vec![0; count]);
    let rows = planes.chunks_exact((height * width).max(1)).flat_map(|plane| plane.chunks_exact((2 * width).max(1)));
    let outputs = values.chunks_exact_mut(across.max(1)).zip(places.chunks_exact_mut(across.max(1)));
    for (rows, (values, places)) in rows.zip(outputs) {
        let (upper, lower) = rows.split_at(width);
        let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        for ((upper, lower), (value, place)) in pairs.zip(values.iter_mut().zip(places)) {
            // Without branches, so that several are found at a time.
            let larger = |(value, place): (f32, u8), other: f32, there: u8| {
                let is = !(other <= value || value.is_nan());
                (if is { other } else { value }, if is { there } else { place })
            };
            let first = larger((upper[0], 0), upper[1], 1);
            (*value, *place) = larger(larger(first, lower[0], 2), lower[1], 3);
        }
    }
    (values, places)
}

/// The gradient to the input of [`max_pool`], from that to its output and from which of the four each was.
///
/// # Panics
/// If there are not as many places as values.
pub fn max_pool_gradient(output: &[f32], places: &[u8], height: usize, width: usize) -> Vec<f32> {
    assert_eq!(output.len(), places.len(), "every value has its place");
    let across = width / 2;
    let pooled = (height / 2 * across).max(1);
    let mut input = vec![0.0; output.len() / pooled * height * width];
    let planes =
        input.chunks_exact_mut((height * width).max(1)).flat_map(|plane| plane.chunks_exact_mut((2 * width).max(1)));
    let outputs = output.chunks_exact(across.max(1)).zip(places.chunks_exact(across.max(1)));
    for (rows, (values, places)) in planes.zip(outputs) {
        let (upper, lower) = rows.split_at_mut(width);
        let pairs = upper.as_chunks_mut::<2>().0.iter_mut().zip(lower.as_chunks_mut::<2>().0);
        for ((upper, lower), (value, place)) in pairs.zip(values.iter().zip(places)) {
            let at = |of: u8| if *place == of { *value } else { 0.0 };
            (*upper, *lower) = ([at(0), at(1)], [at(2), at(3)]);
        }
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_four_gets_the_gradient() {
        #[rustfmt::skip]
        let input = [
            1.0, 5.0, 0.0, 0.0, 9.0,
            2.0, 3.0, 0.0, 0.0, 9.0,
            -4.0, -3.0, 1.0, f32::NAN, 9.0,
            -2.0, -1.0, 7.0, 8.0, 9.0,
            9.0, 9.0, 9.0, 9.0, 9.0,
        ];
        let (values, places) = max_pool(&input, 5, 5);
        assert_eq!(values[..3], [5.0, 0.0, -1.0]);
        assert!(values[3].is_nan(), "a training that has diverged must not look sound");
        assert_eq!(places, [1, 0, 3, 1]);
        let gradient = max_pool_gradient(&[1.0, 2.0, 3.0, 4.0], &places, 5, 5);
        let mut expected = [0.0; 25];
        (expected[1], expected[2], expected[16], expected[13]) = (1.0, 2.0, 3.0, 4.0);
        assert_eq!(gradient, expected);
    }

    #[test]
    fn of_nothing_nothing_comes() {
        for (height, width) in [(0, 0), (1, 1), (1, 4), (4, 1)] {
            let (values, places) = max_pool(&vec![1.0; 2 * height * width], height, width);
            assert!(values.is_empty());
            assert_eq!(max_pool_gradient(&values, &places, height, width).len(), 0);
        }
    }
}
