//! Runs one test of the calling test binary again, under `strace`, which shows the system calls of
//! a process and can make them fail or kill it.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// Names the directory to work in, and says that the process is the traced one.
const WORK_IN: &str = "CALLBAR_TEST_WORK_IN";

/// The directory of the traced process; `None` in the test that is to start it.
pub(crate) fn work_directory() -> Option<std::path::PathBuf> {
    env::var_os(WORK_IN).map(Into::into)
}

/// Runs the test of this name in a process of its own, under `strace` with these options.
///
/// # Panics
/// If there is no `strace`: what it shows must not go untested in silence.
pub(crate) fn run(test: &str, directory: &Path, strace_options: &[&str]) -> Output {
    Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(directory.join("trace"))
        .args(strace_options)
        .arg(env::current_exe().expect("path of the test binary"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(WORK_IN, directory)
        // Cargo sets it, and the loader would open a file in each of its directories.
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .expect("this test needs `strace`: install it, as `apt-get install strace` does")
}
