//! `callbar check`: what a call to or from a number would be told.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use callbar::{Index, Number, Verdict};
use serde::Serialize;

use super::output::{Colour, Output, Paint, lossy, write_number};
use super::{answers, domain};

const EXAMPLES: &str = "\
Numbers are read as a call presents them: digits, a SIP or tel URI, or a whole
From header. Prints verdict, list and canonical form, tab separated, in the
order given; - stands for no list.

Examples (DIR stands for /var/lib/callbar):
  callbar check --data DIR --domain my.example +905050047824 'sip:*67@gw'
  callbar check --data DIR --domain my.example --json < callers.txt
  callbar check --data DIR --domain my.example -- -alice
                    (a name that begins with a dash goes behind --)

Exit status: 0 none denied, 1 some denied, 2 error";

/// Tell for numbers whether a call is barred
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Directory that `callbar compile` wrote to
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Domain (tenant) whose lists are asked
    #[arg(long, value_name = "D")]
    domain: String,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Numbers; none: one per line on standard input
    #[arg(value_name = "NUMBER", allow_negative_numbers = true)]
    numbers: Vec<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    written: String,
    number: String,
    verdict: &'static str,
    list: Option<&'a str>,
    tag: String,
    reason: &'static str,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let snapshot = domain::snapshot(&self.data, &self.domain)?;
        let index = snapshot.domain(self.domain.as_str())?;
        let paint = Paint::stdout();
        let denied = if self.numbers.is_empty() {
            answers::each_line(Path::new("-"), |line, out| self.answer(index, line, paint, out))?
        } else {
            let mut out = Vec::new();
            let mut denied = false;
            for number in &self.numbers {
                denied |= self.answer(index, number.as_bytes(), paint, &mut out);
            }
            let mut output = Output::create(None)?;
            output.write(&out)?;
            output.finish()?;
            denied
        };
        Ok(ExitCode::from(u8::from(denied)))
    }

    /// Appends the answer for one number; true if it is denied.
    fn answer<D: AsRef<[u8]>>(
        &self,
        index: &Index<D>,
        text: &[u8],
        paint: Paint,
        out: &mut Vec<u8>,
    ) -> bool {
        let number = index.plan().number(text);
        let verdict = index.check_number(&number);
        if self.json {
            write_json(text, &number, &verdict, out);
        } else {
            write_line(&number, &verdict, paint, out);
        }
        out.push(b'\n');
        verdict.is_deny()
    }
}

fn list_of<'a>(verdict: &Verdict<'a>) -> Option<&'a str> {
    verdict.decided_by().map(|by| by.list.name.as_str())
}

fn write_json(text: &[u8], number: &Number, verdict: &Verdict<'_>, out: &mut Vec<u8>) {
    let answer = Answer {
        written: lossy(text),
        number: number.to_string(),
        verdict: verdict.as_str(),
        list: list_of(verdict),
        tag: number.tag().to_string(),
        reason: number.reason(),
    };
    // Strings into a vector: nothing can fail.
    let _ = serde_json::to_writer(out, &answer);
}

fn write_line(number: &Number, verdict: &Verdict<'_>, paint: Paint, out: &mut Vec<u8>) {
    let colour = match verdict {
        Verdict::Pass => None,
        Verdict::Allow(_) => Some(Colour::Green),
        Verdict::Deny(_) => Some(Colour::Red),
    };
    let word = paint.paint(verdict.as_str(), colour);
    let _ = write!(out, "{word}\t{}\t", list_of(verdict).unwrap_or("-"));
    write_number(out, number);
}
