//! Shows progress if standard error is a terminal: bytes read, rate, time left.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callbar_store::{ManagerEvent, OnManagerEvent};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const KNOWN: &str = "{msg} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
const ENTRIES: &str = "{msg} [{bar:24}] {human_pos}/{human_len}";
const UNKNOWN: &str = "{msg} {spinner} {bytes} {bytes_per_sec} {elapsed}";

/// A bar that shows how much of a source is read.
pub(crate) struct Progress {
    bar: ProgressBar,
    read: Arc<AtomicU64>,
}

impl Progress {
    /// Shows how many bytes are read, and of how many, if `total` is known.
    pub(crate) fn new(total: Option<u64>, read: &Arc<AtomicU64>, what: &str) -> Self {
        let bar = progress_bar(total, if total.is_some() { KNOWN } else { UNKNOWN });
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, read: Arc::clone(read) }
    }

    /// Shows the bytes that are read by now.
    pub(crate) fn update(&self) {
        self.bar.set_position(self.read.load(Ordering::Relaxed));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Shows how many entries of an import are stored and indexed, after their file is read.
pub(crate) fn report_import() -> OnManagerEvent {
    let bar = progress_bar(None, ENTRIES);
    Arc::new(move |event| {
        let (what, progress) = match event {
            ManagerEvent::ImportStored(progress) => ("stored", progress),
            ManagerEvent::IndexProgress(progress) => ("in the index", progress),
            _ => return,
        };
        // Each step has a bar of its own.
        if bar.is_finished() {
            bar.reset();
        }
        bar.set_message(what);
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        if progress.done == progress.total {
            bar.finish_and_clear();
        }
    })
}

/// Makes a bar on standard error, which is hidden unless that is a terminal.
pub(crate) fn progress_bar(total: Option<u64>, template: &str) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(10)
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(total, target);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
