//! The files of a data directory: their names, their bytes, the lock of the writer, and how they are written.
//!
//! | file | holds |
//! | --- | --- |
//! | `names` | the names of all files, and their paths |
//! | `bytes`, `identity` | the bytes of a file in memory; whether two files are the same one |
//! | `counter`, `map` | the file of changes, which shows all processes what has changed; its mapping |
//! | `regular_file` | opens a file, and never waits for a pipe |
//! | `lock` | one writer at a time |
//! | `disk` | write, sync and rename, safe against a crash |
//! | `failpoints` | where tests interrupt a write |

pub(crate) mod bytes;
pub(crate) mod counter;
pub(crate) mod disk;
pub(crate) mod failpoints;
pub(crate) mod identity;
pub(crate) mod lock;
mod map;
pub(crate) mod names;
pub(crate) mod regular_file;
