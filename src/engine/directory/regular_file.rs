//! Opens a file that must be a regular one, without waiting.

use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::{io, path::Path};

/// Opens a file, with its metadata; `None` if it is a directory, a pipe or another special file.
///
/// To open a pipe would wait until somebody writes to it. To look at the path first is not enough, because a pipe
/// may take the place of the file in between. So the file is opened in a way that does not wait, and then looked
/// at. The flag has no effect on a regular file.
///
/// # Errors
/// Those of the operating system.
pub fn open_regular(
    options: &mut OpenOptions,
    path: &Path,
) -> io::Result<Option<(File, Metadata)>> {
    let file = match options.custom_flags(libc::O_NONBLOCK).open(path) {
        // A socket cannot be opened at all.
        Err(error) if error.raw_os_error() == Some(libc::ENXIO) => return Ok(None),
        opened => opened?,
    };
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::net::UnixListener, process::Command};

    #[test]
    fn only_a_regular_file_is_opened_and_a_pipe_does_not_make_it_wait() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let [file, pipe, socket] = ["file", "pipe", "socket"].map(|name| folder.path().join(name));
        std::fs::write(&file, "four").expect("write");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        let _listener = UnixListener::bind(&socket).expect("bind");
        let open = |path| open_regular(OpenOptions::new().read(true), path);
        let (_, metadata) = open(&file).expect("open").expect("a regular file");
        assert_eq!(metadata.len(), 4);
        for special in [folder.path(), &pipe, &socket] {
            assert!(open(special).expect("open").is_none(), "{}", special.display());
        }
        assert_eq!(open(&folder.path().join("no")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
