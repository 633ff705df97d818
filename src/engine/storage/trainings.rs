//! The training that can go on: where it stands, and its tensors. There is one, the latest.
//!
//! Each time it is kept, that is a place of its own; what was kept before is removed when the new place is whole.

use serde::{Deserialize, Serialize};

use super::seal::Seal;
use super::{Folder, Storage, StorageError, is_abandoned, manifest, new_place};
use crate::engine::protocol::UnfinishedTraining;
use crate::models::CheckpointError;
use crate::training::{Part, Standing};

/// The manifest this build writes and reads; another one where a training would not go on as it began: where its optimiser
/// is another, or the pre-trained weights are.
const FORMAT: &str = "mien-unfinished-training/1";
const SHELF: &str = "trainings";

#[derive(Serialize, Deserialize)]
struct Manifest {
    unfinished: UnfinishedTraining,
    standing: Standing,
    parts: Vec<(Part, Seal)>,
}

/// A training that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptTraining {
    place: String,
    parts: Vec<(Part, Seal)>,
    /// What the page shows of it.
    pub unfinished: UnfinishedTraining,
    /// Where it stands.
    pub standing: Standing,
}

/// A part that does not fit is not what was kept.
impl From<CheckpointError> for StorageError {
    fn from(error: CheckpointError) -> Self {
        StorageError::Damaged(error.to_string())
    }
}

impl Storage {
    /// Keeps a training, in the place of the one that was kept before. `file` gives the file of a part; they are about so
    /// many `bytes` in all.
    ///
    /// # Errors
    /// Why it is not kept; the one before it then still is.
    pub async fn keep_training(
        &self,
        unfinished: UnfinishedTraining,
        standing: Standing,
        bytes: u64,
        file: impl AsyncFn(Part) -> Result<Vec<u8>, StorageError>,
    ) -> Result<KeptTraining, StorageError> {
        self.has_room(bytes).await?;
        let shelf = self.shelf(SHELF).await?;
        let (place, folder) = new_place(&shelf).await?;
        match write(&folder, &unfinished, &standing, file).await {
            Ok(parts) => {
                remove_before(&shelf, &place).await;
                Ok(KeptTraining { place, parts, unfinished, standing })
            }
            Err(error) => {
                // What was begun takes room; where it cannot be removed now, a later start removes it.
                let _ = shelf.remove(&place).await;
                Err(error)
            }
        }
    }

    /// The training that was kept last. One that is not whole is told, and removed.
    pub async fn kept_training(&self) -> Option<KeptTraining> {
        let shelf = self.shelf(SHELF).await.ok()?;
        for place in shelf.names().await.ok()?.into_iter().rev() {
            match look(&shelf, &place).await {
                Ok(Manifest { unfinished, standing, parts }) => {
                    remove_before(&shelf, &place).await;
                    return Some(KeptTraining { place, parts, unfinished, standing });
                }
                // Keeping it was cut short, and what was kept before is still there.
                Err(StorageError::Missing(_)) => remove_abandoned(&shelf, &place).await,
                Err(error @ StorageError::Damaged(_)) => {
                    self.tell(format!("The kept training was not whole and had to be removed: {error}."));
                    // Found again at the next start where it could not be removed.
                    let _ = shelf.remove(&place).await;
                }
                Err(error) => self.tell(format!("The kept training could not be looked at: {error}.")),
            }
        }
        None
    }

    /// The file of a part of a kept training.
    ///
    /// # Errors
    /// Where it is not what was written.
    pub async fn training_part(&self, kept: &KeptTraining, part: Part) -> Result<Vec<u8>, StorageError> {
        let folder = self.shelf(SHELF).await?.folder(&kept.place).await?;
        let seal = kept.parts.iter().find(|(of, _)| *of == part);
        let (_, seal) = seal.ok_or_else(|| StorageError::Missing(part.file().into()))?;
        seal.read(&folder).await
    }

    /// Removes a kept training.
    ///
    /// # Errors
    /// Where the browser will not.
    pub async fn delete_training(&self, kept: &KeptTraining) -> Result<(), StorageError> {
        self.shelf(SHELF).await?.remove(&kept.place).await
    }
}

async fn write(
    folder: &Folder,
    unfinished: &UnfinishedTraining,
    standing: &Standing,
    file: impl AsyncFn(Part) -> Result<Vec<u8>, StorageError>,
) -> Result<Vec<(Part, Seal)>, StorageError> {
    let mut parts = Vec::new();
    for part in standing.parts().iter().copied() {
        parts.push((part, Seal::write(folder, part.file(), &file(part).await?).await?));
    }
    let manifest = Manifest { unfinished: unfinished.clone(), standing: standing.clone(), parts: parts.clone() };
    manifest::write(folder, FORMAT, manifest).await?;
    Ok(parts)
}

async fn look(shelf: &Folder, place: &str) -> Result<Manifest, StorageError> {
    let folder = shelf.folder(place).await?;
    let manifest: Manifest = manifest::read(&folder, FORMAT).await?;
    for (_, seal) in &manifest.parts {
        seal.check_size(&folder).await?;
    }
    Ok(manifest)
}

/// Removes what was kept before a place; what another version kept is left to it.
async fn remove_before(shelf: &Folder, kept: &str) {
    for place in shelf.names().await.unwrap_or_default().into_iter().filter(|place| place.as_str() < kept) {
        match look(shelf, &place).await {
            // What cannot be removed takes room until it can, and nothing else.
            Ok(_) | Err(StorageError::Damaged(_)) => drop(shelf.remove(&place).await),
            Err(StorageError::Missing(_)) => remove_abandoned(shelf, &place).await,
            Err(_) => {}
        }
    }
}

/// Removes what has no manifest, unless another tab may still be writing it.
async fn remove_abandoned(shelf: &Folder, place: &str) {
    if is_abandoned(place) {
        let _ = shelf.remove(place).await;
    }
}
