//! Named points before and after every step in which a writer changes a directory.
//!
//! Without the feature `failpoints` they do nothing. With it, a test can kill the process or fail the step
//! at each point by its name, such as `publish/rename/before`. `POINTS` lists all of them; a step that is
//! missing there panics.

use std::io;

/// What a writer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskOperation {
    /// Makes the directory ready, and removes what killed writers left.
    Prepare,
    Publish,
    Change,
    Freeze,
    Compact,
    Rollback,
    Remove,
}

/// A step of it that changes the disk, or the counter of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskStep {
    Create,
    Write,
    Sync,
    Link,
    Rename,
    SyncFolder,
    Count,
    Remove,
}

/// Runs `body` between its two points.
#[inline]
pub(crate) fn around<T>(
    operation: DiskOperation,
    step: DiskStep,
    body: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    hit(operation, step, "before")?;
    let done = body()?;
    hit(operation, step, "after")?;
    Ok(done)
}

#[cfg(not(feature = "failpoints"))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "with the feature it fails")]
fn hit(_: DiskOperation, _: DiskStep, _: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(feature = "failpoints")]
fn hit(operation: DiskOperation, step: DiskStep, when: &str) -> io::Result<()> {
    let name = format!("{}/{}/{when}", operation.word(), step.word());
    assert!(POINTS.contains(&name.as_str()), "{name} is missing in POINTS");
    fail::fail_point!(&name, |_| Err(io::Error::other("a failure that a test asked for")));
    Ok(())
}

#[cfg(feature = "failpoints")]
impl DiskOperation {
    fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Publish => "publish",
            Self::Change => "change",
            Self::Freeze => "freeze",
            Self::Compact => "compact",
            Self::Rollback => "rollback",
            Self::Remove => "remove",
        }
    }
}

#[cfg(feature = "failpoints")]
impl DiskStep {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Link => "link",
            Self::Rename => "rename",
            Self::SyncFolder => "sync-folder",
            Self::Count => "count",
            Self::Remove => "remove",
        }
    }
}

/// Both points of each step of an operation, in one array.
#[cfg(feature = "failpoints")]
macro_rules! points {
    ($($operation:literal: $($step:literal)+;)+) => {
        &[$($(
            concat!($operation, "/", $step, "/before"),
            concat!($operation, "/", $step, "/after"),
        )+)+]
    };
}

/// The names of all points.
#[cfg(feature = "failpoints")]
pub const POINTS: &[&str] = points! {
    "prepare": "create" "sync-folder" "remove";
    "publish": "link" "create" "write" "sync" "rename" "sync-folder" "count" "remove";
    "change": "create" "write" "sync" "rename" "sync-folder" "count";
    "freeze": "link" "sync-folder" "create" "write" "sync" "rename" "count";
    "compact": "create" "write" "sync" "rename" "sync-folder" "count" "remove";
    "rollback": "link" "rename" "sync-folder" "count" "remove";
    "remove": "create" "sync" "rename" "sync-folder" "count" "remove";
};
