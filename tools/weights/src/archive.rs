//! Reads a `.tar.gz` of plain files (POSIX ustar).

use std::collections::BTreeMap;
use std::io::Read;

use thiserror::Error;

const BLOCK: usize = 512;

/// The files of an archive, by their paths.
pub struct Archive(BTreeMap<String, Vec<u8>>);

/// Why an archive cannot be read.
#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error("it cannot be unpacked: {0}")]
    Gzip(#[from] std::io::Error),
    #[error("its entry at byte {0} is damaged")]
    Entry(usize),
    #[error("{0} is not in it")]
    Missing(String),
}

impl Archive {
    /// Unpacks an archive into memory. What is no plain file is left out.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn unpack(bytes: &[u8]) -> Result<Archive, ArchiveError> {
        let mut tar = Vec::new();
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut tar)?;
        let mut files = BTreeMap::new();
        let mut at = 0;
        // The end is a block of zeros.
        while let Some(header) = tar.get(at..at + BLOCK).filter(|header| header[0] != 0) {
            let damaged = ArchiveError::Entry(at);
            let Some(size) = octal(&header[124..136]) else { return Err(damaged) };
            let data = at + BLOCK;
            let Some(contents) = data.checked_add(size).and_then(|end| tar.get(data..end)) else { return Err(damaged) };
            if matches!(header[156], b'0' | 0) {
                files.insert(text(&header[..100]), contents.to_vec());
            }
            at = data + size.next_multiple_of(BLOCK);
        }
        Ok(Archive(files))
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// Where there is no such file.
    pub fn file(&self, path: &str) -> Result<&[u8], ArchiveError> {
        self.0.get(path).map(Vec::as_slice).ok_or_else(|| ArchiveError::Missing(path.into()))
    }
}

/// A field, to its first zero.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn octal(field: &[u8]) -> Option<usize> {
    usize::from_str_radix(text(field).trim(), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(tar: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(tar).unwrap();
        encoder.finish().unwrap()
    }

    fn entry(name: &str, kind: u8, size: &str, contents: &[u8]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..124 + size.len()].copy_from_slice(size.as_bytes());
        block[156] = kind;
        block.extend(contents);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }

    #[test]
    fn files_are_found_by_their_paths_and_folders_are_left_out() {
        let tar = [
            entry("a", b'5', "00000000000", b""),
            entry("a/b.txt", b'0', "00000000003", b"abc"),
            entry("c", 0, "00000001000 ", &[7; 512]),
            vec![0; 2 * BLOCK],
        ];
        let archive = Archive::unpack(&packed(&tar.concat())).unwrap();
        assert_eq!(archive.file("a/b.txt").unwrap(), b"abc");
        assert_eq!(archive.file("c").unwrap(), [7; 512]);
        assert_eq!(archive.file("a").unwrap_err().to_string(), "a is not in it");
    }

    #[test]
    fn a_size_that_lies_is_refused() {
        for size in ["00000004000", "77777777777", "abc"] {
            assert!(matches!(Archive::unpack(&packed(&entry("a", b'0', size, b"abc"))), Err(ArchiveError::Entry(0))));
        }
        assert!(matches!(Archive::unpack(b"no gzip"), Err(ArchiveError::Gzip(_))));
    }
}
