//! Whether two classifiers err on the same samples equally often (McNemar 1947).

use serde::{Deserialize, Serialize};

/// Below so many samples on which exactly one model is right, the test is exact.
const EXACT_BELOW: u64 = 25;

/// McNemar's test of two models on the same samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct McNemar {
    /// Samples on which only the first model is right.
    pub only_first: u64,
    /// Samples on which only the second model is right.
    pub only_second: u64,
    /// Whether the probability is the binomial one; else it is that of a chi-square with continuity correction
    /// (Edwards 1948).
    pub exact: bool,
    /// How probable a division at least as uneven would be, were both models right equally often; two-sided.
    pub p_value: f64,
}

impl McNemar {
    /// Of so many samples on which only the first, and only the second, is right: exact where they are fewer than 25
    /// together.
    pub fn new(only_first: u64, only_second: u64) -> McNemar {
        if only_first + only_second < EXACT_BELOW {
            Self::exact(only_first, only_second)
        } else {
            Self::chi_square(only_first, only_second)
        }
    }

    /// From whether each model is right about each sample.
    ///
    /// # Panics
    /// Where the slices differ in length.
    pub fn of(first: &[bool], second: &[bool]) -> McNemar {
        assert_eq!(first.len(), second.len(), "both models say something of each sample");
        let count = |first_right: bool| {
            let only = |(a, b): &(&bool, &bool)| a != b && **a == first_right;
            first.iter().zip(second).filter(only).count() as u64
        };
        Self::new(count(true), count(false))
    }

    /// The binomial test: twice the smaller tail, at most 1. Meant for few samples; it takes a step for each.
    pub fn exact(only_first: u64, only_second: u64) -> McNemar {
        let (fewer, all) = (only_first.min(only_second), only_first + only_second);
        // The logarithm of the chance of `k` heads in `all` throws: a quotient leads from one `k` to the next.
        let mut chance = -(all as f64) * std::f64::consts::LN_2;
        let mut tail = chance.exp();
        for k in 1..=fewer {
            chance += ((all - k + 1) as f64 / k as f64).ln();
            tail += chance.exp();
        }
        McNemar { only_first, only_second, exact: true, p_value: (2.0 * tail).min(1.0) }
    }

    /// `(|b - c| - 1)^2 / (b + c)` against a chi-square of one degree of freedom. Where neither model is ever right alone
    /// there is no difference: 1.
    pub fn chi_square(only_first: u64, only_second: u64) -> McNemar {
        let all = (only_first + only_second) as f64;
        let root = (only_first.abs_diff(only_second) as f64 - 1.0).abs() / all.sqrt();
        // A chi-square of one degree is a squared normal deviate.
        let p_value = if all > 0.0 { erfc(root / std::f64::consts::SQRT_2) } else { 1.0 };
        McNemar { only_first, only_second, exact: false, p_value }
    }
}

/// The complementary error function of `x >= 0`: below 2 by the series of Abramowitz & Stegun (1964), 7.1.6; above by their
/// continued fraction, 7.1.14. Good to 13 digits.
fn erfc(x: f64) -> f64 {
    let bell = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let mut term = 2.0 * x * bell;
        let mut sum = term;
        for n in 1..60 {
            term *= 2.0 * x * x / (2 * n + 1) as f64;
            sum += term;
        }
        return 1.0 - sum;
    }
    bell / (1..200).rev().fold(x, |below, n| x + f64::from(n) / 2.0 / below)
}
