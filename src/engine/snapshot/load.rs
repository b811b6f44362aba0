//! Loads the files of a domain: its head, and the lower files that the head names.
//!
//! A file that is in memory is not read again, even if its name has changed, for instance of a head that
//! was frozen to a lower file.

use std::path::{Path, PathBuf};
use std::{io, sync::Arc};

use super::loaded::{LoadedDomain, LoadedFile};
use crate::engine::directory::bytes::{Bytes, LoadMode};
use crate::engine::directory::identity::{self, Identity};
use crate::engine::directory::names::{DataDirectory, DomainFileId, FileName};
use crate::{Error, Index, Result};

/// How often a head is read again when its lower files are gone, because another head has replaced it.
const TRIES: usize = 16;

/// How much of an index is verified before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Everything, because anybody may have made the file.
    All,
    /// The checksums. Its writer verified the rest before the file got its name.
    Checksums,
}

/// What was found of a domain's files.
pub(crate) enum Examined {
    /// The files that are loaded already.
    Same,
    /// The mark of a removed domain. Without the mark, missing files are an error.
    Gone,
    /// Other files, which are loaded now.
    New(LoadedDomain),
}

/// Why files cannot be used.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// The files that cause it, each as it was then. While all of them are the same, the failure stays.
    /// Empty if the next try may succeed.
    pub(crate) seen: Vec<(PathBuf, Identity)>,
}

impl Failure {
    pub(crate) fn new(path: &Path, identity: Identity, error: Error) -> Self {
        let error = Error::File { path: path.to_owned(), source: Box::new(error) };
        Self { error, seen: vec![(path.to_owned(), identity)] }
    }

    /// Reports whether the files that caused it are still the same.
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
                // Another head has replaced the one that was read, and its lower files are gone.
                Err(Failure { error: Error::Io { source, .. }, .. })
                    if source.kind() == io::ErrorKind::NotFound && tries < TRIES => {}
                Err(failure) => return Err(failure),
                // A new lower file may not be the one that the head meant, if the head was replaced
                // meanwhile and the number was used again.
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

    /// Loads the head at `path` and its lower files.
    ///
    /// # Errors
    /// As [`DomainLoader::examine`]; [`Error::Io`] of kind `NotFound` if the head or a lower file is
    /// missing.
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
            let layer = self.layer(&lower, known).and_then(|layer| {
                let failed = |error| Failure::new(&lower, layer.identity, error);
                verify_domain(head.index.domain(), layer.index.domain()).map_err(failed)?;
                Ok(layer)
            });
            let layer = layer.map_err(|mut failure| {
                // Another head may name other lower files.
                if !failure.seen.is_empty() {
                    failure.seen.push((path.to_owned(), head.identity));
                }
                failure
            });
            layers.push(layer?);
        }
        Ok(LoadedDomain::new(file, self.files.path(FileName::Head(file)), &layers))
    }

    /// Loads one file, or finds it among the files of `known`.
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

/// The file of this identity among the files of `known`.
fn find(known: &[&LoadedDomain], identity: Identity) -> Option<LoadedFile> {
    known.iter().find_map(|known| known.find(identity))
}

/// Refuses an index of another domain.
///
/// # Errors
/// [`Error::WrongDomain`]
pub(crate) fn verify_domain(expected: &str, found: &str) -> Result<()> {
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Error::WrongDomain { expected: expected.to_owned(), found: found.to_owned() })
}
