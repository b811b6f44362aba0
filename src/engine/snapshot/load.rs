//! Brings the files of a domain into memory: its head, and the lower files that the head names.
//!
//! A file that is in memory already is not read again, under whatever name it goes by now: a head
//! that was frozen to a lower file, say.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::loaded::{LoadedDomain, LoadedFile};
use crate::engine::directory::bytes::{Bytes, LoadMode};
use crate::engine::directory::identity::{self, Identity};
use crate::engine::directory::names::{DataDirectory, DomainFileId, FileName};
use crate::{Error, Index, Result};

/// How often a head is read whose lower files are gone, because another has replaced it.
const TRIES: usize = 16;

/// How much of an index is proved before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Everything: nobody knows where the file has been.
    All,
    /// The checksums: its writer proved the rest before the file had its name.
    Checksums,
}

/// What became of a domain's files.
pub(crate) enum Examined {
    /// They are those that are loaded.
    Same,
    /// The domain was removed. Without the mark of that, files that are not there are an error.
    Gone,
    /// They are these now.
    New(LoadedDomain),
}

/// Why files cannot be used.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// The files that it lies in, each as it was then: while they all are the same they cannot be used.
    /// None if it may be otherwise the next time.
    pub(crate) seen: Vec<(PathBuf, Identity)>,
}

impl Failure {
    pub(crate) fn new(path: &Path, identity: Identity, error: Error) -> Self {
        let error = Error::File { path: path.to_owned(), source: Box::new(error) };
        Self { error, seen: vec![(path.to_owned(), identity)] }
    }

    /// Whether it would be the same now.
    pub(crate) fn remains(seen: &[(PathBuf, Identity)]) -> bool {
        let is_same = |(path, identity): &(PathBuf, Identity)| {
            Identity::from_path(path).is_ok_and(|now| now == *identity)
        };
        !seen.is_empty() && seen.iter().all(is_same)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, seen: Vec::new() }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// How files are loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DomainLoader<'a> {
    pub(crate) files: &'a DataDirectory,
    pub(crate) mode: LoadMode,
    pub(crate) proof: Proof,
}

impl DomainLoader<'_> {
    /// Loads a domain, unless it is `old`.
    ///
    /// # Errors
    /// [`Error::File`] names the file that cannot be used; [`Error::Io`].
    pub(crate) fn examine(
        &self,
        file: DomainFileId,
        old: Option<&LoadedDomain>,
    ) -> Result<Examined, Failure> {
        let mark = self.files.path(FileName::Removed(file));
        if mark.try_exists().map_err(Error::io("open", &mark))? {
            return Ok(Examined::Gone);
        }
        let path = self.files.path(FileName::Head(file));
        let mut latest = None;
        for tries in 1.. {
            let head = Identity::from_path(&path)?;
            if old.is_some_and(|old| old.is_headed_by(head)) {
                return Ok(Examined::Same);
            }
            let known: Vec<&LoadedDomain> = latest.as_ref().into_iter().chain(old).collect();
            let is_new = |identity| find(&known, identity).is_none();
            match self.stack(file, &path, &known) {
                // The head that was read is not the present one any more, nor are its lower files.
                Err(Failure { error: Error::Io { source, .. }, .. })
                    if source.kind() == io::ErrorKind::NotFound && tries < TRIES => {}
                Err(failure) => return Err(failure),
                // A lower file that is new may be another than the one that the head named, if
                // that was replaced meanwhile and a number was given again.
                Ok(loaded)
                    if tries < TRIES
                        && loaded.lower().any(|(_, layer)| is_new(layer.identity))
                        && !loaded.is_headed_by(Identity::from_path(&path)?) =>
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
    /// As [`DomainLoader::examine`]; [`Error::Io`] of kind `NotFound` if the head or a lower file is not
    /// there.
    pub(crate) fn stack(
        &self,
        file: DomainFileId,
        path: &Path,
        known: &[&LoadedDomain],
    ) -> Result<LoadedDomain, Failure> {
        let head = self.layer(path, known)?;
        let mut layers = vec![head.clone()];
        for &number in head.index.below() {
            let lower = self.files.path(FileName::Lower(file, number));
            let layer = self.lower(&lower, head.index.domain(), known).map_err(|mut failure| {
                // Another head may name other files.
                if !failure.seen.is_empty() {
                    failure.seen.push((path.to_owned(), head.identity));
                }
                failure
            });
            layers.push(layer?);
        }
        Ok(LoadedDomain::new(file, self.files.path(FileName::Head(file)), &layers))
    }

    /// Loads a file that a head of this domain names.
    fn lower(
        &self,
        path: &Path,
        domain: &str,
        known: &[&LoadedDomain],
    ) -> Result<LoadedFile, Failure> {
        let layer = self.layer(path, known)?;
        match verify_domain(domain, layer.index.domain()) {
            Ok(()) => Ok(layer),
            Err(error) => Err(Failure::new(path, layer.identity, error)),
        }
    }

    /// Loads one file, or finds it among those of `known`.
    ///
    /// # Errors
    /// As [`DomainLoader::stack`].
    pub(crate) fn layer(
        &self,
        path: &Path,
        known: &[&LoadedDomain],
    ) -> Result<LoadedFile, Failure> {
        let (file, metadata) = identity::open(path)?;
        let identity = Identity::from_file(&file, &metadata).map_err(Error::io("read", path))?;
        if let Some(layer) = find(known, identity) {
            return Ok(layer);
        }
        let bytes = Bytes::load(file, metadata.len(), path, self.mode)?;
        let opened = match self.proof {
            Proof::All => Index::open(bytes),
            Proof::Checksums => Index::open_published(bytes),
        };
        let index = opened.map_err(|error| Failure::new(path, identity, error))?;
        Ok(LoadedFile { identity, index: Arc::new(index) })
    }
}

/// The file of this identity among those of `known`.
fn find(known: &[&LoadedDomain], identity: Identity) -> Option<LoadedFile> {
    known.iter().find_map(|known| known.find(identity))
}

/// # Errors
/// [`Error::WrongDomain`]
pub(crate) fn verify_domain(expected: &str, found: &str) -> Result<()> {
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::WrongDomain { expected: expected.to_owned(), found: found.to_owned() })
}
