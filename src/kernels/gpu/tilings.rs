//! How convolutions are cut among a device's threads. What is fastest differs from device to device: [`probe`](super::probe) finds out.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::implicit_gemm::TILE;

/// A way to cut the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tiling {
    /// Each thread holds 64 sums in registers.
    Registers64,
    /// Each thread holds 32 sums in registers.
    Registers32,
    /// A matrix product (implicit GEMM) of which a workgroup's threads share tiles in the workgroup's memory.
    Workgroup,
    /// Winograd's algorithm, its products cut as by `Registers64`.
    Winograd,
    /// Winograd's algorithm, its products cut as by `Workgroup`.
    WinogradWorkgroup,
}

/// All of them: first what holds on any device, then what may be faster.
pub const TILINGS: [Tiling; 5] =
    [Tiling::Registers64, Tiling::Winograd, Tiling::Workgroup, Tiling::WinogradWorkgroup, Tiling::Registers32];

/// What may be cut one way or another: each by kernels of one place, and by larger ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Work {
    /// 3x3 and larger, forward; also the gradient to the input, where the stride is 1.
    Convolution,
    /// The same by kernels of one place.
    Pointwise,
    /// The gradient to kernels of 3x3 and larger.
    WeightGradient,
    /// The gradient to kernels of one place.
    PointwiseWeightGradient,
}

/// All of it, what a training does most first.
pub const WORKS: [Work; 4] = [Work::Convolution, Work::WeightGradient, Work::Pointwise, Work::PointwiseWeightGradient];

/// Products of fewer numbers than this, on either side, leave most of a workgroup's tile empty.
const LARGE: usize = 32;

/// Workgroups' tiles that are many enough to keep a device busy.
const MANY: usize = 16;

/// Workgroups in a row that every device starts (WebGPU's `maxComputeWorkgroupsPerDimension`).
const MOST: usize = 65535;

impl Tiling {
    /// How the products of Winograd's algorithm are cut, where it is that.
    fn winograds(self) -> Option<Tiling> {
        match self {
            Tiling::Winograd => Some(Tiling::Registers64),
            Tiling::WinogradWorkgroup => Some(Tiling::Workgroup),
            _ => None,
        }
    }

    /// Sums that a thread holds in registers.
    pub(super) fn held(self) -> u32 {
        if self == Tiling::Registers32 { 32 } else { 64 }
    }
}

impl Work {
    /// The ways to cut it: first the one that holds on any device.
    pub fn tilings(self) -> impl Iterator<Item = Tiling> {
        TILINGS.into_iter().filter(move |tiling| tiling.winograds().is_none() || self.kernel() == 3)
    }

    pub(super) fn forward(kernel: usize) -> Work {
        if kernel == 1 { Work::Pointwise } else { Work::Convolution }
    }

    pub(super) fn weight_gradient(kernel: usize) -> Work {
        if kernel == 1 { Work::PointwiseWeightGradient } else { Work::WeightGradient }
    }

    pub(super) fn is_gradient(self) -> bool {
        matches!(self, Work::WeightGradient | Work::PointwiseWeightGradient)
    }

    /// The size of its kernels, of the larger ones the most frequent.
    pub(super) fn kernel(self) -> usize {
        if matches!(self, Work::Pointwise | Work::PointwiseWeightGradient) { 1 } else { 3 }
    }
}

/// The tiling of each kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tilings {
    /// None of them Winograd's.
    of: [Tiling; WORKS.len()],
    /// Where Winograd's algorithm is faster: how its products are cut.
    winograds: [Option<Tiling>; WORKS.len()],
    /// Whether small maps are cut so as well.
    everywhere: bool,
}

/// A tiling is taken where it is so many times as fast as the one that holds anywhere: less may be chance.
const FASTER: f64 = 1.1;

/// What holds from now on.
static CHOSEN: RwLock<Tilings> = RwLock::new(Tilings::SAFE);

/// How convolutions are cut now.
pub fn chosen() -> Tilings {
    *CHOSEN.read().unwrap_or_else(PoisonError::into_inner)
}

/// Cuts all convolutions that begin from now on in this way.
pub fn choose(tilings: Tilings) {
    *CHOSEN.write().unwrap_or_else(PoisonError::into_inner) = tilings;
}

impl Tilings {
    /// What holds on any device.
    pub const SAFE: Tilings =
        Tilings { of: [Tiling::Registers64; WORKS.len()], winograds: [None; WORKS.len()], everywhere: false };

    /// One tiling for all there is.
    pub fn only(tiling: Tiling) -> Tilings {
        let all = WORKS.into_iter().fold(Tilings::SAFE, |tilings, work| tilings.with(work, tiling));
        Tilings { everywhere: true, ..all }
    }

    /// The fastest of each work, of those that are so many times as fast as the one that holds anywhere.
    pub fn fastest(speeds: &[(Work, Tiling, f64)]) -> Tilings {
        let mut speeds = speeds.to_vec();
        speeds.retain(|(.., speed)| *speed >= FASTER);
        speeds.sort_by(|(_, _, a), (_, _, b)| a.total_cmp(b));
        speeds.iter().fold(Tilings::SAFE, |tilings, (work, tiling, _)| tilings.with(*work, *tiling))
    }

    /// The same, but for this work. Winograd's algorithm is for some of it, for the rest what was said before stays.
    fn with(mut self, work: Work, tiling: Tiling) -> Tilings {
        self.winograds[work as usize] = tiling.winograds();
        if tiling.winograds().is_none() {
            self.of[work as usize] = tiling;
        }
        self
    }

    /// How the products of Winograd's algorithm are cut, where it is faster for this work.
    pub(super) fn winograds(self, work: Work) -> Option<Tiling> {
        self.winograds[work as usize]
    }

    /// Whether small maps are cut so as well.
    pub(super) fn everywhere(self) -> bool {
        self.everywhere
    }

    /// The tiling of a dense product of `[rows, depth]` by `[depth, columns]`.
    pub(super) fn of(self, work: Work, product: [usize; 3]) -> Tiling {
        // A gradient's depth is cut in parts as well.
        self.cut(self.of[work as usize], product, work.is_gradient())
    }

    /// This tiling, where such a product is large enough for it. There are many of it, or it is cut in parts, where `many` says so.
    pub(super) fn cut(self, tiling: Tiling, [rows, depth, columns]: [usize; 3], many: bool) -> Tiling {
        let [down, across] = [rows, columns].map(|length| length.div_ceil(TILE as usize));
        if down.max(across) > MOST {
            return Tiling::Registers64;
        }
        let is_large = rows.min(columns) >= LARGE && depth >= 8 && (down * across >= MANY || many);
        if self.everywhere || is_large { tiling } else { Tiling::Registers64 }
    }
}

impl fmt::Display for Tilings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |tiling| match tiling {
            Tiling::Registers64 => "64",
            Tiling::Registers32 => "32",
            _ => "workgroup",
        };
        let names = self.of.iter().zip(self.winograds).map(|(tiling, winograds)| match winograds {
            None => name(*tiling).to_string(),
            Some(products) => format!("winograd {} or {}", name(products), name(*tiling)),
        });
        write!(formatter, "tilings {}", names.collect::<Vec<_>>().join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_products_and_those_of_too_many_workgroups_are_cut_as_on_any_device() {
        let tilings = Tilings::SAFE.with(Work::Convolution, Tiling::Workgroup);
        assert_eq!(tilings.of(Work::Convolution, [64, 576, 1024]), Tiling::Workgroup);
        assert_eq!(tilings.of(Work::Pointwise, [64, 576, 1024]), Tiling::Registers64);
        assert_eq!(tilings.of(Work::Convolution, [64, 576, 49]), Tiling::Registers64);
        assert_eq!(tilings.of(Work::Convolution, [8, 576, 100_000]), Tiling::Registers64);
        assert_eq!(tilings.of(Work::Convolution, [64, 576, 64 * 65535]), Tiling::Workgroup);
        assert_eq!(tilings.of(Work::Convolution, [64, 576, 64 * 65535 + 1]), Tiling::Registers64);
        assert_eq!(Tilings::only(Tiling::Workgroup).of(Work::Convolution, [64, 27, 64 * 65536]), Tiling::Registers64);
        assert_eq!(tilings.cut(Tiling::Workgroup, [64, 64, 49], true), Tiling::Workgroup);
        assert_eq!(tilings.cut(Tiling::Workgroup, [64, 64, 16], true), Tiling::Registers64);
    }

    /// What a workgroup's memory did not do well alone is not done so because Winograd's products are.
    #[test]
    fn what_winograds_algorithm_is_not_for_is_cut_as_is_fastest_without_it() {
        let of = |speeds: &[(Tiling, f64)]| {
            let speeds: Vec<_> = speeds.iter().map(|(tiling, speed)| (Work::Convolution, *tiling, *speed)).collect();
            let tilings = Tilings::fastest(&speeds);
            (tilings.winograds(Work::Convolution), tilings.of(Work::Convolution, [64, 576, 1024]))
        };
        let (workgroup, winograd) = (Tiling::Workgroup, Tiling::WinogradWorkgroup);
        assert_eq!(of(&[(winograd, 3.0), (workgroup, 0.5)]), (Some(workgroup), Tiling::Registers64));
        assert_eq!(of(&[(winograd, 3.0), (workgroup, 1.5)]), (Some(workgroup), workgroup));
        assert_eq!(of(&[(Tiling::Winograd, 1.8), (workgroup, 1.7)]), (Some(Tiling::Registers64), workgroup));
        assert_eq!(of(&[(Tiling::Winograd, 1.7), (workgroup, 1.8)]), (None, workgroup));
    }
}
