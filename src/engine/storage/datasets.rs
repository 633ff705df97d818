//! The kept dataset: pixels in one file, the rest beside it. There is one; an import takes its place.

use serde::{Deserialize, Serialize};

use super::seal::Seal;
use super::{Folder, PixelFile, Storage, StorageError, cut_short, is_abandoned, manifest, new_place};
use crate::dataset::{Choices, Dataset, PixelStore};

/// The manifest this build writes and reads.
const FORMAT: &str = "mien-kept-dataset/2";
pub(super) const SHELF: &str = "datasets";
const SCRATCH: &str = "scratch";
pub(super) const PIXELS: &str = "pixels";
const INDEX: &str = "index";
const SAMPLES: &str = "samples.json";

#[derive(Serialize, Deserialize)]
struct Manifest {
    images: usize,
    /// Shape and checksum of every image.
    index: Seal,
    samples: Seal,
    /// What a person decided about it.
    choices: Option<Choices>,
}

impl Storage {
    /// Where an import of so many images puts their pixels: a fresh file, or memory where there is no storage.
    pub async fn new_pixels(&self, images: usize) -> PixelFile {
        if self.hindrance().is_some() {
            return PixelFile::default();
        }
        self.create(SHELF, images).await.unwrap_or_else(|why| {
            self.tell(format!("The dataset will not be kept: {why}."));
            PixelFile::default()
        })
    }

    /// Where so many images wait that are wanted for a while only.
    pub async fn scratch_pixels(&self, images: usize) -> PixelFile {
        self.create(SCRATCH, images).await.unwrap_or_default()
    }

    /// Removes what was wanted for a while only.
    pub async fn clear_scratch(&self) {
        let Ok(shelf) = self.shelf(SCRATCH).await else { return };
        for place in shelf.names().await.unwrap_or_default() {
            // Another tab may be at it.
            let _ = shelf.remove(&place).await;
        }
    }

    async fn create(&self, shelf: &str, images: usize) -> Result<PixelFile, StorageError> {
        let room = self.room().await.map(|room| room.quota.saturating_sub(room.used));
        let (place, folder) = new_place(&self.shelf(shelf).await?).await?;
        let file = folder.open(PIXELS).await?;
        Ok(PixelFile::create(place, file, room.map(|room| (images, room))))
    }

    /// Keeps the dataset these pixels are of.
    ///
    /// # Errors
    /// Why it is not kept.
    pub async fn keep_dataset(&self, dataset: &Dataset, pixels: &mut PixelFile) -> Result<(), StorageError> {
        pixels.finish()?;
        let place = pixels.place().unwrap_or_default();
        write(&self.shelf(SHELF).await?.folder(place).await?, dataset, pixels).await
    }

    /// Keeps what a person decided about the dataset at `place`.
    ///
    /// # Errors
    /// Why it is not kept.
    pub async fn keep_choices(&self, place: &str, choices: &Choices) -> Result<(), StorageError> {
        let folder = self.shelf(SHELF).await?.folder(place).await?;
        let manifest: Manifest = manifest::read(&folder, FORMAT).await?;
        manifest::write(&folder, FORMAT, Manifest { choices: Some(choices.clone()), ..manifest }).await
    }

    /// Opens the dataset that was kept, with what was decided about it. One that is not whole is told, and removed.
    pub async fn kept_dataset(&self) -> Option<(Dataset, Option<Choices>, PixelFile)> {
        let shelf = self.shelf(SHELF).await.ok()?;
        for place in shelf.names().await.unwrap_or_default().into_iter().rev() {
            match read(&shelf, &place).await {
                Ok(opened) => {
                    self.delete_datasets_before(&place).await;
                    return Some(opened);
                }
                Err(StorageError::InUse) => {
                    self.tell("The kept dataset is open in another tab: close that tab, then reload this one.".into());
                    return None;
                }
                // Another tab may be at it; or the engine broke while it imported, which was told then.
                Err(StorageError::Missing(_)) => match cut_short_at(&shelf, &place).await {
                    Some(sentence) => self.tell(sentence),
                    None if is_abandoned(&place) => self.delete_dataset(Some(&place)).await,
                    None => {}
                },
                Err(error @ StorageError::Damaged(_)) => {
                    self.tell(format!("The kept dataset was not whole and had to be removed: {error}."));
                    self.delete_dataset(Some(&place)).await;
                }
                Err(error) => self.tell(format!("The kept dataset could not be opened: {error}.")),
            }
        }
        None
    }

    /// Removes what stands at `place`. What cannot be removed now is found again at the next start.
    pub async fn delete_dataset(&self, place: Option<&str>) {
        let Some(place) = place else { return };
        if let Ok(shelf) = self.shelf(SHELF).await {
            let _ = shelf.remove(place).await;
        }
    }

    /// Deletes the dataset at `place` and what is older; where it was never kept, every dataset that was.
    ///
    /// # Errors
    /// Why one of them would come back.
    pub async fn forget_datasets(&self, place: Option<&str>) -> Result<(), StorageError> {
        let shelf = self.shelf(SHELF).await?;
        for kept in shelf.names().await? {
            if place.is_some_and(|place| kept.as_str() > place) {
                continue;
            }
            let whole = manifest::remove(&shelf.folder(&kept).await?).await?;
            // What has no manifest may be another tab's import.
            if whole || place.is_some() {
                // What is left of it is not opened again.
                let _ = shelf.remove(&kept).await;
            }
        }
        Ok(())
    }

    /// Removes older datasets, and what was left of imports that ended early.
    pub async fn delete_datasets_before(&self, kept: &str) {
        let Ok(shelf) = self.shelf(SHELF).await else { return };
        let places = shelf.names().await.unwrap_or_default();
        for place in places.iter().filter(|place| place.as_str() < kept) {
            // Another tab may have it open: the next start removes it.
            let _ = shelf.remove(place).await;
        }
    }
}

async fn write(folder: &Folder, dataset: &Dataset, pixels: &PixelFile) -> Result<(), StorageError> {
    let samples = serde_json::to_vec(dataset).map_err(|error| StorageError::Failed(error.to_string()))?;
    let manifest = Manifest {
        images: dataset.samples.len(),
        index: Seal::write(folder, INDEX, &pixels.index()).await?,
        samples: Seal::write(folder, SAMPLES, &samples).await?,
        choices: None,
    };
    manifest::write(folder, FORMAT, manifest).await?;
    cut_short::forget(folder).await;
    Ok(())
}

async fn cut_short_at(shelf: &Folder, place: &str) -> Option<String> {
    cut_short::told(&shelf.folder(place).await.ok()?).await
}

async fn read(shelf: &Folder, place: &str) -> Result<(Dataset, Option<Choices>, PixelFile), StorageError> {
    let folder = shelf.folder(place).await?;
    let Manifest { images, index, samples, choices } = manifest::read(&folder, FORMAT).await?;
    let samples = samples.read(&folder).await?;
    let damaged = |why: String| StorageError::Damaged(why);
    let dataset: Dataset =
        serde_json::from_slice(&samples).map_err(|error| damaged(format!("{SAMPLES} cannot be read: {error}")))?;
    let index = index.read(&folder).await?;
    let pixels = PixelFile::open(place.into(), folder.open(PIXELS).await?, &index)?;
    if dataset.samples.len() != images || pixels.len() != images {
        return Err(damaged(format!("it has {} samples and {} images", dataset.samples.len(), pixels.len())));
    }
    let choices = choices.filter(|choices| choices.names.0.len() == dataset.label_set.len());
    Ok((dataset, choices, pixels))
}
