//! Pre-trained weights: fetched from the site when they are first wanted, then kept.

use super::pace::Pace;
use super::{Answer, Service, cancelled, refused};
use crate::engine::protocol::{Failure, Outcome, Progress, RequestId, ServedWeights};
use crate::engine::site::SiteError;
use crate::engine::storage::digest;
use crate::models::{Architecture, BackboneWeights, CATALOGUE, Published, published};

/// A file that the site serves, whose content is known.
pub(super) struct SiteFile<'a> {
    pub folder: &'a str,
    pub name: &'a str,
    pub bytes: u64,
    pub sha256: &'a str,
}

/// Hears how many bytes of how many have come, and says whether to go on.
pub(super) type Hear<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Makes a failure of why a file cannot be had.
type Unusable<'a> = &'a dyn Fn(String) -> Failure;

impl Service {
    /// The weights that the site serves of an architecture.
    pub(super) async fn pretrained(
        &self,
        architecture: &'static Architecture,
        published: &Published,
        hear: Hear<'_>,
    ) -> Result<BackboneWeights, Failure> {
        let file = self.weight_file(published, hear, &|why| unusable(architecture, why)).await?;
        BackboneWeights::read(&file, architecture).map_err(|error| unusable(architecture, error))
    }

    /// A file of weights, from the storage or from the site.
    pub(super) async fn weight_file(
        &self,
        published: &Published,
        hear: Hear<'_>,
        unusable: Unusable<'_>,
    ) -> Result<Vec<u8>, Failure> {
        let Published { file, bytes, sha256, .. } = *published;
        self.site_file(SiteFile { folder: "weights", name: file, bytes, sha256 }, hear, unusable).await
    }

    /// A file of the site, or of the storage where it was fetched before.
    pub(super) async fn site_file(
        &self,
        SiteFile { folder, name, bytes, sha256 }: SiteFile<'_>,
        hear: Hear<'_>,
        unusable: Unusable<'_>,
    ) -> Result<Vec<u8>, Failure> {
        if let Some(file) = self.storage.weights(name, sha256).await {
            return Ok(file);
        }
        let file = match self.site.fetch(&format!("{folder}/{name}"), |done| hear(done, bytes)).await {
            Ok(file) => file,
            Err(SiteError::Stopped) => return Err(cancelled()),
            Err(error) => return Err(unusable(error.to_string())),
        };
        if digest(&file) != sha256 {
            let why = "what the site sent is damaged, or of another build: reload the page, and try again";
            return Err(unusable(why.into()));
        }
        if self.storage.hindrance().is_none()
            && let Err(why) = self.storage.keep_weights(name, &file).await
        {
            self.storage.tell(format!("{name} is fetched again next time: {why}."));
        }
        Ok(file)
    }

    pub(super) async fn list_weights(&self) -> Answer {
        let mut served = Vec::new();
        for architecture in CATALOGUE {
            let Some(weights) = architecture.weights else { continue };
            served.push(ServedWeights {
                architecture: architecture.name.into(),
                label: architecture.label.into(),
                bytes: weights.bytes,
                origin: weights.origin.into(),
                licence: weights.licence.into(),
                kept: self.storage.has_weights(weights.file, weights.bytes).await,
            });
        }
        Ok((Outcome::Weights(served), None))
    }

    pub(super) async fn fetch_weights(&self, id: RequestId, architecture: &str) -> Answer {
        let (architecture, weights) = served(architecture)?;
        if let Some(why) = self.storage.hindrance() {
            return Err(refused(why));
        }
        self.weight_file(&weights, &mut self.hearing_bytes(id), &|why| unusable(architecture, why)).await?;
        self.list_weights().await
    }

    /// Tells how many bytes of how many have come, now and then; Cancel is heard.
    pub(super) fn hearing_bytes(&self, id: RequestId) -> impl FnMut(u64, u64) -> bool {
        let mut pace = Pace::new();
        move |done, total| {
            if pace.report_due() {
                self.progress(id, Progress::Bytes { done, total });
            }
            self.check_cancelled(id).is_ok()
        }
    }

    pub(super) async fn delete_weights(&self, architecture: &str) -> Answer {
        let (_, weights) = served(architecture)?;
        let deleted = self.storage.delete_weights(weights.file).await;
        deleted.map_err(|error| refused(format!("The weights could not be deleted: {error}.")))?;
        self.list_weights().await
    }
}

/// The variant of an architecture that the site has weights of.
fn served(name: &str) -> Result<(&'static Architecture, Published), Failure> {
    let found = published(name).and_then(|architecture| Some((architecture, architecture.weights?)));
    found.ok_or_else(|| refused(format!("There are no ImageNet weights of {name}.")))
}

fn unusable(architecture: &Architecture, why: impl ToString) -> Failure {
    refused(format!("{}'s ImageNet weights cannot be used: {}.", architecture.label, why.to_string()))
}
