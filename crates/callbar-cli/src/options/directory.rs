//! Options that name a domain or a list of a data directory.

use std::path::PathBuf;

/// A domain of a data directory.
#[derive(clap::Args, Debug)]
pub(crate) struct DomainOptions {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Domain (tenant) that has the lists
    #[arg(long, value_name = "D")]
    pub(crate) domain: String,
}

/// A list of a data directory.
#[derive(clap::Args, Debug)]
pub(crate) struct ListOptions {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Domain (tenant) that has the list
    #[arg(long, value_name = "D")]
    pub(crate) domain: String,
    /// Name of the list
    #[arg(long, value_name = "L")]
    pub(crate) list: String,
}
