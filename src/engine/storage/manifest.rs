//! Manifests: the last file to be written of each kept thing, and the first to be read.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Folder, StorageError};

const FILE: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
struct Manifest<T> {
    format: String,
    contents: T,
}

/// Writes the manifest: from here on the folder is whole.
pub(super) async fn write<T: Serialize>(folder: &Folder, format: &str, contents: T) -> Result<(), StorageError> {
    let manifest = Manifest { format: format.into(), contents };
    let json = serde_json::to_vec_pretty(&manifest).map_err(|error| StorageError::Failed(error.to_string()))?;
    folder.write(FILE, &json).await
}

/// Removes the manifest: from here on nothing is kept in the folder. Whether there was one.
pub(super) async fn remove(folder: &Folder) -> Result<bool, StorageError> {
    match folder.size(FILE).await {
        Ok(_) => folder.remove(FILE).await.map(|()| true),
        Err(StorageError::Missing(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads the manifest of this format.
pub(super) async fn read<T: DeserializeOwned>(folder: &Folder, format: &str) -> Result<T, StorageError> {
    let json = folder.read(FILE).await?;
    let damaged = |error: serde_json::Error| StorageError::Damaged(format!("its manifest cannot be read: {error}"));
    // The format first: the contents of another may be anything.
    let manifest: Manifest<serde_json::Value> = serde_json::from_slice(&json).map_err(damaged)?;
    if manifest.format != format {
        return Err(StorageError::Format(manifest.format));
    }
    serde_json::from_value(manifest.contents).map_err(damaged)
}
