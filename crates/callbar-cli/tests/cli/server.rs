//! A `callbar serve` in a workspace. It ends with the test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use super::Workspace;

pub(crate) struct TestServer {
    child: Child,
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl TestServer {
    /// Starts a server on the directory `data`, and returns when it listens.
    pub(crate) fn start(workspace: &Workspace, options: &[&str]) -> Self {
        let mut command: Command = workspace.command();
        command.args(["serve", "--data", "data", "--listen", "127.0.0.1:0"]).args(options);
        Self::started(command)
    }

    /// Starts a server by this command, and returns when it listens.
    pub(crate) fn started(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut log = BufReader::new(child.stderr.take().expect("piped"));
        let mut all = String::new();
        let url = loop {
            let mut line = String::new();
            let length = log.read_line(&mut line).expect("a line of the log");
            all.push_str(&line);
            assert!(length > 0, "the server ended: {all}");
            if let Some((_, url)) = line.split_once("listening on ") {
                break url.trim().to_owned();
            }
        };
        // What it writes later must not block it.
        std::thread::spawn(move || drop(log.read_to_end(&mut Vec::new())));
        Self { child, url }
    }

    /// Returns the answer to a GET request with this token.
    pub(crate) fn get(&self, path: &str, token: &str) -> String {
        let asked = Command::new("curl")
            .args(["-s", "-H", &format!("Authorization: Bearer {token}")])
            .arg(format!("{}{path}", self.url))
            .output()
            .expect("curl runs");
        String::from_utf8_lossy(&asked.stdout).into_owned()
    }

    /// Kills the server with SIGKILL and returns its standard output.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        self.printed()
    }

    /// Ends the server with SIGTERM and returns its standard output. It must exit with success.
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

impl Drop for TestServer {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
