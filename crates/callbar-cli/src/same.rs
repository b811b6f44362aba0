//! Keeps results from replacing the file that they were made from.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Result, bail};

use callbar_lists::Source;

/// Refuses an output that is one of the inputs, by whatever name. `option` is what the output was
/// given with.
pub(crate) fn refuse<'a>(
    option: &str,
    output: Option<&Path>,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    let Some(path) = output.filter(|path| !Source::is_stdin(path)) else { return Ok(()) };
    let Some(output) = regular(path) else { return Ok(()) };
    for input in inputs {
        let file = if Source::is_stdin(input) { Path::new("/dev/stdin") } else { input };
        if regular(file).is_some_and(|input| is_same(&input, &output)) {
            let path = path.display();
            bail!("{option} {path} would replace a list that is read: give another file");
        }
    }
    Ok(())
}

/// What is known of a regular file: nothing is lost by writing to another.
fn regular(path: &Path) -> Option<Metadata> {
    fs::metadata(path).ok().filter(Metadata::is_file)
}

fn is_same(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_other_names() {
        let dir = tempfile::tempdir().unwrap();
        let [list, link, other] = ["list", "link", "other"].map(|name| dir.path().join(name));
        fs::write(&list, "1").unwrap();
        fs::write(&other, "1").unwrap();
        fs::hard_link(&list, &link).unwrap();
        let refused = |output: &Path| refuse("-o", Some(output), [list.as_path()]).is_err();
        assert!(refused(&list) && refused(&link));
        assert!(!refused(&other) && !refused(&dir.path().join("new")));
        assert!(refuse("-o", None, [list.as_path()]).is_ok());
    }
}
