//! The commands on a directory with a store, without a server and through one. Prevents a server that
//! must end before a list can be changed, and files that are taken by half.

mod cli;

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use cli::Workspace;
use cli::server::TestServer;

const LIST: &str = "--data data --domain my.example --list spam";

/// A workspace whose directory has a store with the list `spam`.
fn workspace_with_store() -> Workspace {
    let workspace = Workspace::new();
    workspace.run("domain put --data data --region TR my.example").ok();
    workspace.run("lists put --data data --domain my.example spam --response 607").ok();
    workspace
}

/// Runs a test on a directory without a server, and on another with one.
fn with_and_without_server(act: impl Fn(&Workspace)) {
    act(&workspace_with_store());
    let workspace = workspace_with_store();
    let server = TestServer::start(&workspace, &[]);
    act(&workspace);
    server.end();
}

#[test]
fn what_is_added_bars_and_what_is_removed_does_not() {
    with_and_without_server(|workspace| {
        let add = format!("add {LIST} --reason complaint --expires 2100-01-01 05050047824 +90900*");
        let run = workspace.run(&add).ok();
        assert_eq!(run.out(), "added\t05050047824\t+905050047824\nadded\t+90900*\t+90900*\n");
        let check = "check --data data --domain my.example --explain";
        let explained = workspace.run(&format!("{check} 05050047824")).exits(1).out();
        assert!(explained.contains("complaint") && explained.contains("607"), "{explained}");
        // A date alone includes the day.
        assert!(explained.contains("expires 2100-01-02T00:00:00Z"), "{explained}");
        let run = workspace.run_on(&format!("remove {LIST}"), b"+905050047824\n\n05321112233\n");
        let run = run.exits(2);
        assert_eq!(run.out(), "removed\t+905050047824\n");
        assert!(run.err().contains("05321112233: there is no such entry"), "{}", run.err());
        workspace.run("check --data data --domain my.example 05050047824").ok();
        workspace.run("check --data data --domain my.example 09001112233").exits(1);
    });
}

#[test]
fn what_is_refused_is_reported_and_the_rest_done() {
    with_and_without_server(|workspace| {
        let run =
            workspace.run_on(&format!("add {LIST}"), b"05050047824\ncall me\n+90*\n05050047825\n");
        let run = run.exits(2);
        assert_eq!(run.out().lines().count(), 2, "{}", run.out());
        assert!(run.err().contains("call me: ") && run.err().contains("+90*: "), "{}", run.err());
        workspace.run(&format!("add {LIST} --allow-broad +90*")).ok();
        let unknown = "add --data data --domain my.example --list other 05050047824";
        workspace.run(unknown).fails_with(&["no list \"other\""]);
        workspace.run(&format!("{unknown} --make-list")).ok();
    });
}

#[test]
fn files_of_every_form_are_imported() {
    with_and_without_server(|workspace| {
        workspace
            .file("a.txt", "\u{feff}# a comment\n0505 004 78 01\n\n112\n")
            .file("b.csv", "id,Phone,until\n1,\"0505 004 7802\",2100-01-01\n2,05050047803,\n")
            .file(
                "c.jsonl",
                "{\"number\":\"05050047804\",\"reason\":\"x\"}\n\"05050047805\"\n905050047806\n",
            )
            .gzip("d.txt.gz", b"05050047807\n0505 004 78 01\n");
        let run = workspace.run(&format!("import {LIST} a.txt b.csv c.jsonl d.txt.gz")).ok();
        let counts: Vec<_> =
            run.out().lines().map(|line| line.split(',').next().unwrap_or("").to_owned()).collect();
        assert_eq!(
            counts,
            ["a.txt: 2 added", "b.csv: 2 added", "c.jsonl: 3 added", "d.txt.gz: 1 added"]
        );
        let input = b"05050047808\n";
        workspace.run_on(&format!("import {LIST} -"), input).ok();
        let shown = workspace.run("lists show --data data --domain my.example --json").ok().out();
        assert!(shown.contains("\"entries\":9"), "{shown}");
        // A file that was cut off does not empty the list.
        workspace.run(&format!("import {LIST} --replace a.txt")).fails_with(&["--max-loss 100"]);
        let run = workspace.run(&format!("import {LIST} --replace --max-loss 100 a.txt")).ok();
        assert!(run.out().contains("2 added") && run.out().contains("9 removed"), "{}", run.out());
    });
}

#[test]
fn of_a_file_all_is_taken_or_nothing_unless_asked_for() {
    with_and_without_server(|workspace| {
        workspace.file("bad.txt", "05050047801\n\n# no entry\ncall me\n05050047802\n").file(
            "bad.csv",
            "phone,expires\n05050047803,soon\n\"0505\n004 78 04\",\n05050047805,\n",
        );
        for (file, at) in [("bad.txt", "bad.txt:4: "), ("bad.csv", "bad.csv:2: ")] {
            workspace
                .run(&format!("import {LIST} {file}"))
                .fails_with(&[at, "nothing of the file"]);
        }
        assert!(workspace.run(&format!("export {LIST} --format text")).ok().out().is_empty());
        let run =
            workspace.run(&format!("import {LIST} --partial --rejects r.tsv bad.txt bad.csv")).ok();
        assert!(run.out().contains("bad.txt: 2 added") && run.out().contains("bad.csv: 1 added"));
        let rejects = std::fs::read_to_string(workspace.path("r.tsv")).expect("rejects");
        let mut lines: Vec<_> = rejects
            .lines()
            .map(|line| line.split('\t').take(2).collect::<Vec<_>>().join(":"))
            .collect();
        lines.sort();
        assert_eq!(lines, ["bad.csv:2", "bad.csv:3", "bad.txt:4"]);
    });
}

#[test]
fn indexes_that_are_made_again_are_counted_and_timed() {
    let workspace = workspace_with_store();
    std::fs::remove_dir_all(workspace.path("data/indexes")).unwrap();
    let server = TestServer::start(&workspace, &[]);
    let create = "key create --data data --kind native --role admin --json";
    let key: serde_json::Value = serde_json::from_str(&workspace.run(create).ok().out()).unwrap();
    let token = key["token"].as_str().unwrap().to_owned();
    let start = std::time::Instant::now();
    while !server.get("/metrics", &token).contains("\ncallbar_compile_seconds_count 1\n") {
        assert!(start.elapsed().as_secs() < 20, "{}", server.get("/metrics", &token));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    server.end();
}

#[test]
fn what_is_empty_too_long_or_no_text_is_refused_by_itself() {
    let workspace = workspace_with_store();
    let put = ["lists", "put", "--data", "data", "--domain", "my.example", ""];
    let message = workspace.command().args(put).output().unwrap().stderr;
    assert!(String::from_utf8(message).unwrap().contains("is empty: give one"));
    let long = "5".repeat(20_000);
    workspace.file("n.txt", format!("05050047824\n{long}\n05050047825\n"));
    let import = format!("import {LIST} --partial n.txt");
    let run = workspace.run(&import).ok();
    assert!(
        run.out().contains("2 added") && run.err().contains("n.txt:2: has more than 1,024 bytes"),
        "{}",
        run.err()
    );
    let run =
        workspace.run_on(&format!("add {LIST}"), b"05050047826\n\xff\xfe\n#\r\n05050047827\r\n");
    let run = run.exits(2);
    assert_eq!(run.out().lines().count(), 2, "{}", run.err());
    assert_eq!(run.err().lines().count(), 1, "{}", run.err());
    let run = workspace.run(&format!("export {LIST} -o /dev/full")).exits(2);
    assert!(run.err().contains("No space left"), "{}", run.err());
}

#[test]
fn numbers_that_lack_their_plus_are_reported() {
    let workspace = workspace_with_store();
    workspace.run("domain put --data data --region DE de.example").ok();
    workspace.file("n.txt", "4917112345678\n4915112345678\n4917112345679\n0171 1234567\n");
    let import = "import --data data --domain de.example --list spam --make-list n.txt";
    let message = "n.txt: 3 numbers begin with 49 and were read as national numbers: if they are \
                international, write them with a plus, or give the domain plain_e164 (--plain-e164)";
    let run = workspace.run(import).ok();
    assert!(run.err().contains(message), "{}", run.err());
    workspace.run("domain put --data data --region DE --plain-e164 de.example").ok();
    let run = workspace.run(import).ok();
    assert!(!run.err().contains("begin with"), "{}", run.err());
}

#[test]
fn what_is_exported_can_be_imported() {
    with_and_without_server(|workspace| {
        workspace.file("a.csv", "number,expires,reason,source\n0505 004 78 01,2100-01-01,\"a, \"\"b\"\"\",crm\n+90900*,,,\n");
        workspace.run(&format!("import {LIST} a.csv")).ok();
        for (form, file, ids) in [("ndjson", "out.jsonl", ""), ("csv", "out.csv", "--id-column id")]
        {
            workspace.run(&format!("export {LIST} --format {form} -o {file}")).ok();
            let before = workspace.run(&format!("export {LIST}")).ok().out();
            workspace.run("lists remove --data data --domain my.example spam").ok();
            workspace.run(&format!("import {LIST} --make-list {ids} {file}")).ok();
            let mut after: Vec<serde_json::Value> = Vec::new();
            let mut wanted: Vec<serde_json::Value> = Vec::new();
            for (text, values) in [
                (&before, &mut wanted),
                (&workspace.run(&format!("export {LIST}")).ok().out(), &mut after),
            ] {
                values
                    .extend(text.lines().map(|line| {
                        serde_json::from_str::<serde_json::Value>(line).expect("JSON")
                    }));
            }
            assert_eq!(after, wanted, "{form}");
            assert_eq!(after[0]["reason"], "a, \"b\"");
        }
    });
}

#[test]
fn the_audit_log_shows_who_did_what() {
    with_and_without_server(|workspace| {
        workspace.run(&format!("add {LIST} 05050047824")).ok();
        let run = workspace.run("audit --data data --domain my.example --json").ok();
        let first: serde_json::Value =
            serde_json::from_str(run.out().lines().next().expect("a line")).expect("JSON");
        assert_eq!(first["what"], "entry.put");
        assert_eq!((&first["who"], &first["subject"]), (&"local".into(), &"+905050047824".into()));
        assert_eq!(workspace.run("audit --data data --limit 1").ok().out().lines().count(), 1);
    });
}

#[test]
fn a_backup_beside_changes_is_whole() {
    let workspace = workspace_with_store();
    let server = TestServer::start(&workspace, &[]);
    let adding = std::thread::scope(|scope| {
        let adding = scope.spawn(|| {
            let numbers: Vec<_> = (0..400).map(|i| format!("0505004{i:04}\n")).collect();
            workspace
                .run_on(&format!("add {LIST}"), numbers.concat().as_bytes())
                .ok()
                .out()
                .lines()
                .count()
        });
        for copy in 0..5 {
            workspace.run(&format!("add {LIST} 0532111{copy:04}")).ok();
            workspace.run(&format!("backup --data data --to copy{copy}")).ok();
        }
        adding.join().expect("added")
    });
    assert_eq!(adding, 400);
    server.end();
    for copy in 0..5 {
        // The copy has all that was acknowledged before it began, and works without the original.
        let check = format!("--data copy{copy} --domain my.example");
        workspace.run(&format!("lists show {check}")).ok();
        let numbers: Vec<_> = (0..=copy).map(|i| format!("0532111{i:04}")).collect();
        let run = workspace.run(&format!("check {check} {}", numbers.join(" "))).exits(1);
        assert!(run.out().lines().all(|line| line.starts_with("deny")), "{}", run.out());
    }
    workspace.run("backup --data data --to copy0").fails_with(&["copy0"]);
    workspace.run("backup --data none --to copy9").fails_with(&["no store"]);
    assert!(!workspace.path("copy9").exists());
}

#[test]
fn a_directory_with_a_store_is_no_place_to_compile_into() {
    let workspace = workspace_with_store();
    workspace.file("spam.txt", "05050047824\n");
    workspace
        .run("compile --domain my.example --region TR --list spam=spam.txt --data data")
        .fails_with(&["has a store", "callbar import"]);
    workspace.run("rollback --data data --domain my.example").fails_with(&["has a store"]);
    // A directory with compiled indexes takes no store.
    workspace.run("compile --domain my.example --region TR --list spam=spam.txt --data flat").ok();
    workspace
        .run("domain put --data flat --region TR my.example")
        .fails_with(&["callbar compile", "another directory"]);
    workspace.run("lists show --data flat --domain my.example").fails_with(&["has no store"]);
    workspace.run("check --data flat --domain my.example 05050047824").exits(1);
}

#[test]
fn the_socket_is_the_owners_and_that_of_a_killed_server_is_none() {
    let workspace = workspace_with_store();
    let server = TestServer::start(&workspace, &[]);
    let socket = std::fs::metadata(workspace.path("data/control.sock")).expect("a socket");
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    workspace.run("serve --data data --listen 127.0.0.1:0").fails_with(&["data"]);
    server.kill();
    assert!(workspace.path("data/control.sock").exists());
    workspace.run(&format!("add {LIST} 05050047824")).ok();
    let server = TestServer::start(&workspace, &[]);
    workspace.run(&format!("add {LIST} 05050047825")).ok();
    server.end();
}

#[test]
fn the_first_start_makes_a_key_and_no_other_does() {
    let workspace = Workspace::new();
    let first = TestServer::start(&workspace, &[]).end();
    assert_eq!(first.lines().count(), 1);
    assert!(first.starts_with("cb_"), "{first}");
    assert_eq!(TestServer::start(&workspace, &[]).end(), "");
}

#[test]
fn others_are_answered_over_tls_or_by_consent() {
    let workspace = workspace_with_store();
    let server = |options: &str| workspace.run(&format!("serve --data data {options}"));
    server("--listen 0.0.0.0:0").fails_with(&["--tls-cert", "--public"]);
    server("--listen 127.0.0.1:0 --tls-cert cert.pem").exits(2);
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args(["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(workspace.dir.path())
        .stderr(Stdio::null())
        .status()
        .expect("openssl makes a certificate");
    assert!(made.success());
    let server = TestServer::start(&workspace, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    let health = format!("{}/callbar/v1/health", server.url);
    assert!(health.starts_with("https://"), "{health}");
    let asked = std::process::Command::new("curl")
        .args(["--silent", "--fail", "--cacert", "cert.pem", &health])
        .current_dir(workspace.dir.path())
        .output()
        .expect("curl runs");
    assert!(asked.status.success(), "{asked:?}");
    server.end();
}

#[test]
fn a_key_is_printed_only_by_a_server_that_listens() {
    let workspace = Workspace::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    let refused = workspace.run(&format!("serve --data data --listen {address}"));
    assert_eq!(refused.out(), "");
    refused.fails_with(&["listen on"]);
    assert!(TestServer::start(&workspace, &[]).end().starts_with("cb_"));
}

#[test]
fn a_directory_may_have_a_long_name() {
    let workspace = Workspace::new();
    let data = format!("{}/data", "d".repeat(200));
    let mut command = workspace.command();
    command.args(["serve", "--data", &data, "--listen", "127.0.0.1:0"]);
    let server = TestServer::started(command);
    workspace.run(&format!("domain put my.example --region TR --data {data}")).ok();
    workspace.run(&format!("domain show --data {data}")).ok();
    assert!(server.end().starts_with("cb_"));
}

#[test]
fn who_has_the_directory_for_a_moment_is_waited_for() {
    let workspace = workspace_with_store();
    let for_a_moment = || {
        let engine = callbar::Engine::open(workspace.path("data")).expect("the indexes");
        let writer = engine.writer().expect("the lock");
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(700));
            drop(writer);
        })
    };
    let held = for_a_moment();
    workspace.run(&format!("add {LIST} 05050047824")).ok();
    held.join().expect("let go");
    let held = for_a_moment();
    TestServer::start(&workspace, &[]).end();
    held.join().expect("let go");
}

#[test]
fn a_file_that_may_not_grow_ends_no_server() {
    let workspace = workspace_with_store();
    let mut command = std::process::Command::new("sh");
    // Blocks of 512 or of 1,024 bytes.
    let limited = r#"ulimit -f 4000; exec "$0" serve --data data --listen 127.0.0.1:0"#;
    command.args(["-c", limited, env!("CARGO_BIN_EXE_callbar")]).current_dir(workspace.dir.path());
    let server = TestServer::started(command);
    let lines: Vec<String> = (0..400_000).map(|i| format!("+9050{i:08}")).collect();
    workspace.file("many.txt", lines.join("\n"));
    workspace.run(&format!("import {LIST} many.txt")).fails_with(&["cannot"]);
    workspace.run(&format!("add {LIST} 05050047824")).ok();
    server.end();
}

#[test]
fn a_possible_mistake_is_reported_and_comments_are_no_entries() {
    with_and_without_server(|workspace| {
        let input = b"# of complaints\n#\n911\nalice\n";
        let run = workspace.run_on(&format!("add {LIST}"), input).ok();
        assert_eq!(run.out(), "added\t911\t911\nadded\talice\talice\n");
        for message in ["911", "never barred", "alice", "SIP"] {
            assert!(run.err().contains(message), "{message}: {}", run.err());
        }
        workspace.file("a.txt", "112\n05050047824\n");
        let run = workspace.run(&format!("import {LIST} a.txt")).ok();
        assert!(
            run.err().contains("a.txt: 112 is an emergency number of the region"),
            "{}",
            run.err()
        );
        let unknown = "add --data data --domain my.example --list other 05050047824";
        let err = workspace.run(unknown).exits(2).err();
        assert_eq!(err.matches("make it first").count(), 1, "{err}");
    });
}
