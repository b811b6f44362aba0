//! Reports entries that cannot be on a list. None is dropped in silence.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::results::Output;
use super::terminal::{lossy, note};

/// Most entries on standard error.
const SHOWN: usize = 20;
/// Most bytes of an entry that are shown.
const TEXT: usize = 80;
/// Bytes that are gathered before the file is written.
const BUFFER: usize = 64 << 10;

/// Counts rejected entries, shows the first, and writes all of them to a file if one is given.
#[derive(Default)]
pub(crate) struct Rejects {
    total: u64,
    first: Vec<String>,
    output: Option<Output>,
    buffer: Vec<u8>,
    path: Option<PathBuf>,
}

impl Rejects {
    /// With a file, all entries are written to it: source, line, reason and text, tab separated. It
    /// appears with the report.
    pub(crate) fn new(path: Option<&Path>) -> Result<Self> {
        let output = path.map(|path| Output::create(Some(path))).transpose()?;
        Ok(Self { output, path: path.map(PathBuf::from), ..Self::default() })
    }

    /// Returns how many entries are rejected.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Adds one.
    pub(crate) fn add(&mut self, source: &str, line: u64, reason: &str, text: &[u8]) -> Result<()> {
        self.total += 1;
        let text = lossy(&text[..text.len().min(TEXT)]);
        if self.first.len() < SHOWN {
            self.first.push(format!("{source}:{line}: {reason}: {text:?}"));
        }
        if let Some(output) = &mut self.output {
            let text = text.escape_debug();
            // Writing to a vector never fails.
            let _ = writeln!(self.buffer, "{source}\t{line}\t{reason}\t{text}");
            if self.buffer.len() >= BUFFER {
                output.write(&self.buffer)?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    /// Finishes the file, and shows the first entries and where the others are.
    pub(crate) fn report(&mut self) -> Result<()> {
        if let Some(mut output) = self.output.take() {
            output.write(&self.buffer)?;
            output.finish()?;
        }
        self.lines().for_each(note);
        Ok(())
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let first = self.first.iter().map(|entry| format!("rejected {entry}"));
        let more = self.total - self.first.len() as u64;
        let rest = (more > 0).then(|| match &self.path {
            Some(path) => format!("and {more} more rejected: see {}", path.display()),
            None => format!("and {more} more rejected: give --rejects FILE for all of them"),
        });
        first.chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_all_and_the_screen_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rejects.tsv");
        let mut rejects = Rejects::new(Some(&path)).unwrap();
        for line in 1..=50 {
            rejects.add("list.txt", line, "not a number", b"a\tb").unwrap();
        }
        let lines: Vec<_> = rejects.lines().collect();
        assert_eq!((rejects.total(), lines.len()), (50, SHOWN + 1));
        assert_eq!(lines[0], r#"rejected list.txt:1: not a number: "a\tb""#);
        assert!(lines[SHOWN].starts_with("and 30 more rejected: see "));
        assert!(!path.exists());
        rejects.report().unwrap();
        let all = std::fs::read_to_string(&path).unwrap();
        assert_eq!(all.lines().count(), 50);
        assert!(all.lines().all(|line| line.split('\t').count() == 4));
    }
}
