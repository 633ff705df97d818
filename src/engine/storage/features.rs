//! Features of a kept dataset's faces, computed once: they lie beside its pixels, and go with them.

use super::seal::digest;
use super::{Storage, StorageError, datasets};

/// Of each dataset, those of one backbone are kept: the last.
const FOLDER: &str = "features";

/// Letters of the digest behind the values.
const DIGEST: usize = 64;

impl Storage {
    /// The features that were kept under `key` for the dataset at `place`; `None` where there are none, or they are not
    /// whole.
    pub async fn features(&self, place: &str, key: &str) -> Option<Vec<f32>> {
        let folder = self.shelf(datasets::SHELF).await.ok()?.folder(place).await.ok()?.folder(FOLDER).await.ok()?;
        let file = folder.read(key).await.ok()?;
        let (values, seal) = file.split_at_checked(file.len().checked_sub(DIGEST)?)?;
        let whole = digest(values).as_bytes() == seal;
        whole.then(|| values.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
    }

    /// Keeps features under `key` for the dataset at `place`, in the place of others.
    ///
    /// # Errors
    /// Why they are not kept.
    pub async fn keep_features(&self, place: &str, key: &str, values: &[f32]) -> Result<(), StorageError> {
        let folder = self.shelf(datasets::SHELF).await?.folder(place).await?.folder(FOLDER).await?;
        for other in folder.names().await? {
            // One that cannot be removed takes room, and nothing else.
            let _ = folder.remove(&other).await;
        }
        let mut file = Vec::with_capacity(4 * values.len() + DIGEST);
        file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        file.extend(digest(&file).into_bytes());
        self.has_room(file.len() as u64).await?;
        let written = folder.write(key, &file).await;
        if written.is_err() {
            // What was begun takes room that a model may want.
            let _ = folder.remove(&format!("{key}.part")).await;
        }
        written
    }
}
