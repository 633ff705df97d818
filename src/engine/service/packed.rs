//! One split of a dataset at a network's input size, in memory: what a training reads its batches from.

use super::pace::Pace;
use super::{OpenDataset, refused};
use crate::affect::{Annotation, LabelMap};
use crate::dataset::Split;
use crate::engine::protocol::Failure;
use crate::imaging::{Pixels, Preprocessing};
use crate::training::SampleSource;

/// More packed pixels than this do not fit beside a training in a wasm memory of 4 GiB.
const MOST_BYTES: usize = 1 << 30;

/// Images of one size, and what is known about each.
pub(super) struct PackedImages {
    images: Vec<Pixels>,
    annotations: Vec<Annotation>,
}

impl PackedImages {
    /// Crops and resizes every image of `split`, once.
    ///
    /// # Errors
    /// Where the images would not fit into memory, or one cannot be read back.
    pub(super) async fn pack(
        open: &OpenDataset,
        split: Split,
        preprocessing: &Preprocessing,
        pace: &mut Pace,
    ) -> Result<Self, Failure> {
        let indices = open.dataset.indices(split);
        let side = preprocessing.size as usize;
        if indices.len().saturating_mul(side * side * 3) > MOST_BYTES {
            return Err(refused(format!(
                "{} images of {side} x {side} pixels do not fit into memory: choose a smaller input size.",
                indices.len()
            )));
        }
        let mut images = Vec::with_capacity(indices.len());
        for &index in &indices {
            images.push(preprocessing.apply(&open.pixels.get(index)?));
            pace.breathe().await;
        }
        let annotations = indices.iter().map(|&index| open.dataset.samples[index].annotation.clone()).collect();
        Ok(PackedImages { images, annotations })
    }
}

impl SampleSource for PackedImages {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn image(&self, index: usize) -> &Pixels {
        &self.images[index]
    }

    fn annotation(&self, index: usize) -> &Annotation {
        &self.annotations[index]
    }
}

/// An annotation over the model's classes. A label with no place there counts as missing.
pub(super) fn mapped(annotation: &Annotation, map: &LabelMap, classes: usize) -> Annotation {
    let expression = annotation.expression.as_ref().and_then(|distribution| map.apply(distribution, classes));
    Annotation { expression, ..annotation.clone() }
}
