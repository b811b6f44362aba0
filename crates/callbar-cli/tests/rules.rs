//! Patterns, classes, metadata, settings and shared lists from a file to a verdict and its
//! explanation. Prevents rules of the library that an operator cannot write, and verdicts that
//! nobody can explain.

mod cli;

use cli::Workspace;
use serde_json::{Value, json};

const ID: &str = "54f78cdf66f6b64200000018";

/// Compiles the domain `shared` with a pattern, and `my.example`, which subscribes to it and has lists
/// of its own.
fn rich(workspace: &Workspace) {
    workspace.file("feed.txt", "+90505*\n+44*\n").file(
        "scam.csv",
        format!(
            "phone,id,created_at,expires,reason,source\n\
             0505 004 78 24,{ID},2026-09-21,4102444800,\"complaint, 4711\",hotline\n\
             0505 004 7XXX,,,,,\n"
        ),
    );
    workspace.file("vip.txt", "0505004*\n").file("hidden.txt", "anonymous\n112\n");
    workspace
        .run("compile --domain shared --region TR --data data --list feed=feed.txt --allow-broad")
        .ok();
    workspace
        .run(
            "compile --domain my.example --region TR --data data --subscribe Shared \
             --list scam:deny:607=scam.csv --id-column id --list vip:allow=vip.txt \
             --list hidden=hidden.txt",
        )
        .ok();
}

const CHECK: &str = "check --data data --domain my.example";

#[test]
fn an_explanation_shows_people_all_reasons_of_the_verdict() {
    let workspace = Workspace::new();
    rich(&workspace);
    let run = workspace.run(&format!("{CHECK} --explain 0505-004-78-24")).exits(1);
    let expected = "\
0505-004-78-24
  number     +905050047824 (E)
  read by    separators dropped       05050047824
             trunk prefix             0
             calling code             90
             e164                     +905050047824
  emergency  no
  matches    1. deny list scam: +905050047824 (exact)
                won: an exact entry is the longest
                id 54f78cdf66f6b64200000018
                created 2026-09-21T00:00:00Z
                expires 2100-01-01T00:00:00Z
                reason complaint, 4711
                source hotline
             2. deny list scam: +905050047XXX (wildcard, 9 digits)
                overridden: a longer entry holds the number
             3. allow list vip: +90505004* (prefix, 8 digits)
                overridden: a longer entry holds the number
             4. deny list feed shared by shared: +90505* (prefix, 5 digits)
                overridden: own lists come before shared ones
  verdict    deny: an exact entry is the longest
  response   607 Unwanted
";
    assert_eq!(run.out(), expected);
    let run = workspace.run(&format!("{CHECK} --explain 112")).ok();
    assert!(run.out().contains("emergency  yes\n"), "{}", run.out());
    assert!(run.out().contains("pass: emergency numbers of the region are never barred"));
    let run = workspace.run(&format!("{CHECK} --explain +12125550147")).ok();
    assert!(run.out().contains("matches    none\n"), "{}", run.out());
    let run = workspace.run_on(&format!("{CHECK} --explain"), b"\n").exits(1);
    assert!(run.out().starts_with("(nothing)\n"), "{}", run.out());
    assert!(run.out().ends_with("response   433 Anonymity Disallowed\n"), "{}", run.out());
}

#[test]
fn an_explanation_gives_programs_the_same() {
    let workspace = Workspace::new();
    rich(&workspace);
    let run = workspace.run(&format!("{CHECK} --explain --json 00905050047824 112")).exits(1);
    let out = run.out();
    let lines: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    let overridden = "overridden: a longer entry holds the number";
    let expected = json!({
        "domain": "my.example", "written": "00905050047824", "number": "+905050047824", "tag": "E",
        "steps": [
            {"step": "international_prefix", "value": "00"},
            {"step": "calling_code", "value": "90"},
            {"step": "e164", "value": "+905050047824"},
        ],
        "class": null, "emergency": false, "verdict": "deny",
        "why": "an exact entry is the longest",
        "matches": [
            {"layer": "own", "domain": "my.example", "list": "scam", "action": "deny",
             "entry": "+905050047824", "kind": "exact", "digits": null, "won": true,
             "why": "an exact entry is the longest",
             "note": {"id": ID, "created": 1_789_948_800, "expires": 4_102_444_800_u64,
                      "reason": "complaint, 4711", "source": "hotline"}},
            {"layer": "own", "domain": "my.example", "list": "scam", "action": "deny",
             "entry": "+905050047XXX", "kind": "wildcard", "digits": 9, "won": false,
             "why": overridden, "note": null},
            {"layer": "own", "domain": "my.example", "list": "vip", "action": "allow",
             "entry": "+90505004*", "kind": "prefix", "digits": 8, "won": false,
             "why": overridden, "note": null},
            {"layer": "shared", "domain": "shared", "list": "feed", "action": "deny",
             "entry": "+90505*", "kind": "prefix", "digits": 5, "won": false,
             "why": "overridden: own lists come before shared ones", "note": null},
        ],
        "response": {"code": 607, "phrase": "Unwanted"},
        "missing": [],
    });
    assert_eq!(lines[0], expected);
    assert_eq!((&lines[1]["verdict"], &lines[1]["class"]), (&json!("pass"), &json!("short")));
}

#[test]
fn a_check_names_shared_lists_and_the_entry() {
    let workspace = Workspace::new();
    rich(&workspace);
    let run = workspace.run(&format!("{CHECK} +905059990000 +905050040000 nobody")).exits(1);
    assert_eq!(
        run.out(),
        "deny\tfeed@shared\t+905059990000\nallow\tvip\t+905050040000\npass\t-\tnobody\n"
    );
    let run = workspace.run(&format!("{CHECK} --json +905059990000 0505-004-78-24")).exits(1);
    let out = run.out();
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["shared_by"], "shared");
    assert_eq!((&lines[0]["entry"], &lines[0]["kind"]), (&json!("+90505*"), &json!("prefix")));
    assert_eq!(lines[0]["response"], json!({"code": 608, "phrase": "Rejected"}));
    assert_eq!(lines[1]["entry_reason"], "complaint, 4711");
    assert_eq!(lines[1]["response"]["code"], 607);
}

#[test]
fn a_pattern_that_bars_a_calling_code_needs_consent() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "+90*\n+905050047801\n");
    let compile = "compile --domain d --region TR --data data --list a=a.txt";
    let run = workspace.run(compile).ok();
    assert!(
        run.err().contains("a.txt:1: ") && run.err().contains("--allow-broad"),
        "{}",
        run.err()
    );
    workspace.run("check --data data --domain d 05050047802").ok();
    let run = workspace.run(&format!("{compile} --allow-broad")).ok();
    assert!(run.out().contains("2 entries (1 E.164, 1 patterns)"), "{}", run.out());
    workspace.run("check --data data --domain d 05050047802").exits(1);
    let scrub = "scrub --region TR --list a.txt";
    let input = b"phone\n05050047802\n";
    let run = workspace.run_on(scrub, input).ok();
    assert!(run.out().ends_with(",pass,,+905050047802\n"), "{}", run.out());
    let run = workspace.run_on(&format!("{scrub} --allow-broad"), input).ok();
    assert!(run.out().ends_with(",deny,a,+905050047802\n"), "{}", run.out());
}

#[test]
fn metadata_comes_from_json_and_from_columns() {
    let workspace = Workspace::new();
    let lines = [
        format!(r#"{{"id":"{ID}","number":"05050047801","reason":"r","expires":"2100-01-01"}}"#),
        r#"{"number":"05050047802","expires":1500000000,"source":null}"#.to_owned(),
        r#"{"number":"05050047803","expires":"soon"}"#.to_owned(),
        r#"{"id":7,"number":"05050047804","expires":""}"#.to_owned(),
    ];
    workspace.file("a.jsonl", lines.join("\n")).file(
        "b.csv",
        "phone;until;why\n05050047805;2017-07-14 02:40:00;x\n05050047806;2100-01-01T00:00:00+03:00;y\n",
    );
    let run = workspace
        .run(
            "compile --domain d --region TR --data data --list a=a.jsonl --list a=b.csv \
             --delimiter ; --expires-column until --reason-column 3",
        )
        .ok();
    assert!(
        run.err().contains("a.jsonl:3: a time cannot be read: give seconds since 1970"),
        "{}",
        run.err()
    );
    assert!(
        run.out().contains("5 entries (5 E.164), 0 duplicates, 4 with an expiry, 1 rejected"),
        "{}",
        run.out()
    );
    let check = "check --data data --domain d";
    let run = workspace
        .run(&format!("{check} 05050047801 05050047802 05050047804 05050047805 05050047806"))
        .exits(1);
    let out = run.out();
    let verdicts: Vec<_> = out.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(verdicts, ["deny", "pass", "deny", "pass", "deny"]);
    let run = workspace.run(&format!("{check} --explain --json 05050047801 05050047806")).exits(1);
    let out = run.out();
    let notes: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["matches"][0]["note"].take())
        .collect();
    assert_eq!((&notes[0]["id"], &notes[0]["reason"]), (&json!(ID), &json!("r")));
    assert_eq!(
        (&notes[1]["expires"], &notes[1]["reason"]),
        (&json!(4_102_434_000_u64), &json!("y"))
    );
}

#[test]
fn usual_columns_are_taken_by_their_names_and_reported() {
    let workspace = Workspace::new();
    workspace
        .file("a.csv", "id,phone,Expires,reason\n1,05050047801,1500000000,a\n2,05050047802,,b\n");
    let compile = "compile --domain d --region TR --data data --list a=a.csv";
    let run = workspace.run(compile).ok();
    assert!(run.err().contains("column 3 \"Expires\" of a.csv: expires"), "{}", run.err());
    let run = workspace.run("check --data data --domain d --json 05050047801 05050047802").exits(1);
    let out = run.out();
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["verdict"], &lines[1]["verdict"]), (&json!("pass"), &json!("deny")));
    assert_eq!(lines[1]["entry_reason"], "b");
    let run = workspace.run_on("scrub --region TR --list a.csv", b"phone\n05050047801\n").ok();
    assert!(run.out().ends_with(",pass,,+905050047801\n"), "{}", run.out());
    workspace
        .run(&format!("{compile} --source-column from"))
        .fails_with(&["\"from\"", "id, phone"]);
    workspace.run(&format!("{compile} --source-column 9")).fails_with(&["no column 9"]);
}

#[test]
fn changed_settings_and_missing_subscriptions_are_reported() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "112\n+905050047801\n");
    let compile = "compile --domain d --region TR --data data --list a=a.txt";
    workspace.run(compile).ok();
    let check = "check --data data --domain d 112";
    workspace.run(check).ok();
    let run = workspace.run(&format!("{compile} --bar-emergency --subscribe x.example")).ok();
    assert!(run.err().contains("d subscribes to x.example, which is missing"), "{}", run.err());
    assert!(
        run.err().contains(
            "settings of d: subscriptions none -> x.example, emergency numbers never barred -> may be barred"
        ),
        "{}",
        run.err()
    );
    workspace.run(check).exits(1);
    let out = workspace.run("inspect data").ok().out();
    assert!(out.contains("may be barred; subscribes to x.example (missing)"), "{out}");
    let run = workspace.run("health --data data").exits(1);
    assert!(run.out().contains("d subscribes to x.example, which is missing"), "{}", run.out());
    let run = workspace.run("health --data data --json").exits(1);
    let json: Value = serde_json::from_str(&run.out()).unwrap();
    assert_eq!(
        (&json["good"], &json["missing"][0]["shared"]),
        (&json!(false), &json!("x.example"))
    );
    workspace.run("compile --domain x.example --region TR --data data --list a=a.txt").ok();
    assert!(workspace.run("health --data data").ok().out().starts_with("good: 2 domains"));
    workspace
        .run(&format!("{compile} --list a:deny:603=a.txt --list a:deny:607=a.txt"))
        .fails_with(&["\"a\"", "603 and 607", "give one"]);
}

#[test]
fn scrub_obeys_patterns_and_shared_lists() {
    let workspace = Workspace::new();
    rich(&workspace);
    workspace.file("ranges.txt", "+905050047800-+905050047899\n+1999XXXXXXX\n");
    let input = b"phone\n0505 004 78 24\n+905059990000\n+19991234567\n";
    let run = workspace.run_on("scrub --region TR --list ranges.txt", input).ok();
    assert_eq!(
        run.out(),
        "phone,callbar_verdict,callbar_list,callbar_number\n\
         0505 004 78 24,deny,ranges,+905050047824\n\
         +905059990000,pass,,+905059990000\n\
         +19991234567,deny,ranges,+19991234567\n"
    );
    let run = workspace.run_on("scrub --data data --domain my.example", input).ok();
    assert_eq!(
        run.out().lines().skip(1).collect::<Vec<_>>(),
        [
            "0505 004 78 24,deny,scam,+905050047824",
            "+905059990000,deny,feed@shared,+905059990000",
            "+19991234567,pass,,+19991234567",
        ]
    );
    assert!(run.err().contains("on feed@shared"), "{}", run.err());
}

#[test]
fn expiry_columns_of_other_names_are_taken_and_reported() {
    let workspace = Workspace::new();
    for name in [
        "expiry",
        "Expiration",
        "EXPIRATION DATE",
        "expiry_date",
        "Expires-On",
        "expires at",
        "validUntil",
        "valid_to",
        "until",
        "End Date",
    ] {
        workspace.file("a.csv", format!("phone,{name}\n05050047801,2017-01-01\n05050047802,\n"));
        let run = workspace
            .run("compile --domain d --region TR --data data --list a=a.csv --max-loss 100");
        let run = run.ok();
        assert!(run.err().contains(&format!("column 2 {name:?} of a.csv: expires")), "{name}");
        workspace.run("check --data data --domain d 05050047801").ok();
        workspace.run("check --data data --domain d 05050047802").exits(1);
    }
}

#[test]
fn a_subscription_to_nothing_is_reported_with_every_check() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "+905050047801\n");
    workspace
        .run("compile --domain d --region TR --data data --list a=a.txt --subscribe X.example")
        .ok();
    let is_reported =
        |error: &str| error.matches("d subscribes to X.example, which is missing").count() == 1;
    let check = "check --data data --domain d 05050047801 05050047802";
    let run = workspace.run(check).exits(1);
    assert!(is_reported(&run.err()), "{}", run.err());
    let run = workspace.run_on("scrub --data data --domain d", b"phone\n05050047802\n").ok();
    assert!(is_reported(&run.err()), "{}", run.err());
    let run = workspace.run(&format!("{check} --explain")).exits(1);
    let line = "  missing    X.example: a subscribed domain that is not loaded\n";
    assert_eq!(run.out().matches(line).count(), 2, "{}", run.out());
    let run = workspace.run("check --data data --domain d --explain --json 05050047802").ok();
    let json: Value = serde_json::from_str(&run.out()).unwrap();
    assert_eq!(json["missing"], json!(["X.example"]));
    workspace.run("compile --domain x.example --region TR --data data --list a=a.txt").ok();
    assert_eq!(workspace.run(check).exits(1).err(), "");
}

#[test]
fn entries_without_effect_are_reported() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "112\n+90112\n155\n+1809\n+1 212\n0850\n+905050047801\n");
    let compile = "compile --domain d --region TR --data data --list";
    let emergency = "list a: 2 entries (such as 112) are emergency numbers of the region, never \
                     barred: the domain's emergency_exempt (--bar-emergency) changes that";
    let short = "list a: 2 entries (such as +1809) are too short to be called: write \
                 +1809* if all that begins so is meant";
    let run = workspace.run(&format!("{compile} a=a.txt")).ok();
    assert!(run.err().contains(emergency) && run.err().contains(short), "{}", run.err());
    let run = workspace.run(&format!("{compile} a=a.txt --bar-emergency")).ok();
    assert!(!run.err().contains("are emergency numbers"), "{}", run.err());
    let run = workspace.run(&format!("{compile} a:allow=a.txt")).ok();
    assert!(!run.err().contains("are emergency numbers"), "{}", run.err());
    let run = workspace.run_on("scrub --region TR --list a.txt", b"phone\n1\n").ok();
    assert!(run.err().contains("are emergency numbers of the region, never barred: "));
    workspace.file("b.txt", "+905050047801\n1001\n");
    let run = workspace.run(&format!("{compile} a=b.txt --max-loss 100")).ok();
    assert!(!run.err().contains("list a:"), "{}", run.err());
}
