//! Brings the files of a domain into memory: its head, and the lower files that the head names.
//!
//! A file that is in memory already is not read again, under whatever name it goes by now: a head
//! that was frozen to a lower file, say.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::bytes::{Bytes, LoadMode};
use super::files::{FileId, Files, Name};
use super::loaded::{Identity, Layer, Loaded};
use crate::{Error, Index, Result};

/// How often a head is read whose lower files are gone, because another has replaced it.
const TRIES: usize = 16;

/// How much of an index is proved before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Everything: nobody knows where the file has been.
    All,
    /// The checksums: its writer proved the rest before the file had its name.
    Checksums,
}

/// What became of a domain's files.
pub(super) enum Examined {
    /// They are those that are loaded.
    Same,
    /// The domain was removed. Without the mark of that, files that are not there are an error.
    Gone,
    /// They are these now.
    New(Loaded),
}

/// How files are loaded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loader<'a> {
    pub(super) files: &'a Files,
    pub(super) mode: LoadMode,
    pub(super) proof: Proof,
}

impl Loader<'_> {
    /// Loads a domain, unless it is `old`.
    ///
    /// # Errors
    /// [`Error::File`] names the file that cannot be used; [`Error::Io`].
    pub(super) fn examine(&self, file: FileId, old: Option<&Loaded>) -> Result<Examined> {
        let mark = self.files.path(Name::Removed(file));
        if mark.try_exists().map_err(Error::io("open", &mark))? {
            return Ok(Examined::Gone);
        }
        let path = self.files.path(Name::Head(file));
        let present = || Ok(Identity::of(&fs::metadata(&path).map_err(Error::io("open", &path))?));
        let mut latest = None;
        for tries in 1.. {
            let head = present()?;
            if old.is_some_and(|old| old.is_headed_by(head)) {
                return Ok(Examined::Same);
            }
            let known: Vec<&Loaded> = latest.as_ref().into_iter().chain(old).collect();
            let is_new = |identity| find(&known, identity).is_none();
            match self.stack(file, &path, &known) {
                // The head that was read is not the present one any more, nor are its lower files.
                Err(Error::Io { source, .. })
                    if source.kind() == io::ErrorKind::NotFound && tries < TRIES => {}
                Err(error) => return Err(error),
                // A lower file that is new may be another than the one that the head named, if
                // that was replaced meanwhile and a number was given again.
                Ok(loaded)
                    if tries < TRIES
                        && loaded.lower().any(|(_, layer)| is_new(layer.identity))
                        && !loaded.is_headed_by(present()?) =>
                {
                    latest = Some(loaded);
                }
                Ok(loaded) => return Ok(Examined::New(loaded)),
            }
        }
        unreachable!("the last try returns")
    }

    /// Loads the head at `path`, whatever its name, and its lower files.
    ///
    /// # Errors
    /// As [`Loader::examine`]; [`Error::Io`] of kind `NotFound` if the head or a lower file is not
    /// there.
    pub(super) fn stack(&self, file: FileId, path: &Path, known: &[&Loaded]) -> Result<Loaded> {
        let head = self.layer(path, known)?;
        let mut layers = vec![head.clone()];
        for &number in head.index.below() {
            let path = self.files.path(Name::Lower(file, number));
            let layer = self.layer(&path, known)?;
            verify_domain(head.index.domain(), layer.index.domain())
                .map_err(|source| Error::File { path, source: Box::new(source) })?;
            layers.push(layer);
        }
        Ok(Loaded::new(file, self.files.path(Name::Head(file)), &layers))
    }

    /// Loads one file, or finds it among those of `known`.
    ///
    /// # Errors
    /// As [`Loader::stack`].
    pub(super) fn layer(&self, path: &Path, known: &[&Loaded]) -> Result<Layer> {
        let (file, metadata) = open(path)?;
        let identity = Identity::of(&metadata);
        if let Some(layer) = find(known, identity) {
            return Ok(layer);
        }
        let bytes = Bytes::load(file, metadata.len(), path, self.mode)?;
        let opened = match self.proof {
            Proof::All => Index::open(bytes),
            Proof::Checksums => Index::open_published(bytes),
        };
        let wrong = |source| Error::File { path: path.to_owned(), source: Box::new(source) };
        Ok(Layer { identity, index: Arc::new(opened.map_err(wrong)?) })
    }
}

/// The file of this identity among those of `known`.
fn find(known: &[&Loaded], identity: Identity) -> Option<Layer> {
    known.iter().find_map(|known| known.find(identity))
}

/// Opens a file, which must be one: to open a pipe waits for somebody who writes to it.
fn open(path: &Path) -> Result<(File, Metadata)> {
    let metadata = fs::metadata(path).map_err(Error::io("open", path))?;
    if !metadata.is_file() {
        let source = Box::new(Error::NotAnIndex);
        return Err(Error::File { path: path.to_owned(), source });
    }
    let file = File::open(path).map_err(Error::io("open", path))?;
    // Another than the one that was looked at, if it was replaced between.
    let metadata = file.metadata().map_err(Error::io("read", path))?;
    Ok((file, metadata))
}

/// # Errors
/// [`Error::WrongDomain`]
pub(super) fn verify_domain(expected: &str, found: &str) -> Result<()> {
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::WrongDomain { expected: expected.to_owned(), found: found.to_owned() })
}
