//! The activation `x sigmoid(x)` (Elfwing et al. 2018, *Sigmoid-Weighted Linear Units*). Without a branch, so that compilers
//! take as many numbers at a time as the processor can.

use crate::cores;

/// `x / (1 + exp(-x))` of every number.
pub fn silu(input: &[f32]) -> Vec<f32> {
    let part = cores::share(input.len(), input.len());
    cores::joined(cores::each(input.chunks(part), |input| input.iter().map(|x| x * sigmoid(*x)).collect()))
}

/// The gradient to the input: `s (1 + x (1 - s))` times the gradient to the output, where `s` is `sigmoid(x)`.
pub fn silu_gradient(input: &[f32], output: &[f32]) -> Vec<f32> {
    let of = |(x, gradient): (&f32, &f32)| {
        let s = sigmoid(*x);
        gradient * s * (1.0 + x * (1.0 - s))
    };
    let part = cores::share(input.len(), input.len());
    let parts = input.chunks(part).zip(output.chunks(part));
    cores::joined(cores::each(parts, |(input, output)| input.iter().zip(output).map(of).collect()))
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `2^n exp(r)`, where `n` is the whole number nearest to `x / ln 2`; `exp(r)` by the polynomial of Moshier's Cephes library
/// (`expf`), within 2e-7. From -87 to 87, beyond which a sigmoid is 0 or 1 to the last bit.
fn exp(x: f32) -> f32 {
    // A number of this size has no bits for fractions: adding it rounds, and leaves `n` in the lowest bits.
    const ROUNDS: f32 = 1.5 * (1 << 23) as f32;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDS;
    let n = shifted - ROUNDS;
    // ln 2 in two parts, the first exact.
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_65;
    let p = p * r + 0.5;
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (p * r * r + r + 1.0) * power
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
