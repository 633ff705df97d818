//! Where bytes come from: files on disk, files in memory, and (in the worker) files of the browser.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Something that can be read from any place.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// A file as it was dropped. It is opened as often as wanted and never held whole in memory unless it is small.
pub trait Source {
    /// Its length in bytes.
    fn size(&self) -> u64;

    /// A reader at its start. Reads of a few hundred kilobytes at a time are what it should be good at.
    fn open(&self) -> io::Result<Box<dyn ReadSeek>>;
}

/// One dropped file: what it is called, and its bytes.
pub struct DroppedFile {
    /// Its path as it was dropped, `/` between folders.
    pub path: String,
    /// Its bytes.
    pub source: Box<dyn Source>,
}

impl DroppedFile {
    /// A file of this path.
    pub fn new(path: impl Into<String>, source: impl Source + 'static) -> Self {
        DroppedFile { path: path.into(), source: Box::new(source) }
    }
}

/// A file that lies in memory.
#[derive(Clone)]
pub struct MemorySource(Arc<[u8]>);

impl MemorySource {
    /// Takes the bytes of a file.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        MemorySource(bytes.into())
    }
}

impl Source for MemorySource {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(Cursor::new(Arc::clone(&self.0))))
    }
}

/// A file on disk (native only: a browser has none).
#[cfg(not(target_family = "wasm"))]
pub struct FileSource {
    path: std::path::PathBuf,
    size: u64,
}

#[cfg(not(target_family = "wasm"))]
impl FileSource {
    /// Looks the file up; it is opened only when it is read.
    pub fn new(path: impl Into<std::path::PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let size = std::fs::metadata(&path)?.len();
        Ok(FileSource { path, size })
    }
}

#[cfg(not(target_family = "wasm"))]
impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(std::fs::File::open(&self.path)?))
    }
}

/// How much of a source is read at a time.
const WINDOW: usize = 256 * 1024;

/// A buffered reader that keeps its buffer when it is sent to a place the buffer holds.
///
/// An archive is read entry by entry, each with a seek of a few bytes; `std::io::BufReader` would throw its buffer
/// away at every one. When it is sent backwards it reads what lies before the place as well: that is how the end of
/// an archive is searched.
pub(in crate::dataset) struct Window<R> {
    inner: R,
    size: u64,
    position: u64,
    buffer: Vec<u8>,
    /// How much of `buffer` holds bytes of the source, and where in the source they begin.
    filled: usize,
    start: u64,
}

impl<R: Read + Seek> Window<R> {
    pub(in crate::dataset) fn new(inner: R, size: u64) -> Self {
        // The minimum of the two fits a usize because WINDOW does.
        let buffer = vec![0; size.min(WINDOW as u64) as usize];
        Window { inner, size, position: 0, buffer, filled: 0, start: 0 }
    }

    /// The part of the buffer from the position on.
    fn available(&self) -> &[u8] {
        let skipped = self.position.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.buffer[..self.filled].get(skipped..)).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<()> {
        let backwards = self.position < self.start;
        let before = if backwards { self.buffer.len() as u64 * 3 / 4 } else { 0 };
        self.start = self.position.saturating_sub(before);
        self.filled = 0;
        self.inner.seek(SeekFrom::Start(self.start))?;
        while self.filled < self.buffer.len() {
            match self.inner.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<R: Read + Seek> Read for Window<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() || self.position >= self.size {
            return Ok(0);
        }
        if self.available().is_empty() {
            self.fill()?;
        }
        let count = self.available().read(into)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for Window<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_what_the_source_holds_wherever_it_is_sent() {
        let bytes: Vec<u8> = (0..WINDOW * 3 + 17).map(|i| (i % 251) as u8).collect();
        let mut window = Window::new(Cursor::new(bytes.clone()), bytes.len() as u64);
        let places =
            [0, 5, WINDOW - 2, WINDOW * 2 + 1, WINDOW * 2 - 9, WINDOW / 2, bytes.len() - 10, bytes.len() - 3, 1];
        for place in places {
            window.seek(SeekFrom::Start(place as u64)).unwrap();
            let mut read = Vec::new();
            (&mut window).take(100).read_to_end(&mut read).unwrap();
            assert_eq!(read, bytes[place..(place + 100).min(bytes.len())]);
        }
        assert_eq!(window.seek(SeekFrom::End(-4)).unwrap(), bytes.len() as u64 - 4);
        assert!(window.seek(SeekFrom::Current(-i64::MAX)).is_err(), "before the start");
        window.seek(SeekFrom::Start(u64::MAX)).unwrap();
        assert_eq!(window.read(&mut [0; 8]).unwrap(), 0, "past the end");
    }
}
