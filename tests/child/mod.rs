//! Runs one test of the calling test binary again, in a process of its own.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Names the directory to work in, and says that the process is the child.
const WORK_IN: &str = "CALLBAR_TEST_CHILD_IN";
/// What the child is to do.
const TASK: &str = "CALLBAR_TEST_CHILD_TASK";

/// The directory and the task of the child; `None` in the test that is to start it.
pub(crate) fn task() -> Option<(PathBuf, String)> {
    Some((env::var_os(WORK_IN)?.into(), env::var(TASK).unwrap_or_default()))
}

/// Starts the test of this name in a process of its own, with pipes for what it reads and writes.
pub(crate) fn start(test: &str, directory: &Path, task: &str) -> Child {
    Command::new(env::current_exe().expect("path of the test binary"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(WORK_IN, directory)
        .env(TASK, task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start")
}
