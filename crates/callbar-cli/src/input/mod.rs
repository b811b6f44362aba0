//! What commands read: a data directory, its domains and index files, and lists.

pub(crate) mod data_directory;
mod domains;
pub(crate) mod index_files;
pub(crate) mod lists;

pub(crate) use data_directory::Damaged;
pub(crate) use domains::{open, snapshot, tell_missing};
