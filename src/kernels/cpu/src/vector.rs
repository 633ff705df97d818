//! As many numbers as a register of the processor holds.

/// Eight where the compiler may use AVX2, which takes a build for one processor; four elsewhere, as in every browser.
#[cfg(target_feature = "avx2")]
pub type Vector = wide::f32x8;
/// Eight where the compiler may use AVX2, which takes a build for one processor; four elsewhere, as in every browser.
#[cfg(not(target_feature = "avx2"))]
pub type Vector = wide::f32x4;

/// How many those are.
pub const WIDTH: usize = size_of::<Vector>() / size_of::<f32>();

/// The first `N` registers' values.
#[inline(always)]
pub fn vectors<const N: usize>(values: &[f32]) -> [Vector; N] {
    let (values, _) = values.as_chunks::<WIDTH>();
    std::array::from_fn(|n| Vector::new(values[n]))
}
