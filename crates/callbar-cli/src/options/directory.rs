//! Which domain or list of a data directory a command is about.

use std::path::PathBuf;

/// A domain of a data directory, as commands are told it.
#[derive(clap::Args, Debug)]
pub(crate) struct DomainOptions {
    /// Data directory, of `callbar compile` or `callbar serve`
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Domain (tenant) whose lists are meant
    #[arg(long, value_name = "D")]
    pub(crate) domain: String,
}

/// A list of a data directory, as commands are told it.
#[derive(clap::Args, Debug)]
pub(crate) struct ListOptions {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Domain (tenant) that the list belongs to
    #[arg(long, value_name = "D")]
    pub(crate) domain: String,
    /// The list
    #[arg(long, value_name = "L")]
    pub(crate) list: String,
}
