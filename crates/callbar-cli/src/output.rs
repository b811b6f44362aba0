//! Where results go: standard output, or a file that appears only when it is whole.
//!
//! Also what may be written to a terminal: colour if it is one, and lines that never panic.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::fs::{self, File, Permissions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use callbar::{Action, Match, Number};
use callbar_lists::Source;
use tempfile::NamedTempFile;

/// A place for results.
pub(crate) enum Output {
    /// Standard output.
    Stdout(io::Stdout),
    /// Something that is not a regular file, such as `/dev/null` or a named pipe.
    Device(File, PathBuf),
    /// A file beside the target that takes its name in the end.
    Staged(NamedTempFile, PathBuf),
}

impl Output {
    /// Opens a path; `-` and none are standard output.
    pub(crate) fn create(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| !Source::is_stdin(path)) else {
            return Ok(Self::Stdout(io::stdout()));
        };
        if path.extension().is_some_and(|ending| ending == "gz") {
            bail!("{}: output is not compressed: write to - and pipe it into gzip", path.display());
        }
        let old = fs::metadata(path).ok();
        if old.as_ref().is_some_and(fs::Metadata::is_dir) {
            bail!("cannot write {}: it is a directory", path.display());
        }
        if old.as_ref().is_some_and(|meta| !meta.is_file()) {
            let file = File::options().write(true).open(path);
            let file = file.with_context(|| format!("cannot write {}", path.display()))?;
            return Ok(Self::Device(file, path.into()));
        }
        // Through a symbolic link, so that the link stays and its target is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !dir.is_dir() {
            bail!("cannot write {}: there is no directory {}", path.display(), dir.display());
        }
        let file = staged_in(dir, old.map(|meta| meta.permissions()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self::Staged(file, path))
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.write_all(bytes).context("cannot write standard output"),
            Self::Device(file, path) => {
                file.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))
            }
            // Not by `NamedTempFile`, whose errors name the temporary file.
            Self::Staged(file, path) => file
                .as_file_mut()
                .write_all(bytes)
                .with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// Makes sure that what was written so far can be read by others.
    pub(crate) fn flush(&mut self) -> Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush().context("cannot write standard output"),
            Self::Device(..) | Self::Staged(..) => Ok(()),
        }
    }

    /// Gives a staged file its name, once the disk has it.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        if let Self::Staged(file, path) = self {
            let synced = file.as_file().sync_all();
            synced.with_context(|| format!("cannot write {}", path.display()))?;
            let named = file.persist(&path).map_err(|error| error.error);
            named.with_context(|| {
                format!("cannot rename the finished file to {}", path.display())
            })?;
        }
        Ok(())
    }
}

/// A temporary file with the permissions of the one that it will replace, or else of an ordinary
/// one.
fn staged_in(dir: &Path, old: Option<Permissions>) -> io::Result<NamedTempFile> {
    if old.as_ref().is_some_and(Permissions::readonly) {
        return Err(io::Error::other("it is read-only: give another file, or chmod u+w"));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".callbar-").suffix(".part");
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The kind alone: the text would name the temporary file.
    let file = builder.tempfile_in(dir).map_err(|error| io::Error::from(error.kind()))?;
    if let Some(old) = old {
        file.as_file().set_permissions(old)?;
    }
    Ok(file)
}

/// Colours of the words that a reader looks for.
#[derive(Clone, Copy)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
}

/// Paints words on a terminal and leaves them alone elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For standard output.
    pub(crate) fn stdout() -> Self {
        Self(io::stdout().is_terminal() && colour_wanted())
    }

    /// For standard error.
    pub(crate) fn stderr() -> Self {
        Self(io::stderr().is_terminal() && colour_wanted())
    }

    /// The word, in its colour, if it has one, where that can be seen.
    pub(crate) fn paint(self, word: &str, colour: impl Into<Option<Colour>>) -> Painted<'_> {
        Painted { word, colour: colour.into().filter(|_| self.0) }
    }
}

/// A word that shows in its colour.
pub(crate) struct Painted<'a> {
    word: &'a str,
    colour: Option<Colour>,
}

impl Display for Painted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.colour {
            Some(colour) => write!(f, "\x1b[1;{}m{}\x1b[0m", colour as u8, self.word),
            None => f.write_str(self.word),
        }
    }
}

/// See <https://no-color.org>.
fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Warns on standard error.
pub(crate) fn warn(text: impl Display) {
    let word = Paint::stderr().paint("warning:", Colour::Yellow);
    note(format_args!("{word} {text}"));
}

/// Writes a line on standard error, if anybody still reads it.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A fact, and what to do about it.
pub(crate) fn with_remedy(fact: impl Display, remedy: &str) -> String {
    format!("{fact}: {remedy}")
}

/// The word for an action.
pub(crate) fn action_word(action: Action) -> &'static str {
    action.as_str()
}

/// Appends the canonical form of a number, as it displays itself; the common form without the
/// detour through formatting, which would cost as much as the check.
pub(crate) fn write_number(out: &mut Vec<u8>, number: &Number) {
    if let Number::E164(number) = number {
        out.push(b'+');
        out.extend_from_slice(itoa::Buffer::new().format(number.get()).as_bytes());
    } else {
        // A vector takes everything.
        let _ = write!(out, "{number}");
    }
}

/// The colour of `pass`, `allow` or `deny`.
pub(crate) fn verdict_colour(verdict: &str) -> Option<Colour> {
    match verdict {
        "allow" => Some(Colour::Green),
        "deny" => Some(Colour::Red),
        _ => None,
    }
}

/// A text that may come from anywhere, for a terminal: what would control it is escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// The list that a match is on: of another domain, `list@domain`.
pub(crate) fn list_cell<'a>(by: &Match<'a>) -> Cow<'a, str> {
    match by.shared_by {
        None => Cow::Borrowed(&by.list.name),
        Some(domain) => Cow::Owned(format!("{}@{domain}", by.list.name)),
    }
}

/// A canonical form or a line as text, whatever its bytes.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_display_themselves() {
        let plan = callbar::DialPlan::new("TR").unwrap();
        let texts =
            ["05050047824", "+1 212 555 0147", "112", "*67", "alice", "anonymous", "+999123"];
        let longest = Number::E164(callbar::E164::new(9_999_999_999_999_999_999).unwrap());
        for number in texts.map(|text| plan.entry(text.as_bytes())).into_iter().chain([longest]) {
            let mut out = Vec::new();
            write_number(&mut out, &number);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn what_controls_a_terminal_is_escaped() {
        assert_eq!(printable("\"a\"\x1b]0;\u{9b}\n\u{e9}"), "\"a\"\\u{1b}]0;\\u{9b}\\n\u{e9}");
    }

    #[test]
    fn a_file_appears_only_when_finished() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.csv");
        let mut output = Output::create(Some(&path)).unwrap();
        output.write(b"half").unwrap();
        assert!(!path.exists());
        drop(output);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut output = Output::create(Some(&path)).unwrap();
        output.write(b"whole").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_replaced_file_keeps_its_mode_and_a_read_only_one_its_bytes() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        Output::create(Some(&path)).unwrap().finish().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        fs::set_permissions(&path, Permissions::from_mode(0o440)).unwrap();
        let error = Output::create(Some(&path)).err().unwrap();
        assert!(format!("{error:#}").contains("read-only"), "{error:#}");
        let missing = dir.path().join("no/out.csv");
        let error = format!("{:#}", Output::create(Some(&missing)).err().unwrap());
        assert!(error.contains("out.csv: there is no directory"), "{error}");
    }

    #[test]
    fn a_device_is_written_not_replaced() {
        assert!(matches!(Output::create(Some(Path::new("/dev/null"))), Ok(Output::Device(..))));
    }

    #[test]
    fn gz_output_is_refused() {
        assert!(Output::create(Some(Path::new("out.csv.gz"))).is_err());
    }
}
