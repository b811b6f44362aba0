//! A domain in memory: the indexes of its head and of the lower files beneath it, newest first.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::domain_id::DomainId;
use crate::engine::directory::bytes::Bytes;
use crate::engine::directory::identity::Identity;
use crate::engine::directory::names::DomainFileId;
use crate::index::Layers;
use crate::{Error, Index, Result};

/// One file of a domain.
#[derive(Clone, Debug)]
pub(crate) struct LoadedFile {
    pub(crate) identity: Identity,
    pub(crate) index: Arc<Index<Bytes>>,
}

/// All files of a domain that count.
#[derive(Debug)]
pub(crate) struct LoadedDomain {
    pub(crate) file: DomainFileId,
    /// Of the head.
    pub(crate) path: PathBuf,
    pub(crate) layers: Layers<Bytes>,
    /// Of each of `layers`.
    identities: Box<[Identity]>,
    /// The domains whose lists are shared with this one, be they there or not.
    pub(crate) subscriptions: Box<[DomainId]>,
}

impl LoadedDomain {
    /// A domain of these files, newest first, subscribed to nothing.
    ///
    /// # Panics
    /// If there is no layer: the head is one.
    pub(crate) fn new(file: DomainFileId, path: PathBuf, layers: &[LoadedFile]) -> Self {
        Self {
            file,
            path,
            layers: Layers::new(layers.iter().map(|layer| Arc::clone(&layer.index)).collect()),
            identities: layers.iter().map(|layer| layer.identity).collect(),
            subscriptions: Box::default(),
        }
    }

    pub(crate) fn domain(&self) -> &str {
        self.layers.head().domain()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its files, newest first.
    pub(crate) fn files(&self) -> impl Iterator<Item = LoadedFile> {
        let indexes = std::iter::once(self.layers.head()).chain(self.layers.lower());
        let layer = |(&identity, index)| LoadedFile { identity, index: Arc::clone(index) };
        self.identities.iter().zip(indexes).map(layer)
    }

    /// The files below the head with their numbers, newest first.
    pub(crate) fn lower(&self) -> impl Iterator<Item = (u32, LoadedFile)> {
        self.layers.head().below().iter().copied().zip(self.files().skip(1))
    }

    /// The file of this identity, if it is one of them.
    pub(crate) fn find(&self, identity: Identity) -> Option<LoadedFile> {
        self.files().find(|layer| layer.identity == identity)
    }

    pub(crate) fn is_headed_by(&self, identity: Identity) -> bool {
        self.identities.first() == Some(&identity)
    }

    /// Makes sure that the head on disk is the one that was loaded.
    ///
    /// # Errors
    /// [`Error::File`] if somebody has replaced it, [`Error::Io`] if it is not there or cannot be read.
    pub(crate) fn verify_head(&self) -> Result<()> {
        let path = self.path();
        if self.is_headed_by(Identity::from_path(path)?) {
            return Ok(());
        }
        let reason = "was replaced by other means than a writer";
        let source = Box::new(Error::Corrupt { section: "file", reason });
        Err(Error::File { path: path.to_owned(), source })
    }

    /// How many entries all its lists have.
    pub(crate) fn entries(&self) -> u64 {
        entries(self.layers.head())
    }
}

/// How many entries all lists have, as the head of a domain tells.
pub(crate) fn entries<D: AsRef<[u8]>>(head: &Index<D>) -> u64 {
    head.lists().fold(0, |sum: u64, list| sum.saturating_add(list.entries))
}
