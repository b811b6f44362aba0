//! Publishing beside damaged files, other processes and mistakes. Prevents a bad file of one tenant that
//! stops the others, and a mistake that replaces a list.

mod cli;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use cli::Workspace;

/// Compiles the domain `other` into a second file and damages that file.
fn damaged(workspace: &Workspace) {
    workspace.compiled("+905050047801\n").file("other.txt", "+905050047802\n");
    workspace.run("compile --domain other --region TR --data data --list o=other.txt").ok();
    workspace.damage("data/indexes/00000002.index");
}

#[test]
fn a_damaged_file_is_reported_and_the_others_serve() {
    let workspace = Workspace::new();
    damaged(&workspace);
    let words = ["00000002.index is left out", "remove it, then compile its domain again"];
    let is_reported = |error: &str| words.iter().all(|word| error.contains(word));
    let run = workspace.run("check --data data --domain my.example 05050047801").exits(1);
    assert!(is_reported(&run.err()), "{}", run.err());
    let run = workspace.run_on("scrub --data data --domain my.example", b"phone\n1\n").ok();
    assert!(is_reported(&run.err()), "{}", run.err());
    workspace
        .run("check --data data --domain other 05050047802")
        .fails_with(&["no domain \"other\"", "may be in a file that was left out"]);
    let run = workspace.run("inspect --json data").ok();
    let json: serde_json::Value = serde_json::from_str(&run.out()).unwrap();
    assert_eq!(json["domains"].as_array().unwrap().len(), 1);
    assert!(json["damaged"][0]["file"].as_str().unwrap().ends_with("00000002.index"));
    assert!(json["damaged"][0]["reason"].as_str().unwrap().contains("damaged"));
    let run =
        workspace.run("compile --domain other --region TR --data data --list o=other.txt").ok();
    assert!(is_reported(&run.err()), "{}", run.err());
    workspace.run("check --data data --domain other 05050047802").exits(1);
    workspace.run("verify data").exits(2);
}

#[test]
fn verify_reports_a_misnamed_file_and_ignores_others() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let indexes = workspace.path("data/indexes");
    for name in [".00000009.index", "README", "00000001.index.bak"] {
        fs::write(indexes.join(name), "x").unwrap();
    }
    workspace.run("verify data").ok();
    fs::copy(indexes.join("00000001.index"), indexes.join("x.index")).unwrap();
    let run = workspace.run("verify data").exits(2);
    assert!(run.out().contains("x.index\tmisnamed"), "{}", run.out());
}

#[test]
fn processes_publish_in_one_directory_at_a_time() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let children: Vec<_> = (0..6)
        .map(|number| {
            let domain = format!("d{number}");
            let mut command = workspace.command();
            command.args(["compile", "--region", "TR", "--data", "data", "--list", "s=spam.txt"]);
            command.args(["--domain", &domain]).stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(workspace.run("verify data").ok().out().lines().count(), 7);
}

/// Returns a compile into `new/deep/data` that reads its list from standard input.
fn piped(workspace: &Workspace) -> Command {
    let mut command = workspace.command();
    let compile = "compile --domain d --region TR --data new/deep/data --list s=- --format text";
    command.args(compile.split(' ')).stdin(Stdio::piped()).stdout(Stdio::null());
    command.stderr(Stdio::piped());
    command
}

#[test]
fn a_compile_that_fails_takes_no_directory_from_another() {
    let workspace = Workspace::new();
    let mut bad = piped(&workspace).spawn().unwrap();
    while !workspace.path("new/deep/data").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut good = piped(&workspace).spawn().unwrap();
    let mut feed = good.stdin.take().unwrap();
    // More than fits in a pipe: once it is written, the command has opened the directory.
    feed.write_all("+905050047801\n".repeat(50_000).as_bytes()).unwrap();
    drop(bad.stdin.take());
    assert_eq!(bad.wait().unwrap().code(), Some(2));
    assert!(!workspace.path("new").exists());
    drop(feed);
    let output = good.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    workspace.run("check --data new/deep/data --domain d 05050047801").exits(1);
}

#[test]
fn compiles_that_fail_and_succeed_at_once_leave_what_succeeded() {
    for _ in 0..8 {
        let workspace = Workspace::new();
        let mut children = [(); 3].map(|()| piped(&workspace).spawn().unwrap());
        let mut feed = children[1].stdin.take().unwrap();
        feed.write_all(b"+905050047801\n").unwrap();
        drop(feed);
        for (at, child) in children.into_iter().enumerate() {
            let output = child.wait_with_output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.success(), at == 1, "{at}: {error}");
        }
        workspace.run("check --data new/deep/data --domain d 05050047801").exits(1);
    }
}

#[cfg(unix)]
#[test]
fn verify_waits_for_no_pipe() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let pipe = workspace.path("data/indexes/00000001.00000009.index");
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let run = workspace.run("verify data").exits(2);
    assert!(run.out().contains("00000009.index\tis no regular file: remove it"), "{}", run.out());
}

#[test]
fn verify_reads_nothing_behind_a_header_that_is_wrong() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let head = fs::read(workspace.path("data/indexes/00000001.index")).unwrap();
    for (name, head) in [("00000002.index", &head[..]), ("00000003.index", b"+905")] {
        let path = format!("data/indexes/{name}");
        workspace.file(&path, head);
        // Larger than any memory, without any block on the disk.
        let file = fs::OpenOptions::new().write(true).open(workspace.path(&path)).unwrap();
        file.set_len(1 << 42).unwrap();
    }
    let out = workspace.run("verify data").exits(2).out();
    assert!(out.contains("00000002.index\tdamaged index: header: the file is shorter or"), "{out}");
    assert!(out.contains("00000003.index\tnot a callbar index"), "{out}");
}

#[test]
fn a_list_is_not_replaced_by_results() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "+905050047801\n").file("in.csv", "phone\n1\n");
    workspace
        .run("scrub --region TR --list a.txt in.csv -o ./a.txt")
        .fails_with(&["-o ./a.txt", "give another file"]);
    let compile = "compile --domain d --region TR --data data --list a=a.txt";
    workspace.run(&format!("{compile} --rejects ./a.txt")).fails_with(&["--rejects ./a.txt"]);
    assert_eq!(fs::read(workspace.path("a.txt")).unwrap(), b"+905050047801\n");
    workspace.file("rejects.tsv", "old");
    workspace
        .run(&format!("{compile} --list b=absent.txt --rejects rejects.tsv"))
        .fails_with(&["absent"]);
    assert_eq!(fs::read(workspace.path("rejects.tsv")).unwrap(), b"old");
    assert!(!workspace.path("data").exists());
    workspace.file("empty.txt", "");
    workspace
        .run("compile --domain d --region TR --data new/data --list a=empty.txt")
        .fails_with(&["no entry"]);
    assert!(!workspace.path("new").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_nobody_reads_is_no_failure() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "+905050047801\n");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let arguments = "compile --domain d --region TR --data data --list a=a.txt";
    let output = workspace
        .command()
        .args(arguments.split(' '))
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.contains("the index is published"), "{error}");
    workspace.run("check --data data --domain d 05050047801").exits(1);
}

#[test]
fn list_files_of_the_wrong_kind_are_refused() {
    let workspace = Workspace::new();
    workspace.gzip("once.gz", b"+905050047801\n").file("zero.txt", b"905050\x0047801\n\0\0\0\0");
    let once = fs::read(workspace.path("once.gz")).unwrap();
    workspace.gzip("twice.gz", &once).file("cut.gz", &once[..once.len() - 6]);
    for (file, word) in
        [("twice.gz", "gzipped twice"), ("cut.gz", "fetch it again"), ("zero.txt", "zero bytes")]
    {
        let compile = format!("compile --domain d --region TR --data data --list a={file}");
        workspace.run(&compile).fails_with(&[file, word]);
    }
    let check = "check --data data --domain d 1";
    workspace.run(&format!("--threads 0 {check}")).fails_with(&["1..=512"]);
    workspace.run(&format!("--threads 513 {check}")).fails_with(&["1..=512"]);
    workspace
        .run_on("scrub --region TR --list once.gz --column x", b"\x1b]0;a\x07,b\n1,2\n")
        .fails_with(&["\\u{1b}]0;a"]);
}
