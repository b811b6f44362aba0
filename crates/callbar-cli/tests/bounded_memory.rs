//! Memory does not grow with the input. Prevents a scrub of a national file that exhausts the memory
//! of a routing host.
#![cfg(target_os = "linux")]

mod cli;

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Stdio};

use cli::Workspace;

const ROWS: usize = 1_000;
/// How often the rows are piped: more than 100 MB in all.
const ROUNDS: usize = 60;
const LIMIT_KIB: u64 = 48 << 10;

/// Returns the peak memory of a process so far, in KiB.
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("status");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
    line.split_ascii_whitespace().nth(1).expect("a figure").parse().expect("KiB")
}

fn piped(workspace: &Workspace, arguments: &str, header: &[u8], rows: &[u8]) {
    let mut child = workspace
        .command()
        .args(arguments.split_ascii_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let drain = std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        let mut total = 0;
        while let Ok(read @ 1..) = stdout.read(&mut buffer) {
            total += read;
        }
        total
    });
    stdin.write_all(header).unwrap();
    for _ in 0..ROUNDS {
        stdin.write_all(rows).unwrap();
    }
    // All but the last blocks are done, and the process still runs.
    let peak = peak(&child);
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert!(drain.join().unwrap() > ROUNDS * ROWS);
    assert!(peak < LIMIT_KIB, "{arguments}: {peak} KiB");
}

#[test]
fn a_hundred_megabytes_pass_through_a_few() {
    let workspace = Workspace::new();
    workspace.file("list.txt", "+905050047801\n");
    // Long rows: only their bytes matter here, and a debug build reads bytes faster than numbers.
    let notes = "called twice, \"\"no\"\" answer\r\n".repeat(70);
    let row = format!("17,\"Smith, Bob\",0505 004 78 01,\"{notes}\"\r\n");
    let scrub = "scrub --region TR --list list.txt --column phone";
    piped(&workspace, scrub, b"id,name,phone,notes\r\n", row.repeat(ROWS).as_bytes());
    let line = format!("\"{}\" <sip:+905050047801@gw>\n", "x".repeat(2_000));
    piped(&workspace, "normalize --region TR", b"", line.repeat(ROWS).as_bytes());
    workspace.compiled("+905050047801\n");
    let from = format!("\\\"{}\\\" <sip:+905340000001@gw>", "x".repeat(2_000));
    let call = format!("{{\"from\": \"{from}\"}}\n");
    let decide = "decide --data data --domain my.example --jsonl -";
    piped(&workspace, decide, b"", call.repeat(ROWS).as_bytes());
}
