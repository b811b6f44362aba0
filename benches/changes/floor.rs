//! What the disk takes, whoever asks it: the floor of a durable change.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::Times;

/// A head of some thousand entries.
const BYTES: usize = 20 << 10;

/// Microseconds to replace a file so that it survives a loss of power, so many times.
pub(crate) fn replaced(dir: &Path, times: usize) -> Times {
    let (new, file, bytes) = (dir.join("floor.new"), dir.join("floor"), vec![b'x'; BYTES]);
    let replace = |_| {
        let start = Instant::now();
        let mut written = File::create(&new).expect("a file");
        written.write_all(&bytes).and_then(|()| written.sync_all()).expect("written");
        fs::rename(&new, &file).expect("renamed");
        File::open(dir).and_then(|dir| dir.sync_all()).expect("synced");
        start.elapsed().as_nanos() as f64 / 1e3
    };
    Times::of((0..times).map(replace).collect())
}
