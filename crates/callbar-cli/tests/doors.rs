//! Prevents: doors that disagree. The same line, and the same small file, give the same result and the same
//! message at every door: the commands `compile`, `add` and `import`, the entries and the import over HTTP,
//! Webitel's interface and iletimerkezi's.

mod cli;

use std::fs;
use std::process::Command;

use callbar::{DialPlan, EntryKey, EntryKind};
use cli::Workspace;
use cli::server::TestServer;
use serde_json::{Value, json};

/// What a door made of a line.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    accepted: bool,
    /// Fact and remedy, if it was refused.
    reason: Option<String>,
    warnings: Vec<String>,
}

impl Outcome {
    /// From what a command wrote to standard error about the one line of a file.
    fn from_report(report: &str, file: &str, list: &str) -> Self {
        let start = format!("rejected {file}:1: ");
        let reason = report.lines().find_map(|line| line.strip_prefix(&start));
        // The text stands behind the reason.
        let reason = reason.map(|reason| reason.rsplit_once(": \"").expect("a text").0.to_owned());
        let warning = |line: &str| {
            let warning = line.strip_prefix("warning: ")?;
            let warning = warning.strip_prefix(&format!("{list}: ")).unwrap_or(warning);
            Some(warning.replace(" (line 1)", ""))
        };
        let warnings = report.lines().filter_map(warning).collect();
        Self { accepted: reason.is_none(), reason, warnings }
    }

    /// From an answer of the server's own interface about the entry `text`.
    fn from_answer(answer: &Value, text: &str) -> Self {
        let warnings = |value: &Value| -> Vec<String> {
            let warnings = value["warnings"].as_array().into_iter().flatten();
            warnings.map(|text| text.as_str().expect("text").replace(" (line 1)", "")).collect()
        };
        let report = &answer["report"];
        if let Some(rejected) = report["rejected"].get(0) {
            let reason = rejected["reason"].as_str().map(str::to_owned);
            return Self { accepted: false, reason, warnings: warnings(report) };
        }
        let Some(error) = answer.get("error") else {
            return Self { accepted: true, reason: None, warnings: warnings(answer) };
        };
        let (message, remedy) =
            (error["message"].as_str().unwrap(), error["remedy"].as_str().unwrap());
        let fact = message.strip_prefix(&format!("entry {text:?}: ")).unwrap_or(message);
        Self { accepted: false, reason: Some(format!("{fact}: {remedy}")), warnings: Vec::new() }
    }
}

/// A directory with a server, and one that `compile` publishes to.
struct Doors {
    workspace: Workspace,
    server: TestServer,
    webitel: [String; 2],
    iletimerkezi: Value,
}

const LIST: &str = "--data data --domain my.example --list";

impl Doors {
    fn new() -> Self {
        let workspace = Workspace::new();
        workspace.run("domain put --data data --region TR my.example").ok();
        let key = |arguments: &str| -> Value {
            let made =
                workspace.run(&format!("key create --data data {arguments} --json")).ok().out();
            serde_json::from_str(&made).expect("a key")
        };
        let webitel = key("--kind webitel --domain my.example --role editor");
        let iletimerkezi = key("--kind iletimerkezi --domain my.example --list sms --role editor");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let webitel = [text(&webitel["token"]), text(&webitel["key"])];
        let server = TestServer::start(&workspace, &[]);
        Self { workspace, server, webitel, iletimerkezi }
    }

    /// The status and the body of an answer.
    fn post(&self, url: &str, headers: &[String], body: &[u8]) -> (u16, String) {
        fs::write(self.workspace.path("body"), body).expect("written");
        let mut curl = Command::new("curl");
        curl.current_dir(self.workspace.dir.path()).args(["-s", "-w", "\n%{http_code}"]);
        for header in headers {
            curl.args(["-H", header]);
        }
        curl.args(["--data-binary", "@body"]).arg(url);
        let answer = curl.output().expect("curl runs").stdout;
        let answer = String::from_utf8(answer).expect("UTF-8");
        let (body, status) = answer.rsplit_once('\n').expect("a status");
        (status.parse().expect("a status"), body.to_owned())
    }

    /// An answer of the server's own interface, to whoever owns the directory.
    fn native(&self, path: &str, body: &[u8]) -> Value {
        let socket = self.workspace.path("data/control.sock");
        fs::write(self.workspace.path("body"), body).expect("written");
        let mut curl = Command::new("curl");
        curl.current_dir(self.workspace.dir.path()).args(["-s", "--unix-socket"]).arg(socket);
        curl.args(["--data-binary", "@body", "-H", "Content-Type: text/plain"]);
        curl.arg(format!("http://localhost/callbar/v1/domains/my.example/{path}"));
        let answer = curl.output().expect("curl runs").stdout;
        serde_json::from_slice(&answer)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&answer)))
    }

    fn compile(&self, line: &str) -> Outcome {
        self.workspace.file("line.txt", line);
        let arguments = "compile --domain c.example --region TR --data compiled --max-loss 100";
        let run = self.workspace.run(&format!("{arguments} --list a=line.txt"));
        Outcome::from_report(&run.err(), "line.txt", "list a")
    }

    fn add(&self, line: &str, list: &str) -> Outcome {
        let mut command = self.workspace.command();
        command.args(["add", "--make-list"]).args(format!("{LIST} {list}").split(' '));
        let run = command.arg(line).output().expect("it runs");
        let report = String::from_utf8(run.stderr).expect("UTF-8");
        let start = format!("error: {line}: ");
        let Some(error) = report.lines().find_map(|line| line.strip_prefix(&start)) else {
            return Outcome::from_report(&report, "", "");
        };
        let reason = error.strip_prefix(&format!("entry {line:?}: ")).unwrap_or(error);
        Outcome { accepted: false, reason: Some(reason.to_owned()), warnings: Vec::new() }
    }

    fn import(&self, line: &str, list: &str) -> Outcome {
        self.workspace.file("line.txt", line);
        let run = self.workspace.run(&format!("import --make-list {LIST} {list} line.txt"));
        Outcome::from_report(&run.err(), "line.txt", "line.txt")
    }

    /// Reports whether Webitel's interface takes a line, and what it says if not.
    fn webitel(&self, line: &str, list: &str) -> (bool, String) {
        let [token, key] = &self.webitel;
        let headers = [
            format!("X-Access-Token: {token}"),
            format!("X-Key: {key}"),
            "Content-Type: application/json".to_owned(),
        ];
        let path = format!("/api/v2/routes/blacklists/{list}?domain=my.example");
        let body = json!({ "number": line }).to_string();
        let url = format!("{}{path}", self.server.url);
        let (status, body) = self.post(&url, &headers, body.as_bytes());
        (status == 200, body)
    }

    /// Reports whether iletimerkezi's interface takes a line.
    fn iletimerkezi(&self, line: &str) -> bool {
        let (key, hash) = (&self.iletimerkezi["key"], &self.iletimerkezi["hash"]);
        let body = json!({"request": {
            "authentication": {"key": key, "hash": hash},
            "blacklist": {"number": line},
        }});
        let url = format!("{}/v1/add-blacklist/json", self.server.url);
        let (status, _) = self.post(&url, &[], body.to_string().as_bytes());
        assert!(status != 401 && status < 500, "{line}: {status}");
        status == 200
    }
}

const LINES: &[&str] = &[
    "0505 004 78 24",
    "+90 (505) 004-78-25",
    "0090505-004-78-26",
    "=\"05050047827\"",
    "=05050047827",
    "\u{660}\u{665}\u{660}\u{665}\u{660}\u{660}\u{664}\u{667}\u{668}\u{662}\u{668}",
    "tel:+90-505-004-78-29;ext=3",
    "\"Ali\" <sip:05050047830@gw.example>",
    "5E+11",
    "5,05E+11",
    "905050047824.0",
    "+90505*",
    "+90*",
    "0505XXX",
    "0505XXX7824",
    "0505***7824",
    "_0505XXXXXXX",
    "0505-0506",
    "05050047824,NY",
    "0850 304 00 00-99",
    "0505 004 78 24 / 0505 004 78 25",
    "112",
    "+90112",
    "+1809",
    "1001",
    "*67",
    "alice",
    "sip:bob@my.example",
    "alice*",
    "NULL",
    "anonymous",
    "short",
    "5550123",
    "+9991234567",
    "+52 155 12345678901",
    "sip:@gw.example",
    "<html>",
];

#[test]
fn a_line_gives_the_same_at_every_door() {
    let doors = Doors::new();
    let plan = DialPlan::new("TR").expect("a plan");
    for (at, line) in LINES.iter().enumerate() {
        let list = |door: &str| format!("{door}{at}");
        let expected = doors.compile(line);
        assert_eq!(doors.add(line, &list("add")), expected, "add {line}");
        assert_eq!(doors.import(line, &list("import")), expected, "import {line}");
        let entries = format!("lists/{}/entries?make_list=true", list("entries"));
        let posted = doors.native(&entries, json!({ "number": line }).to_string().as_bytes());
        assert_eq!(Outcome::from_answer(&posted, line), expected, "entries {line}");
        let import = format!("lists/{}/import?make_list=true&format=text", list("http"));
        let posted = doors.native(&import, line.as_bytes());
        assert_eq!(Outcome::from_answer(&posted, line), expected, "HTTP import {line}");
        let (accepted, body) = doors.webitel(line, &list("webitel"));
        assert_eq!(accepted, expected.accepted, "Webitel {line}: {body}");
        if let Some(reason) = &expected.reason {
            let fact = reason.split(": ").next().expect("a fact");
            assert!(body.contains(&json!(fact).to_string().replace('"', "")), "{line}: {body}");
        }
        let is_whole =
            EntryKey::parse(line.as_bytes(), &plan).is_ok_and(|key| key.kind() == EntryKind::E164);
        assert_eq!(doors.iletimerkezi(line), expected.accepted && is_whole, "iletimerkezi {line}");
    }
    doors.server.end();
}

/// Small files: name and bytes.
const FILES: &[(&str, &str)] = &[
    ("a.txt", "# complaints\n0505 004 78 24\n\n#\n  112 \n\"0505\n05050047825\n05050047825\n"),
    (
        "b.csv",
        "Ad;Telefon;Biti\u{15f} Tarihi;Sebep\nAli;05050047824;31.12.2027;\"a;b\"\n;5E+11;;\nOya;=\"\"05050047825\"\";;\nCan;0505;soon;x\n",
    ),
    ("c.csv", "number,expires,reason\n05050047824,2027-12-31,spam\n05050047825\n,1790000100,x\n"),
    (
        "d.jsonl",
        "{\"number\":\"05050047824\",\"expires\":\"31.12.2027\"}\n05050047825\n{\"phone\":1}\n[]\n{\"number\":\"1\",\"number\":\"2\"}\n{\"number\":5050047824.0}\n",
    ),
    ("e.tsv", "id\tphone\tnote\n1\t05050047824\tx\n2\talice\ty\n3\tbob\tz\n"),
    ("f.csv", "05050047824,x\n05050047825,y\n"),
    ("g.csv", "name,city\na,b\n"),
    ("h.csv", "phone\n\"0505\n"),
    ("i.jsonl", "[{\"number\":\"0505\"}]\n"),
];

/// What a door made of a file: entries, rejected lines with their reasons, warnings and notes; or why it
/// cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    rejected: Vec<(u64, String)>,
    said: Vec<String>,
}

/// What commands report of a file, without the file's name.
fn read(report: &str, file: &str, list: &str) -> Read {
    let (mut rejected, mut said) = (Vec::new(), Vec::new());
    for line in report.lines() {
        if let Some(rest) = line.strip_prefix(&format!("rejected {file}:")) {
            let (number, rest) = rest.split_once(": ").expect("a line");
            let reason = rest.split_once(": \"").map_or(rest, |(reason, _)| reason);
            rejected.push((number.parse().expect("a number"), reason.to_owned()));
        } else if let Some(warning) = line.strip_prefix("warning: ") {
            said.push(warning.replace(&format!("{list}: "), ""));
        } else if line.starts_with("column") || line.starts_with("error: ") {
            said.push(line.to_owned());
        }
    }
    said.sort();
    Read { rejected, said }
}

#[test]
fn a_file_gives_the_same_at_every_door() {
    let doors = Doors::new();
    for (at, (name, text)) in FILES.iter().enumerate() {
        doors.workspace.file(name, text);
        let arguments = "compile --domain c.example --region TR --data compiled --max-loss 100";
        let compiled = doors.workspace.run(&format!("{arguments} --list a={name}"));
        let expected = read(&compiled.err(), name, "list a");
        let is_readable = !expected.said.iter().any(|said| said.starts_with("error: "));
        let import = format!("import --partial --make-list {LIST} file{at} {name}");
        let imported = doors.workspace.run(&import);
        assert_eq!(read(&imported.err(), name, name), expected, "import {name}");
        for packed in [false, true] {
            doors.workspace.gzip("packed", text.as_bytes());
            let body = if packed {
                fs::read(doors.workspace.path("packed")).unwrap()
            } else {
                text.as_bytes().to_vec()
            };
            let path =
                format!("lists/http{at}{packed}/import?partial=true&make_list=true&name={name}");
            let answer = doors.native(&path, &body);
            if !is_readable {
                let error = &answer["error"];
                let said = format!(
                    "error: {}: {}",
                    error["message"].as_str().unwrap(),
                    error["remedy"].as_str().unwrap()
                );
                assert_eq!(vec![said], expected.said, "{name}");
                continue;
            }
            let rejected = answer["rejected"].as_array().expect("rejections").iter();
            let rejected: Vec<(u64, String)> = rejected
                .map(|line| {
                    (line["line"].as_u64().unwrap(), line["reason"].as_str().unwrap().to_owned())
                })
                .collect();
            let texts = |name: &str| {
                let all = answer[name].as_array().expect("texts").clone();
                all.into_iter().map(|text| text.as_str().expect("text").to_owned())
            };
            let mut said: Vec<String> = texts("notes").chain(texts("warnings")).collect();
            said.sort();
            assert_eq!(Read { rejected, said }, expected, "HTTP {name}, packed: {packed}");
        }
    }
    doors.server.end();
}
