//! The directory of a zip, which stands at its end (PKWARE's APPNOTE 6.3, sections 4.3.12 to 4.3.16 and 4.5.3). An entry takes
//! 40 bytes here, so that a dataset of many images opens in little memory.

use std::io::{self, Read, Seek, SeekFrom};

use super::ArchiveError;

/// An entry, as the directory has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where its local header begins.
    pub(super) start: u64,
    /// Bytes packed.
    pub(super) packed: u64,
    /// Bytes unpacked, as it claims.
    pub(super) size: u64,
    /// The CRC-32 of what is unpacked.
    pub(super) checksum: u32,
    /// 0 stored, 8 deflated.
    pub(super) method: u16,
    pub(super) encrypted: bool,
}

/// The end record without its comment, bytes.
const END: usize = 22;
/// The most that can follow the end record's start: the record itself and a comment of 65,535 bytes.
const TAIL: u64 = END as u64 + 65_535;
/// A zip64 end record, which is at least this long, and the locator that follows it.
const END64: usize = 56;
const LOCATOR: u64 = 20;
/// What an entry takes without its name, bytes.
const ENTRY: usize = 46;

/// Where the directory is.
struct Extent {
    start: u64,
    end: u64,
    /// How many bytes stand before the archive itself, as in one that unpacks itself.
    before: u64,
    entries: u64,
}

/// Reads the entries and their names, in the directory's order. Memory is set aside for entries that are there.
pub(super) fn read(reader: &mut (impl Read + Seek), size: u64) -> Result<Vec<(String, Entry)>, ArchiveError> {
    let extent = find(reader, size)?;
    reader.seek(SeekFrom::Start(extent.start))?;
    let mut directory = reader.take(extent.end - extent.start);
    let mut entries = Vec::new();
    let mut fixed = [0; ENTRY];
    let mut rest = Vec::new();
    while read_some(&mut directory, &mut fixed)? == ENTRY && fixed.starts_with(b"PK\x01\x02") {
        let lengths = [28, 30, 32].map(|at| usize::from(u16_at(&fixed, at)));
        let whole: usize = lengths.iter().sum();
        rest.clear();
        (&mut directory).take(whole as u64).read_to_end(&mut rest)?;
        if rest.len() < whole {
            break;
        }
        let (name, rest) = rest.split_at(lengths[0]);
        let mut entry = Entry {
            start: u64::from(u32_at(&fixed, 42)),
            packed: u64::from(u32_at(&fixed, 20)),
            size: u64::from(u32_at(&fixed, 24)),
            checksum: u32_at(&fixed, 16),
            method: u16_at(&fixed, 10),
            encrypted: u16_at(&fixed, 8) & 1 == 1,
        };
        entry.widen(&rest[..lengths[1]]);
        entry.start = entry.start.saturating_add(extent.before);
        entries.push((text(name), entry));
    }
    // Old programs count to 65,535 and begin anew.
    if (entries.len() as u64) < extent.entries {
        let found = entries.len();
        return Err(ArchiveError::Damaged(format!("its directory has {found} entries of {}", extent.entries)));
    }
    Ok(entries)
}

impl Entry {
    /// Takes numbers too large for 32 bits from the zip64 field, where there is one.
    fn widen(&mut self, mut extra: &[u8]) {
        while let Some((head, rest)) = extra.split_at_checked(4) {
            let Some((field, after)) = rest.split_at_checked(usize::from(u16_at(head, 2))) else { return };
            if u16_at(head, 0) == 1 {
                let mut numbers = field.chunks_exact(8).map(|bytes| u64_at(bytes, 0));
                for number in [&mut self.size, &mut self.packed, &mut self.start] {
                    if *number == u64::from(u32::MAX) {
                        *number = numbers.next().unwrap_or(*number);
                    }
                }
                return;
            }
            extra = after;
        }
    }
}

/// Finds the directory by the end record, which may be followed by a comment.
fn find(reader: &mut (impl Read + Seek), size: u64) -> Result<Extent, ArchiveError> {
    let mut magic = [0; 4];
    read_some(reader, &mut magic)?;
    let tail_start = size.saturating_sub(TAIL);
    reader.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    reader.take(TAIL).read_to_end(&mut tail)?;
    let is_end = |at: &usize| {
        let record = tail.get(*at..at + END).filter(|record| record.starts_with(b"PK\x05\x06"));
        record.is_some_and(|record| at + END + usize::from(u16_at(record, 20)) <= tail.len())
    };
    let Some(at) = (0..tail.len()).rev().find(is_end) else {
        return Err(if magic.starts_with(b"PK") { ArchiveError::CutShort } else { ArchiveError::NotZip });
    };
    let (record, record_start) = (&tail[at..at + END], tail_start + at as u64);
    let mut entries = u64::from(u16_at(record, 10));
    let mut length = u64::from(u32_at(record, 12));
    let mut offset = u64::from(u32_at(record, 16));
    let mut end = record_start;
    if let Some((record, start)) = find_end64(reader, record_start)? {
        (entries, length, offset, end) = (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48), start);
    }
    if entries > end / ENTRY as u64 {
        return Err(ArchiveError::Damaged(format!("it claims {entries} entries in {size} bytes")));
    }
    // What the directory says of itself, and where it must end, say how much stands before the archive.
    let start = end.checked_sub(length);
    let before = start.and_then(|start| start.checked_sub(offset));
    match (start, before) {
        (Some(start), Some(before)) => Ok(Extent { start, end, before, entries }),
        _ => Err(ArchiveError::Damaged("its directory lies outside of the file".to_owned())),
    }
}

/// The zip64 end record and where it begins, if a locator before the end record points at one.
fn find_end64(reader: &mut (impl Read + Seek), end: u64) -> Result<Option<([u8; END64], u64)>, ArchiveError> {
    let Some(locator_start) = end.checked_sub(LOCATOR) else { return Ok(None) };
    let mut locator = [0; LOCATOR as usize];
    reader.seek(SeekFrom::Start(locator_start))?;
    if read_some(reader, &mut locator)? < locator.len() || !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    // Where it says, or, if something stands before the archive, just before the locator.
    for start in [Some(u64_at(&locator, 8)), locator_start.checked_sub(END64 as u64)].into_iter().flatten() {
        let mut record = [0; END64];
        reader.seek(SeekFrom::Start(start))?;
        if start < locator_start && read_some(reader, &mut record)? == END64 && record.starts_with(b"PK\x06\x06") {
            return Ok(Some((record, start)));
        }
    }
    Err(ArchiveError::Damaged("its zip64 end record is missing".to_owned()))
}

/// Fills as much of `into` as there is.
pub(super) fn read_some(reader: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match reader.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A name: UTF-8, whether the entry says so or not; else of an alphabet nobody knows, and every byte a letter.
fn text(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => name.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The number at a place; 0 where there are too few bytes.
fn number<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    let bytes = bytes.get(at..at + N).unwrap_or_default();
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    number::<2>(bytes, at) as u16
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    number::<4>(bytes, at) as u32
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    number::<8>(bytes, at)
}
