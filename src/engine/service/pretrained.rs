//! Pre-trained weights: fetched from the site when they are first wanted, then kept.

use super::{Service, refused};
use crate::engine::protocol::Failure;
use crate::engine::storage::digest;
use crate::models::{Architecture, BackboneWeights, Published};

impl Service {
    /// The weights that the site serves of an architecture.
    pub(super) async fn pretrained(
        &self,
        architecture: &'static Architecture,
        published: &Published,
    ) -> Result<BackboneWeights, Failure> {
        let wrong = |why| refused(format!("{}'s ImageNet weights cannot be used: {why}.", architecture.label));
        let file = self.weight_file(published).await.map_err(wrong)?;
        BackboneWeights::read(&file, architecture).map_err(|error| wrong(error.to_string()))
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
