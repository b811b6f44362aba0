//! A `callbar serve` of a bench, ended with the test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use super::Bench;

pub(crate) struct Served {
    child: Child,
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl Served {
    /// Starts a server on the directory `data`, and returns when it listens.
    pub(crate) fn start(bench: &Bench, options: &[&str]) -> Self {
        let mut command: Command = bench.command();
        command.args(["serve", "--data", "data", "--listen", "127.0.0.1:0"]).args(options);
        Self::started(command)
    }

    /// Waits until a server listens that this command starts.
    pub(crate) fn started(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut told = BufReader::new(child.stderr.take().expect("piped"));
        let mut all = String::new();
        let url = loop {
            let mut line = String::new();
            let length = told.read_line(&mut line).expect("the server tells");
            all.push_str(&line);
            assert!(length > 0, "the server ended: {all}");
            if let Some((_, url)) = line.split_once("listening on ") {
                break url.trim().to_owned();
            }
        };
        // What it tells later must not block it.
        std::thread::spawn(move || drop(told.read_to_end(&mut Vec::new())));
        Self { child, url }
    }

    /// What it answers to the owner of this token.
    pub(crate) fn get(&self, path: &str, token: &str) -> String {
        let asked = Command::new("curl")
            .args(["-s", "-H", &format!("Authorization: Bearer {token}")])
            .arg(format!("{}{path}", self.url))
            .output()
            .expect("curl runs");
        String::from_utf8_lossy(&asked.stdout).into_owned()
    }

    /// SIGKILL, and what it had written to standard output.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        self.printed()
    }

    /// SIGTERM; it must end in order.
    pub(crate) fn end(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().expect("kill runs").success());
        assert!(self.child.wait().expect("ended").success());
        self.printed()
    }

    fn printed(&mut self) -> String {
        let mut text = String::new();
        let mut out = self.child.stdout.take().expect("piped");
        out.read_to_string(&mut text).expect("what it printed");
        text
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
