//! What lasts from step to step: weights, moments, averages. In a step that is recorded they are changed where they lie, since it reads and
//! writes the same memory each time that it is replayed. In another one, others may look at what they were: a copy is changed.

mod moves;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::module::{ModuleMapper, Param};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::launch::empty;

/// What of a step of AdamW (Loshchilov & Hutter 2019) is the same in every one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamwConstants {
    /// How much of the moments stays.
    pub betas: [f32; 2],
    /// Added to the root of the second moment.
    pub epsilon: f32,
}

/// Numbers that a step of a parameter goes by, four behind one another: AdamW's are the rate, the share of a weight that its decay leaves,
/// and `1 - beta^steps` of each moment, which is too small by that; those of gradient descent the rate, the decay, and the share of the velocity
/// that stays.
#[derive(Clone, Debug)]
pub struct By {
    /// Those of several parameters.
    pub numbers: Tensor<1>,
    /// Which four.
    pub at: usize,
}

/// Weights after a step of AdamW, and their two moments. No gradient passes.
///
/// # Panics
/// If they are not all of one length, or the numbers are not there: threads look at one alone.
pub fn adamw(
    weights: Tensor<1>,
    gradient: Tensor<1>,
    moments: [Tensor<1>; 2],
    by: &By,
    how: AdamwConstants,
) -> [Tensor<1>; 3] {
    by.check();
    moments.iter().for_each(|moment| check(&weights, moment));
    check(&weights, &gradient);
    let [moment_1, moment_2] = moments.map(Tensor::into_dispatch);
    let (weights, gradient) = (weights.into_dispatch(), gradient.into_dispatch());
    let numbers = by.numbers.clone().into_dispatch();
    let moved = Dispatch::move_by_adamw(weights, gradient, moment_1, moment_2, numbers, by.at, how);
    [moved.0, moved.1, moved.2].map(Tensor::from_dispatch)
}

fn check(tensor: &Tensor<1>, other: &Tensor<1>) {
    assert_eq!(tensor.dims(), other.dims(), "of one length");
}

impl By {
    fn check(&self) {
        assert!(4 * self.at + 4 <= self.numbers.dims()[0], "four numbers at {} of {:?}", self.at, self.numbers.dims());
    }
}

/// Weights after a step of gradient descent, and their velocity, where they have one. No gradient passes.
///
/// # Panics
/// As [`adamw`].
pub fn descent(
    weights: Tensor<1>,
    gradient: Tensor<1>,
    velocity: Option<Tensor<1>>,
    by: &By,
) -> (Tensor<1>, Option<Tensor<1>>) {
    by.check();
    velocity.iter().for_each(|velocity| check(&weights, velocity));
    check(&weights, &gradient);
    let numbers = by.numbers.clone().into_dispatch();
    let (weights, gradient) = (weights.into_dispatch(), gradient.into_dispatch());
    let Some(velocity) = velocity else {
        let weights = Dispatch::move_by_gradient(weights, gradient, numbers, by.at);
        return (Tensor::from_dispatch(weights), None);
    };
    let moved = Dispatch::move_by_velocity(weights, gradient, velocity.into_dispatch(), numbers, by.at);
    (Tensor::from_dispatch(moved.0), Some(Tensor::from_dispatch(moved.1)))
}

/// `average = d average + (1 - d) current`, where `d` is the first of the numbers.
///
/// # Panics
/// As [`adamw`].
pub fn averaged(average: Tensor<1>, current: Tensor<1>, numbers: Tensor<1>) -> Tensor<1> {
    check(&average, &current);
    let (average, current) = (average.into_dispatch(), current.into_dispatch());
    Tensor::from_dispatch(Dispatch::move_average(average, current, numbers.into_dispatch()))
}

/// The sum of the squares of all numbers, `[1]`. No gradient passes. It is the same each time: Burn's adds what threads have summed in the
/// order in which they are ready, where a device can.
pub fn sum_of_squares(tensor: Tensor<1>) -> Tensor<1> {
    let shares = Tensor::<1>::from_dispatch(Dispatch::sums_of_squares(tensor.into_dispatch()));
    shares.sum_dim(0)
}

/// The same numbers in the memory of `into`, a contiguous tensor.
///
/// # Panics
/// If they are not as many.
pub fn put(into: Tensor<1>, from: Tensor<1>) -> Tensor<1> {
    check(&into, &from);
    Tensor::from_dispatch(Dispatch::put(into.into_dispatch(), from.into_dispatch()))
}

/// The same numbers in memory of their own.
pub fn copied(tensor: Tensor<1>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::copied(tensor.into_dispatch()))
}

/// The same tensor. What a recording would have written is told to be unknown where the recording failed; its numbers are what they were.
pub fn known<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::known(tensor.into_dispatch()))
}

/// Parameters and running statistics that are [`known`] again.
pub struct Known;

impl ModuleMapper for Known {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|value| match value.device().is_autodiff() {
            true if value.is_require_grad() => Tensor::from_inner(known(value.inner())).require_grad(),
            true => Tensor::from_inner(known(value.inner())),
            false => known(value),
        })
    }
}

/// What lasts, moved.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuLasting: Backend {
    /// [`adamw`].
    #[fusion(meta = |weights, _, moment_1, moment_2, _, _, _| (weights.clone(), moment_1.clone(), moment_2.clone()))]
    fn move_by_adamw(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
        how: AdamwConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// [`descent`] with a velocity.
    #[fusion(meta = |weights, _, velocity, _, _| (weights.clone(), velocity.clone()))]
    fn move_by_velocity(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// [`descent`] without one.
    #[fusion(dtype = weights, shape = weights)]
    fn move_by_gradient(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
    ) -> FloatTensor<Self>;

    /// [`averaged`].
    #[fusion(dtype = average, shape = average)]
    fn move_average(
        average: FloatTensor<Self>,
        current: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// [`sum_of_squares`], a share for each of so many workgroups.
    #[fusion(dtype = tensor, shape = Shape::from([moves::SHARES]))]
    fn sums_of_squares(tensor: FloatTensor<Self>) -> FloatTensor<Self>;

    /// [`put`](fn@put).
    #[fusion(dtype = into, shape = into)]
    fn put(into: FloatTensor<Self>, from: FloatTensor<Self>) -> FloatTensor<Self>;

    /// [`copied`](fn@copied).
    #[fusion(dtype = tensor, shape = tensor)]
    fn copied(tensor: FloatTensor<Self>) -> FloatTensor<Self>;

    /// [`known`](fn@known).
    #[fusion(dtype = tensor, shape = tensor)]
    fn known(tensor: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// A tensor that may be changed: in what is recorded, or will be when it is done next, itself; else a copy.
pub fn changeable(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    if tensor.client.is_capturing() { tensor } else { copy(&tensor) }
}

fn copy(tensor: &CubeTensor) -> CubeTensor {
    let copy = empty(tensor, [tensor.meta.num_elements()]);
    moves::copied(tensor, &copy);
    copy
}

impl GpuLasting for CubeBackend {
    fn move_by_adamw(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
        how: AdamwConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [gradient, numbers] = [gradient, numbers].map(into_contiguous);
        let [weights, moment_1, moment_2] = [weights, moment_1, moment_2].map(changeable);
        moves::adamw([&weights, &moment_1, &moment_2], gradient, numbers, at, how);
        (weights, moment_1, moment_2)
    }

    fn move_by_velocity(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [gradient, numbers] = [gradient, numbers].map(into_contiguous);
        let [weights, velocity] = [weights, velocity].map(changeable);
        moves::descent(&weights, gradient, Some(&velocity), numbers, at);
        (weights, velocity)
    }

    fn move_by_gradient(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
    ) -> FloatTensor<Self> {
        let [gradient, numbers] = [gradient, numbers].map(into_contiguous);
        let weights = changeable(weights);
        moves::descent(&weights, gradient, None, numbers, at);
        weights
    }

    fn move_average(
        average: FloatTensor<Self>,
        current: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [current, numbers] = [current, numbers].map(into_contiguous);
        let average = changeable(average);
        moves::averaged(&average, current, numbers);
        average
    }

    fn sums_of_squares(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        let sums = empty(&tensor, [moves::SHARES]);
        moves::squared(into_contiguous(tensor), &sums);
        sums
    }

    fn put(into: FloatTensor<Self>, from: FloatTensor<Self>) -> FloatTensor<Self> {
        moves::copied(&into_contiguous(from), &into);
        into
    }

    fn copied(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        copy(&into_contiguous(tensor))
    }

    fn known(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        moves::known(&tensor);
        tensor
    }
}

impl<B: GpuLasting, C: CheckpointStrategy> GpuLasting for Autodiff<B, C> {
    fn move_by_adamw(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
        how: AdamwConstants,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [weights, gradient, moment_1, moment_2, numbers] =
            [weights, gradient, moment_1, moment_2, numbers].map(FloatTensor::<Self>::into_primitive);
        let moved = B::move_by_adamw(weights, gradient, moment_1, moment_2, numbers, at, how);
        let [weights, moment_1, moment_2] = [moved.0, moved.1, moved.2].map(FloatTensor::<Self>::new);
        (weights, moment_1, moment_2)
    }

    fn move_by_velocity(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [weights, gradient, velocity, numbers] =
            [weights, gradient, velocity, numbers].map(FloatTensor::<Self>::into_primitive);
        let (weights, velocity) = B::move_by_velocity(weights, gradient, velocity, numbers, at);
        (FloatTensor::<Self>::new(weights), FloatTensor::<Self>::new(velocity))
    }

    fn move_by_gradient(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        at: usize,
    ) -> FloatTensor<Self> {
        let [weights, gradient, numbers] = [weights, gradient, numbers].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::move_by_gradient(weights, gradient, numbers, at))
    }

    fn move_average(
        average: FloatTensor<Self>,
        current: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [average, current, numbers] = [average, current, numbers].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::move_average(average, current, numbers))
    }

    fn sums_of_squares(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::sums_of_squares(tensor.into_primitive()))
    }

    fn put(into: FloatTensor<Self>, from: FloatTensor<Self>) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::put(into.into_primitive(), from.into_primitive()))
    }

    fn copied(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::copied(tensor.into_primitive()))
    }

    fn known(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::known(tensor.into_primitive()))
    }
}
