//! The largest of every 2x2 places.

use wide::f32x4;

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
        let ((upper, upper_rest), (lower, lower_rest)) = (upper.as_chunks::<8>(), lower.as_chunks::<8>());
        let ((values, values_rest), (places, places_rest)) = (values.as_chunks_mut::<4>(), places.as_chunks_mut::<4>());
        for ((upper, lower), (values, places)) in upper.iter().zip(lower).zip(values.iter_mut().zip(&mut *places)) {
            (*values, *places) = four_largest(upper, lower);
        }
        // Those of every four that no eight columns are there for.
        let (values, places) = (values[upper.len()..].as_flattened_mut(), places[upper.len()..].as_flattened_mut());
        let outputs = values.iter_mut().chain(values_rest).zip(places.iter_mut().chain(places_rest));
        let pairs = upper_rest.as_chunks::<2>().0.iter().zip(lower_rest.as_chunks::<2>().0);
        for ((upper, lower), (value, place)) in pairs.zip(outputs) {
            let larger = |(value, place): (f32, u8), other: f32, there: u8| {
                if other <= value || value.is_nan() { (value, place) } else { (other, there) }
            };
            let first = larger((upper[0], 0), upper[1], 1);
            (*value, *place) = larger(larger(first, lower[0], 2), lower[1], 3);
        }
    }
    (values, places)
}

/// The same of eight columns of two rows, all at once.
#[inline(always)]
fn four_largest(upper: &[f32; 8], lower: &[f32; 8]) -> ([f32; 4], [u8; 4]) {
    // A value each, and its place.
    let larger = |(a, at): (f32x4, f32x4), (b, there): (f32x4, f32x4)| {
        let stays = b.simd_le(a) | a.is_nan();
        (stays.select(a, b), stays.select(at, there))
    };
    let [first, second, third, fourth] =
        f32x4::transpose([vector(upper, 0), vector(upper, 4), vector(lower, 0), vector(lower, 4)]);
    // Of both rows: of the even pairs of columns, and of the odd ones.
    let (zero, one, two) = (f32x4::ZERO, f32x4::ONE, f32x4::splat(2.0));
    let (even, at_even) = larger((first, zero), (second, one));
    let (odd, at_odd) = larger((third, zero), (fourth, one));
    let above = (even.unpack_lo(odd), at_even.unpack_lo(at_odd));
    let below = (even.unpack_hi(odd), at_even.unpack_hi(at_odd) + two);
    let (values, places) = larger(above, below);
    (values.to_array(), places.trunc_int().to_array().map(|place| place as u8))
}

#[inline(always)]
fn vector(values: &[f32; 8], from: usize) -> f32x4 {
    f32x4::new(std::array::from_fn(|n| values[from + n]))
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
    use crate::noise::noise;

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
    fn eight_columns_are_pooled_as_two_are() {
        let (height, width) = (6, 23);
        let mut input: Vec<f32> = noise(3 * height * width, 1).iter().map(|value| (value * 4.0).round()).collect();
        input[40] = f32::NAN;
        let (values, places) = max_pool(&input, height, width);
        let planes = input.chunks(height * width);
        let wanted = planes.flat_map(|plane| {
            let of = move |at: usize| {
                let (y, x) = (at / (width / 2) * 2, at % (width / 2) * 2);
                let four = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(down, right)| plane[(y + down) * width + x + right]);
                let largest = four.iter().copied().fold(f32::MIN, f32::max);
                let first = four.iter().position(|value| value.is_nan());
                first.or(four.iter().position(|value| *value == largest)).map(|place| (four[place], place as u8))
            };
            (0..height / 2 * (width / 2)).map(of)
        });
        for (at, (found, wanted)) in values.iter().zip(&places).zip(wanted).enumerate() {
            let (value, place) = wanted.unwrap();
            assert!(*found.0 == value || found.0.is_nan() && value.is_nan(), "at {at}: {}, not {value}", found.0);
            assert_eq!(*found.1, place, "at {at}");
        }
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
