//! A file on its way to the person, written piece by piece: it is never whole in this memory. It lies in the storage where
//! there is room for it, else in pieces that the browser holds.

use std::io::{self, Write};

use super::folder::{Blob, File, Pieces};
use super::{Folder, Storage, StorageError, age, new_place};

const SHELF: &str = "outgoing";
const FILE: &str = "file";

/// Bytes that are gathered before they are written.
const PIECE: usize = 4 << 20;

/// What was handed over is left for so long: the browser saves it from where it lies, and does not say when that is done.
const AN_HOUR: u128 = 60 * 60 * 1000;

/// A file that is being written.
#[derive(Default)]
pub struct Outgoing {
    stored: Option<Stored>,
    pieces: Pieces,
    tail: Vec<u8>,
}

struct Stored {
    shelf: Folder,
    place: String,
    folder: Folder,
    file: File,
    written: u64,
}

impl Storage {
    /// Where a file of about so many bytes is written.
    pub async fn outgoing(&self, bytes: u64) -> Outgoing {
        self.clear_outgoing().await;
        Outgoing { stored: self.open_outgoing(bytes).await.ok(), ..Outgoing::default() }
    }

    async fn open_outgoing(&self, bytes: u64) -> Result<Stored, StorageError> {
        if let Some(room) = self.room().await.map(|room| room.quota.saturating_sub(room.used))
            && room < bytes
        {
            return Err(StorageError::NoRoom { needed: bytes, room });
        }
        let shelf = self.shelf(SHELF).await?;
        let (place, folder) = new_place(&shelf).await?;
        let file = folder.open(FILE).await?;
        Ok(Stored { shelf, place, folder, file, written: 0 })
    }

    /// Removes what was handed over long ago.
    pub async fn clear_outgoing(&self) {
        let Ok(shelf) = self.shelf(SHELF).await else { return };
        for place in shelf.names().await.unwrap_or_default() {
            if age(&place) > AN_HOUR {
                // Another tab may be at it.
                let _ = shelf.remove(&place).await;
            }
        }
    }
}

impl Outgoing {
    /// Whether it lies in the storage.
    pub fn is_stored(&self) -> bool {
        self.stored.is_some()
    }

    /// The whole file, to be handed over.
    ///
    /// # Errors
    /// Where there is no room for its end.
    pub async fn finish(mut self) -> Result<Blob, StorageError> {
        if let Err(why) = self.write_tail() {
            self.discard().await;
            return Err(why);
        }
        match self.stored {
            Some(Stored { folder, file, .. }) => {
                file.flush()?;
                // What is open here cannot be read elsewhere.
                drop(file);
                folder.blob(FILE).await
            }
            None => self.pieces.join(),
        }
    }

    /// Removes what was written so far.
    pub async fn discard(self) {
        if let Some(Stored { shelf, place, file, .. }) = self.stored {
            drop(file);
            // What cannot be removed now is found again in an hour.
            let _ = shelf.remove(&place).await;
        }
    }

    fn write_tail(&mut self) -> Result<(), StorageError> {
        match &mut self.stored {
            Some(Stored { file, written, .. }) => {
                file.write_at(&self.tail, *written)?;
                *written += self.tail.len() as u64;
            }
            None => self.pieces.push(&self.tail)?,
        }
        self.tail.clear();
        Ok(())
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // No more than a piece at a time: a large part is not copied whole.
        let taken = bytes.len().min(PIECE - self.tail.len());
        self.tail.extend_from_slice(&bytes[..taken]);
        if self.tail.len() == PIECE {
            self.write_tail().map_err(io::Error::other)?;
        }
        Ok(taken)
    }

    /// Nothing: a table is flushed at its end, and the file goes on.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
