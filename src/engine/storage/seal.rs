//! What a file must be to be whole.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Folder, StorageError};

/// A file's name, its length, and what its bytes come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seal {
    file: String,
    bytes: u64,
    /// SHA-256, in hexadecimal digits.
    sha256: String,
}

impl Seal {
    /// Writes a file, and seals it.
    pub(super) async fn write(folder: &Folder, file: &str, bytes: &[u8]) -> Result<Seal, StorageError> {
        folder.write(file, bytes).await?;
        Ok(Seal { file: file.into(), bytes: bytes.len() as u64, sha256: digest(bytes) })
    }

    /// Whether the file is there at its length: quick, and enough to find what was cut short.
    pub(super) async fn check_size(&self, folder: &Folder) -> Result<(), StorageError> {
        let Seal { file, bytes, .. } = self;
        let damaged = |why| Err(StorageError::Damaged(format!("{file} {why}")));
        match folder.size(file).await {
            Ok(size) if size == *bytes => Ok(()),
            Ok(size) => damaged(format!("has {size} bytes, not the {bytes} that were written")),
            Err(StorageError::Missing(_)) => damaged("is missing".into()),
            Err(error) => Err(error),
        }
    }

    /// The file's bytes, where they are those that were written.
    pub(super) async fn read(&self, folder: &Folder) -> Result<Vec<u8>, StorageError> {
        self.check_size(folder).await?;
        let bytes = folder.read(&self.file).await?;
        if digest(&bytes) == self.sha256 {
            return Ok(bytes);
        }
        Err(StorageError::Damaged(format!("{} is not what was written", self.file)))
    }
}

/// SHA-256, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
