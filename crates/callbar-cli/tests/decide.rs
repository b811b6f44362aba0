//! Prevents a command that decides a call otherwise than the library, or loses a call of a file.

#[path = "../../../tests/cases/mod.rs"]
mod cases;
mod cli;

use cli::Workspace;
use serde_json::{Value, json};

const DECIDE: &str = "decide --data data --domain my.example";

/// A workspace whose directory `data` has a list of each kind.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.file("spam.txt", "0505 004 78 24\n").file("premium.txt", "+90900*\n");
    workspace.file("vip.txt", "0532 111 22 33\n").file("rest.txt", "anonymous\n");
    workspace
        .run(
            "compile --domain my.example --region TR --data data --list spam:deny:607=spam.txt \
             --list premium=premium.txt --list vip:allow=vip.txt --list rest=rest.txt",
        )
        .ok();
    workspace
}

fn answers(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_case_is_decided_as_it_must_be() {
    for cases in cases::by_domain() {
        let workspace = Workspace::new();
        let (_, first) = &cases[0];
        let mut compile = vec!["compile --data data --domain my.example".to_owned()];
        compile.push(format!("--region {}", first.region));
        compile.extend(first.technical_prefix.iter().map(|p| format!("--technical-prefix {p}")));
        for (at, (list, entries)) in first.lists.iter().enumerate() {
            workspace.file(&format!("{at}.txt"), entries.join("\n"));
            compile.push(format!("--list {list}={at}.txt"));
        }
        workspace.run(&compile.join(" ")).ok();
        let calls: Vec<_> = cases.iter().map(|(_, case)| case.call.json.to_string()).collect();
        workspace.file("calls.jsonl", calls.join("\n"));
        let denied = cases.iter().any(|(_, case)| case.want.starts_with("deny"));
        for explain in ["", " --explain"] {
            let run = workspace.run(&format!("{DECIDE} --jsonl calls.jsonl{explain}"));
            let run = run.exits(i32::from(denied));
            let answers = answers(&run.out());
            assert_eq!(answers.len(), cases.len());
            for ((line, case), answer) in cases.iter().zip(answers) {
                assert!(case.is_met_by_json(&answer), "line {line}: {}: {answer}", case.why);
            }
        }
    }
}

#[test]
fn one_call_is_answered_by_a_line_for_people() {
    let workspace = workspace();
    let spam = "--from <sip:05050047824@c>;tag=1";
    for (options, out, status) in [
        (
            &format!("--callee sip:+902125550147@pbx {spam}")[..],
            "deny 607 Unwanted: caller +905050047824 is on list spam\n",
            1,
        ),
        (&format!("--callee sip:112@pbx {spam}"), "exempt: an emergency call\n", 0),
        (
            "--callee tel:+909001234567",
            "deny 603 Decline: callee matches +90900* on list premium\n",
            1,
        ),
        ("--from tel:+905340000001", "pass\n", 0),
        ("--from tel:05321112233 --privacy id", "allow: caller +905321112233 is on list vip\n", 0),
        (
            "--from tel:+905340000001 --privacy id",
            "deny 433 Anonymity Disallowed: caller is of class anonymous, which is on list rest\n",
            1,
        ),
        (
            "--from sip:a@b --asserted tel:+1 --asserted tel:+905050047824",
            "deny 607 Unwanted: caller +905050047824 is on list spam\n",
            1,
        ),
        (
            "--from sip:a@b --remote-party <tel:+905340000001>;privacy=full",
            "deny 433 Anonymity Disallowed: caller is of class anonymous, which is on list rest\n",
            1,
        ),
    ] {
        let run = workspace.run(&format!("{DECIDE} {options}")).exits(status);
        assert_eq!(run.out(), out, "{options}");
    }
}

#[test]
fn one_call_is_answered_in_json() {
    let run = workspace().run(&format!("{DECIDE} --from tel:05050047824 --json")).exits(1);
    let answer = json!({"action": "deny", "party": "caller", "list": "spam", "shared_by": null,
        "entry": "+905050047824", "response": {"code": 607, "phrase": "Unwanted"},
        "exempt": false, "ambiguous": false});
    assert_eq!(answers(&run.out()), [answer]);
}

#[test]
fn an_explanation_has_the_questions_in_order() {
    let workspace = workspace();
    let call = "--callee sip:09001234567p1@gw --from <tel:05321112233> --explain";
    let run = workspace.run(&format!("{DECIDE} {call}")).exits(1);
    let out = run.out();
    let mut rest = &out[..];
    for words in [
        "1. From: <tel:05321112233>\n",
        "  number     +905321112233 (E)\n",
        "1. allow list vip: +905321112233 (exact)\n",
        "  verdict    allow: an exact entry",
        "  answer     allow\n",
        "2. callee: sip:09001234567p1@gw\n",
        "  number     +909001234567 (E)\n",
        "1. deny list premium: +90900* (prefix, 5 digits)\n",
        "  response   603 Decline\n",
        "  answer     deny\n",
        "deny 603 Decline: callee matches +90900* on list premium\n",
    ] {
        let at = rest.find(words).unwrap_or_else(|| panic!("no {words:?} in order in\n{out}"));
        rest = &rest[at + words.len()..];
    }
    assert_eq!(rest, "");
    let run = workspace.run(&format!("{DECIDE} {call} --json")).exits(1);
    let answer = answers(&run.out()).remove(0);
    let asked = |at: usize| &answer["questions"][at];
    assert_eq!((&asked(0)["question"], &asked(1)["question"]), (&json!("from"), &json!("callee")));
    assert_eq!((&answer["action"], &answer["list"]), (&json!("deny"), &json!("premium")));
    let run = workspace.run(&format!("{DECIDE} --callee sip:112@gw --explain")).ok();
    assert_eq!(
        run.out(),
        "1. emergency call: sip:112@gw\n  answer     yes\nexempt: an emergency call\n"
    );
}

#[test]
fn a_bad_line_keeps_its_place_and_the_others_are_answered() {
    let workspace = workspace();
    let calls = "\u{feff}{\"from\":\"tel:05050047824\"}\r\n\n{\"form\":\"a\"}\n{\"asserted\":\"a\"}\n\
        nothing\n{\"from\":\"a\nb\"}\n[\"tel:05050047824\"]\n{}\n{\"from\":\"tel:05340000001\"}";
    let run = workspace.run_on(&format!("{DECIDE} --jsonl -"), calls.as_bytes()).exits(2);
    let answers = answers(&run.out());
    let message = run.err();
    assert_eq!(answers.len(), 10, "{}", run.out());
    for (line, error) in [
        (1, ""),
        (2, "the line is empty"),
        (3, "unknown field `form`, expected one of `callee`, `from`"),
        (4, "wrong field `asserted`, which is an array of strings"),
        (5, "not JSON: "),
        (6, "not JSON: "),
        (7, "not JSON: "),
        (8, "invalid type: sequence, expected an object"),
        (9, "the call is empty: give its callee, from or both"),
        (10, ""),
    ] {
        let answer = &answers[line - 1];
        let found = answer["error"].as_str().unwrap_or_default();
        assert!(
            found.starts_with(error) && found.is_empty() == error.is_empty(),
            "{line}: {answer}"
        );
        let is_reported = message.contains(&format!("standard input:{line}: {found}"));
        assert_eq!(is_reported, !found.is_empty(), "{line}: {message}");
    }
    assert_eq!((&answers[0]["action"], &answers[9]["action"]), (&json!("deny"), &json!("pass")));
    assert!(
        message.contains("8 of 10 lines are not calls: write each as {\"callee\":"),
        "{message}"
    );
}

#[test]
fn bad_lines_beyond_the_first_are_counted() {
    let workspace = workspace();
    let calls = "{\"from\":\"tel:05340000001\"}\nx\n".repeat(20_000);
    workspace.file("calls.jsonl", calls);
    let run = workspace.run(&format!("{DECIDE} --jsonl calls.jsonl")).exits(2);
    let (answers, message) = (answers(&run.out()), run.err());
    assert_eq!(answers.len(), 40_000);
    let is_bad = |(at, answer): (usize, &Value)| answer["error"].is_string() == (at % 2 == 1);
    assert!(answers.iter().enumerate().all(is_bad));
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines.len(), 22, "{message}");
    assert!(lines[19].starts_with("calls.jsonl:40: not JSON"), "{message}");
    assert_eq!(lines[20], "and 19980 more bad lines: see their answers");
}

#[test]
fn wrong_usage_says_what_to_give() {
    let workspace = workspace();
    workspace.run(DECIDE).fails_with(&["no call is given", "--callee", "--jsonl"]);
    workspace.run(&format!("{DECIDE} --jsonl - --from a")).fails_with(&["--jsonl", "--from"]);
    workspace.run(&format!("{DECIDE} --jsonl absent")).fails_with(&["absent"]);
    let other = "decide --data data --domain my.exemple --jsonl -";
    workspace.run_on(other, b"{}").fails_with(&["no domain", "my.example"]);
}

#[test]
fn a_domain_subscribed_to_that_is_not_there_is_reported() {
    let workspace = Workspace::new();
    workspace.file("a.txt", "05050047824\n");
    workspace
        .run("compile --domain my.example --region TR --data data --list a=a.txt --subscribe all.example")
        .exits(0);
    let run = workspace.run(&format!("{DECIDE} --from tel:05050047824")).exits(1);
    assert!(
        run.err().contains("my.example subscribes to all.example, which is missing"),
        "{}",
        run.err()
    );
}
