//! States that are published, refused, kept and brought back. Prevents an export that was cut short and
//! empties a list, without a way back.

mod cli;

use std::process::Stdio;

use callbar::Engine;
use cli::Workspace;

const COMPILE: &str = "compile --domain my.example --region TR --list spam=spam.txt --data data";
const CHECK: &str = "check --data data --domain my.example";
const ROLLBACK: &str = "rollback --data data --domain my.example";

#[test]
fn a_great_loss_needs_consent() {
    let workspace = Workspace::new();
    let entries = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
        .map(|digit| format!("+90505004780{digit}\n"))
        .concat();
    workspace.compiled(&entries).file("spam.txt", &entries[..3 * 14]);
    workspace.run(COMPILE).fails_with(&["from 10 to 3", "70%", "50%", "--max-loss 70"]);
    workspace.run(&format!("{CHECK} +905050047809")).exits(1);
    workspace.run(&format!("{COMPILE} --max-loss 69")).fails_with(&["--max-loss 70"]);
    workspace.run(&format!("{COMPILE} --max-loss 101")).fails_with(&["0..=100"]);
    workspace.run(&format!("{COMPILE} --max-loss 70")).ok();
    workspace.run(&format!("{CHECK} +905050047809")).ok();
}

#[test]
fn a_rollback_goes_there_and_back() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n");
    workspace.run(ROLLBACK).fails_with(&["no former state", "published once"]);
    workspace.compiled("+905050047802\n+905050047803\n");
    let listing = workspace.run(&format!("{ROLLBACK} --list")).ok().out();
    let cells: Vec<_> = listing.trim_end().split('\t').collect();
    assert_eq!((cells.len(), cells[0], cells[2]), (3, "1", "1"), "{listing}");
    assert!(cells[1].ends_with('Z') && cells[1].contains('T'), "{listing}");
    workspace.run(&format!("{CHECK} +905050047801")).ok();
    workspace.run(&format!("{ROLLBACK} --to 7")).fails_with(&["no former state 7", "it has 1"]);
    workspace.run(&format!("{ROLLBACK} --to 1 --list")).fails_with(&["--list"]);
    let run = workspace.run(ROLLBACK).ok();
    assert!(run.out().contains("my.example is as it was at ") && run.out().contains(": 1 entries"));
    workspace.run(&format!("{CHECK} +905050047801")).exits(1);
    let out = run.out();
    let undo = out.split("to undo this: callbar ").nth(1).expect("how to undo it");
    let out = workspace.run("inspect data").ok().out();
    assert!(out.contains(": former state,") && out.contains(": 2 entries\n"), "{out}");
    workspace.run(undo).ok();
    workspace.run(&format!("{CHECK} +905050047802")).exits(1);
    assert!(
        workspace.run("verify data").ok().out().contains("my.example, former state, 1 entries")
    );
}

#[test]
fn as_many_states_are_kept_as_asked_for() {
    let workspace = Workspace::new();
    for digit in 0..6 {
        workspace.compiled(&format!("+90505004780{digit}\n"));
    }
    let states = || workspace.run(&format!("{ROLLBACK} --list")).ok().out().lines().count();
    assert_eq!(states(), 3);
    workspace.run(&format!("{COMPILE} --keep 1")).ok();
    assert_eq!(states(), 1);
    workspace.run(&format!("{COMPILE} --keep 0")).ok();
    assert_eq!(states(), 0);
}

#[test]
fn a_directory_that_another_writes_to_is_reported_with_its_process() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").compiled("+905050047802\n");
    let engine = Engine::open(workspace.path("data")).unwrap();
    let writer = engine.writer().unwrap();
    let holder = format!("process {}", std::process::id());
    let words = [holder.as_str(), "writer.lock", "--wait 10 would wait longer"];
    workspace.run(&format!("{COMPILE} --wait 0")).fails_with(&words);
    workspace.run(&format!("{ROLLBACK} --wait 0")).fails_with(&words);
    workspace.run(&format!("{ROLLBACK} --list")).ok();
    workspace.run(&format!("{CHECK} +905050047802")).exits(1);
    let mut waiting = workspace.command();
    let waiting = waiting.args(COMPILE.split(' ')).stdout(Stdio::null()).spawn().unwrap();
    drop(writer);
    assert!(waiting.wait_with_output().unwrap().status.success());
}

#[test]
fn verify_reads_former_states_too() {
    let workspace = Workspace::new();
    workspace.compiled("+905050047801\n").compiled("+905050047802\n");
    workspace.damage("data/indexes/00000001.kept-00000001.index");
    let run = workspace.run("verify data").exits(2);
    assert!(run.out().contains("kept-00000001.index\tdamaged"), "{}", run.out());
    workspace.run(ROLLBACK).fails_with(&["kept-00000001.index", "damaged"]);
    workspace.run(&format!("{CHECK} +905050047802")).exits(1);
    let run = workspace.run("inspect data").ok();
    assert!(run.err().contains("former states of my.example"), "{}", run.err());
}
