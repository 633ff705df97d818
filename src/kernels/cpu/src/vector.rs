//! As many numbers as a register of the processor holds.

/// Eight where the compiler may use AVX2, which takes a build for one processor; four elsewhere, as in every browser.
#[cfg(target_feature = "avx2")]
pub type Vector = wide::f32x8;
/// Eight where the compiler may use AVX2, which takes a build for one processor; four elsewhere, as in every browser.
#[cfg(not(target_feature = "avx2"))]
pub type Vector = wide::f32x4;

/// As many whole numbers.
#[cfg(target_feature = "avx2")]
pub type Whole = wide::i32x8;
/// As many whole numbers.
#[cfg(not(target_feature = "avx2"))]
pub type Whole = wide::i32x4;

/// How many those are.
pub const WIDTH: usize = size_of::<Vector>() / size_of::<f32>();

/// The first `N` registers' values.
#[inline(always)]
pub fn vectors<const N: usize>(values: &[f32]) -> [Vector; N] {
    let (values, _) = values.as_chunks::<WIDTH>();
    std::array::from_fn(|n| Vector::new(values[n]))
}

/// `a * b + c`, in a browser by one instruction of relaxed SIMD, which rounds once where the processor does. It is only that where
/// it stands in a function that is compiled for relaxed SIMD; `tools/plain` takes it out again, for browsers that have none.
#[cfg_attr(target_family = "wasm", target_feature(enable = "relaxed-simd"))]
#[inline]
pub fn fused(a: Vector, b: Vector, c: Vector) -> Vector {
    #[cfg(target_family = "wasm")]
    {
        use core::arch::wasm32::{f32x4, f32x4_extract_lane as lane, f32x4_relaxed_madd};
        let [a, b, c] = [a, b, c].map(|vector| vector.to_array()).map(|[p, q, r, s]| f32x4(p, q, r, s));
        let sum = f32x4_relaxed_madd(a, b, c);
        Vector::new([lane::<0>(sum), lane::<1>(sum), lane::<2>(sum), lane::<3>(sum)])
    }
    #[cfg(not(target_family = "wasm"))]
    a.mul_add(b, c)
}

/// Appends what becomes of the numbers of `N` rows of one length, as many at a time as a register holds. Whoever links for a
/// browser optimises for size, and leaves many loops that do not say so to do one at a time.
#[inline(always)]
pub fn mapped<const N: usize>(rows: [&[f32]; N], to: &mut Vec<f32>, of: impl Fn([Vector; N]) -> Vector) {
    const { assert!(N > 0) };
    let length = rows[0].len();
    for first in (0..length).step_by(BLOCK) {
        let parts = rows.map(|row| row[first..length.min(first + BLOCK)].as_chunks::<WIDTH>());
        let (whole, rest) = (parts.map(|(whole, _)| whole), parts.map(|(_, rest)| rest));
        let start = to.len();
        to.resize(start + length.min(first + BLOCK) - first, 0.0);
        let (to_whole, to_rest) = to[start..].as_chunks_mut::<WIDTH>();
        for (n, to) in to_whole.iter_mut().enumerate() {
            *to = of(whole.map(|row| Vector::new(row[n]))).to_array();
        }
        let last = rest.map(|rest| Vector::new(std::array::from_fn(|n| rest.get(n).copied().unwrap_or_default())));
        to_rest.iter_mut().zip(of(last).to_array()).for_each(|(to, from)| *to = from);
    }
}

/// So many values fit into the first cache with room to spare.
const BLOCK: usize = 1 << 10;
