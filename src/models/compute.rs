//! Networks computed: for training, and for use alone.

use std::collections::HashMap;

use burn::module::ParamId;
use burn::nn::BatchNorm;
use burn::nn::pool::MaxPool2d;
use burn::tensor::{Tensor, activation};

use super::dense::as_maps;
use super::kept::Kept;
use super::{Activation, Convolution, Dense, Layers};
#[cfg(feature = "gpu")]
use crate::kernels::on_cpu;
use crate::kernels::{batch_norm, max_pool, silu};

/// Computes a network as it stands: in training, gradients can be taken, and normalisations go by the batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compute;

/// Computes a network for use: every normalisation is folded into the convolution before it, when it is first met.
///
/// It is of one model, and stays right as long as that model's weights stay.
#[derive(Debug, Default)]
pub struct Folded {
    /// Every layer that was met, by its weight's id.
    kept: HashMap<ParamId, Kept>,
    /// The weights of places `[batch, 1, height, width]` that were met, where they are watched.
    seen: Option<Vec<Tensor<4>>>,
}

impl Folded {
    /// Remembers what places are weighed with.
    pub(super) fn watching() -> Self {
        Folded { seen: Some(Vec::new()), ..Folded::default() }
    }

    fn kept(&mut self, layer: &Convolution, norm: Option<&BatchNorm>) -> &Kept {
        self.kept.entry(layer.weight.id).or_insert_with(|| Kept::in_use(layer, norm))
    }

    /// Forgets what was seen.
    pub(super) fn forget(&mut self) {
        self.seen.iter_mut().for_each(Vec::clear);
    }

    /// What places were weighed with since then, in the order they were met.
    pub(super) fn seen(&mut self) -> Vec<Tensor<4>> {
        self.seen.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

/// What both compute alike.
macro_rules! computed {
    () => {
        type Maps = Tensor<4>;
        type Features = Tensor<2>;

        fn activation(&mut self, activation: Activation, x: Tensor<4>) -> Tensor<4> {
            activate(activation, x)
        }

        fn activation_of_features(&mut self, activation: Activation, x: Tensor<2>) -> Tensor<2> {
            activate(activation, x)
        }

        fn max_pool(&mut self, pool: &MaxPool2d, x: Tensor<4>) -> Tensor<4> {
            max_pool(pool, x)
        }

        fn mean_of_places(&mut self, x: Tensor<4>) -> Tensor<2> {
            let [batch, channels, height, width] = x.dims();
            x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels])
        }

        fn largest_of_places(&mut self, x: Tensor<4>) -> Tensor<2> {
            let [batch, channels, height, width] = x.dims();
            x.reshape([batch, channels, height * width]).max_dim(2).reshape([batch, channels])
        }

        fn mean_of_channels(&mut self, x: Tensor<4>) -> Tensor<4> {
            x.mean_dim(1)
        }

        fn largest_of_channels(&mut self, x: Tensor<4>) -> Tensor<4> {
            x.max_dim(1)
        }

        fn as_maps(&mut self, x: Tensor<2>) -> Tensor<4> {
            as_maps(x)
        }

        fn concatenate(&mut self, maps: Vec<Tensor<4>>) -> Tensor<4> {
            Tensor::cat(maps, 1)
        }

        fn add(&mut self, a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
            a + b
        }

        fn add_features(&mut self, a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
            a + b
        }
    };
}

impl Layers for Compute {
    computed!();

    fn dense(&mut self, layer: &Dense, then: Activation, x: Tensor<2>) -> Tensor<2> {
        activate(then, layer.forward(x))
    }

    fn convolution(&mut self, layer: &Convolution, then: Activation, x: Tensor<4>) -> Tensor<4> {
        layer.forward_then(then, x)
    }

    fn weigh(&mut self, x: Tensor<4>, weights: Tensor<4>) -> Tensor<4> {
        x * weights
    }

    fn normalised(&mut self, layer: &Convolution, norm: &BatchNorm, then: Activation, x: Tensor<4>) -> Tensor<4> {
        if x.device().is_autodiff() && norm.training.is_enabled() {
            let at_once = then.at_once();
            let x = batch_norm(norm, layer.forward(x), at_once.unwrap_or_default());
            return if at_once.is_some() { x } else { activate(then, x) };
        }
        // It goes by statistics that stay: the maps are gone through once less each way.
        Kept::folded(layer, Some(norm)).forward(layer, then, x)
    }
}

impl Layers for Folded {
    computed!();

    fn dense(&mut self, layer: &Dense, then: Activation, x: Tensor<2>) -> Tensor<2> {
        #[cfg(feature = "gpu")]
        if !(x.device().is_autodiff() || on_cpu(&x.device())) {
            let kept = self.kept.entry(layer.weight.id).or_insert_with(|| Kept::dense_on_gpu(layer));
            return kept.features(then, x);
        }
        activate(then, layer.forward(x))
    }

    fn convolution(&mut self, layer: &Convolution, then: Activation, x: Tensor<4>) -> Tensor<4> {
        self.kept(layer, None).forward(layer, then, x)
    }

    fn weigh(&mut self, x: Tensor<4>, weights: Tensor<4>) -> Tensor<4> {
        let of_places = weights.dims()[1] == 1;
        if let Some(seen) = self.seen.as_mut().filter(|_| of_places) {
            seen.push(weights.clone());
        }
        x * weights
    }

    fn normalised(&mut self, layer: &Convolution, norm: &BatchNorm, then: Activation, x: Tensor<4>) -> Tensor<4> {
        self.kept(layer, Some(norm)).forward(layer, then, x)
    }
}

/// An activation of every value.
pub(super) fn activate<const D: usize>(activation: Activation, x: Tensor<D>) -> Tensor<D> {
    match activation {
        Activation::Identity => x,
        Activation::Relu => activation::relu(x),
        Activation::Silu => silu(x),
        Activation::Sigmoid => activation::sigmoid(x),
        Activation::Tanh => x.tanh(),
    }
}
