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
}

/// All of them: first what holds on any device, then what may be faster.
pub const TILINGS: [Tiling; 3] = [Tiling::Registers64, Tiling::Workgroup, Tiling::Registers32];

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
    /// Sums that a thread holds in registers.
    pub(super) fn held(self) -> u32 {
        match self {
            Tiling::Registers32 => 32,
            // Where a workgroup's tiles cannot be had.
            Tiling::Registers64 | Tiling::Workgroup => 64,
        }
    }
}

impl Work {
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
    of: [Tiling; WORKS.len()],
    /// Whether small maps are cut so as well.
    everywhere: bool,
}

/// A tiling is taken where it is so many times as fast as the one that holds anywhere: less may be chance.
pub const FASTER: f64 = 1.1;

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
    pub const SAFE: Tilings = Tilings { of: [Tiling::Registers64; WORKS.len()], everywhere: false };

    /// One tiling for all there is.
    pub fn only(tiling: Tiling) -> Tilings {
        Tilings { of: [tiling; WORKS.len()], everywhere: true }
    }

    /// The same, but for this work.
    pub fn with(mut self, work: Work, tiling: Tiling) -> Tilings {
        self.of[work as usize] = tiling;
        self
    }

    /// The tiling of a dense product of `[rows, depth]` by `[depth, columns]`.
    pub(super) fn of(self, work: Work, rows: usize, depth: usize, columns: usize) -> Tiling {
        let [down, across] = [rows, columns].map(|length| length.div_ceil(TILE as usize));
        if down.max(across) > MOST {
            return Tiling::Registers64;
        }
        // A gradient's depth is cut in parts as well.
        let is_large = rows.min(columns) >= LARGE && depth >= 8 && (down * across >= MANY || work.is_gradient());
        if self.everywhere || is_large { self.of[work as usize] } else { Tiling::Registers64 }
    }
}

impl fmt::Display for Tilings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.of.map(|tiling| match tiling {
            Tiling::Registers64 => "64",
            Tiling::Registers32 => "32",
            Tiling::Workgroup => "workgroup",
        });
        write!(formatter, "tilings {}", names.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_products_and_those_of_too_many_workgroups_are_cut_as_on_any_device() {
        let tilings = Tilings::SAFE.with(Work::Convolution, Tiling::Workgroup);
        assert_eq!(tilings.of(Work::Convolution, 64, 576, 1024), Tiling::Workgroup);
        assert_eq!(tilings.of(Work::Pointwise, 64, 576, 1024), Tiling::Registers64);
        assert_eq!(tilings.of(Work::Convolution, 64, 576, 49), Tiling::Registers64);
        assert_eq!(tilings.of(Work::Convolution, 8, 576, 100_000), Tiling::Registers64);
        assert_eq!(tilings.of(Work::Convolution, 64, 576, 64 * 65535), Tiling::Workgroup);
        assert_eq!(tilings.of(Work::Convolution, 64, 576, 64 * 65535 + 1), Tiling::Registers64);
        assert_eq!(Tilings::only(Tiling::Workgroup).of(Work::Convolution, 64, 27, 64 * 65536), Tiling::Registers64);
    }
}
