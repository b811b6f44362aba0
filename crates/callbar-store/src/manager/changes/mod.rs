//! Changes: executed on the store, committed together, and put into force in the engine.
//!
//! `thread` collects what callers ask for and answers them. `writers` commits it as one group and puts it
//! into force. `execute` executes one operation. `index_updates` says what an index must do to follow.

mod execute;
mod index_updates;
mod thread;
mod writers;

pub(super) use self::index_updates::{IndexUpdates, OwnedChange};
pub(super) use self::thread::Committer;
pub(super) use self::writers::{CommittedChanges, Writers, change_index, drops_a_list};
