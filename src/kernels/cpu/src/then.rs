//! What a convolution's sums are put through before they are written.

use crate::silu::Sigmoid;
use crate::vector::Vector;

/// A function of every value by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Then {
    /// It stays.
    #[default]
    Nothing,
    /// `max(x, 0)`.
    Relu,
    /// `x sigmoid(x)`.
    Silu,
}

impl Then {
    /// What becomes of values.
    #[inline(always)]
    pub(crate) fn of(self, sigmoid: &Sigmoid, value: Vector) -> Vector {
        match self {
            Then::Nothing => value,
            Then::Relu => relu(value),
            Then::Silu => sigmoid.silu(value),
        }
    }
}

/// Not `max`: what is not a number must stay so, or a training that has diverged looks sound.
#[inline(always)]
pub fn relu(value: Vector) -> Vector {
    value.simd_lt(Vector::ZERO).select(Vector::ZERO, value)
}
