//! `callbar check`: the verdict on a number that calls or is called.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use callbar::Domain;

use crate::input::{open_domain, warn_missing_subscriptions};
use crate::options::DomainOptions;
use crate::output::{
    Paint, each_line, explanation, list_cell, print, verdict_colour, write_json, write_number,
};

const EXAMPLES: &str = "\
A number is read as a call presents it, of either party: digits, a SIP or tel
URI, or a whole From header. callbar decide judges a whole call. Prints verdict,
list and canonical form, tab separated, in the order given. A dash stands for no
list, LIST@DOMAIN for a list that DOMAIN shares. --explain prints how the
canonical form was found, every entry that matches the number in order of
precedence, which of them won and why, and the response to the call.

Examples (DIR stands for /var/lib/callbar):
  callbar check --data DIR --domain my.example +905050047824 'sip:*67@gw'
  callbar check --data DIR --domain my.example --explain 0505-004-78-24
  callbar check --data DIR --domain my.example --json < callers.txt
  callbar check --data DIR --domain my.example -- -alice
                    (a name that begins with a dash stands behind --)

Exit status: 0 none denied, 1 some denied, 2 error";

/// Check whether calls to or from numbers are barred
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: DomainOptions,
    /// Explain the verdict, for people; for programs with --json
    #[arg(long)]
    explain: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Numbers [default: one a line of standard input]
    #[arg(value_name = "NUMBER", allow_negative_numbers = true)]
    numbers: Vec<String>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let snapshot = open_domain(&self.place.data, &self.place.domain)?.snapshot();
        let domain = snapshot.domain(self.place.domain.as_str())?;
        warn_missing_subscriptions(domain);
        let paint = Paint::stdout();
        let mut denied = false;
        if self.numbers.is_empty() {
            let answer = |_, line: &[u8], out: &mut Vec<u8>, denied: &mut bool| {
                *denied |= self.answer(domain, line, paint, out);
            };
            each_line(Path::new("-"), answer, |any: bool| denied |= any)?;
        } else {
            let mut out = Vec::new();
            for number in &self.numbers {
                denied |= self.answer(domain, number.as_bytes(), paint, &mut out);
            }
            print(out)?;
        }
        Ok(ExitCode::from(u8::from(denied)))
    }

    /// Appends the answer for one number; true if it is denied.
    fn answer(&self, domain: Domain<'_>, text: &[u8], paint: Paint, out: &mut Vec<u8>) -> bool {
        if self.explain {
            let explanation = domain.explain(text);
            if self.json {
                write_json(&explanation, out);
            } else {
                // Writing to a vector never fails.
                let _ = explanation::write(&explanation, paint, out);
            }
            return explanation.verdict == "deny";
        }
        if self.json {
            let report = domain.check_report(text);
            write_json(&report, out);
            return report.verdict == "deny";
        }
        // The text is checked, not the number: lists may have users and local numbers with a host.
        let verdict = domain.check(text);
        let word = paint.paint(verdict.as_str(), verdict_colour(verdict.as_str()));
        let list = verdict.decided_by().map_or(Cow::Borrowed("-"), list_cell);
        // Writing to a vector never fails.
        let _ = write!(out, "{word}\t{list}\t");
        write_number(out, &domain.plan().number(text));
        out.push(b'\n');
        verdict.is_deny()
    }
}
