//! A manager whose clock is set by hand, without a delay of the cleanup.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callbar::Clock;
use callbar_store::{Import, ImportEntry, Imported, Manager, ManagerOptions, Result};

pub(crate) fn manager(dir: &Path, clock: &Arc<AtomicU64>) -> Manager {
    let clock = Arc::clone(clock);
    let clock = Clock::from_fn(move || clock.load(Ordering::Relaxed));
    let cleanup_delay = Duration::ZERO;
    let options = ManagerOptions { clock, cleanup_delay, ..ManagerOptions::default() };
    Manager::open(dir, options).expect("a manager")
}

/// Imports entries, which are read while the import runs.
pub(crate) fn import(
    manager: &Manager,
    import: &Import,
    entries: impl IntoIterator<Item = Result<ImportEntry>>,
) -> Result<Imported> {
    let read = |lines: &mut callbar_store::ImportLines<'_>| {
        lines.add(entries.into_iter().collect::<Result<_>>()?)
    };
    manager.import("test", import, read, || Ok(()))
}
