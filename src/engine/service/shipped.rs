//! The models that the site brings.

use super::models::ShelvedModel;
use super::pretrained::{Hear, SiteFile};
use super::{Service, refused};
use crate::engine::protocol::{Failure, ModelId, ModelSummary, Shipped};
use crate::engine::shipped::{INDEX, ShippedModel};
use crate::engine::site::SiteError;

impl Service {
    /// Takes them onto the list.
    pub(super) async fn restore_shipped(&self) {
        let models: Vec<ShippedModel> = match self.site.fetch(INDEX, |_| true).await {
            Ok(index) => match serde_json::from_slice(&index) {
                Ok(models) => models,
                Err(why) => return self.without_shipped(why),
            },
            Err(SiteError::Missing) => return,
            Err(why) => return self.without_shipped(why),
        };
        // From the other end than the ids of a visitor's own: those number their names.
        for (id, shipped) in (0..=ModelId::MAX).rev().zip(models) {
            let summary = ModelSummary { id, shipped: Some(shipped.shipped.clone()), ..shipped.summary.clone() };
            let shelved = ShelvedModel { shipped: Some(shipped.into()), ..ShelvedModel::of(summary) };
            self.models.borrow_mut().push(shelved);
        }
    }

    fn without_shipped(&self, why: impl ToString) {
        self.storage.tell(format!("The models that come with Mien are not there: {}.", why.to_string()));
    }

    /// The file of a shipped model: fetched when it is first wanted, then kept.
    pub(super) async fn shipped_file(&self, shipped: &ShippedModel, hear: Hear<'_>) -> Result<Vec<u8>, Failure> {
        let ShippedModel { file, sha256, shipped: Shipped { bytes, .. }, summary } = shipped;
        let of_site = SiteFile { folder: "models", name: file, bytes: *bytes, sha256 };
        self.site_file(of_site, hear, &|why| refused(format!("{} cannot be had: {why}.", summary.name))).await
    }

    /// Refuses to change what comes with the site: it would be as before at the next visit.
    pub(super) fn check_own(&self, id: ModelId) -> Result<(), Failure> {
        match self.models.borrow().iter().find(|model| model.summary.id == id && model.shipped.is_some()) {
            Some(ShelvedModel { summary, .. }) => {
                Err(refused(format!("{} comes with Mien: copy it, and change the copy.", summary.name)))
            }
            None => Ok(()),
        }
    }
}
