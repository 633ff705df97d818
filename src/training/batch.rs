//! From samples to tensors.

use std::borrow::Cow;

use burn::tensor::{Device, Int, Tensor, TensorData};
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

/// Some samples as tensors. What is not labelled is 0 in both its tensor and its mask.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Normalised images `[batch, 3, size, size]`.
    pub images: Tensor<4>,
    /// Distributions over the classes `[batch, classes]`; `[batch, 1]` of zeros where there are no classes.
    pub expression: Tensor<2>,
    /// 1 where a sample has an expression label `[batch]`.
    pub expression_mask: Tensor<1>,
    /// The most likely class of each label `[batch]`; -1 where there is none.
    pub classes: Tensor<1, Int>,
    /// Valence and arousal `[batch, 2]`.
    pub affect: Tensor<2>,
    /// 1 where it is labelled `[batch, 2]`.
    pub affect_mask: Tensor<2>,
    /// How much of it is labelled.
    pub labelled: Labelled,
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

impl Batch {
    /// The samples at `indices`, varied where `varied` says how. Annotations must be over `classes` classes.
    ///
    /// # Errors
    /// Where an image cannot be read.
    pub fn new(
        source: &dyn SampleSource,
        indices: &[usize],
        preprocessing: &Preprocessing,
        varied: Option<(&Augmentation, &mut ChaCha8Rng)>,
        classes: usize,
        device: &Device,
    ) -> Result<Batch, StoreError> {
        let Images { shape, numbers } = normalised(source, indices, preprocessing, varied)?;
        let images = Tensor::from_data(TensorData::new(numbers, shape), device);
        let annotations: Vec<&Annotation> = indices.iter().map(|&i| source.annotation(i)).collect();
        Ok(Batch::labelled(images, &annotations, classes))
    }

    /// Images that are tensors already, and what is known of them.
    pub fn labelled(images: Tensor<4>, annotations: &[&Annotation], classes: usize) -> Batch {
        let device = images.device();
        let batch = annotations.len();
        let width = classes.max(1);
        let mut expression = vec![0.0f32; batch * width];
        let mut expression_mask = vec![0.0f32; batch];
        let mut affect = Vec::with_capacity(batch * 2);
        for (i, annotation) in annotations.iter().enumerate() {
            if let Some(distribution) = &annotation.expression {
                expression[i * width..][..distribution.len()].copy_from_slice(distribution);
                expression_mask[i] = 1.0;
            }
            affect.extend([annotation.valence, annotation.arousal]);
        }
        let class = |annotation: &&Annotation| annotation.class().map_or(-1, |class| class as i32);
        let values: Vec<f32> = affect.iter().map(|value| value.unwrap_or(0.0)).collect();
        let mask: Vec<f32> = affect.iter().map(|value| f32::from(u8::from(value.is_some()))).collect();
        Batch {
            expression: Tensor::from_data(TensorData::new(expression, [batch, width]), &device),
            expression_mask: Tensor::from_data(TensorData::new(expression_mask, [batch]), &device),
            classes: Tensor::from_data(
                TensorData::new(annotations.iter().map(class).collect::<Vec<_>>(), [batch]),
                &device,
            ),
            affect: Tensor::from_data(TensorData::new(values, [batch, 2]), &device),
            affect_mask: Tensor::from_data(TensorData::new(mask, [batch, 2]), &device),
            labelled: Labelled::of(annotations.iter().copied()),
            images,
        }
    }
}

/// The images at `indices`, varied where `varied` says how, as `[batch, 3, size, size]`.
pub(super) fn normalised(
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
