//! Imports that were cut short: what they had stored is there when the same files are dropped again.

use serde::{Deserialize, Serialize};

use super::datasets::{PIXELS, SHELF};
use super::seal::Seal;
use super::{Folder, PixelFile, Storage, StorageError};
use crate::dataset::{Import, PixelStore};

/// What this build writes and reads.
const FORMAT: &str = "mien-begun-import/1";
const BEGUN: &str = "begun.json";
const INDEX: &str = "begun-index";
const STORED: &str = "begun-stored";

/// An import under way, as it was last noted.
#[derive(Serialize, Deserialize)]
struct Begun {
    format: String,
    /// What its files are recognised by.
    signature: String,
    /// What the dataset is called.
    name: String,
    /// Images there are to read in all.
    images: usize,
    /// How many of them were looked at.
    done: usize,
    /// Shape and checksum of every stored image.
    index: Seal,
    /// Which of the images each stored one is: little-endian 32-bit numbers.
    stored: Seal,
}

impl Storage {
    /// Notes how far an import is, so that it can go on from here. Where that fails it cannot, and nothing else is lost.
    pub async fn note_import(&self, import: &Import, pixels: &mut PixelFile) {
        if pixels.finish().is_ok()
            && let Some(place) = pixels.place()
            && let Ok(shelf) = self.shelf(SHELF).await
            && let Ok(folder) = shelf.folder(place).await
        {
            let _ = write(&folder, import, pixels).await;
        }
    }

    /// What an import of the same files stored before it was cut short; it is then told to go on from there.
    pub async fn resume_import(&self, import: &mut Import) -> Option<PixelFile> {
        let shelf = self.shelf(SHELF).await.ok()?;
        for place in shelf.names().await.ok()?.into_iter().rev() {
            let folder = shelf.folder(&place).await.ok()?;
            let begun = look(&folder).await;
            if let Some(begun) = begun.filter(|begun| begun.signature == import.signature())
                && let Ok((stored, pixels)) = open(&folder, place, &begun).await
            {
                import.resume(stored);
                return Some(pixels);
            }
        }
        None
    }
}

/// What there is to say about an import that was cut short in this folder; `None` where there was none, or another tab
/// is at it.
pub(super) async fn told(folder: &Folder) -> Option<String> {
    let Begun { name, images, done, .. } = look(folder).await?;
    // Held open only to see that nobody else has it open.
    let _free = folder.open(PIXELS).await.ok()?;
    let percent = 100 * done / images.max(1);
    Some(format!(
        "The import of {name} was cut short after {percent} % of its {images} images: drop the same files again, and it \
         goes on from there."
    ))
}

/// The import is whole: there is nothing to go on with.
pub(super) async fn forget(folder: &Folder) {
    for file in [BEGUN, INDEX, STORED] {
        // What is left of it is not looked at beside a manifest.
        let _ = folder.remove(file).await;
    }
}

async fn write(folder: &Folder, import: &Import, pixels: &PixelFile) -> Result<(), StorageError> {
    let stored: Vec<u8> = import.stored().iter().flat_map(|position| position.to_le_bytes()).collect();
    let begun = Begun {
        format: FORMAT.into(),
        signature: import.signature().into(),
        name: import.name().into(),
        images: import.total(),
        done: import.done(),
        index: Seal::write(folder, INDEX, &pixels.index()).await?,
        stored: Seal::write(folder, STORED, &stored).await?,
    };
    let json = serde_json::to_vec(&begun).map_err(|error| StorageError::Failed(error.to_string()))?;
    folder.write(BEGUN, &json).await
}

async fn look(folder: &Folder) -> Option<Begun> {
    let begun: Begun = serde_json::from_slice(&folder.read(BEGUN).await.ok()?).ok()?;
    Some(begun).filter(|begun| begun.format == FORMAT)
}

async fn open(folder: &Folder, place: String, begun: &Begun) -> Result<(Vec<u32>, PixelFile), StorageError> {
    let stored = begun.stored.read(folder).await?;
    let stored: Vec<u32> = stored.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four)).collect();
    let index = begun.index.read(folder).await?;
    let pixels = PixelFile::open(place, folder.open(PIXELS).await?, &index)?;
    if pixels.len() == stored.len() {
        return Ok((stored, pixels));
    }
    Err(StorageError::Damaged("it lists other images than it has".into()))
}
