//! From samples to batches.

use std::borrow::Cow;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::affect::Annotation;
use crate::dataset::StoreError;
use crate::imaging::{Augmentation, Images, Pixels, Preprocessing, augment};

/// The samples of one split, their images cropped and resized to the network's input.
pub trait SampleSource {
    /// How many samples there are.
    fn len(&self) -> usize;

    /// The image of a sample, gray or RGB, `size x size`: held in memory, or read for the occasion.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn image(&self, index: usize) -> Result<Cow<'_, Pixels>, StoreError>;

    /// Width and height of a sample's image, pixels; known without reading it.
    fn extent(&self, index: usize) -> (usize, usize);

    /// What is known of a sample.
    fn annotation(&self, index: usize) -> &Annotation;

    /// Whether there is no sample.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How many samples of a batch have which label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// An expression.
    pub expression: usize,
    /// Valence, and arousal.
    pub affect: [usize; 2],
}

impl Labelled {
    /// Of these samples.
    pub fn of<'a>(annotations: impl IntoIterator<Item = &'a Annotation>) -> Labelled {
        let mut labelled = Labelled::default();
        for annotation in annotations {
            labelled.expression += usize::from(annotation.expression.is_some());
            labelled.affect[0] += usize::from(annotation.valence.is_some());
            labelled.affect[1] += usize::from(annotation.arousal.is_some());
        }
        labelled
    }
}

/// The images at `indices`, varied where `varied` says how, as `[batch, 3, size, size]`.
///
/// # Errors
/// Where an image cannot be read.
pub fn normalised(
    source: &dyn SampleSource,
    indices: &[usize],
    preprocessing: &Preprocessing,
    mut varied: Option<(&Augmentation, &mut ChaCha8Rng)>,
) -> Result<Images, StoreError> {
    let image = |&index: &usize| {
        let image = source.image(index)?;
        Ok(match &mut varied {
            Some((augmentation, rng)) => Cow::Owned(augment(&image, augmentation, *rng)),
            None => image,
        })
    };
    preprocessing.normalised(indices.iter().map(image))
}

/// An epoch's batches, in a random order. The last is smaller where the batch size does not divide the number of samples;
/// a single sample left over joins the batch before it, since one sample has no batch statistics.
pub fn shuffled_batches(samples: &[usize], batch_size: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    let mut order = samples.to_vec();
    order.shuffle(rng);
    let mut batches: Vec<Vec<usize>> = order.chunks(batch_size).map(<[usize]>::to_vec).collect();
    if let [.., before, last] = batches.as_mut_slice()
        && last.len() == 1
    {
        before.append(last);
        batches.pop();
    }
    batches
}

/// How many batches [`shuffled_batches`] makes.
pub fn batches_per_epoch(samples: usize, batch_size: usize) -> usize {
    let batches = samples.div_ceil(batch_size);
    if batches > 1 && samples % batch_size == 1 { batches - 1 } else { batches }
}
