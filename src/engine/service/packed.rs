//! One split of a dataset at a network's input size: what a training reads its batches from. A small one waits in
//! memory, a large one in the storage.

use std::borrow::Cow;

use super::pace::Pace;
use super::{OpenDataset, Service, refused};
use crate::affect::{Annotation, LabelMap, LabelSet};
use crate::dataset::{PixelStore, Split, StoreError};
use crate::engine::protocol::Failure;
use crate::engine::storage::PixelFile;
use crate::imaging::{Pixels, Preprocessing};
use crate::training::SampleSource;

/// Up to so many bytes of pixels are not worth a file.
const FEW_BYTES: usize = 128 << 20;

/// More packed pixels than this do not fit beside a training in a wasm memory of 4 GiB.
const MOST_BYTES: usize = 1 << 30;

/// Images of one size, and what is known about each.
pub(super) struct PackedImages {
    images: PixelFile,
    side: usize,
    annotations: Vec<Annotation>,
}

impl Service {
    /// Crops and resizes every image of `split`, once.
    ///
    /// # Errors
    /// Where the images would fit neither into the storage nor into memory, or one cannot be read back.
    pub(super) async fn pack(
        &self,
        open: &OpenDataset,
        split: Split,
        preprocessing: &Preprocessing,
        pace: &mut Pace,
    ) -> Result<PackedImages, Failure> {
        let indices = open.dataset.indices(split);
        let side = preprocessing.size as usize;
        let bytes = indices.len().saturating_mul(side * side * 3);
        let mut images = PixelFile::default();
        if bytes > FEW_BYTES {
            images = self.storage.scratch_pixels(indices.len()).await;
        }
        for &index in &indices {
            images.push(&preprocessing.apply(&open.pixels().get(index)?))?;
            if bytes > MOST_BYTES && !images.is_filed() {
                return Err(refused(format!(
                    "{} images of {side} x {side} pixels fit neither into memory nor into the browser's storage: choose a \
                     smaller input size, or make room.",
                    indices.len()
                )));
            }
            pace.breathe().await;
        }
        let annotations = indices.iter().map(|&index| open.dataset.samples[index].annotation.clone()).collect();
        Ok(PackedImages { images, side, annotations })
    }
}

impl PackedImages {
    /// The same, with valence and arousal derived from the expression where they are missing.
    pub(super) fn with_derived_affect(mut self, label_set: &LabelSet) -> Self {
        let annotations = self.annotations.into_iter();
        self.annotations = annotations.map(|annotation| annotation.with_derived_affect(label_set)).collect();
        self
    }
}

impl SampleSource for PackedImages {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn image(&self, index: usize) -> Result<Cow<'_, Pixels>, StoreError> {
        self.images.get(index).map(Cow::Owned)
    }

    fn extent(&self, _: usize) -> (usize, usize) {
        (self.side, self.side)
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
