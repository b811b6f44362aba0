//! The output and the exit status of commands on ordinary input. Prevents a release with a correct
//! library and a wrong command line.

mod cli;

use cli::Workspace;

#[test]
fn check_answers_in_order_with_the_status_of_the_worst() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047824\n").file("vip.txt", "0505 004 78 25\n");
    let check = "check --data data --domain my.example";
    let run = workspace.run(&format!("{check} 05050047824 +905050047825 sip:+905050047824@gw *67"));
    let run = run.exits(1);
    assert_eq!(
        run.out(),
        "deny\tspam\t+905050047824\npass\t-\t+905050047825\ndeny\tspam\t+905050047824\npass\t-\t*67\n"
    );
    let run = workspace.run_on(check, b"+905050047825\r\n\n05050047824").exits(1);
    assert_eq!(
        run.out(),
        "pass\t-\t+905050047825\npass\t-\tanonymous\ndeny\tspam\t+905050047824\n"
    );
    workspace.run(&format!("{check} +905050047825")).ok();
    workspace.run(&format!("{check} -- -905050047825")).ok();
    workspace.run_on(check, b"").ok();
}

#[test]
fn check_sees_the_host_that_an_entry_has() {
    let workspace = Workspace::new();
    workspace.compiled("sip:alice@evil.example\n");
    let check = "check --data data --domain my.example sip:alice@evil.example";
    let run = workspace.run(check).exits(1);
    assert_eq!(run.out(), "deny\tspam\talice\n");
    workspace.run(&format!("{check} --explain")).exits(1);
    workspace.run("check --data data --domain my.example sip:alice@my.example alice").ok();
}

#[test]
fn check_says_the_same_in_json() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047824\n");
    let run =
        workspace.run("check --data data --domain MY.example --json 05050047824 112").exits(1);
    let lines: Vec<serde_json::Value> =
        run.out().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(
        lines[0],
        serde_json::json!({"written": "05050047824", "number": "+905050047824", "verdict": "deny",
            "list": "spam", "shared_by": null, "entry": "+905050047824", "kind": "exact",
            "entry_reason": null, "response": {"code": 603, "phrase": "Decline"}, "tag": "E", "reason": ""})
    );
    assert_eq!(lines[1]["verdict"], "pass");
    assert_eq!(lines[1]["list"], serde_json::Value::Null);
    assert_eq!(lines[1]["tag"], "L");
}

#[test]
fn compile_reads_text_csv_json_gzip_and_standard_input() {
    let workspace = Workspace::new();
    workspace
        .file("a.txt", "\u{feff}# a comment\n#\n\n0505 004 78 01\r\n#31#\n+90 505 004 78 01")
        .file("b.csv", "id,Phone,x\r\n1,\"0505 004 7802\",\"a\nb\"\r\n2,\"\"\"Bob\"\" <sip:+905050047803@gw>\",\r\n")
        .file("c.jsonl", "{\"id\":1,\"number\":\"+905050047804\"}\n\"05050047805\"\n\n905050047806\n")
        .gzip("d.txt.gz", b"+905050047807\n");
    let run = workspace
        .run_on(
            "compile --domain d --region TR --data data --list all=a.txt --list all=b.csv --list all=c.jsonl \
             --list all=d.txt.gz --list vip:allow=-",
            b"+905050047801\n",
        )
        .ok();
    let out = run.out();
    assert!(
        out.contains("all (deny): 8 entries (7 E.164, 1 service), 1 duplicates, 0 rejected"),
        "{out}"
    );
    assert!(out.contains("vip (allow): 1 entries (1 E.164)"), "{out}");
    let numbers =
        ["1", "2", "3", "4", "5", "6", "7", "8"].map(|digit| format!("+90505004780{digit}\n"));
    let numbers = numbers.concat() + "#31#\n";
    let run = workspace.run_on("check --data data --domain d", numbers.as_bytes()).exits(1);
    let verdicts: Vec<_> =
        run.out().lines().map(|l| l.split('\t').next().unwrap().to_owned()).collect();
    assert_eq!(verdicts.join(" "), "allow deny deny deny deny deny deny pass deny");
}

#[test]
fn compile_reports_what_it_rejects() {
    let workspace = Workspace::new();
    let long = "x".repeat(200);
    workspace.file("a.txt", format!("+905050047801\n5,05E+11\n{long}\n"));
    workspace
        .file("b.csv", "phone\n05050047802\n")
        .file("c.jsonl", "{\"number\":\"05050047803\"}\n{\"num\n");
    let compile = "compile --domain d --region TR --data data --list all=a.txt --list all=b.csv --list all=c.jsonl";
    let run = workspace.run(&format!("{compile} --rejects rejects.tsv")).ok();
    assert!(
        run.err().contains("a.txt:2: ") && run.err().contains("c.jsonl:2: not JSON"),
        "{}",
        run.err()
    );
    assert!(
        run.out().contains("all (deny): 3 entries (3 E.164), 0 duplicates, 3 rejected"),
        "{}",
        run.out()
    );
    let rejects = std::fs::read_to_string(workspace.path("rejects.tsv")).unwrap();
    let places: Vec<_> =
        rejects.lines().map(|l| l.split('\t').take(2).collect::<Vec<_>>().join(":")).collect();
    assert_eq!(places, ["a.txt:2", "a.txt:3", "c.jsonl:2"]);
    workspace.run(&format!("{compile} --strict")).fails_with(&["--strict", "nothing is published"]);
}

#[test]
fn compile_shows_the_first_rejected_and_counts_the_rest() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "+90*\n".repeat(50) + "+905050047801\n");
    let run = workspace.run("compile --domain d --region TR --data data --list a=a.txt").ok();
    assert_eq!(run.err().matches("rejected a.txt:").count(), 20);
    assert!(run.err().contains("and 30 more rejected: give --rejects FILE"), "{}", run.err());
}

#[test]
fn compile_replaces_a_domain_and_leaves_the_others() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("other.txt", "+905050047802\n");
    workspace.run("compile --domain other --region US --data data --list o=other.txt").ok();
    workspace.compiled("+905050047803\n");
    let check = |domain: &str, number: &str| {
        workspace.run(&format!("check --data data --domain {domain} {number}")).out()
    };
    assert!(check("my.example", "+905050047801").starts_with("pass"));
    assert!(check("my.example", "+905050047803").starts_with("deny"));
    assert!(check("other", "+905050047802").starts_with("deny"));
}

#[test]
fn scrub_adds_its_columns_ad_hoc_and_from_a_directory() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("vip.csv", "number\n05050047802\n");
    workspace.file(
        "in.csv",
        "id,phone\r\n1,\"0505 004 78 01\"\r\n2,05050047802\r\n3,+905050047803\r\n4,\r\n",
    );
    let expected = "id,phone,callbar_verdict,callbar_list,callbar_number\r\n\
        1,\"0505 004 78 01\",deny,spam,+905050047801\r\n2,05050047802,allow,vip,+905050047802\r\n\
        3,+905050047803,pass,,+905050047803\r\n4,,invalid,,\r\n";
    let ad_hoc = "scrub --region TR --list spam.txt --list vip:allow=vip.csv --column phone in.csv";
    let run = workspace.run(ad_hoc).ok();
    assert_eq!(run.out(), expected);
    assert!(run.err().contains("4 rows in"), "{}", run.err());
    assert!(!run.err().contains('\x1b'), "{}", run.err());
    workspace.run(&format!("{ad_hoc} -o out.csv")).ok();
    assert_eq!(std::fs::read_to_string(workspace.path("out.csv")).unwrap(), expected);
    let run = workspace.run("scrub --data data --domain my.example --column 2 in.csv").ok();
    assert_eq!(run.out(), expected.replace("allow,vip", "pass,"));
    workspace.gzip("in.csv.gz", b"phone\n05050047801\n");
    let run = workspace.run("scrub --data data --domain my.example in.csv.gz").ok();
    assert!(run.out().ends_with("\n05050047801,deny,spam,+905050047801\n"));
}

#[test]
fn scrub_lets_no_text_pass_in_which_a_number_may_hide() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\nalice\n");
    let input = b"phone\n05050047801 after six\nalice\n*67\n12345\n";
    let run = workspace.run_on("scrub --data data --domain my.example", input).ok();
    let out = run.out();
    let rows: Vec<_> = out.lines().skip(1).collect();
    assert_eq!(rows[0], "05050047801 after six,invalid,,");
    assert_eq!(rows[1], "alice,deny,spam,alice");
    assert_eq!(rows[2..], ["*67,pass,,*67", "12345,pass,,12345"]);
    assert!(run.err().contains("3 hold no E.164 number"), "{}", run.err());
}

#[test]
fn scrub_keeps_only_what_is_asked_for() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let input = b"phone\n05050047801\n\n05050047802\nanonymous\n";
    let scrub = "scrub --data data --domain my.example";
    let run = workspace.run_on(&format!("{scrub} --only pass,invalid"), input).ok();
    assert_eq!(run.out().lines().count(), 3);
    assert!(run.err().contains("kept 2 of them"), "{}", run.err());
    let run = workspace.run_on(&format!("{scrub} --only deny --prefix x_"), input).ok();
    assert_eq!(run.out(), "phone,x_verdict,x_list,x_number\n05050047801,deny,spam,+905050047801\n");
}

#[test]
fn scrub_reads_other_delimiters_and_files_without_header() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").file("in.tsv", "a\tphone\n1\t05050047801\n");
    let scrub = "scrub --data data --domain my.example";
    let run = workspace
        .run_on(&format!("{scrub} --no-header --column 2 --delimiter ;"), b"1;05050047801")
        .ok();
    assert_eq!(run.out(), "1;05050047801;deny;spam;+905050047801");
    let run = workspace.run(&format!("{scrub} in.tsv")).ok();
    assert!(run.out().ends_with("1\t05050047801\tdeny\tspam\t+905050047801\n"));
}

#[test]
fn scrub_keeps_and_reports_rows_of_another_width() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let input = b"id,phone,name\n1,05050047801\n2\n3,05050047801,a,b\n4,05050047801,a\n";
    let run = workspace.run_on("scrub --data data --domain my.example", input).ok();
    let rows: Vec<_> = run.out().lines().skip(1).map(str::to_owned).collect();
    assert_eq!(rows[0], "1,05050047801,,deny,spam,+905050047801");
    assert_eq!(rows[1], "2,,,invalid,,");
    assert_eq!(rows[2], "3,05050047801,a,b,deny,spam,+905050047801");
    assert!(run.err().contains("3 do not have the 3 columns"), "{}", run.err());
    assert!(run.err().contains("lines 2, 3, 4"), "{}", run.err());
}

#[test]
fn normalize_prints_form_tag_and_reason() {
    let workspace = Workspace::new();
    let run =
        workspace.run_on("normalize --region TR", b"0 (505) 004-78 24\n*67\nalice\n\n112").ok();
    let lines: Vec<_> = run.out().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "+905050047824\tE\t");
    assert!(lines[1].starts_with("*67\tS\t"));
    assert!(lines[2].starts_with("alice\tN\t"));
    assert!(lines[3].starts_with("anonymous\tanonymous\t"));
    assert!(lines[4].starts_with("112\tL\t"));
    let run = workspace.run_on("normalize --region TR --json", b"05050047824").ok();
    let json: serde_json::Value = serde_json::from_str(&run.out()).unwrap();
    assert_eq!(json["number"], "+905050047824");
    let entry = workspace.run_on("normalize --region US", b"1-800-FLOWERS").ok();
    assert!(entry.out().starts_with("+18003569377\tE"), "{}", entry.out());
    let call = workspace.run_on("normalize --region US --call", b"1-800-FLOWERS").ok();
    assert!(call.out().contains("\tN\t"), "{}", call.out());
}

#[test]
fn normalize_shows_what_a_list_makes_of_a_line() {
    let workspace = Workspace::new();
    let rows = [
        ("0505XXXXXXX", "+90505XXXXXXX\tpattern\t"),
        ("+90505*", "+90505*\tpattern\t"),
        ("0505-0506", "+90505-+90506\tpattern\t"),
        ("0505-06", "invalid\tinvalid\t"),
        ("+90506-+90505", "invalid\tinvalid\t"),
        ("short", "short\tclass\t"),
        ("Invalid", "invalid\tclass\t"),
        ("anonymous", "anonymous\tanonymous\twithheld"),
        ("=\"0532 111 22 33\"", "+905321112233\tE\t"),
        ("5,05E+11", "invalid\tinvalid\tspreadsheet"),
        ("*21*", "*21*\tS\tservice"),
        ("call me 0505", "invalid\tinvalid\tneither"),
    ];
    let lines = rows.map(|(line, _)| line).join("\n");
    let run = workspace.run_on("normalize --region TR", lines.as_bytes()).ok();
    let out = run.out();
    assert_eq!(out.lines().count(), rows.len());
    for (answer, (line, expected)) in out.lines().zip(rows) {
        let refused = expected == "invalid\tinvalid\t";
        assert!(answer.starts_with(expected), "{line}: {answer}");
        assert!(!refused || answer.len() > expected.len(), "{line} without a reason");
        assert!(answer == expected || refused || !expected.ends_with('\t'), "{line}: {answer}");
    }
    // A list takes canonical forms and does not change them.
    let accepted: Vec<_> =
        out.lines().filter(|line| !line.starts_with("invalid\tinvalid")).collect();
    let forms: Vec<_> = accepted.iter().map(|line| line.split('\t').next().unwrap()).collect();
    let again = workspace.run_on("normalize --region TR", forms.join("\n").as_bytes()).ok().out();
    assert_eq!(again.lines().collect::<Vec<_>>(), accepted);
    workspace.file("a.txt", forms.join("\n"));
    workspace.run("compile --domain d --region TR --data data --list a=a.txt --strict").ok();

    let run = workspace.run_on("normalize --region TR --json", b"0505*\nshort\n0505-06").ok();
    let out = run.out();
    let json: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = serde_json::json!(
        {"written": "0505*", "number": "+90505*", "tag": "pattern", "reason": ""}
    );
    assert_eq!(json[0], expected);
    assert_eq!(json[1]["tag"], "class");
    assert_eq!(json[2]["tag"], "invalid");
    let call = workspace.run_on("normalize --region TR --call", b"+90505*\nshort").ok().out();
    assert_eq!(call, "+90505*\tS\tservice\nshort\tN\topaque user\n");
}

#[test]
fn inspect_shows_domains_and_lists() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n*67\n");
    let out = workspace.run("inspect data").ok().out();
    for word in [
        "my.example\n",
        "2 (1 E.164, 0 patterns)",
        "spam: 2 entries",
        "region TR",
        "bytes an entry",
        "emergency numbers never barred",
        "filter",
        "00000001.index: in force",
    ] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let out = workspace.run("inspect --json data").ok().out();
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["damaged"], serde_json::json!([]));
    assert_eq!(json["domains"][0]["domain"], "my.example");
    assert_eq!(json["domains"][0]["lists"][0]["entries"], 2);
    assert_eq!(json["domains"][0]["plan"]["region"], "TR");
}

#[test]
fn verify_names_every_bad_file_and_goes_on() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    let run = workspace.run("verify data").ok();
    assert!(
        run.out().starts_with("ok\t") && run.out().contains("my.example, in force, 1 entries"),
        "{}",
        run.out()
    );
    let indexes = workspace.path("data/indexes");
    let file = indexes.join("00000001.index");
    let mut bytes = std::fs::read(&file).unwrap();
    std::fs::write(indexes.join("00000007.index"), &bytes).unwrap();
    std::fs::write(indexes.join("00000008.index"), "rubbish").unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(indexes.join("00000009.index"), &bytes).unwrap();
    let run = workspace.run("verify data").exits(2);
    let lines: Vec<_> = run.out().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 4, "{}", run.out());
    assert!(lines[0].starts_with("ok\t"));
    assert!(lines[1].starts_with("bad\t") && lines[1].contains("same domain"));
    assert!(
        lines[2].contains("not a callbar index") && lines[3].contains("damaged"),
        "{}",
        run.out()
    );
}

/// The commands that a help lists, without `help` itself.
fn commands_in(help: &str) -> Vec<String> {
    let (_, listed) = help.split_once("\nCommands:\n").expect("commands");
    let (listed, _) = listed.split_once("\n\n").expect("something behind the commands");
    let names = listed.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|&name| name != "help").map(str::to_owned).collect()
}

#[test]
fn help_has_examples_and_exit_statuses() {
    let workspace = Workspace::new();
    assert!(workspace.run("--version").ok().out().starts_with("callbar "));
    let commands = commands_in(&workspace.run("--help").ok().out());
    assert!(commands.len() > 15, "{commands:?}");
    for command in commands {
        let help = workspace.run(&format!("{command} --help")).ok().out();
        assert_eq!(help, workspace.run(&format!("help {command}")).ok().out());
        assert!(help.contains("Exit status: 0 "), "{help}");
        let examples = help.split_once("\nExample").expect("examples").1;
        let mut calls = examples.lines().filter(|line| line.starts_with("  callbar "));
        let of_it = |line: &str| line.starts_with(&format!("  callbar {command} "));
        assert!(calls.next().is_some_and(of_it), "{help}");
        // A backup is served.
        assert!(command == "backup" || calls.all(of_it), "{help}");
        if help.contains("\nCommands:\n") {
            for subcommand in commands_in(&help) {
                let help = workspace.run(&format!("{command} {subcommand} --help")).ok().out();
                assert!(help.contains(&format!("callbar {command} --help")), "{help}");
            }
        }
    }
}
