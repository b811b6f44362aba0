//! The commands that manage the lists of a data directory with a store: through its server if one
//! runs, without one otherwise. What they do is what the interface `/callbar/v1` does.
//!
//! | file | holds |
//! | --- | --- |
//! | `domain`, `lists` | what a directory holds |
//! | `entries` | `add` and `remove` |
//! | `import`, `export` | many entries, in and out |
//! | `key` | keys of the HTTP interfaces |
//! | `audit`, `backup` | who did what, and a copy of all |
//! | `place`, `desk` | which list is meant, and how a directory is asked |

pub(super) mod audit;
pub(super) mod backup;
mod desk;
pub(super) mod domain;
pub(super) mod entries;
pub(super) mod export;
pub(super) mod import;
pub(super) mod key;
pub(super) mod lists;
mod place;
