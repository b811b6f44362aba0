//! `callbar add` and `callbar remove`: single entries of a list in a directory with a store.

use std::io::{self, BufRead};
use std::process::ExitCode;

use anyhow::{Context, Result};
use callbar::Clock;
use callbar_lists::{Moment, is_comment};
use callbar_server::Method;
use serde::{Deserialize, Serialize};

use super::desk::{Desk, segment};
use super::place::ListPlace;
use crate::output::{Colour, Output, Paint, note, printable, warn};
use crate::{ERROR, chain};

const ADD: &str = "\
Works while a server runs, and without one. Each number is on disk and in force
before the next is looked at: of many, callbar import takes thousands a second.
One line out for each: added, replaced or unchanged, the number as it was given,
and its canonical form, tab separated.

Examples (DIR stands for /var/lib/callbar):
  callbar add --data DIR --domain my.example --list spam '0505 004 78 24' \\
              --reason 'complaint 4711' --expires 2027-01-31
  callbar add --data DIR --domain my.example --list spam '+90900*'

Exit status: 0 all done, 2 error (the other numbers are done)";

const REMOVE: &str = "\
Works while a server runs, and without one. Each number is off the list, on disk
and in force, before the next is looked at. It may be written otherwise than it
was added. One line out for each: removed, and the number as it was given, tab
separated; one that is not on the list is an error.

Examples (DIR stands for /var/lib/callbar):
  callbar remove --data DIR --domain my.example --list spam '0505 004 78 24'
  callbar remove --data DIR --domain my.example --list spam '+90900*'
  callbar remove --data DIR --domain my.example --list spam < numbers.txt

Exit status: 0 all done, 2 error (the other numbers are done)";

/// A list, and the numbers that are meant.
#[derive(clap::Args, Debug)]
struct Meant {
    #[command(flatten)]
    place: ListPlace,
    /// Numbers, patterns or classes [default: one a line of standard input, but for blank lines and
    /// lines that are # or start with '# ']
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,
}

/// Add entries to a list, or change what is noted of them
#[derive(clap::Args, Debug)]
#[command(after_help = ADD)]
pub(crate) struct Add {
    #[command(flatten)]
    meant: Meant,
    /// When they end: 2027-01-31 (with that day, at 2027-02-01 00:00 UTC),
    /// 2027-01-31T12:00:00+03:00, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = expiry)]
    expires: Option<u64>,
    /// Why they are on the list, for people
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Where they came from, for people
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Make the list, which denies, if there is none
    #[arg(long)]
    make_list: bool,
    /// Let a pattern of a deny list bar a whole calling code, such as +90*
    #[arg(long)]
    allow_broad: bool,
}

/// Remove entries from a list
#[derive(clap::Args, Debug)]
#[command(after_help = REMOVE)]
pub(crate) struct Remove {
    #[command(flatten)]
    meant: Meant,
}

#[derive(Serialize)]
struct New<'a> {
    number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    allow_broad: bool,
}

#[derive(Deserialize)]
struct Done {
    outcome: String,
    entry: Option<Entry>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    canonical: String,
}

fn expiry(text: &str) -> Result<u64, String> {
    let moment = Moment::parse(text).map_err(|error| format!("{error}: {}", error.remedy()))?;
    moment.map(Moment::end).ok_or_else(|| "a time is wanted".into())
}

impl Add {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let Self { meant, expires, reason, source, make_list, allow_broad } = self;
        let path = format!("{}/entries?make_list={make_list}", meant.place.path());
        if expires.is_some_and(|expires| expires <= Clock::default().now()) {
            note("--expires is in the past: no call will be judged by these entries");
        }
        meant.each(|desk, number| {
            let (reason, source) = (reason.as_deref(), source.as_deref());
            let (expires, allow_broad) = (*expires, *allow_broad);
            let new = New { number, expires, reason, source, allow_broad };
            let Done { outcome, entry, warnings } = desk.send(Method::POST, &path, &new)?;
            warnings.iter().for_each(warn);
            let canonical = entry.map(|entry| entry.canonical).unwrap_or_default();
            Ok(format!("{outcome}\t{}\t{canonical}\n", printable(number)))
        })
    }
}

impl Remove {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let path = self.meant.place.path();
        self.meant.each(|desk, number| {
            let path = format!("{path}/entries/{}", segment(number));
            let Done { outcome, .. } = desk.ask(Method::DELETE, &path)?;
            Ok(format!("{outcome}\t{}\n", printable(number)))
        })
    }
}

impl Meant {
    /// Does one after the other; what one is refused for keeps the others from nothing.
    fn each(&self, mut act: impl FnMut(&Desk, &str) -> Result<String>) -> Result<ExitCode> {
        let desk = Desk::open(&self.place.data)?;
        let mut output = Output::create(None)?;
        let mut failed = false;
        let mut one = |number: &str| -> Result<()> {
            match act(&desk, number) {
                Ok(line) => {
                    output.write(line.as_bytes())?;
                    output.flush()
                }
                Err(error) => {
                    failed = true;
                    let word = Paint::stderr().paint("error:", Colour::Red);
                    note(format_args!("{word} {}: {}", printable(number), chain(&error)));
                    Ok(())
                }
            }
        };
        if self.numbers.is_empty() {
            for line in io::stdin().lock().split(b'\n') {
                let line = line.context("cannot read standard input")?;
                // What is no UTF-8 is no entry either, and refused by itself.
                let line = String::from_utf8_lossy(&line);
                if !is_comment(line.trim_end_matches('\r').as_bytes()) {
                    one(line.trim())?;
                }
            }
        } else {
            self.numbers.iter().try_for_each(|number| one(number))?;
        }
        output.finish()?;
        Ok(if failed { ExitCode::from(ERROR) } else { ExitCode::SUCCESS })
    }
}
