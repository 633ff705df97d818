//! Features that were computed for an earlier training of the same head: found again, and kept.

use super::{OpenDataset, Service};
use crate::dataset::Split;
use crate::engine::storage::digest;
use crate::training::Trainer;

impl Service {
    /// The training with the features that an earlier one computed, where the same are wanted.
    pub(super) async fn with_kept_features(&self, trainer: Trainer, open: &OpenDataset) -> Trainer {
        let Some(place) = kept_at(open).filter(|_| trainer.wants_features()) else { return trainer };
        match self.storage.features(place, &self.features_key(open, &trainer)).await {
            Some(values) => trainer.with_features(values),
            None => trainer,
        }
    }

    /// Keeps the features of a training that has just computed them.
    pub(super) async fn keep_features(&self, trainer: &Trainer) {
        let Ok(open) = self.open_dataset() else { return };
        let Some(place) = kept_at(&open).filter(|_| trainer.features_bytes() <= MOST_BYTES) else { return };
        let Some(values) = trainer.features() else { return };
        let key = self.features_key(&open, trainer);
        if let Err(why) = self.storage.keep_features(place, &key, &values).await {
            self.storage.tell(format!("The features of the faces are computed again next time: {why}."));
        }
    }

    /// What decides the features: the backbone and its weights, the device, what is done to the images, and which those
    /// are.
    fn features_key(&self, open: &OpenDataset, trainer: &Trainer) -> String {
        let (architecture, preprocessing) = (trainer.architecture(), trainer.preprocessing());
        let device = self.device.borrow().as_ref().map(|(_, report)| report.backend.clone());
        let weights = architecture.weights.map(|weights| weights.sha256);
        let (name, variant) = (architecture.name, architecture.variant);
        let mut said = format!("{FORMAT} {name} {variant} {weights:?} {device:?} {preprocessing:?}").into_bytes();
        for split in [Split::Train, Split::Validation] {
            for index in open.dataset.indices(split) {
                // Of what has no label no features are computed.
                let labelled = !open.dataset.samples[index].annotation.is_empty();
                said.extend((index as u64 * 2 + u64::from(labelled)).to_le_bytes());
            }
            said.push(0);
        }
        digest(&said)
    }
}

/// More are not kept: each copy of them takes as much memory again.
const MOST_BYTES: usize = 256 << 20;

/// What has to be raised when the same pixels come to other features.
const FORMAT: &str = "mien-features/1";

/// Where the dataset is kept.
fn kept_at(open: &OpenDataset) -> Option<&str> {
    open.pixels().place().filter(|_| open.found.kept)
}
