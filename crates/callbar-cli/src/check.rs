//! `callbar check`: what a call to or from a number would be told.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use callbar::{Domain, Number, Verdict};

use super::domain::{self, Place};
use super::output::{Output, Paint, list_cell, verdict_colour, write_number};
use super::{answers, explain};

const EXAMPLES: &str = "\
Numbers are read as a call presents them, of either party: digits, a SIP or tel
URI, or a whole From header. A whole call is for callbar decide. Prints verdict,
list and canonical form, tab separated, in the order given; - stands for no list,
LIST@DOMAIN for one that DOMAIN shares. --explain prints how the canonical form was
reached, every entry that holds the number, by precedence, which of them won and
why, and what to answer the call.

Examples (DIR stands for /var/lib/callbar):
  callbar check --data DIR --domain my.example +905050047824 'sip:*67@gw'
  callbar check --data DIR --domain my.example --explain 0505-004-78-24
  callbar check --data DIR --domain my.example --json < callers.txt
  callbar check --data DIR --domain my.example -- -alice
                    (a name that begins with a dash goes behind --)

Exit status: 0 none denied, 1 some denied, 2 error";

/// Tell for numbers whether a call is barred
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Tell all that led to the verdict, for people; with --json, for programs
    #[arg(long)]
    explain: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Numbers; none: one per line on standard input
    #[arg(value_name = "NUMBER", allow_negative_numbers = true)]
    numbers: Vec<String>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let snapshot = self.place.snapshot()?;
        let domain = snapshot.domain(self.place.domain.as_str())?;
        domain::tell_missing(domain);
        let paint = Paint::stdout();
        let denied = if self.numbers.is_empty() {
            let mut any = false;
            let answer = |_, line: &[u8], out: &mut Vec<u8>, denied: &mut bool| {
                *denied |= self.answer(domain, line, paint, out);
            };
            answers::each_line(Path::new("-"), answer, |denied: bool| any |= denied)?;
            any
        } else {
            let mut out = Vec::new();
            let mut denied = false;
            for number in &self.numbers {
                denied |= self.answer(domain, number.as_bytes(), paint, &mut out);
            }
            let mut output = Output::create(None)?;
            output.write(&out)?;
            output.finish()?;
            denied
        };
        Ok(ExitCode::from(u8::from(denied)))
    }

    /// Appends the answer for one number; true if it is denied.
    fn answer(&self, domain: Domain<'_>, text: &[u8], paint: Paint, out: &mut Vec<u8>) -> bool {
        if self.explain {
            return self.explained(domain, text, paint, out);
        }
        if self.json {
            let report = domain.check_report(text);
            // Strings into a vector: nothing can fail.
            let _ = serde_json::to_writer(&mut *out, &report);
            out.push(b'\n');
            return report.verdict == "deny";
        }
        let verdict = domain.check(text);
        write_line(&domain.plan().number(text), &verdict, paint, out);
        out.push(b'\n');
        verdict.is_deny()
    }

    /// The same with all that led to it.
    fn explained(&self, domain: Domain<'_>, text: &[u8], paint: Paint, out: &mut Vec<u8>) -> bool {
        let explanation = domain.explain(text);
        if self.json {
            // Strings and numbers into a vector: nothing can fail.
            let _ = serde_json::to_writer(&mut *out, &explanation);
            out.push(b'\n');
        } else {
            explain::write(&explanation, paint, out);
        }
        explanation.verdict == "deny"
    }
}

fn write_line(number: &Number, verdict: &Verdict<'_>, paint: Paint, out: &mut Vec<u8>) {
    let word = paint.paint(verdict.as_str(), verdict_colour(verdict.as_str()));
    let list = verdict.decided_by().map_or(Cow::Borrowed("-"), list_cell);
    let _ = write!(out, "{word}\t{list}\t");
    write_number(out, number);
}
