//! Pictures for the page: the gallery.

use super::{Answer, OpenDataset, Service, refused};
use crate::dataset::{Finding, PixelStore, Sample};
use crate::engine::protocol::{Failure, Outcome, SampleFilter, SampleView, THUMBNAIL};
use crate::imaging::{Pixels, thumbnail_into};

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
        let listed = listed(&open, filter);
        let page = listed.get(skip.min(listed.len())..).unwrap_or_default();
        let page = &page[..take.min(MOST_PICTURES).min(page.len())];
        let mut thumbnails = Thumbnails::with_capacity(page.len());
        let mut samples = Vec::with_capacity(page.len());
        for &index in page {
            thumbnails.push(&open.pixels().get(index)?);
            let Sample { name, split, annotation, .. } = open.dataset.samples[index].clone();
            samples.push(SampleView { index, name, split, annotation });
        }
        Ok((Outcome::Samples { total: listed.len(), samples }, Some(thumbnails.into_bytes().into())))
    }
}

/// The samples a filter lets through, in the order they are shown.
fn listed(open: &OpenDataset, SampleFilter { split, class, finding }: SampleFilter) -> Vec<usize> {
    let mut listed = match finding {
        Some(finding) => open.dataset.found_by(finding, &open.found.twins),
        None => (0..open.dataset.samples.len()).collect(),
    };
    listed.retain(|index| {
        let sample = &open.dataset.samples[*index];
        let in_use = sample.split.is_some() || finding == Some(Finding::LeftOut);
        in_use
            && (split.is_none() || sample.split == split)
            && class.is_none_or(|class| sample.annotation.class() == Some(class))
    });
    listed
}

impl From<crate::dataset::StoreError> for Failure {
    fn from(error: crate::dataset::StoreError) -> Self {
        refused(error)
    }
}
