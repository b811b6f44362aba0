//! A domain in memory: the indexes of its head and of the lower files beneath it, newest first.

use std::{path::PathBuf, sync::Arc};

use super::domain_id::DomainId;
use crate::engine::directory::{bytes::Bytes, identity::Identity, names::DomainFileId};
use crate::{Error, Index, Result, index::Layers};

/// One file of a domain.
#[derive(Clone, Debug)]
pub(crate) struct LoadedFile {
    pub(crate) identity: Identity,
    pub(crate) index: Arc<Index<Bytes>>,
}

/// The head of a domain and the lower files that it names.
#[derive(Debug)]
pub(crate) struct LoadedDomain {
    pub(crate) file: DomainFileId,
    /// The path of the head.
    pub(crate) path: PathBuf,
    pub(crate) layers: Layers<Bytes>,
    /// The identity of each layer.
    identities: Box<[Identity]>,
    /// The domains that this one subscribes to, loaded or not.
    pub(crate) subscriptions: Box<[DomainId]>,
}

impl LoadedDomain {
    /// A domain of these files, newest first, without subscriptions.
    ///
    /// # Panics
    /// If there is no file: a domain has a head.
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

    /// Its files, newest first.
    pub(crate) fn files(&self) -> impl Iterator<Item = LoadedFile> {
        let file = |(&identity, index)| LoadedFile { identity, index: Arc::clone(index) };
        self.identities.iter().zip(self.layers.all()).map(file)
    }

    /// The files below the head with their numbers, newest first.
    pub(crate) fn lower(&self) -> impl Iterator<Item = (u32, LoadedFile)> {
        self.layers.head().below().iter().copied().zip(self.files().skip(1))
    }

    /// Its file of this identity.
    pub(crate) fn find(&self, identity: Identity) -> Option<LoadedFile> {
        self.files().find(|layer| layer.identity == identity)
    }

    pub(crate) fn is_headed_by(&self, identity: Identity) -> bool {
        self.identities.first() == Some(&identity)
    }

    /// Makes sure that the head on disk is the one that was loaded.
    ///
    /// # Errors
    /// [`Error::File`] if somebody has replaced it; [`Error::Io`] if it is missing or cannot be read.
    pub(crate) fn verify_head(&self) -> Result<()> {
        if self.is_headed_by(Identity::from_path(&self.path)?) {
            return Ok(());
        }
        let reason = "was replaced by other means than a writer";
        let source = Box::new(Error::Corrupt { section: "file", reason });
        Err(Error::File { path: self.path.clone(), source })
    }

    /// The number of entries on all its lists.
    pub(crate) fn entries(&self) -> u64 {
        entries(self.layers.head())
    }
}

/// The number of entries on all lists, which the head of a domain counts.
pub(crate) fn entries<D: AsRef<[u8]>>(head: &Index<D>) -> u64 {
    head.lists().fold(0, |sum: u64, list| sum.saturating_add(list.entries))
}
