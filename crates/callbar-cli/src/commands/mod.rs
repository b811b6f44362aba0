//! The commands, a file each, and what several of them share.
//!
//! `compile`, `inspect`, `verify`, `health` and `rollback` work on a directory of published indexes.
//! `decide`, `check`, `scrub` and `normalize` judge calls and numbers, or read them. `serve` is the
//! server. The others manage the lists of a directory with a store: through its server if one runs,
//! without one otherwise.
//!
//! | file | shared by |
//! | --- | --- |
//! | `store_client` | the commands on a store: sends requests to it |
//! | `entry_numbers` | `add` and `remove`: the numbers, one after the other |
//! | `publish` | `compile` alone: publishes in a data directory |

pub(crate) mod add;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod decide;
pub(crate) mod domain;
mod entry_numbers;
pub(crate) mod export;
pub(crate) mod health;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod lists;
pub(crate) mod normalize;
mod publish;
pub(crate) mod remove;
pub(crate) mod rollback;
pub(crate) mod scrub;
pub(crate) mod serve;
mod store_client;
pub(crate) mod verify;
