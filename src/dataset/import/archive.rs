//! Zip archives: their directory is read first, then one entry at a time. Nothing is unpacked to anywhere.

mod directory;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use thiserror::Error;

use self::directory::{Entry, read_some, u16_at};
use crate::dataset::source::{ReadSeek, Source, Window};

/// Why an archive, or something in it, cannot be read. Reads on after the name of the file.
#[derive(Debug, Error)]
pub(crate) enum ArchiveError {
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

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        ArchiveError::Damaged(error.to_string())
    }
}

/// An open archive.
pub(crate) struct Archive {
    source: Box<dyn Source>,
    window: Window<Box<dyn ReadSeek>>,
    entries: Vec<Entry>,
    /// Where the entries read so far lie: the first byte; the byte after the last, and which entry it is.
    taken: BTreeMap<u64, (u64, usize)>,
}

impl Archive {
    /// Reads the directory. With the archive come the names of its entries as they stand in it; folders end in `/`.
    pub(crate) fn open(source: Box<dyn Source>) -> Result<(Self, Vec<String>), ArchiveError> {
        let size = source.size();
        let mut window = Window::new(source.open()?, size);
        let (names, entries) = directory::read(&mut window, size)?.into_iter().unzip();
        Ok((Archive { source, window, entries, taken: BTreeMap::new() }, names))
    }

    /// How long an entry is once it is unpacked, as the directory claims.
    pub(super) fn size(&self, entry: usize) -> u64 {
        self.entries.get(entry).map_or(0, |entry| entry.size)
    }

    /// A reader of an entry's bytes, which fails at the end where the checksum does not match; and how many they are packed.
    pub(crate) fn read(&mut self, entry: usize) -> Result<(impl Read + '_, u64), ArchiveError> {
        let found = self.find(entry)?;
        Ok((found.unpacked((&mut self.window).take(found.packed)), found.packed))
    }

    /// As [`Archive::read`], but a reader that stands by itself: other entries can be read while it is in use.
    pub(super) fn stream(&mut self, entry: usize) -> Result<impl Read + use<>, ArchiveError> {
        let found = self.find(entry)?;
        let mut window = Window::new(self.source.open()?, self.source.size());
        window.seek(SeekFrom::Start(self.window.stream_position()?))?;
        Ok(found.unpacked(window.take(found.packed)))
    }

    /// Goes to where an entry's data begins.
    fn find(&mut self, index: usize) -> Result<Entry, ArchiveError> {
        let entry = *self.entries.get(index).ok_or_else(|| ArchiveError::Damaged("an entry is missing".to_owned()))?;
        if entry.encrypted {
            return Err(ArchiveError::Encrypted);
        }
        if !matches!(entry.method, STORED | DEFLATED) {
            return Err(ArchiveError::Method);
        }
        let mut header = [0; LOCAL_HEADER];
        self.window.seek(SeekFrom::Start(entry.start))?;
        if read_some(&mut self.window, &mut header)? < LOCAL_HEADER || !header.starts_with(b"PK\x03\x04") {
            return Err(ArchiveError::Damaged("an entry is not where its directory says".to_owned()));
        }
        let before = LOCAL_HEADER as u64 + u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
        let data = entry.start.saturating_add(before);
        let end = data.saturating_add(entry.packed);
        if end > self.source.size() {
            return Err(ArchiveError::Damaged("an entry reaches beyond its end".to_owned()));
        }
        self.claim(index, entry.start, end)?;
        self.window.seek(SeekFrom::Start(data))?;
        Ok(entry)
    }

    /// Refuses an entry that shares bytes with another one: that is how a small archive is made to hold far too much.
    fn claim(&mut self, entry: usize, start: u64, end: u64) -> Result<(), ArchiveError> {
        let before = self.taken.range(..start).next_back();
        let reached = before.is_some_and(|(_, (earlier_end, _))| *earlier_end > start);
        let within = self.taken.range(start..end).any(|(_, (_, other))| *other != entry);
        if reached || within {
            return Err(ArchiveError::Damaged("several of its entries share the same bytes".to_owned()));
        }
        self.taken.insert(start, (end, entry));
        Ok(())
    }
}

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// What stands before an entry's name and data, bytes.
const LOCAL_HEADER: usize = 30;

impl Entry {
    /// A reader of what `packed` holds.
    fn unpacked<R: BufRead>(&self, packed: R) -> Checked<R> {
        let data =
            if self.method == STORED { Data::Stored(packed) } else { Data::Deflated(DeflateDecoder::new(packed)) };
        Checked { data, crc: Crc::new(), checksum: self.checksum }
    }
}

enum Data<R> {
    Stored(R),
    Deflated(DeflateDecoder<R>),
}

/// A reader that fails at its end where the checksum of what it read is another one.
struct Checked<R> {
    data: Data<R>,
    crc: Crc,
    checksum: u32,
}

impl<R: BufRead> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.data {
            Data::Stored(data) => data.read(into)?,
            Data::Deflated(data) => data.read(into)?,
        };
        self.crc.update(&into[..count]);
        if count == 0 && !into.is_empty() && self.crc.sum() != self.checksum {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum does not match"));
        }
        Ok(count)
    }
}
