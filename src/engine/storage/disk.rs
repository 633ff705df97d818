//! The same folders and files on a disk: the storage's logic is tested natively.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::{Room, StorageError};

/// What a browser would hold outside of this memory.
pub type Blob = Vec<u8>;

/// A folder. Cheap to clone.
#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`; it is made where there is none.
    ///
    /// # Errors
    /// Where the disk will not have it.
    pub fn at(path: impl Into<PathBuf>) -> Result<Folder, StorageError> {
        let path = path.into();
        std::fs::create_dir_all(&path).map_err(failure)?;
        Ok(Folder(path))
    }

    pub(super) async fn folder(&self, name: &str) -> Result<Folder, StorageError> {
        Folder::at(self.0.join(name))
    }

    pub(super) async fn names(&self) -> Result<Vec<String>, StorageError> {
        let entries = std::fs::read_dir(&self.0).map_err(failure)?.collect::<io::Result<Vec<_>>>().map_err(failure)?;
        let mut names: Vec<String> = entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        Ok(names)
    }

    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>, StorageError> {
        std::fs::read(self.0.join(name)).map_err(|error| named(name, error))
    }

    pub(super) async fn blob(&self, name: &str) -> Result<Blob, StorageError> {
        self.read(name).await
    }

    pub(super) async fn size(&self, name: &str) -> Result<u64, StorageError> {
        Ok(std::fs::metadata(self.0.join(name)).map_err(|error| named(name, error))?.len())
    }

    pub(super) async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let part = self.0.join(format!("{name}.part"));
        let mut file = std::fs::File::create(&part).map_err(failure)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failure)?;
        std::fs::rename(part, self.0.join(name)).map_err(failure)
    }

    pub(super) async fn open(&self, name: &str) -> Result<File, StorageError> {
        let file = std::fs::File::options().read(true).write(true).create(true).truncate(false).open(self.0.join(name));
        Ok(File(RefCell::new(file.map_err(|error| named(name, error))?)))
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), StorageError> {
        let path = self.0.join(name);
        let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        match removed.map_err(|error| named(name, error)) {
            Ok(()) | Err(StorageError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn room(&self) -> Option<Room> {
        None
    }
}

/// A file in pieces that no folder holds.
#[derive(Default)]
pub(super) struct Pieces(Vec<u8>);

impl Pieces {
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn join(self) -> Result<Blob, StorageError> {
        Ok(self.0)
    }
}

/// An open file.
pub(super) struct File(RefCell<std::fs::File>);

impl File {
    pub(super) fn read_at(&self, into: &mut [u8], at: u64) -> Result<(), StorageError> {
        let mut file = self.0.borrow_mut();
        let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(into));
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                StorageError::Damaged(format!("the file ends before byte {}", at + into.len() as u64))
            }
            _ => failure(error),
        })
    }

    pub(super) fn write_at(&self, from: &[u8], at: u64) -> Result<(), StorageError> {
        let mut file = self.0.borrow_mut();
        file.seek(SeekFrom::Start(at)).and_then(|_| file.write_all(from)).map_err(failure)
    }

    pub(super) fn flush(&self) -> Result<(), StorageError> {
        self.0.borrow().sync_all().map_err(failure)
    }

    pub(super) fn size(&self) -> Result<u64, StorageError> {
        Ok(self.0.borrow().metadata().map_err(failure)?.len())
    }
}

fn failure(error: io::Error) -> StorageError {
    named("a file", error)
}

fn named(name: &str, error: io::Error) -> StorageError {
    match error.kind() {
        io::ErrorKind::NotFound => StorageError::Missing(name.into()),
        io::ErrorKind::StorageFull => StorageError::Full,
        _ => StorageError::Failed(error.to_string()),
    }
}
