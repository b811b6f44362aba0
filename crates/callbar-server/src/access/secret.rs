//! The key that a server signs tokens with: 32 random bytes in a file that only its owner can read.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use callbar::open_regular;
use callbar_store::{Error, Result};

/// The name of the file in the data directory.
const FILE: &str = "secret";
const LEN: usize = 32;

/// The signing key of a data directory.
///
/// # Examples
/// ```
/// use callbar_server::Secret;
///
/// # let directory = tempfile::tempdir()?;
/// # let data = directory.path();
/// let secret = Secret::open(data)?;
/// assert_eq!(Secret::open(data)?.bytes(), secret.bytes(), "kept in the file `secret`");
/// assert_eq!(format!("{secret:?}"), "Secret", "no log shows it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Secret([u8; LEN]);

impl Secret {
    /// Opens the secret of a data directory, which must exist. Makes the secret if there is none.
    ///
    /// # Errors
    /// [`callbar::Error::NotOurs`] if another file is in its place; [`callbar::Error::Io`].
    ///
    /// # Examples
    /// ```
    /// use callbar_server::Secret;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let data = directory.path();
    /// assert_eq!(Secret::open(data)?.bytes().len(), 32);
    /// std::fs::write(data.join("secret"), "hunter2")?;
    /// assert!(Secret::open(data).is_err(), "not a file of ours");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        match read(&path) {
            Ok(bytes) => bytes
                .try_into()
                .map(Self)
                .map_err(|_| Error::Engine(callbar::Error::NotOurs { path })),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secret = Self::random()?;
                secret.copy(dir)?;
                Ok(secret)
            }
            Err(error) => Err(Error::io("read", path)(error)),
        }
    }

    /// Makes a secret for one process, and keeps no file.
    ///
    /// # Errors
    /// [`callbar::Error::Io`] if the system has no random bytes.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::Secret;
    ///
    /// assert_ne!(Secret::random()?.bytes(), Secret::random()?.bytes());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn random() -> Result<Self> {
        random().map(Self)
    }

    /// Writes the secret to another directory, which has none.
    ///
    /// # Errors
    /// [`callbar::Error::Io`]
    ///
    /// # Examples
    /// ```
    /// use callbar_server::Secret;
    ///
    /// # let (directory, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
    /// # let (data, backup) = (directory.path(), other.path());
    /// let secret = Secret::open(data)?;
    /// secret.copy(backup)?;
    /// assert_eq!(Secret::open(backup)?.bytes(), secret.bytes());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy(&self, dir: &Path) -> Result<()> {
        let partial = dir.join("secret.new");
        let write = || {
            // A killed process may have left a file. Opening a pipe would wait.
            fs::remove_file(&partial).or_else(|error| match error.kind() {
                ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
            let options = &mut OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(&partial)?;
            file.write_all(&self.0)?;
            file.sync_all()?;
            fs::rename(&partial, dir.join(FILE))?;
            File::open(dir)?.sync_all()
        };
        write().map_err(Error::io("write", &partial))
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Reads the file; nothing if it is no regular one. One byte more than a secret shows that it is too long.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some((file, _)) = open_regular(OpenOptions::new().read(true), path)? {
        file.take(LEN as u64 + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Returns random bytes of the system.
///
/// # Errors
/// [`callbar::Error::Io`]
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("read", "/dev/urandom")(io::Error::other(error)))?;
    Ok(bytes)
}

/// Writes bytes as hexadecimal digits in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_made_once_and_only_its_owner_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let first = Secret::open(dir.path()).unwrap();
        assert_eq!(first.bytes(), Secret::open(dir.path()).unwrap().bytes());
        let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(dir.path().join(FILE), "short").unwrap();
        let error = Secret::open(dir.path()).unwrap_err().to_line();
        assert!(error.contains("move it away"), "{error}");
        assert_eq!(format!("{first:?}"), "Secret");
    }

    #[test]
    fn a_pipe_in_its_place_does_not_make_it_wait() {
        let dir = tempfile::tempdir().unwrap();
        let [pipe, file] = ["secret.new", FILE].map(|name| dir.path().join(name));
        for path in [&pipe, &file] {
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        }
        let error = Secret::open(dir.path()).unwrap_err().to_line();
        assert!(error.contains("move it away"), "{error}");
        fs::remove_file(file).unwrap();
        Secret::open(dir.path()).unwrap();
        assert!(!pipe.exists());
    }
}
