//! Where bytes come from: files on disk, files in memory, and (in the worker) files of the browser.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
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
/// away at every one. There are two buffers, so that images and the labels that lie far behind them can be read in
/// turn. Sent backwards, it reads what lies before the place as well: that is how the end of an archive is searched.
pub(in crate::dataset) struct Window<R> {
    inner: R,
    size: u64,
    position: u64,
    buffers: [Buffer; 2],
    /// The buffer that was used last.
    last: usize,
}

/// A part of a source.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// Where in the source it begins.
    start: u64,
}

impl Buffer {
    /// What it holds from `position` on.
    fn from(&self, position: u64) -> &[u8] {
        let skipped = position.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.bytes.get(skipped..)).unwrap_or_default()
    }

    /// Whether a reader that has come to its end, and a little further, would stand at `position`.
    fn is_followed_by(&self, position: u64) -> bool {
        let end = self.start + self.bytes.len() as u64;
        !self.bytes.is_empty() && (end..end + WINDOW as u64).contains(&position)
    }
}

impl<R: Read + Seek> Window<R> {
    pub(in crate::dataset) fn new(inner: R, size: u64) -> Self {
        Window { inner, size, position: 0, buffers: [Buffer::default(), Buffer::default()], last: 0 }
    }

    /// Fills the buffer that ends just before the position, else the one not used last.
    fn fill(&mut self) -> io::Result<()> {
        let follows = self.buffers.iter().position(|buffer| buffer.is_followed_by(self.position));
        let backwards = follows.is_none() && self.position < self.buffers[self.last].start;
        self.last = follows.unwrap_or(1 - self.last);
        let buffer = &mut self.buffers[self.last];
        buffer.start = self.position.saturating_sub(if backwards { WINDOW as u64 * 3 / 4 } else { 0 });
        self.inner.seek(SeekFrom::Start(buffer.start))?;
        // The minimum of the two fits a usize because WINDOW does.
        buffer.bytes.resize(self.size.min(WINDOW as u64) as usize, 0);
        let mut filled = 0;
        while filled < buffer.bytes.len() {
            match self.inner.read(&mut buffer.bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    buffer.bytes.clear();
                    return Err(error);
                }
            }
        }
        buffer.bytes.truncate(filled);
        Ok(())
    }
}

impl<R: Read + Seek> BufRead for Window<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.size {
            return Ok(&[]);
        }
        match self.buffers.iter().position(|buffer| !buffer.from(self.position).is_empty()) {
            Some(held) => self.last = held,
            None => self.fill()?,
        }
        Ok(self.buffers[self.last].from(self.position))
    }

    fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64);
    }
}

impl<R: Read + Seek> Read for Window<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
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

    /// Counts how often it is read.
    struct Counted(Cursor<Vec<u8>>, std::rc::Rc<std::cell::Cell<usize>>);

    impl Read for Counted {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1.set(self.1.get() + 1);
            self.0.read(into)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn two_places_are_read_in_turn() {
        let size = WINDOW * 40;
        let reads = std::rc::Rc::new(std::cell::Cell::new(0));
        let mut window = Window::new(Counted(Cursor::new(vec![0; size]), reads.clone()), size as u64);
        for step in 0..1000 {
            for place in [step * 1000, size / 2 + step * 1000] {
                window.seek(SeekFrom::Start(place as u64)).unwrap();
                window.read_exact(&mut [0; 700]).unwrap();
            }
        }
        // A million bytes at each place are four buffers.
        assert!(reads.get() < 20, "{} reads", reads.get());
    }

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
