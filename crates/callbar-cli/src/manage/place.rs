//! Which list of a data directory a command is about.

use std::path::PathBuf;

use super::desk::list_path;

/// A list of a data directory, as commands are told it.
#[derive(clap::Args, Debug)]
pub(super) struct ListPlace {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// Domain (tenant) that the list belongs to
    #[arg(long, value_name = "D")]
    pub(super) domain: String,
    /// The list
    #[arg(long, value_name = "L")]
    pub(super) list: String,
}

impl ListPlace {
    /// Its path in the interface.
    pub(super) fn path(&self) -> String {
        list_path(&self.domain, &self.list)
    }
}
