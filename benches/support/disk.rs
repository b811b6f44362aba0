//! The time of the disk by itself: the floor of a durable change.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// The size of a head of some thousand entries.
const BYTES: usize = 20 << 10;

/// Replaces a file so that it survives a loss of power, and returns how long that took.
pub(crate) fn replace_file(dir: &Path) -> Duration {
    let (new, file, bytes) = (dir.join("floor.new"), dir.join("floor"), vec![b'x'; BYTES]);
    let start = Instant::now();
    let mut written = File::create(&new).expect("a file");
    written.write_all(&bytes).and_then(|()| written.sync_all()).expect("written");
    fs::rename(&new, &file).expect("renamed");
    File::open(dir).and_then(|dir| dir.sync_all()).expect("synced");
    start.elapsed()
}
