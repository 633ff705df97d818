//! The reference network, with Mien's kernels: the yardstick of speed, not a model anybody would want.

use burn::Tensor;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, TensorData};
use mien::kernels::{Then, Window, batch_norm, convolution, max_pool};

/// Channels after each stage; an image has three.
pub const CHANNELS: [usize; 5] = [3, 32, 64, 128, 256];
/// Expressions told apart.
pub const EXPRESSIONS: usize = 8;

/// 3x3 convolution, batch normalisation, ReLU.
#[derive(Module, Debug)]
struct Block {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Block {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        batch_norm(&self.norm, convolution(input, self.conv.weight.val(), Window::around(3, 1, 1), 1), Then::Relu)
    }
}

/// Four stages of two blocks and a 2x2 max pooling, global average pooling, two heads.
#[derive(Module, Debug)]
pub struct Network {
    stages: Vec<[Block; 2]>,
    pool: MaxPool2d,
    expression: Linear,
    affect: Linear,
}

/// One batch and what it should be read as.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[batch, 3, height, width]`.
    pub images: Tensor<4>,
    /// A distribution over the expressions: `[batch, 8]`.
    pub expression: Tensor<2>,
    /// Valence and arousal in [-1, 1]: `[batch, 2]`.
    pub affect: Tensor<2>,
}

impl Network {
    /// The network with the given weights: those of the convolutions in order, `[out, in, 3, 3]` each, then those of the
    /// heads, `[256, 8]` and `[256, 2]`. Biases and shifts start at zero, scales at one. None if their number is wrong.
    pub fn new(weights: &[f32], device: &Device) -> Option<Self> {
        let mut weights = Weights { rest: weights, device };
        let stages = CHANNELS.windows(2).map(|pair| {
            let (input, output) = (pair[0], pair[1]);
            Some([weights.block(input, output)?, weights.block(output, output)?])
        });
        let stages = stages.collect::<Option<Vec<_>>>()?;
        let features = CHANNELS[CHANNELS.len() - 1];
        let expression = weights.linear(features, EXPRESSIONS)?;
        let affect = weights.linear(features, 2)?;
        let network = Self { stages, pool: MaxPool2dConfig::new([2, 2]).init(), expression, affect };
        weights.rest.is_empty().then_some(network)
    }

    /// Logits `[batch, 8]`, and valence and arousal `[batch, 2]`, of images `[batch, 3, height, width]`.
    fn forward(&self, images: Tensor<4>) -> (Tensor<2>, Tensor<2>) {
        let mut features = images;
        for [first, second] in &self.stages {
            features = max_pool(&self.pool, second.forward(first.forward(features)));
        }
        let pooled = features.flatten::<3>(2, 3).mean_dim(2).flatten::<2>(1, 2);
        (self.expression.forward(pooled.clone()), self.affect.forward(pooled).tanh())
    }
}

impl Learner for Network {
    fn loss(&self, batch: Batch) -> Tensor<1> {
        let (logits, affect) = self.forward(batch.images.clone());
        batch.loss(logits, affect)
    }
}

/// What can be trained.
pub trait Learner: Module {
    /// The loss on a batch: `[1]`.
    fn loss(&self, batch: Batch) -> Tensor<1>;
}

impl Batch {
    /// Soft-label cross-entropy, the mean over the batch, plus the mean squared error of valence and arousal: `[1]`.
    pub fn loss(self, logits: Tensor<2>, affect: Tensor<2>) -> Tensor<1> {
        let images = logits.dims()[0] as f64;
        let cross_entropy = (log_softmax(logits, 1) * self.expression).sum().div_scalar(-images);
        cross_entropy + MseLoss::new().forward(affect, self.affect, Reduction::Mean)
    }
}

/// Weights still to be handed out.
struct Weights<'a> {
    rest: &'a [f32],
    device: &'a Device,
}

impl Weights<'_> {
    fn take<const D: usize>(&mut self, shape: [usize; D]) -> Option<Param<Tensor<D>>> {
        let (values, rest) = self.rest.split_at_checked(shape.iter().product())?;
        self.rest = rest;
        Some(Param::from_data(TensorData::new(values.to_vec(), shape), self.device))
    }

    fn block(&mut self, input: usize, output: usize) -> Option<Block> {
        let config = Conv2dConfig::new([input, output], [3, 3]);
        let config = config.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).with_bias(false);
        let mut conv = config.init(self.device);
        conv.weight = self.take([output, input, 3, 3])?;
        Some(Block { conv, norm: BatchNormConfig::new(output).init(self.device) })
    }

    fn linear(&mut self, input: usize, output: usize) -> Option<Linear> {
        let mut linear = LinearConfig::new(input, output).init(self.device);
        linear.weight = self.take([input, output])?;
        linear.bias = Some(Param::from_tensor(Tensor::zeros([output], self.device)));
        Some(linear)
    }
}
