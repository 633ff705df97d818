//! The neck and the two heads that every model has.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Activation, Compute, Dense, Layers};

/// What a head looks like.
#[derive(Clone, Copy, Debug)]
pub struct HeadConfig {
    /// Channels of the backbone's last stage.
    pub channels: usize,
    /// Width of the hidden layer; `None` for no such layer.
    pub hidden: Option<usize>,
    /// Classes; 0 for a model of valence and arousal only.
    pub classes: usize,
}

/// Global average pooling, dropout, perhaps a hidden layer; then expression logits beside (valence, arousal).
#[derive(Module, Debug)]
pub struct Head {
    /// The hidden layer.
    pub hidden: Option<Dense>,
    /// To the logits; `None` where there are no classes.
    pub expression: Option<Dense>,
    /// To (valence, arousal), before tanh.
    pub affect: Dense,
    pooled: usize,
}

/// What a model says about a batch.
#[derive(Clone, Debug)]
pub struct Output {
    /// Expression logits `[batch, classes]`; `None` where the model has no classes.
    pub logits: Option<Tensor<2>>,
    /// Valence and arousal `[batch, 2]`, each in -1..1.
    pub affect: Tensor<2>,
}

impl HeadConfig {
    /// A head of zero weights.
    pub fn init(&self, device: &Device) -> Head {
        let features = self.hidden.unwrap_or(self.channels);
        Head {
            hidden: self.hidden.map(|width| Dense::new(self.channels, width, device)),
            expression: (self.classes > 0).then(|| Dense::new(features, self.classes, device)),
            affect: Dense::new(features, 2, device),
            pooled: self.channels,
        }
    }
}

impl Head {
    /// Width of the pooled features: what a dropout mask is as wide as.
    pub fn pooled(&self) -> usize {
        self.pooled
    }

    /// Feature maps `[batch, channels, height, width]` to the two outputs.
    ///
    /// `dropout` is `[batch, channels]`: 0 where a feature is hidden, `1 / (1 - p)` elsewhere (Srivastava et al. 2014).
    /// It is drawn by the caller, not by the device, so that every device trains alike.
    pub fn forward(&self, features: Tensor<4>, dropout: Option<Tensor<2>>) -> Output {
        let pooled = Compute.mean_of_places(features);
        let pooled = match dropout {
            Some(mask) => pooled * mask,
            None => pooled,
        };
        let (logits, affect) = self.through(&mut Compute, pooled);
        Output { logits, affect }
    }

    /// The logits, and valence and arousal, of pooled features.
    pub fn through<L: Layers>(&self, layers: &mut L, pooled: L::Features) -> (Option<L::Features>, L::Features) {
        let x = match &self.hidden {
            Some(hidden) => layers.dense(hidden, Activation::Relu, pooled),
            None => pooled,
        };
        let logits =
            self.expression.as_ref().map(|expression| layers.dense(expression, Activation::Identity, x.clone()));
        (logits, layers.dense(&self.affect, Activation::Tanh, x))
    }
}
