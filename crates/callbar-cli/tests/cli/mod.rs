//! Runs the command in a temporary directory.

#[allow(dead_code, reason = "not every test needs it")]
pub(crate) mod server;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A directory to work in.
pub(crate) struct Workspace {
    pub(crate) dir: TempDir,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("temporary directory") }
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.path(name), bytes).expect("write");
        self
    }

    /// Writes a gzipped file.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn gzip(&self, name: &str, bytes: &[u8]) -> &Self {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).expect("compress");
        self.file(name, out.finish().expect("compress"))
    }

    /// Flips a bit in the last byte of a file. The file is replaced, because indexes are read-only.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn damage(&self, name: &str) {
        let file = self.path(name);
        let mut bytes = std::fs::read(&file).expect("read");
        *bytes.last_mut().expect("a byte") ^= 1;
        std::fs::remove_file(&file).expect("remove");
        std::fs::write(&file, bytes).expect("write");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callbar"));
        command.current_dir(self.dir.path());
        command
    }

    /// Runs the command on arguments separated by blanks.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn run(&self, arguments: &str) -> Finished {
        self.run_on(arguments, b"")
    }

    /// Runs the command with `input` on standard input.
    pub(crate) fn run_on(&self, arguments: &str, input: &[u8]) -> Finished {
        let mut child = self
            .command()
            .args(arguments.split_ascii_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_vec();
        // In a thread, because the command answers while it reads.
        let feeder = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().expect("the command ends");
        feeder.join().expect("fed");
        Finished(output)
    }

    /// Compiles `entries` into list `spam` of `my.example`, region TR, directory `data`.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn compiled(&self, entries: &str) -> &Self {
        self.file("spam.txt", entries);
        self.run("compile --domain my.example --region TR --list spam=spam.txt --data data").ok();
        self
    }
}

/// How a command ended.
pub(crate) struct Finished(Output);

#[allow(dead_code, reason = "not every test needs all")]
impl Finished {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.0.status.code(), Some(code), "{}{}", self.out(), self.err());
        self
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.stdout
    }

    /// Expects exit status 2, and an error that contains all of these words.
    #[track_caller]
    pub(crate) fn fails_with(self, words: &[&str]) {
        let run = self.exits(2);
        let error = run.err();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(!error.contains('\x1b'), "colour in a pipe: {error}");
    }
}
