//! Zip archives: their directory is read first, then one entry at a time. Nothing is unpacked to anywhere.

use std::io::{self, Read, Seek, SeekFrom};

use thiserror::Error;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::dataset::source::{ReadSeek, Source, Window};

/// Why an archive, or something in it, cannot be read. Reads on after the name of the file.
#[derive(Debug, Error)]
pub(super) enum ArchiveError {
    #[error("is not a zip archive; pack the images as zip, or drop the unpacked folder")]
    NotZip,
    #[error("is cut short: its directory, which stands at the end of a zip, is missing; download or copy it again")]
    CutShort,
    #[error("is damaged ({0}); download or copy it again, or drop the unpacked folder")]
    Damaged(String),
    #[error("is encrypted; unpack it with its password and drop the folder")]
    Encrypted,
    #[error("is packed by a method other than deflate; pack it again as an ordinary zip, or drop the unpacked folder")]
    Method,
}

impl From<ZipError> for ArchiveError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
                ArchiveError::Encrypted
            }
            ZipError::CompressionMethodNotSupported(_) => ArchiveError::Method,
            ZipError::InvalidArchive(detail) => ArchiveError::Damaged(detail.into_owned()),
            other => ArchiveError::Damaged(other.to_string()),
        }
    }
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        ArchiveError::Damaged(error.to_string())
    }
}

/// An open archive.
pub(super) struct Archive {
    zip: ZipArchive<Window<Box<dyn ReadSeek>>>,
}

impl Archive {
    pub(super) fn open(source: &dyn Source) -> Result<Self, ArchiveError> {
        let size = source.size();
        let mut reader = Window::new(source.open()?, size);
        check_ends(&mut reader, size)?;
        Ok(Archive { zip: ZipArchive::new(reader)? })
    }

    pub(super) fn len(&self) -> usize {
        self.zip.len()
    }

    /// The name of an entry as it stands in the archive; folders end in `/`.
    pub(super) fn name(&self, entry: usize) -> &str {
        self.zip.name_for_index(entry).unwrap_or_default()
    }

    /// A reader of an entry's bytes, which fails at the end where the checksum does not match.
    pub(super) fn read(&mut self, entry: usize) -> Result<impl Read + '_, ArchiveError> {
        Ok(self.zip.by_index(entry)?)
    }
}

/// The most that can follow the end record's start: the record itself and a comment of 65,535 bytes.
const TAIL: u64 = 22 + 65_535;
/// The least an entry takes in the directory, bytes.
const DIRECTORY_ENTRY: u64 = 46;

/// Tells apart what is no zip and what is a zip cut short, and refuses a directory that claims more entries than the
/// file has bytes for: the reader below would set memory aside for every one of them.
fn check_ends(reader: &mut (impl Read + Seek), size: u64) -> Result<(), ArchiveError> {
    let mut magic = Vec::new();
    reader.take(4).read_to_end(&mut magic)?;
    if magic != b"PK\x03\x04" && magic != b"PK\x05\x06" {
        return Err(ArchiveError::NotZip);
    }
    // A zip64 end record (56 bytes) and its locator (20) stand before the end record.
    reader.seek(SeekFrom::Start(size.saturating_sub(TAIL + 76)))?;
    let mut tail = Vec::new();
    reader.take(TAIL + 76).read_to_end(&mut tail)?;
    if !tail.windows(4).any(|signature| signature == b"PK\x05\x06") {
        return Err(ArchiveError::CutShort);
    }
    let records = tail.windows(56).filter(|record| record.starts_with(b"PK\x06\x06"));
    for record in records {
        let claimed = record[32..40].iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        if claimed > size / DIRECTORY_ENTRY {
            return Err(ArchiveError::Damaged(format!("it claims {claimed} entries in {size} bytes")));
        }
    }
    Ok(())
}
