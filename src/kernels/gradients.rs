//! How gradients pass through the operations on the CPU backend.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex, TensorMetadata};
use burn::tensor::TensorData;
use mien_cpu::{AdamW, BatchNorm, Then};

use super::operations::{
    Kernels, Primitive, Window, convolution, direct, largest_of_2x2, normalisation, tensor, values,
};

impl<C: CheckpointStrategy> Kernels for Autodiff<Flex, C> {
    fn convolution_3x3(input: FloatTensor<Self>, weight: FloatTensor<Self>, dilation: usize) -> FloatTensor<Self> {
        let prepared = ConvolutionBackward.prepare::<C>([input.node(), weight.node()]).compute_bound().stateful();
        let [input, weight] = [input.into_primitive(), weight.into_primitive()];
        let output = Flex::convolution_3x3(input.clone(), weight.clone(), dilation);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((input, weight, dilation), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn convolution_3x3_with(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        dilation: usize,
        relu: bool,
    ) -> FloatTensor<Self> {
        let [input, weight, bias] = [input, weight, bias].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(Flex::convolution_3x3_with(input, weight, bias, dilation, relu))
    }

    fn batch_norm_train(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [input.node(), gamma.node(), beta.node()];
        let prepared = BatchNormBackward.prepare::<C>(nodes).compute_bound().stateful();
        let [input, gamma, beta] = [input, gamma, beta].map(FloatTensor::<Self>::into_primitive);
        let (output, mean, variance) =
            Flex::batch_norm_train(input.clone(), gamma.clone(), beta.clone(), epsilon, relu);
        let output = match prepared {
            OpsKind::Tracked(prepared) => {
                let norm = normalisation(&input, epsilon, relu);
                prepared.finish((norm, [input, gamma, beta, mean.clone(), variance.clone()]), output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        };
        (output, FloatTensor::<Self>::new(mean), FloatTensor::<Self>::new(variance))
    }

    fn silu_on_cpu(input: FloatTensor<Self>) -> FloatTensor<Self> {
        let prepared = SiluBackward.prepare::<C>([input.node()]).compute_bound().stateful();
        let input = input.into_primitive();
        let output = Flex::silu_on_cpu(input.clone());
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish(input, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn adamw(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        step: AdamW,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let tensors = [weights, gradient, moment_1, moment_2].map(FloatTensor::<Self>::into_primitive);
        let [weights, gradient, moment_1, moment_2] = tensors;
        let moved = Flex::adamw(weights, gradient, moment_1, moment_2, step);
        let [weights, moment_1, moment_2] = [moved.0, moved.1, moved.2].map(FloatTensor::<Self>::new);
        (weights, moment_1, moment_2)
    }

    fn max_pool_2x2(input: FloatTensor<Self>) -> FloatTensor<Self> {
        let prepared = MaxPoolBackward.prepare::<C>([input.node()]).compute_bound().stateful();
        let input = input.into_primitive();
        let shape: [usize; 4] = input.shape().dims();
        let (output, places) = largest_of_2x2(input);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((places, shape), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn convolution_direct(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        let prepared = DirectBackward.prepare::<C>(nodes).compute_bound().stateful();
        let [input, weight, bias] = [input, weight, bias].map(FloatTensor::<Self>::into_primitive);
        debug_assert_ne!(window.then, Then::Silu);
        let output = Flex::convolution_direct(input.clone(), weight.clone(), bias, window);
        match prepared {
            OpsKind::Tracked(prepared) => {
                let cut = (window.then == Then::Relu).then(|| output.clone());
                prepared.finish((input, weight, window, cut), output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn separable_block(
        input: FloatTensor<Self>,
        depthwise: FloatTensor<Self>,
        depthwise_bias: FloatTensor<Self>,
        pointwise: FloatTensor<Self>,
        pointwise_bias: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        let tensors = [input, depthwise, depthwise_bias, pointwise, pointwise_bias];
        let [input, depthwise, depthwise_bias, pointwise, pointwise_bias] =
            tensors.map(FloatTensor::<Self>::into_primitive);
        let output = Flex::separable_block(input, depthwise, depthwise_bias, pointwise, pointwise_bias, window);
        FloatTensor::<Self>::new(output)
    }
}

#[derive(Debug)]
struct ConvolutionBackward;

impl Backward<Flex, 2> for ConvolutionBackward {
    type State = (Primitive, Primitive, usize);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (input, weight, dilation) = ops.state;
        let shape = convolution(&input, &weight, dilation);
        let output = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let [node_input, node_weight] = ops.parents;
        if let Some(node) = node_input {
            let gradient = shape.input_gradient(values(&output), values(&weight.to_contiguous()));
            let gradient = tensor(gradient, [shape.batch, shape.channels_in, shape.height, shape.width]);
            gradients.register::<Flex>(node.id, gradient);
        }
        if let Some(node) = node_weight {
            let gradient = shape.kernel_gradient(values(&input.to_contiguous()), values(&output));
            gradients.register::<Flex>(node.id, tensor(gradient, [shape.channels_out, shape.channels_in, 3, 3]));
        }
    }
}

#[derive(Debug)]
struct DirectBackward;

impl Backward<Flex, 3> for DirectBackward {
    /// Input, weight, and how it went over the input; and the output, where it was cut at zero.
    type State = (Primitive, Primitive, Window, Option<Primitive>);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (input, weight, window, cut) = ops.state;
        let shape = direct(&input, &weight, window);
        let mut output = gradients.consume::<Flex>(&ops.node).to_contiguous();
        if let Some(cut) = cut {
            let passed = values(&output).iter().zip(values(&cut)).map(|(to, was)| if *was > 0.0 { *to } else { 0.0 });
            output = tensor(passed.collect(), cut.shape().dims::<4>());
        }
        let [node_input, node_weight, node_bias] = ops.parents;
        if let Some(node) = node_input {
            let gradient = shape.input_gradient(values(&output), values(&weight.to_contiguous()));
            gradients.register::<Flex>(node.id, tensor(gradient, input.shape().dims::<4>()));
        }
        if let Some(node) = node_bias {
            let gradient = shape.bias_gradient(values(&output));
            gradients.register::<Flex>(node.id, tensor(gradient, [shape.groups * shape.channels.1]));
        }
        if let Some(node) = node_weight {
            let gradient = shape.weight_gradient(values(&input.to_contiguous()), values(&output));
            gradients.register::<Flex>(node.id, tensor(gradient, weight.shape().dims::<4>()));
        }
    }
}

#[derive(Debug)]
struct MaxPoolBackward;

impl Backward<Flex, 1> for MaxPoolBackward {
    /// Which of its four places each value is from; and the shape of the input.
    type State = (Vec<u8>, [usize; 4]);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let output = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let [node] = ops.parents;
        if let Some(node) = node {
            let (places, shape) = ops.state;
            let gradient = mien_cpu::max_pool_gradient(values(&output), &places, shape[2], shape[3]);
            gradients.register::<Flex>(node.id, tensor(gradient, shape));
        }
    }
}

#[derive(Debug)]
struct SiluBackward;

impl Backward<Flex, 1> for SiluBackward {
    type State = Primitive;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let output = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let [node] = ops.parents;
        if let Some(node) = node {
            let input = ops.state.to_contiguous();
            let gradient = mien_cpu::silu_gradient(values(&input), values(&output));
            gradients.register::<Flex>(node.id, Primitive::from_data(TensorData::new(gradient, input.shape())));
        }
    }
}

#[derive(Debug)]
struct BatchNormBackward;

impl Backward<Flex, 3> for BatchNormBackward {
    /// The normalisation; then its input, gamma, beta, and the batch's mean and variance.
    type State = (BatchNorm, [Primitive; 5]);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (norm, tensors) = ops.state;
        let shape: [usize; 4] = tensors[0].shape().dims();
        let output = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let tensors = tensors.map(|tensor| tensor.to_contiguous());
        let [input, gamma, beta, mean, variance] = tensors.each_ref().map(values);
        let found = norm.gradient(input, gamma, beta, mean, variance, values(&output));
        let [node_input, node_gamma, node_beta] = ops.parents;
        if let Some(node) = node_input {
            gradients.register::<Flex>(node.id, tensor(found.input, shape));
        }
        for (node, gradient) in [(node_gamma, found.gamma), (node_beta, found.beta)] {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, tensor(gradient, [norm.channels]));
            }
        }
    }
}
