//! Options that several commands share.
//!
//! | file | holds |
//! | --- | --- |
//! | `directory` | a data directory, a domain, a list |
//! | `list_spec` | `--list`: name, action, response and file |
//! | `list_files` | the format of list files |
//! | `plan`, `settings` | the dial plan and the settings of a domain |
//! | `writer_wait` | `--wait`: how long to wait for another writer |

mod directory;
mod list_files;
mod list_spec;
pub(crate) mod plan;
pub(crate) mod settings;
mod writer_wait;

pub(crate) use directory::{DomainOptions, ListOptions};
pub(crate) use list_files::{ListFileOptions, ListFormatOptions};
pub(crate) use list_spec::{ListSpec, parse_named_spec, parse_spec};
pub(crate) use plan::{PlanOptions, RegionalPlanOptions};
pub(crate) use settings::SettingsOptions;
pub(crate) use writer_wait::WriterWait;
