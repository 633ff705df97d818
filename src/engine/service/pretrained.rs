//! Pre-trained weights: fetched from the site when they are first wanted, then kept.

use super::{Service, refused};
use crate::engine::protocol::Failure;
use crate::engine::storage::digest;
use crate::models::{Architecture, BackboneWeights, Published, published};
use crate::training::{InitialWeights, TrainingPlan};

impl Service {
    /// The weights a plan begins with; `None` where they are drawn.
    pub(super) async fn pretrained(
        &self,
        plan: &TrainingPlan,
        architecture: &'static Architecture,
    ) -> Result<Option<BackboneWeights>, Failure> {
        if plan.weights == InitialWeights::Random {
            return Ok(None);
        }
        let label = architecture.label;
        let (variant, published) = published(architecture.name).ok_or_else(|| {
            refused(format!("There are no ImageNet weights of {label}: set Weights to none, or choose another model."))
        })?;
        let wrong = |why: String| refused(format!("{label}'s ImageNet weights cannot be used: {why}."));
        let file = self.weight_file(&published).await.map_err(wrong)?;
        let weights = BackboneWeights::read(&file, variant).map_err(|error| wrong(error.to_string()))?;
        Ok(Some(weights))
    }

    /// The file, from the storage or from the site; or why it cannot be had, in a clause.
    async fn weight_file(&self, published: &Published) -> Result<Vec<u8>, String> {
        if let Some(file) = self.storage.weights(published.file, published.sha256).await {
            return Ok(file);
        }
        let fetched = self.site.fetch(&format!("weights/{}", published.file)).await;
        let file = fetched.map_err(|error| error.to_string())?;
        if digest(&file) != published.sha256 {
            return Err("what the site sent is damaged, or of another build: reload the page, and try again".into());
        }
        if self.storage.hindrance().is_none()
            && let Err(why) = self.storage.keep_weights(published.file, &file).await
        {
            self.storage.tell(format!("The pre-trained weights are fetched again next time: {why}."));
        }
        Ok(file)
    }
}
