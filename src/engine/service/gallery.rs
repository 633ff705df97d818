//! Pictures for the page: the gallery, and the augmentation preview.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Answer, OpenDataset, Service, catalogued, refused};
use crate::dataset::{PixelStore, Sample, Split};
use crate::engine::protocol::{Failure, Outcome, SampleFilter, SampleView, THUMBNAIL};
use crate::imaging::{Pixels, augment, thumbnail_into};
use crate::training::TrainingPlan;

/// More pictures than this are not sent in one message.
pub(super) const MOST_PICTURES: usize = 1000;

/// RGBA thumbnails, one after the other.
pub(super) struct Thumbnails(Vec<u8>);

impl Thumbnails {
    pub(super) fn with_capacity(pictures: usize) -> Self {
        Thumbnails(Vec::with_capacity(pictures * THUMBNAIL * THUMBNAIL * 4))
    }

    pub(super) fn push(&mut self, pixels: &Pixels) {
        let start = self.0.len();
        self.0.resize(start + THUMBNAIL * THUMBNAIL * 4, 0);
        thumbnail_into(pixels, THUMBNAIL, &mut self.0[start..]);
    }

    /// A transparent one, where there is nothing to show.
    pub(super) fn push_blank(&mut self) {
        self.0.resize(self.0.len() + THUMBNAIL * THUMBNAIL * 4, 0);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl Service {
    pub(super) fn list_samples(&self, filter: SampleFilter, skip: usize, take: usize) -> Answer {
        let open = self.open_dataset()?;
        let listed = |sample: &Sample| {
            filter.split.is_none_or(|split| sample.split == split)
                && filter.class.is_none_or(|class| sample.annotation.class() == Some(class))
        };
        let found = || open.dataset.samples.iter().enumerate().filter(|(_, sample)| listed(sample));
        let page: Vec<_> = found().skip(skip).take(take.min(MOST_PICTURES)).collect();
        let mut thumbnails = Thumbnails::with_capacity(page.len());
        for (index, _) in &page {
            thumbnails.push(&open.pixels.get(*index).map_err(refused)?);
        }
        let view = |(index, sample): (usize, &Sample)| SampleView {
            index,
            name: sample.name.clone(),
            split: sample.split,
            annotation: sample.annotation.clone(),
        };
        let samples = page.into_iter().map(view).collect();
        Ok((Outcome::Samples { total: found().count(), samples }, Some(thumbnails.into_bytes())))
    }

    pub(super) fn preview_augmentation(&self, plan: &TrainingPlan, rows: usize, draws: usize) -> Answer {
        let open = self.open_dataset()?;
        let rows = rows.min(MOST_PICTURES);
        let draws = draws.clamp(1, MOST_PICTURES / rows.max(1));
        let preprocessing = (catalogued(plan)?.preprocessing)(plan.input_size);
        let augmentation = plan.augmentation();
        let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
        let mut thumbnails = Thumbnails::with_capacity(rows * draws);
        for index in preview_samples(&open, rows) {
            let face = preprocessing.apply(&open.pixels.get(index).map_err(refused)?);
            thumbnails.push(&face);
            for _ in 1..draws {
                thumbnails.push(&augment(&face, &augmentation, &mut rng));
            }
        }
        Ok((Outcome::Faces, Some(thumbnails.into_bytes())))
    }
}

/// Training samples, evenly drawn over the split.
fn preview_samples(open: &OpenDataset, rows: usize) -> Vec<usize> {
    let train = open.dataset.indices(Split::Train);
    (0..rows.min(train.len())).map(|row| train[row * train.len() / rows.min(train.len())]).collect()
}

impl From<crate::dataset::StoreError> for Failure {
    fn from(error: crate::dataset::StoreError) -> Self {
        refused(error)
    }
}
