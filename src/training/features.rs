//! The features of every image, computed once: what a training of the head alone looks at.

use crate::imaging::Images;

/// The backbone's last stage, averaged over all places, of the images of one split: 8 KB an image for ResNet50.
#[derive(Clone, Debug, Default)]
pub struct Features {
    channels: usize,
    /// Those of sample `i` begin at `i * channels`; zero until they are computed.
    values: Vec<f32>,
}

impl Features {
    /// Room for the features of so many samples.
    pub fn new(samples: usize, channels: usize) -> Self {
        Features { channels, values: vec![0.0; samples * channels] }
    }

    /// Notes those of some samples, one after another.
    pub fn note(&mut self, samples: &[usize], computed: &[f32]) {
        for (&sample, features) in samples.iter().zip(computed.chunks_exact(self.channels)) {
            self.values[sample * self.channels..][..self.channels].copy_from_slice(features);
        }
    }

    /// The values, for another training to begin with.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Takes over values of the same samples and channels.
    pub fn take_over(&mut self, values: &[f32]) {
        self.values.copy_from_slice(values);
    }

    /// Those of some samples, `[batch, channels, 1, 1]`.
    pub fn of(&self, samples: &[usize]) -> Images {
        let of = |sample: &usize| &self.values[sample * self.channels..][..self.channels];
        let numbers = samples.iter().flat_map(of).copied().collect();
        Images { shape: [samples.len(), self.channels, 1, 1], numbers }
    }
}
