//! Zip archives, written from front to back: the counterpart of `import/archive`. Entries are stored as they are, since
//! images shrink no further (PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3).

use std::io::{self, Write};

/// A number that 16 or 32 bits cannot hold is written as this, and stands where zip64 has its place.
const ELSEWHERE_16: u16 = u16::MAX;
const ELSEWHERE_32: u32 = u32::MAX;

/// The version of the format that a reader must know: plain, and zip64.
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;

/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;

/// Midnight of 1 January 1980, the first day that a zip knows: a file is the same whenever it was written.
const DAY: u16 = 1 << 5 | 1;

/// An archive on its way out. Memory holds its directory: an entry takes the length of its name and 46 bytes.
pub struct ArchiveWriter<W> {
    out: W,
    position: u64,
    entries: u64,
    directory: Vec<u8>,
}

impl<W: Write> ArchiveWriter<W> {
    /// An empty archive.
    pub fn new(out: W) -> Self {
        ArchiveWriter { out, position: 0, entries: 0, directory: Vec::new() }
    }

    /// Writes an entry.
    ///
    /// # Errors
    /// What the writer below says, or where the entry is of 4 GiB or more.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.begin(name, bytes.len() as u64, crc32fast::hash(bytes))?.write_all(bytes)
    }

    /// Begins an entry of `size` bytes whose CRC-32 is known. They must be written to what this gives back.
    ///
    /// # Errors
    /// As [`ArchiveWriter::add`].
    pub fn begin(&mut self, name: &str, size: u64, checksum: u32) -> io::Result<&mut W> {
        let too_large = || io::Error::new(io::ErrorKind::InvalidInput, format!("{name} is of 4 GiB or more"));
        let packed = u32::try_from(size).ok().filter(|size| *size < ELSEWHERE_32).ok_or_else(too_large)?;
        let name_length = u16::try_from(name.len()).map_err(|_| too_large())?;
        let far = self.position >= u64::from(ELSEWHERE_32);
        let common = |extra: u16| {
            let version = if far { ZIP64 } else { PLAIN };
            let mut bytes = Vec::with_capacity(26);
            // Stored: method 0.
            [version, FLAGS, 0, 0, DAY].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
            [checksum, packed, packed].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
            [name_length, extra].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
            bytes
        };
        let local = [b"PK\x03\x04", &common(0)[..], name.as_bytes()].concat();
        self.out.write_all(&local)?;

        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(PLAIN.to_le_bytes());
        self.directory.extend(common(if far { 12 } else { 0 }));
        // No comment, the first disk, no attributes.
        self.directory.extend([0; 10]);
        let offset = u32::try_from(self.position).unwrap_or(ELSEWHERE_32);
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        if far {
            self.directory.extend([1, 0, 8, 0]);
            self.directory.extend(self.position.to_le_bytes());
        }
        self.entries += 1;
        self.position += local.len() as u64 + size;
        Ok(&mut self.out)
    }

    /// Writes the directory, and gives back what the archive was written to.
    ///
    /// # Errors
    /// What the writer below says.
    pub fn finish(mut self) -> io::Result<W> {
        let (start, length) = (self.position, self.directory.len() as u64);
        self.out.write_all(&self.directory)?;
        if self.entries >= ELSEWHERE_16.into() || start + length >= ELSEWHERE_32.into() {
            self.out.write_all(&self.end64(start, length))?;
        }
        let entries = u16::try_from(self.entries).unwrap_or(ELSEWHERE_16);
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        [entries, entries].iter().for_each(|number| end.extend(number.to_le_bytes()));
        [length, start]
            .iter()
            .for_each(|number| end.extend(u32::try_from(*number).unwrap_or(ELSEWHERE_32).to_le_bytes()));
        end.extend([0; 2]);
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// The end record of zip64, and the locator that points at it.
    fn end64(&self, start: u64, length: u64) -> Vec<u8> {
        let mut end = b"PK\x06\x06".to_vec();
        // What follows of this record, bytes; then versions and disks.
        end.extend(44_u64.to_le_bytes());
        [ZIP64, ZIP64].iter().for_each(|number| end.extend(number.to_le_bytes()));
        end.extend([0; 8]);
        [self.entries, self.entries, length, start].iter().for_each(|number| end.extend(number.to_le_bytes()));
        end.extend(b"PK\x06\x07\0\0\0\0");
        end.extend((start + length).to_le_bytes());
        end.extend(1_u32.to_le_bytes());
        end
    }
}
