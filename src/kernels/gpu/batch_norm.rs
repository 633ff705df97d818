//! Batch normalisation in training (Ioffe & Szegedy 2015) on a GPU, with what comes behind it. Burn's goes through the maps, which it
//! turns round for it, a dozen times; here they are read once for the moments and once for the output, and twice for the gradients.

mod over_channels;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::fusion::custom::TensorSpec;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;

use super::super::Then;
use super::lasting::changeable;
use over_channels::{input_gradient, moments, normalised, sums};

/// How maps are normalised by their batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ByBatch {
    /// Added to the variance.
    pub epsilon: f32,
    /// How far the running mean and variance move towards the batch's: 1 is all the way.
    pub momentum: f32,
    /// What comes behind.
    pub then: Then,
}

/// Maps `[batch, channels, height, width]`, normalised by their own mean and variance, and what comes behind them; and the `running` mean
/// and variance, `[channels]` each, moved towards those of the batch. No gradient passes through these two.
///
/// # Panics
/// If there is nothing to normalise, or one of the others is not `[channels]`: threads do not look whether they read beside a tensor.
pub fn batch_norm(
    input: Tensor<4>,
    affine: [Tensor<1>; 2],
    running: [Tensor<1>; 2],
    how: ByBatch,
) -> (Tensor<4>, [Tensor<1>; 2]) {
    let shape = input.dims();
    assert!(shape.iter().all(|length| *length > 0), "{shape:?}");
    assert!(affine.iter().chain(&running).all(|tensor| tensor.dims() == [shape[1]]), "of {} channels", shape[1]);
    let [gamma, beta] = affine.map(Tensor::into_dispatch);
    let [mean, variance] = running.map(Tensor::into_dispatch);
    let (output, mean, variance, _) =
        Dispatch::batch_norm_by_batch(input.into_dispatch(), gamma, beta, mean, variance, how);
    (Tensor::from_dispatch(output), [mean, variance].map(Tensor::from_dispatch))
}

/// Normalisation by a batch's own moments, and what gradients it passes.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuBatchNorm: Backend {
    /// Maps `[batch, channels, height, width]`, normalised, times `gamma` and plus `beta`, `[channels]` each, and what comes behind. Then
    /// the running `mean` and `variance`, `[channels]` each, moved towards the batch's; and by what they were normalised, `[5, channels]`: mean,
    /// one by the standard deviation, gamma, beta, variance. No gradient passes through those three.
    #[fusion(meta = |input, _, _, mean, variance, _| {
        let by = TensorSpec::new(Shape::from([5, input.shape[1]]), input.dtype);
        (input.clone(), mean.clone(), variance.clone(), by)
    })]
    fn batch_norm_by_batch(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        how: ByBatch,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// From the input, what it was normalised `by`, and the gradient to the output, to those to the input, `gamma` and `beta`. No gradient
    /// passes.
    #[fusion(meta = |input, _, _, _| {
        let channels = TensorSpec::new(Shape::from([input.shape[1]]), input.dtype);
        (input.clone(), channels.clone(), channels)
    })]
    fn batch_norm_gradients(
        input: FloatTensor<Self>,
        by: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        then: Then,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

impl GpuBatchNorm for CubeBackend {
    fn batch_norm_by_batch(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        how: ByBatch,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [input, gamma, beta] = [input, gamma, beta].map(into_contiguous);
        let [mean, variance] = [mean, variance].map(changeable);
        let by = moments(&input, [gamma, beta], how.epsilon);
        let output = normalised(&input, &by, [&mean, &variance], how);
        (output, mean, variance, by)
    }

    fn batch_norm_gradients(
        input: FloatTensor<Self>,
        by: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        then: Then,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [input, gradient] = [input, gradient].map(into_contiguous);
        let [to_beta, to_gamma] = sums(&input, &by, &gradient, then);
        (input_gradient(&input, &by, &gradient, [&to_beta, &to_gamma], then), to_gamma, to_beta)
    }
}

impl<B: GpuBatchNorm, C: CheckpointStrategy> GpuBatchNorm for Autodiff<B, C> {
    fn batch_norm_by_batch(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        how: ByBatch,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let prepared = Normalised.prepare::<C>([input.node(), gamma.node(), beta.node()]).compute_bound().stateful();
        let [input, gamma, beta, mean, variance] =
            [input, gamma, beta, mean, variance].map(FloatTensor::<Self>::into_primitive);
        let (output, mean, variance, by) = B::batch_norm_by_batch(input.clone(), gamma, beta, mean, variance, how);
        let output = match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((input, by.clone(), how.then), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        };
        let [mean, variance, by] = [mean, variance, by].map(FloatTensor::<Self>::new);
        (output, mean, variance, by)
    }

    fn batch_norm_gradients(
        input: FloatTensor<Self>,
        by: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        then: Then,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [input, by, gradient] = [input, by, gradient].map(FloatTensor::<Self>::into_primitive);
        let found = B::batch_norm_gradients(input, by, gradient, then);
        let [input, gamma, beta] = [found.0, found.1, found.2].map(FloatTensor::<Self>::new);
        (input, gamma, beta)
    }
}

#[derive(Debug)]
struct Normalised;

impl<B: GpuBatchNorm> Backward<B, 3> for Normalised {
    /// The input, by what it was normalised, and what came behind.
    type State = (FloatTensor<B>, FloatTensor<B>, Then);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (input, by, then) = ops.state;
        let found = B::batch_norm_gradients(input, by, gradients.consume::<B>(&ops.node), then);
        for (node, found) in ops.parents.into_iter().zip([found.0, found.1, found.2]) {
            if let Some(node) = node {
                gradients.register::<B>(node.id, found);
            }
        }
    }
}
