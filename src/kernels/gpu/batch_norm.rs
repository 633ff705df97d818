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
use over_channels::{input_gradient, moments, normalised, sums};

/// Maps `[batch, channels, height, width]`, normalised by their own mean and variance, and what comes behind them; and those two,
/// `[channels]` each, through which no gradient passes.
///
/// # Panics
/// If there is nothing to normalise, or `gamma` and `beta` are not `[channels]`: threads do not look whether they read beside a tensor.
pub fn batch_norm(
    input: Tensor<4>,
    [gamma, beta]: [Tensor<1>; 2],
    epsilon: f64,
    then: Then,
) -> (Tensor<4>, [Tensor<1>; 2]) {
    let shape = input.dims();
    assert!(shape.iter().all(|length| *length > 0), "{shape:?}");
    assert_eq!([gamma.dims(), beta.dims()], [[shape[1]]; 2]);
    let (input, gamma, beta) = (input.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch());
    let (output, mean, variance, _) = Dispatch::batch_norm_by_batch(input, gamma, beta, epsilon as f32, then);
    (Tensor::from_dispatch(output), [mean, variance].map(Tensor::from_dispatch))
}

/// Normalisation by a batch's own moments, and what gradients it passes.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuBatchNorm: Backend {
    /// Maps `[batch, channels, height, width]`, normalised, times `gamma` and plus `beta`, `[channels]` each, and what comes behind. Then
    /// their mean and variance, `[channels]` each; and by what they were normalised, `[4, channels]`: mean, one by the standard
    /// deviation, gamma, beta. No gradient passes through those three.
    #[fusion(meta = |input, _, _, _, _| {
        let [channels, four] = [vec![input.shape[1]], vec![4, input.shape[1]]].map(|shape| TensorSpec::new(Shape::from(shape), input.dtype));
        (input.clone(), channels.clone(), channels, four)
    })]
    fn batch_norm_by_batch(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
        then: Then,
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
        epsilon: f32,
        then: Then,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [input, gamma, beta] = [input, gamma, beta].map(into_contiguous);
        let ([mean, variance], by) = moments(&input, [gamma, beta], epsilon);
        (normalised(&input, &by, then), mean, variance, by)
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
        epsilon: f32,
        then: Then,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let prepared = Normalised.prepare::<C>([input.node(), gamma.node(), beta.node()]).compute_bound().stateful();
        let [input, gamma, beta] = [input, gamma, beta].map(FloatTensor::<Self>::into_primitive);
        let (output, mean, variance, by) = B::batch_norm_by_batch(input.clone(), gamma, beta, epsilon, then);
        let output = match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((input, by.clone(), then), output),
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
