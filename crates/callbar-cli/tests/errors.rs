//! Every error says what is wrong, where, and what to do, and ends with status 2. Prevents an
//! operator who has to guess at night.

mod cli;

use std::io::{Read, Write};
use std::process::Stdio;

use cli::Workspace;

#[test]
fn unknown_domains_are_reported_with_those_that_exist() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("o.txt", "+905050047801");
    workspace.run("compile --domain other.net --region TR --data data --list o=o.txt").ok();
    let run = workspace.run("check --data data --domain my.exmple 1");
    run.fails_with(&["my.exmple", "my.example, other.net"]);
    workspace.run("scrub --data data --domain nope").fails_with(&["no domain \"nope\""]);
    workspace.run("check --data absent --domain d 1").fails_with(&["absent", "callbar compile"]);
    workspace.run("inspect absent").fails_with(&["absent"]);
    workspace.run("verify absent").fails_with(&["absent"]);
}

#[test]
fn columns_that_do_not_exist_are_reported_with_those_that_do() {
    let workspace = Workspace::new();
    workspace
        .compiled("+905050047801\n")
        .file("in.csv", "id,name\n1,a\n")
        .file("data.csv", "05050047801,a\n");
    let scrub = "scrub --data data --domain my.example";
    workspace.run(&format!("{scrub} --column phone in.csv")).fails_with(&[
        "in.csv",
        "\"phone\"",
        "id, name",
    ]);
    workspace.run(&format!("{scrub} in.csv")).fails_with(&["id, name", "--column"]);
    workspace.run(&format!("{scrub} --column 3 in.csv")).fails_with(&["no column 3"]);
    workspace.run(&format!("{scrub} --column 1 data.csv")).fails_with(&["--no-header"]);
    workspace.run_on(scrub, b"phone,callbar_list\n1,2\n").fails_with(&["callbar_list", "--prefix"]);
    workspace.run_on(scrub, b"id;name\n1;2\n").fails_with(&["--delimiter ';'"]);
    let compile = "compile --domain d --region TR --data data --list a=in.csv";
    workspace.run(compile).fails_with(&["in.csv", "id, name", "--column"]);
}

#[test]
fn wrong_usage_is_status_2() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "+905050047801");
    for (arguments, word) in [
        ("", "Usage"),
        ("frobnicate", "frobnicate"),
        ("compile --domain d --region TR --data data --list a.txt", "NAME=a.txt"),
        ("compile --domain d --region TR --data data --list a:block=a.txt", "allow or deny"),
        ("compile --domain d --region XX --data data --list a=a.txt", "XX"),
        ("compile --domain d --region TR --data data --list a=absent.txt", "absent.txt"),
        ("compile --domain d --region TR --data data --list a=- --list b=-", "once only"),
        ("compile --domain d --region TR --data data --list a=a.txt --list a:allow=a.txt", "allow"),
        ("scrub --region TR", "--list"),
        ("scrub --list a.txt in.csv", "--region"),
        ("scrub --region TR --list a.txt absent.csv", "absent.csv"),
        ("scrub --region TR --list - -", "once only"),
        ("scrub --region TR --list a.txt a.txt -o out.csv.gz", "gzip"),
        ("scrub --region TR --list a.txt -o no/such/out.csv -", "no/such"),
        ("normalize --region TR absent.txt", "absent.txt"),
        ("normalize --region Turkey", "ISO 3166"),
        ("normalize --region UK", "United Kingdom is GB"),
    ] {
        workspace.run(arguments).fails_with(&[word]);
    }
    assert!(!workspace.path("data/indexes").exists(), "nothing was published");
}

#[test]
fn an_index_that_would_bar_nothing_is_not_published_by_accident() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("spam.txt", "# nothing here\n");
    let compile = "compile --domain my.example --region TR --list spam=spam.txt --data data";
    workspace.run(compile).fails_with(&["no entry was accepted", "--allow-empty"]);
    workspace.run("check --data data --domain my.example 05050047801").exits(1);
    // --allow-empty does not allow the loss of all entries.
    workspace
        .run(&format!("{compile} --allow-empty"))
        .fails_with(&["from 1 to 0", "--max-loss 100"]);
    workspace.run(&format!("{compile} --allow-empty --max-loss 100")).ok();
    workspace.run("check --data data --domain my.example 05050047801").ok();
}

#[test]
fn a_file_of_the_wrong_kind_is_named() {
    let workspace = Workspace::new();
    workspace
        .compiled("+905050047801\n")
        .file("in.xlsx", b"PK\x03\x04....")
        .file("in.csv", b"\xff\xfep\0");
    let scrub = "scrub --data data --domain my.example";
    workspace.run(&format!("{scrub} in.xlsx")).fails_with(&["spreadsheet"]);
    workspace.run(&format!("{scrub} in.csv")).fails_with(&["UTF-16"]);
    workspace.run_on(scrub, b"").fails_with(&["standard input is empty"]);
}

#[test]
fn a_quote_left_open_is_found_and_nothing_is_written() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("in.csv", "id,phone\n1,2\n2,\"3\n4,5\n");
    let run = workspace.run("scrub --data data --domain my.example in.csv -o out.csv");
    run.fails_with(&["in.csv:3:", "never closed"]);
    assert!(!workspace.path("out.csv").exists());
    let left = std::fs::read_dir(workspace.dir.path()).unwrap().count();
    assert_eq!(left, 3, "data, spam.txt and in.csv");
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let workspace = Workspace::new();
    workspace.file("numbers.txt", "05050047801\n".repeat(500_000));
    let mut child = workspace
        .command()
        .args(["normalize", "--region", "TR", "numbers.txt"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(141));
}

#[test]
fn check_answers_a_line_before_the_next_is_written() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let mut child = workspace
        .command()
        .args(["check", "--data", "data", "--domain", "my.example"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for _ in 0..3 {
        stdin.write_all(b"05050047801\n").unwrap();
        let mut answer = [0; 24];
        stdout.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"deny\tspam\t+905050047801\n");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
