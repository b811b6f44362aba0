//! What commands read: a data directory, its domains and index files, and lists.

pub(crate) mod data_directory;
mod domains;
pub(crate) mod index_files;
pub(crate) mod lists;

pub(crate) use data_directory::DamagedIndex;
pub(crate) use domains::{open_domain, open_engine, warn_missing_subscriptions};
pub(crate) use lists::refuse_second_stdin;
