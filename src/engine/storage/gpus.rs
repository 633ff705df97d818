//! What was found about this computer's GPUs: beside everything else, and no loss if it goes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Storage, StorageError, manifest};

/// Where it stands in the root.
const SHELF: &str = "gpus";

impl Storage {
    /// What was kept in this format; `None` where there is nothing.
    pub async fn gpus<T: DeserializeOwned>(&self, format: &str) -> Option<T> {
        manifest::read(&self.shelf(SHELF).await.ok()?, format).await.ok()
    }

    /// Keeps it, in the place of what was kept before.
    ///
    /// # Errors
    /// Why it is not kept.
    pub async fn keep_gpus<T: Serialize>(&self, format: &str, found: T) -> Result<(), StorageError> {
        manifest::write(&self.shelf(SHELF).await?, format, found).await
    }
}
