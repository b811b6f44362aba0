//! Writes results to standard output, or to a file that appears only when it is whole.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use callbar_lists::Source;
use serde::Serialize;
use tempfile::NamedTempFile;

/// A place for results.
pub(crate) enum Output {
    /// Standard output.
    Stdout(io::Stdout),
    /// Something that is not a regular file, such as `/dev/null` or a named pipe.
    Device(File, PathBuf),
    /// A temporary file beside the target, which takes its name in the end.
    Staged(NamedTempFile, PathBuf),
}

impl Output {
    /// Opens a path; `-` and `None` are standard output.
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
            return Ok(Self::Device(file.with_context(|| cannot_write(path))?, path.into()));
        }
        // A symbolic link stays: its target is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !dir.is_dir() {
            bail!("cannot write {}: there is no directory {}", path.display(), dir.display());
        }
        let file = staged_in(dir, old.map(|meta| meta.permissions()))
            .with_context(|| cannot_write(&path))?;
        Ok(Self::Staged(file, path))
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let (file, path) = match self {
            Self::Stdout(stdout) => {
                return stdout.write_all(bytes).context("cannot write standard output");
            }
            Self::Device(file, path) => (file, path),
            // The errors of `NamedTempFile` name the temporary file, so use the file in it.
            Self::Staged(file, path) => (file.as_file_mut(), path),
        };
        file.write_all(bytes).with_context(|| cannot_write(path))
    }

    /// Passes on what is written so far, so that a reader of standard output gets it.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let Self::Stdout(stdout) = self else { return Ok(()) };
        stdout.flush().context("cannot write standard output")
    }

    /// Syncs a staged file and gives it its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        if let Self::Staged(file, path) = self {
            file.as_file().sync_all().with_context(|| cannot_write(&path))?;
            let named = file.persist(&path).map_err(|error| error.error);
            named.with_context(|| {
                format!("cannot rename the finished file to {}", path.display())
            })?;
        }
        Ok(())
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// Writes a text to standard output.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<()> {
    let mut output = Output::create(None)?;
    output.write(text.as_ref())?;
    output.finish()
}

/// Writes a line for each item to standard output: a JSON object, or the cells of `row`, tab separated.
pub(crate) fn print_rows<T: Serialize, const N: usize>(
    items: Vec<T>,
    json: bool,
    row: impl Fn(T) -> [String; N],
) -> Result<()> {
    let mut text = String::new();
    for item in items {
        text += &if json { serde_json::to_string(&item)? } else { row(item).join("\t") };
        text.push('\n');
    }
    print(text)
}

/// Makes a temporary file with the permissions of the file that it will replace, or with the usual
/// ones.
fn staged_in(dir: &Path, old: Option<Permissions>) -> io::Result<NamedTempFile> {
    if old.as_ref().is_some_and(Permissions::readonly) {
        return Err(io::Error::other("it is read-only: give another file, or chmod u+w"));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".callbar-").suffix(".part");
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Only the kind is kept, because the text names the temporary file.
    let file = builder.tempfile_in(dir).map_err(|error| io::Error::from(error.kind()))?;
    if let Some(old) = old {
        file.as_file().set_permissions(old)?;
    }
    Ok(file)
}

/// Refuses an output that is one of the inputs, under any of its names. `option` is the option of the
/// output.
pub(crate) fn refuse_overwrite<'a>(
    option: &str,
    output: Option<&Path>,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    let Some(path) = output.filter(|path| !Source::is_stdin(path)) else { return Ok(()) };
    let Some(output) = regular(path) else { return Ok(()) };
    for input in inputs {
        let file = if Source::is_stdin(input) { Path::new("/dev/stdin") } else { input };
        let is_output =
            |input: Metadata| (input.dev(), input.ino()) == (output.dev(), output.ino());
        if regular(file).is_some_and(is_output) {
            let path = path.display();
            bail!("{option} {path} would replace a list that is read: give another file");
        }
    }
    Ok(())
}

/// Returns the metadata of a regular file. No other file loses its content when it is written to.
fn regular(path: &Path) -> Option<Metadata> {
    fs::metadata(path).ok().filter(Metadata::is_file)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_file_is_known_by_other_names() {
        let dir = tempfile::tempdir().unwrap();
        let [list, link, other] = ["list", "link", "other"].map(|name| dir.path().join(name));
        fs::write(&list, "1").unwrap();
        fs::write(&other, "1").unwrap();
        fs::hard_link(&list, &link).unwrap();
        let refused =
            |output: &Path| refuse_overwrite("-o", Some(output), [list.as_path()]).is_err();
        assert!(refused(&list) && refused(&link));
        assert!(!refused(&other) && !refused(&dir.path().join("new")));
        assert!(refuse_overwrite("-o", None, [list.as_path()]).is_ok());
    }
}
