//! Pre-trained weights that were fetched from the site: what they must be is known beforehand, so they need no manifest.

use super::seal::digest;
use super::{Storage, StorageError};

const SHELF: &str = "weights";

impl Storage {
    /// The kept file of this name, where its bytes come to `sha256`. Any other file of that name is removed: a later build
    /// may have other weights.
    pub async fn weights(&self, name: &str, sha256: &str) -> Option<Vec<u8>> {
        let shelf = self.shelf(SHELF).await.ok()?;
        let file = shelf.read(name).await.ok()?;
        if digest(&file) == sha256 {
            return Some(file);
        }
        // Written over when the right ones come, where it cannot be removed.
        let _ = shelf.remove(name).await;
        None
    }

    /// Whether a file of this name and length is kept: quick, without a look at its bytes.
    pub async fn has_weights(&self, name: &str, bytes: u64) -> bool {
        let Ok(shelf) = self.shelf(SHELF).await else { return false };
        shelf.size(name).await == Ok(bytes)
    }

    /// Removes a file of weights, where it is kept.
    ///
    /// # Errors
    /// Where the browser will not.
    pub async fn delete_weights(&self, name: &str) -> Result<(), StorageError> {
        let shelf = self.shelf(SHELF).await?;
        match shelf.size(name).await {
            Err(StorageError::Missing(_)) => Ok(()),
            _ => shelf.remove(name).await,
        }
    }

    /// Keeps a file of weights.
    ///
    /// # Errors
    /// Where there is no storage, or no room.
    pub async fn keep_weights(&self, name: &str, file: &[u8]) -> Result<(), StorageError> {
        self.shelf(SHELF).await?.write(name, file).await
    }
}
