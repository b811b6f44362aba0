//! The commands, a file each, and what several of them share.
//!
//! | commands | do |
//! | --- | --- |
//! | `compile`, `inspect`, `verify`, `health`, `rollback` | work on a directory of published indexes |
//! | `decide`, `check`, `scrub` | give verdicts on calls and numbers |
//! | `normalize` | shows canonical forms |
//! | `serve` | is the server |
//! | `domain`, `lists`, `add`, `remove`, `import`, `export`, `key`, `audit`, `backup` | work on a directory with a store |
//!
//! Beside them, `store_client` sends requests to a store, through its server if one runs.
//! `entry_numbers` has the numbers of `add` and `remove`. `publish` has the directory of `compile`.

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
