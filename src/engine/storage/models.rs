//! Kept models: the model file itself, and beside it what the page shows of it without reading it.

use serde::{Deserialize, Serialize};

use super::seal::Seal;
use super::{Folder, Storage, StorageError, is_abandoned, manifest, new_place};
use crate::engine::protocol::ModelSummary;

/// The manifest this build writes and reads.
const FORMAT: &str = "mien-kept-model/1";
pub(super) const SHELF: &str = "models";
const WEIGHTS: &str = "model.safetensors";

#[derive(Serialize, Deserialize)]
struct Manifest {
    summary: ModelSummary,
    weights: Seal,
}

/// A model that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptModel {
    /// Its folder's name.
    pub place: String,
    /// What the page showed of it; its id was another engine's.
    pub summary: ModelSummary,
}

impl Storage {
    /// Keeps a model file. Returns its place.
    ///
    /// # Errors
    /// Where there is no storage, or no room.
    pub async fn keep_model(&self, summary: &ModelSummary, file: &[u8]) -> Result<String, StorageError> {
        let shelf = self.shelf(SHELF).await?;
        let (place, folder) = new_place(&shelf).await?;
        let written = write(&folder, summary, file).await;
        if written.is_err() {
            // What was begun takes room; where even that cannot be removed, the next start removes it.
            let _ = shelf.remove(&place).await;
        }
        written.map(|()| place)
    }

    /// The kept models, the oldest first. Those that are not whole are told, and removed.
    pub async fn kept_models(&self) -> Vec<KeptModel> {
        let Ok(shelf) = self.shelf(SHELF).await else { return Vec::new() };
        let mut models = Vec::new();
        for place in shelf.names().await.unwrap_or_default() {
            match look(&shelf, &place).await {
                Ok(summary) => {
                    let evaluations = self.kept_evaluations(&place).await;
                    models.push(KeptModel { place, summary: ModelSummary { evaluations, ..summary } });
                }
                Err(StorageError::Missing(_)) if !is_abandoned(&place) => {}
                Err(error @ (StorageError::Missing(_) | StorageError::Damaged(_))) => {
                    self.tell(format!("A kept model was not whole and had to be removed: {error}."));
                    // Found again at the next start where it could not be removed.
                    let _ = shelf.remove(&place).await;
                }
                Err(error) => self.tell(format!("A kept model could not be looked at: {error}.")),
            }
        }
        models
    }

    /// The file of a kept model.
    ///
    /// # Errors
    /// Where it is not what was written.
    pub async fn model_file(&self, place: &str) -> Result<Vec<u8>, StorageError> {
        let folder = self.shelf(SHELF).await?.folder(place).await?;
        let Manifest { weights, .. } = manifest::read(&folder, FORMAT).await?;
        weights.read(&folder).await
    }

    /// Keeps what the page shows of a model anew; its weights stay.
    ///
    /// # Errors
    /// Where the browser will not.
    pub async fn keep_summary(&self, place: &str, summary: &ModelSummary) -> Result<(), StorageError> {
        let folder = self.shelf(SHELF).await?.folder(place).await?;
        let Manifest { weights, .. } = manifest::read(&folder, FORMAT).await?;
        manifest::write(&folder, FORMAT, Manifest { summary: summary.clone(), weights }).await
    }

    /// Removes a kept model.
    ///
    /// # Errors
    /// Where the browser will not.
    pub async fn delete_model(&self, place: &str) -> Result<(), StorageError> {
        self.shelf(SHELF).await?.remove(place).await
    }
}

async fn write(folder: &Folder, summary: &ModelSummary, file: &[u8]) -> Result<(), StorageError> {
    let weights = Seal::write(folder, WEIGHTS, file).await?;
    manifest::write(folder, FORMAT, Manifest { summary: summary.clone(), weights }).await
}

async fn look(shelf: &Folder, place: &str) -> Result<ModelSummary, StorageError> {
    let folder = shelf.folder(place).await?;
    let Manifest { summary, weights } = manifest::read(&folder, FORMAT).await?;
    weights.check_size(&folder).await?;
    Ok(summary)
}
