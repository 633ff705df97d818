//! Everything that was dropped, archives opened: one flat list of files in the order they are best read in.

use std::io::{self, Read};

use thiserror::Error;

use super::archive::{Archive, ArchiveError};
use super::paths::{self, Kind};
use super::problem_list::ProblemList;
use crate::dataset::source::{DroppedFile, Source, Window};

/// The largest image file that is read, bytes.
pub(super) const IMAGE_LIMIT: u64 = 64 << 20;
/// The largest table that is read, bytes.
pub(super) const TABLE_LIMIT: u64 = 512 << 20;

/// Why a listed file cannot be read. Reads on after the name of the file.
#[derive(Debug, Error)]
pub(super) enum ReadError {
    #[error("cannot be read ({0}); replace it, or leave it out")]
    Io(#[from] io::Error),
    #[error("is larger than {} MiB, the most that is read of {what}", limit >> 20)]
    TooLarge { limit: u64, what: &'static str },
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// A file that may matter: an image or a table.
pub(super) struct ListedFile {
    /// Its path as it was dropped; inside an archive `archive.zip/path`.
    pub(super) path: String,
    pub(super) is_table: bool,
    origin: Origin,
}

enum Origin {
    Loose(Box<dyn Source>),
    Entry { archive: usize, entry: usize },
}

/// The images and tables of a drop.
#[derive(Default)]
pub(super) struct Listing {
    files: Vec<ListedFile>,
    archives: Vec<Archive>,
    /// Files that are neither image, table nor archive.
    pub(super) others: usize,
    /// Archives that could not be opened.
    pub(super) problems: ProblemList,
}

impl Listing {
    /// Lists dropped files and what the dropped zips hold. Only the archives' directories are read.
    pub(super) fn new(dropped: Vec<DroppedFile>) -> Self {
        let mut listing = Listing::default();
        for file in dropped {
            let path = paths::normalise(&file.path);
            if paths::is_hidden(&path) || path.is_empty() {
                continue;
            }
            match paths::kind(&path) {
                Kind::Zip => match Archive::open(&*file.source) {
                    Ok(archive) => listing.add_archive(&path, archive),
                    Err(error) => listing.problems.push_file(&path, error.to_string()),
                },
                kind => listing.add(path, kind, Origin::Loose(file.source)),
            }
        }
        listing
    }

    fn add_archive(&mut self, path: &str, archive: Archive) {
        for entry in 0..archive.len() {
            let name = archive.name(entry);
            let inner = paths::normalise(name);
            if name.ends_with(['/', '\\']) || inner.is_empty() || paths::is_hidden(&inner) {
                continue;
            }
            let kind = paths::kind(&inner);
            self.add(format!("{path}/{inner}"), kind, Origin::Entry { archive: self.archives.len(), entry });
        }
        self.archives.push(archive);
    }

    fn add(&mut self, path: String, kind: Kind, origin: Origin) {
        match kind {
            Kind::Image => self.files.push(ListedFile { path, is_table: false, origin }),
            Kind::Table => self.files.push(ListedFile { path, is_table: true, origin }),
            Kind::Zip => {
                self.problems.push_file(&path, "is a zip inside a zip; unpack the outer one and drop the folder")
            }
            Kind::OtherArchive => {
                self.problems.push_file(&path, "is an archive of a kind that cannot be opened here; pack it as zip");
            }
            Kind::Other => self.others += 1,
        }
    }

    /// Every image and table. Files are known by their index in this slice.
    pub(super) fn files(&self) -> &[ListedFile] {
        &self.files
    }

    /// The path of a file.
    pub(super) fn path(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.path)
    }

    /// The indices of the images.
    pub(super) fn images(&self) -> impl Iterator<Item = usize> {
        (0..self.files.len()).filter(|file| !self.files[*file].is_table)
    }

    /// The indices of the tables.
    pub(super) fn tables(&self) -> Vec<usize> {
        (0..self.files.len()).filter(|file| self.files[*file].is_table).collect()
    }

    /// The bytes of an image file, into `bytes`.
    pub(super) fn read_image(&mut self, file: usize, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
        bytes.clear();
        self.reader(file)?.take(IMAGE_LIMIT + 1).read_to_end(bytes)?;
        if bytes.len() as u64 > IMAGE_LIMIT {
            return Err(ReadError::TooLarge { limit: IMAGE_LIMIT, what: "an image" });
        }
        Ok(())
    }

    /// A reader of a table, which fails after [`TABLE_LIMIT`] bytes.
    pub(super) fn read_table(&mut self, file: usize) -> Result<impl Read + '_, ReadError> {
        Ok(Limited { inner: self.reader(file)?, left: TABLE_LIMIT })
    }

    fn reader(&mut self, file: usize) -> Result<Box<dyn Read + '_>, ReadError> {
        match self.files.get(file).map(|file| &file.origin) {
            Some(Origin::Loose(source)) => Ok(Box::new(Window::new(source.open()?, source.size()))),
            Some(Origin::Entry { archive, entry }) => Ok(Box::new(self.archives[*archive].read(*entry)?)),
            None => Err(ReadError::Io(io::ErrorKind::NotFound.into())),
        }
    }
}

/// A reader that fails, rather than ends, where there is more than it may read.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        let too_large = || io::Error::other(ReadError::TooLarge { limit: TABLE_LIMIT, what: "a table" }.to_string());
        self.left = self.left.checked_sub(count as u64).ok_or_else(too_large)?;
        Ok(count)
    }
}
