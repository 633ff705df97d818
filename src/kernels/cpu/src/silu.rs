//! The activation `x sigmoid(x)` (Elfwing et al. 2018, *Sigmoid-Weighted Linear Units*).

use std::hint::black_box;

use wide::bytemuck::cast;

use crate::cores;
use crate::vector::{Vector, Whole, mapped};

/// `x / (1 + exp(-x))` of every number.
pub fn silu(input: &[f32]) -> Vec<f32> {
    let part = cores::share(input.len(), input.len());
    cores::joined(cores::each(input.chunks(part), |input| {
        let mut output = Vec::with_capacity(input.len());
        let sigmoid = Sigmoid::new();
        mapped([input], &mut output, |[x]| sigmoid.silu(x));
        output
    }))
}

/// The gradient to the input: `s (1 + x (1 - s))` times the gradient to the output, where `s` is `sigmoid(x)`.
pub fn silu_gradient(input: &[f32], output: &[f32]) -> Vec<f32> {
    let part = cores::share(input.len(), input.len());
    let parts = input.chunks(part).zip(output.chunks(part));
    cores::joined(cores::each(parts, |(input, output)| {
        let sigmoid = Sigmoid::new();
        let mut to_input = Vec::with_capacity(input.len());
        mapped([input, output], &mut to_input, |[x, gradient]| {
            let s = sigmoid.one / sigmoid.inverse(x);
            gradient * s * (sigmoid.one + x * (sigmoid.one - s))
        });
        to_input
    }))
}

/// `1 / (1 + exp(-x))`.
/// What a sigmoid is computed with. Kept in memory: browsers make a constant of a register anew every time, from several moves.
#[derive(Clone, Copy, Debug)]
pub struct Sigmoid {
    one: Vector,
    minus_log2_e: Vector,
    /// Beyond it a sigmoid is 0 or 1 to the last bit.
    most: Vector,
    /// So large that it has no bits for fractions: adding it rounds, and leaves the whole number in the lowest bits.
    rounds: Vector,
    /// Of `2^f`, for `f` from -1/2 to 1/2, by descending powers: the polynomial whose largest relative error is least (7.5e-8).
    polynomial: [Vector; 6],
}

impl Sigmoid {
    pub fn new() -> Sigmoid {
        let polynomial = [1.327_647_2e-3, 9.675_541e-3, 5.550_713_3e-2, 0.240_221_2, 0.693_146_97, 1.000_000_1];
        black_box(Sigmoid {
            one: Vector::ONE,
            minus_log2_e: -Vector::LOG2_E,
            most: Vector::splat(125.0),
            rounds: Vector::splat(1.5 * (1 << 23) as f32),
            polynomial: polynomial.map(Vector::splat),
        })
    }

    /// `1 + exp(-x)`, which a sigmoid is one over. `exp(-x)` is `2^n 2^f`, where `n` is a whole number, and goes straight into the
    /// exponent of the other.
    #[inline(always)]
    pub fn inverse(&self, x: Vector) -> Vector {
        let power = (x * self.minus_log2_e).fast_min(self.most).fast_max(-self.most);
        let shifted = power + self.rounds;
        let f = power - (shifted - self.rounds);
        let [a, b, c, d, e, one] = self.polynomial;
        let p = a.mul_add(f, b).mul_add(f, c).mul_add(f, d).mul_add(f, e).mul_add(f, one);
        self.one + cast::<Whole, Vector>(cast::<Vector, Whole>(p) + (cast::<Vector, Whole>(shifted) << 23))
    }

    /// `x` times its sigmoid.
    #[inline(always)]
    pub fn silu(&self, x: Vector) -> Vector {
        x / self.inverse(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_stay_what_they_are() {
        let given = silu(&[0.0, 1.0, -1.0, 100.0, -100.0, f32::INFINITY, f32::NAN]);
        let wanted = [0.0, 0.731_058_6, -0.268_941_43, 100.0, 0.0];
        for (given, wanted) in given.iter().zip(wanted) {
            assert!((given - wanted).abs() <= 1e-6 * wanted.abs() + 1e-30, "{given}, not {wanted}");
        }
        assert_eq!(given[5], f32::INFINITY);
        assert!(given[6].is_nan(), "a training that has diverged must not look sound");
        assert!(silu_gradient(&[f32::NAN], &[1.0])[0].is_nan());
    }
}
