//! Reads the bytes of a file or of standard input, gzipped or not.
//!
//! Every error names its file. Bytes are counted as they are stored (compressed ones for gzip), so that
//! progress can be shown. This module knows no lines and no columns.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// The first bytes of a gzip file. The third means "deflated", the only method that exists.
pub(crate) const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
/// Bytes that [`Source::peek`] returns. The first row of a file must end within them.
pub(crate) const PEEK: usize = 256 << 10;
/// Bytes that the decoder reads at a time.
const GZIP_BUFFER: usize = 64 << 10;

/// A stream of bytes with a name for messages.
///
/// # Examples
/// ```
/// use callbar_lists::Source;
///
/// let mut source = Source::from_reader("spam.txt", &b"0505 004 78 24\n"[..])?;
/// let (mut buffer, mut text) = ([0; 64], Vec::new());
/// while let read @ 1.. = source.read(&mut buffer)? {
///     text.extend_from_slice(&buffer[..read]);
/// }
/// assert_eq!((&*source.name, &*text), ("spam.txt", &b"0505 004 78 24\n"[..]));
/// assert_eq!(source.total, None, "only a file has a known size");
/// # Ok::<(), callbar_lists::Error>(())
/// ```
pub struct Source {
    /// The path as given, or `standard input`.
    pub name: String,
    /// Bytes on disk, if known.
    pub total: Option<u64>,
    /// Bytes read so far, in the unit of `total`.
    pub read: Arc<AtomicU64>,
    gzip: bool,
    reader: Box<dyn Read + Send>,
}

impl Source {
    /// Opens a path, `-` for standard input, and unpacks a gzip file, which has certain first bytes.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("spam.txt");
    /// std::fs::write(&path, "0505 004 78 24\n")?;
    /// let mut source = Source::open(&path)?;
    /// assert_eq!((source.total, source.peek()?), (Some(15), b"0505 004 78 24\n".to_vec()));
    /// let error = Source::open("/no/such/list".as_ref()).err().expect("an error");
    /// assert_eq!(error.to_string(), "cannot open /no/such/list");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_raw(path)?.unpacked()
    }

    /// Opens a path, `-` for standard input, without unpacking.
    ///
    /// # Errors
    /// The file cannot be opened.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("spam.txt.gz");
    /// std::fs::write(&path, b"\x1f\x8b\x08 and so on")?;
    /// assert!(Source::open_raw(&path)?.peek()?.starts_with(b"\x1f\x8b\x08"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_raw(path: &Path) -> Result<Self> {
        let name = Self::name_of(path);
        if Self::is_stdin(path) {
            return Ok(Self::new(name, None, io::stdin()));
        }
        let file = File::open(path).map_err(|error| cannot("open", &name, error))?;
        let meta = file.metadata().map_err(|error| cannot("read", &name, error))?;
        if meta.is_dir() {
            let remedy = "give a file, or - for standard input";
            return Err(Error::new(format!("{name} is a directory"), remedy));
        }
        let total = meta.is_file().then_some(meta.len());
        Ok(Self::new(name, total, file))
    }

    /// Reads the bytes of a reader, gzipped or not. Messages call it `name`.
    ///
    /// # Errors
    /// The first bytes cannot be read.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// // The body of a request, for instance.
    /// let body = b"0505 004 78 24\n";
    /// let mut source = Source::from_reader("upload.txt", &body[..])?;
    /// assert_eq!(source.peek()?, body);
    /// # Ok::<(), callbar_lists::Error>(())
    /// ```
    pub fn from_reader(
        name: impl Into<String>,
        reader: impl Read + Send + 'static,
    ) -> Result<Self> {
        Self::new(name.into(), None, reader).unpacked()
    }

    fn new(name: String, total: Option<u64>, inner: impl Read + Send + 'static) -> Self {
        let read = Arc::new(AtomicU64::new(0));
        let reader = Box::new(Counting { inner, read: Arc::clone(&read) });
        Self { name, total, read, gzip: false, reader }
    }

    fn unpacked(mut self) -> Result<Self> {
        let head = self.read_first(GZIP.len())?;
        self.gzip = head == GZIP;
        let whole = Cursor::new(head).chain(self.reader);
        self.reader = if self.gzip {
            let buffered = io::BufReader::with_capacity(GZIP_BUFFER, whole);
            Box::new(MultiGzDecoder::new(buffered))
        } else {
            Box::new(whole)
        };
        Ok(self)
    }

    /// Reads so many bytes, or all of a shorter source.
    fn read_first(&mut self, bytes: usize) -> Result<Vec<u8>> {
        let mut first = Vec::new();
        let read = (&mut self.reader).take(bytes as u64).read_to_end(&mut first);
        read.map_err(|error| self.explain(error))?;
        Ok(first)
    }

    /// Fails after `bytes` bytes: a small gzip file may unpack to terabytes.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// let mut source = Source::from_reader("upload.txt", &b"0505 004 78 24\n"[..])?.with_limit(10);
    /// let error = source.peek().unwrap_err();
    /// assert!(error.to_string().starts_with("upload.txt is larger than the limit"));
    /// # Ok::<(), callbar_lists::Error>(())
    /// ```
    #[must_use]
    pub fn with_limit(mut self, bytes: u64) -> Self {
        let reader = std::mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = Box::new(Limited { inner: reader, left: bytes });
        self
    }

    /// Reports whether a list can be opened, before any is read. Opening a pipe waits for its
    /// writer, so pipes are left alone.
    ///
    /// # Errors
    /// The file cannot be opened.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// assert!(Source::probe("-".as_ref()).is_ok(), "standard input");
    /// assert!(Source::probe("/no/such/list".as_ref()).is_err());
    /// ```
    pub fn probe(path: &Path) -> Result<()> {
        if Self::is_stdin(path) {
            return Ok(());
        }
        let name = Self::name_of(path);
        let meta = fs::metadata(path).map_err(|error| cannot("open", &name, error))?;
        if meta.is_file() {
            File::open(path).map_err(|error| cannot("open", &name, error))?;
        }
        Ok(())
    }

    /// Returns the name of a path in messages.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// assert_eq!(Source::name_of("lists/spam.csv".as_ref()), "lists/spam.csv");
    /// assert_eq!(Source::name_of("-".as_ref()), "standard input");
    /// ```
    #[must_use]
    pub fn name_of(path: &Path) -> String {
        if Self::is_stdin(path) { "standard input".into() } else { path.display().to_string() }
    }

    /// Reports whether a path stands for standard input.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// assert!(Source::is_stdin("-".as_ref()) && !Source::is_stdin("spam.csv".as_ref()));
    /// ```
    #[must_use]
    pub fn is_stdin(path: &Path) -> bool {
        path.as_os_str() == "-"
    }

    /// Returns the first 256 KiB and one byte more, or all of a shorter source. The byte more shows
    /// that the source is longer. Later calls of [`Source::read`] return all of them again.
    ///
    /// # Errors
    /// The source cannot be read.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::Source;
    ///
    /// let mut source = Source::from_reader("spam.txt", &b"112\n"[..])?;
    /// assert_eq!(source.peek()?, b"112\n");
    /// let mut buffer = [0; 64];
    /// assert_eq!(source.read(&mut buffer)?, 4, "the same bytes again");
    /// # Ok::<(), callbar_lists::Error>(())
    /// ```
    pub fn peek(&mut self) -> Result<Vec<u8>> {
        let head = self.read_first(PEEK + 1)?;
        let rest = std::mem::replace(&mut self.reader, Box::new(io::empty()));
        self.reader = Box::new(Cursor::new(head.clone()).chain(rest));
        Ok(head)
    }

    /// Reads some bytes, as soon as there are any; 0 at the end.
    ///
    /// # Errors
    /// The source cannot be read.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map_err(|error| self.explain(error)),
            }
        }
    }

    /// Adds the name of the source, and the remedy for a gzip file that cannot be unpacked.
    fn explain(&self, error: io::Error) -> Error {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        if error.kind() == io::ErrorKind::FileTooLarge {
            let fact = format!("{} is larger than the limit when it is unpacked", self.name);
            return Error::new(fact, "split it");
        }
        let damaged = matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof);
        if self.gzip && damaged {
            let fact = format!("cannot read {}: the gzip file is cut short or damaged", self.name);
            return Error::io(fact, "fetch it again", error);
        }
        cannot("read", &self.name, error)
    }
}

fn cannot(action: &str, name: &str, error: io::Error) -> Error {
    Error::io(format!("cannot {action} {name}"), "", error)
}

struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

struct Counting<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn whole(path: &Path) -> Result<Vec<u8>> {
        let mut source = Source::open(path)?;
        let mut bytes = Vec::new();
        let mut buffer = [0; 7];
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(bytes),
                n => bytes.extend_from_slice(&buffer[..n]),
            }
        }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_gzip_and_joined_gzip_read_alike() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        for bytes in [b"one\ntwo\n".to_vec(), [gzip(b"one\n"), gzip(b"two\n")].concat()] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(whole(&path).unwrap(), b"one\ntwo\n");
        }
        std::fs::write(&path, b"\x1f").unwrap();
        assert_eq!(whole(&path).unwrap(), b"\x1f");
    }

    #[test]
    fn bytes_of_a_peek_are_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        std::fs::write(&path, vec![b'1'; PEEK + 2]).unwrap();
        let mut source = Source::open(&path).unwrap();
        assert_eq!(source.peek().unwrap().len(), PEEK + 1);
        let mut all = Vec::new();
        source.reader.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), PEEK + 2);
    }

    #[test]
    fn a_cut_gzip_file_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cut.gz");
        let bytes = gzip(b"905050047824\n");
        std::fs::write(&path, &bytes[..bytes.len() - 6]).unwrap();
        let error = whole(&path).unwrap_err();
        assert!(error.to_string().contains("cut.gz"), "{error:?}");
        assert_eq!(error.remedy(), "fetch it again");
    }

    #[test]
    fn directories_and_absent_files_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let error = whole(dir.path()).unwrap_err();
        assert!(error.to_string().contains("is a directory"), "{error:?}");
        let error = whole(&dir.path().join("absent")).unwrap_err();
        assert!(error.to_string().contains("absent"), "{error:?}");
    }
}
