//! Cuts a stream into blocks of whole lines or whole CSV records.
//!
//! Memory is bounded. A block has [`BLOCK`] bytes or a little more, for input of any size. Only a single
//! line or record can make it grow, to 64 MiB at most. A block of lines is returned as soon as a line is
//! whole, so that a slow pipe gets its answers. Records are gathered first.

use memchr::{memchr_iter, memrchr};
use parking_lot::Mutex;

use crate::error::{Error, Result};
use crate::records::{Cut, cut};
use crate::source::Source;

/// Bytes in a block: enough to hide the cost of handing it over, few enough to stay in cache.
pub(crate) const BLOCK: usize = 256 << 10;
/// Bytes behind a block, in which its last record ends.
const SLACK: usize = 16 << 10;
/// Most bytes of a line or record.
const LONGEST: usize = 64 << 20;
/// The byte order mark that some editors put before UTF-8.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// Returns the length of a byte order mark at the start, or 0.
pub(crate) fn bom(bytes: &[u8]) -> usize {
    if bytes.starts_with(BOM) { BOM.len() } else { 0 }
}

/// Where a block may end.
///
/// # Examples
/// ```
/// use callbar_lists::{Blocks, Pool, Source, Units};
///
/// let csv = "phone,reason\n0505 004 78 24,\"two\nlines\"\n";
/// let source = Source::from_reader("spam.csv", csv.as_bytes())?;
/// let pool = Pool::default();
/// let mut blocks = Blocks::new(source, Units::Records(b','), &pool);
/// let block = blocks.next()?.expect("it is not empty");
/// assert_eq!(block.bytes(), csv.as_bytes(), "the quoted line feed ends no record");
/// # Ok::<(), callbar_lists::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Units {
    /// After any line feed.
    Lines,
    /// After a CSV record, whose fields are separated by this byte.
    Records(u8),
}

/// Whole lines or records.
///
/// # Examples
/// ```
/// use callbar_lists::{Blocks, Pool, Source, Units};
///
/// let source = Source::from_reader("spam.csv", &b"phone\n0505 004 78 24\n"[..])?;
/// let pool = Pool::default();
/// let mut block = Blocks::new(source, Units::Lines, &pool).next()?.expect("it is not empty");
/// assert_eq!((block.line, block.bytes()), (1, &b"phone\n0505 004 78 24\n"[..]));
/// block.skip("phone\n".len());
/// assert_eq!((block.line, block.bytes()), (2, &b"0505 004 78 24\n"[..]));
/// # Ok::<(), callbar_lists::Error>(())
/// ```
pub struct Block {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The line on which it begins, from 1.
    pub line: u64,
}

impl Block {
    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Removes the first `count` bytes.
    pub fn skip(&mut self, count: usize) {
        self.line += memchr_iter(b'\n', &self.bytes()[..count]).count() as u64;
        self.start += count;
    }
}

/// Buffers that are used again, so that their pages are touched only once.
///
/// # Examples
/// ```
/// use callbar_lists::{Blocks, Pool, Source, Units, lines};
///
/// let pool = Pool::default();
/// let source = Source::from_reader("spam.txt", &b"0505 004 78 24\n0532 111 22 33\n"[..])?;
/// let mut blocks = Blocks::new(source, Units::Lines, &pool);
/// let mut count = 0;
/// while let Some(block) = blocks.next()? {
///     count += lines(block.bytes()).count();
///     // The next block uses the same memory.
///     pool.give(block);
/// }
/// assert_eq!(count, 2);
/// # Ok::<(), callbar_lists::Error>(())
/// ```
#[derive(Default)]
pub struct Pool(Mutex<Vec<Vec<u8>>>);

impl Pool {
    /// Returns a buffer with any content, at least as long as a block.
    fn take(&self) -> Vec<u8> {
        self.0.lock().pop().unwrap_or_else(|| vec![0; BLOCK + SLACK])
    }

    /// Takes back the buffer of a block, unless a long record has made it grow.
    pub fn give(&self, block: Block) {
        if block.buffer.len() <= 4 * BLOCK {
            self.0.lock().push(block.buffer);
        }
    }
}

/// The blocks of a source, in order.
///
/// # Examples
/// ```
/// use callbar_lists::{Blocks, Pool, Source, Units, lines};
///
/// let source = Source::from_reader("spam.txt", &b"0505 004 78 24\r\n112\n"[..])?;
/// let pool = Pool::default();
/// let mut blocks = Blocks::new(source, Units::Lines, &pool);
/// let block = blocks.next()?.expect("it is not empty");
/// assert_eq!(lines(block.bytes()).collect::<Vec<_>>(), [&b"0505 004 78 24"[..], b"112"]);
/// assert!(blocks.next()?.is_none());
/// # Ok::<(), callbar_lists::Error>(())
/// ```
pub struct Blocks<'p> {
    source: Source,
    units: Units,
    pub(crate) pool: &'p Pool,
    carry: Vec<u8>,
    line: u64,
    ended: bool,
}

impl<'p> Blocks<'p> {
    /// Cuts a source into blocks that end with whole units.
    pub fn new(source: Source, units: Units, pool: &'p Pool) -> Self {
        Self { source, units, pool, carry: Vec::new(), line: 1, ended: false }
    }

    /// Returns the next block, which is never empty; `None` at the end.
    ///
    /// # Errors
    /// The source cannot be read; a record does not end.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::{Blocks, Pool, Source, Units};
    ///
    /// let source = Source::from_reader("spam.csv", &b"phone,reason\n112,\"never closed\n"[..])?;
    /// let pool = Pool::default();
    /// let error = Blocks::new(source, Units::Records(b','), &pool).next().err().expect("an error");
    /// assert_eq!(error.to_string(), "spam.csv:2: the quote opened on this line is never closed");
    /// # Ok::<(), callbar_lists::Error>(())
    /// ```
    #[expect(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> Result<Option<Block>> {
        let mut buffer = self.pool.take();
        if buffer.len() < self.carry.len() {
            buffer.resize(self.carry.len() + BLOCK, 0);
        }
        let mut len = self.carry.len();
        buffer[..len].copy_from_slice(&self.carry);
        self.carry.clear();
        // No line ends before this place, so a long line is searched only once.
        let mut searched = 0;
        loop {
            if len == buffer.len() {
                self.grow(&mut buffer)?;
            }
            if !self.ended {
                let read = self.source.read(&mut buffer[len..])?;
                self.ended = read == 0;
                len += read;
            }
            if let Some(end) = self.end_of_block(&buffer[..len], len == buffer.len(), searched)? {
                return Ok((end > 0).then(|| self.emit(buffer, end, len)));
            }
            searched = len;
        }
    }

    /// Returns where a block of the first bytes ends; `None` if more must be read.
    fn end_of_block(&self, bytes: &[u8], full: bool, searched: usize) -> Result<Option<usize>> {
        match self.units {
            Units::Lines if self.ended => Ok(Some(bytes.len())),
            Units::Lines => Ok(memrchr(b'\n', &bytes[searched..]).map(|at| searched + at + 1)),
            Units::Records(_) if !full && !self.ended => Ok(None),
            Units::Records(delimiter) => self.end_of_records(bytes, delimiter),
        }
    }

    fn end_of_records(&self, bytes: &[u8], delimiter: u8) -> Result<Option<usize>> {
        // A quote behind a byte order mark opens a field like any at the start of a record.
        let mark = if self.line == 1 { bom(bytes) } else { 0 };
        let target = if self.ended { bytes.len() } else { BLOCK.max(bytes.len() / 2) };
        match cut(&bytes[mark..], target - mark, delimiter) {
            Cut::At(end) => Ok(Some(mark + end)),
            Cut::Open(at) if self.ended => Err(Error::new(
                format!(
                    "{}:{}: the quote opened on this line is never closed",
                    self.source.name,
                    self.line_at(bytes, mark + at)
                ),
                "close it, or double it if it is part of the text",
            )),
            Cut::Open(_) | Cut::More => Ok(self.ended.then_some(bytes.len())),
        }
    }

    fn line_at(&self, bytes: &[u8], at: usize) -> u64 {
        self.line + memchr_iter(b'\n', &bytes[..at]).count() as u64
    }

    /// Makes room for a line or record that is longer than the buffer.
    fn grow(&self, buffer: &mut Vec<u8>) -> Result<()> {
        if buffer.len() >= LONGEST {
            let (what, hint) = match self.units {
                Units::Lines => ("line", "is this a text file?"),
                Units::Records(_) => ("record", "is a quote on this line never closed?"),
            };
            let place = format!("{}:{}", self.source.name, self.line);
            let fact = format!("{place}: this {what} is longer than {} MiB", LONGEST >> 20);
            return Err(Error::new(fact, hint));
        }
        buffer.resize(buffer.len() * 2, 0);
        Ok(())
    }

    fn emit(&mut self, buffer: Vec<u8>, end: usize, len: usize) -> Block {
        self.carry.extend_from_slice(&buffer[end..len]);
        let line = self.line;
        self.line = self.line_at(&buffer, end);
        Block { buffer, start: 0, end, line }
    }
}

/// Returns the lines of a block, without their line feed and the carriage return before it.
///
/// # Examples
/// ```
/// use callbar_lists::lines;
///
/// let block = b"0505 004 78 24\r\n\n112";
/// assert_eq!(lines(block).collect::<Vec<_>>(), [&b"0505 004 78 24"[..], b"", b"112"]);
/// ```
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, after) = match memchr::memchr(b'\n', rest) {
            Some(at) => (&rest[..at], &rest[at + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        rest = after;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(bytes: &[u8], units: Units) -> Result<Vec<(u64, Vec<u8>)>> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("in");
        std::fs::write(&path, bytes).unwrap();
        let pool = Pool::default();
        let mut blocks = Blocks::new(Source::open_raw(&path).unwrap(), units, &pool);
        let mut all = Vec::new();
        while let Some(block) = blocks.next()? {
            all.push((block.line, block.bytes().to_vec()));
            pool.give(block);
        }
        Ok(all)
    }

    #[test]
    fn blocks_join_to_the_input_and_end_with_a_line() {
        let input: Vec<u8> = (0..200_000).flat_map(|i| format!("{i}\r\n").into_bytes()).collect();
        let all = blocks(&input, Units::Lines).unwrap();
        assert!(all.len() > 3);
        let mut line = 1;
        for (first, bytes) in &all {
            assert_eq!(*first, line);
            assert!(bytes.ends_with(b"\n"));
            line += lines(bytes).count() as u64;
        }
        assert_eq!(all.into_iter().flat_map(|(_, b)| b).collect::<Vec<_>>(), input);
    }

    #[test]
    fn a_quoted_line_feed_never_ends_a_block() {
        let record = b"1,\"two\nlines, \"\"and\"\" a quote\",3\n".repeat(30_000);
        for (_, bytes) in blocks(&record, Units::Records(b',')).unwrap() {
            assert!(bytes.starts_with(b"1,\"two\n") && bytes.ends_with(b",3\n"));
        }
    }

    #[test]
    fn a_record_longer_than_a_block_is_whole() {
        let long = [b"a,\"", "x\n".repeat(BLOCK).as_bytes(), b"\",b\nc,d,e\n"].concat();
        let all = blocks(&long, Units::Records(b',')).unwrap();
        assert_eq!(all.into_iter().flat_map(|(_, b)| b).collect::<Vec<_>>(), long);
    }

    #[test]
    fn a_quote_left_open_is_reported_with_its_line() {
        let error = blocks(b"a,b\n1,2\n3,\"four\n5,6\n", Units::Records(b',')).unwrap_err();
        assert!(error.to_string().contains("in:3: the quote"), "{error}");
    }

    #[test]
    fn a_quote_behind_a_byte_order_mark_opens_a_field() {
        let input = b"\xef\xbb\xbf\"Name, \",phone\na,1\n";
        assert_eq!(blocks(input, Units::Records(b',')).unwrap(), [(1, input.to_vec())]);
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        assert_eq!(lines(b"a\r\n\nb\r").collect::<Vec<_>>(), [b"a".as_slice(), b"", b"b"]);
        assert_eq!(blocks(b"a\nb", Units::Lines).unwrap().len(), 2);
        assert!(blocks(b"", Units::Lines).unwrap().is_empty());
    }
}
