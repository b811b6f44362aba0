//! What commands read: a data directory, its domains and index files, and lists.
//!
//! | file | holds |
//! | --- | --- |
//! | `data_directory` | opens a data directory, and explains why one cannot be used |
//! | `domains` | finds a domain, or names similar ones |
//! | `index_files` | the index files of a directory, with their roles |
//! | `lists` | reads lists into a compiler, on all cores |

pub(crate) mod data_directory;
mod domains;
pub(crate) mod index_files;
pub(crate) mod lists;

pub(crate) use data_directory::DamagedIndex;
pub(crate) use domains::{open_domain, open_engine, warn_missing_subscriptions};
pub(crate) use lists::refuse_second_stdin;
