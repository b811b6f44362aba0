//! `callbar decide`: the decision on a call, or on each call of a file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use callbar::{Decision, Domain, Entry, OwnedCall};
use callbar_lists::{BOM, Source};
use serde::de::IgnoredAny;

use crate::input::{open_domain, warn_missing_subscriptions};
use crate::options::DomainOptions;
use crate::output::{
    Paint, each_line, explanation, list_cell, note, print, printable, verdict_colour, write_json,
};

/// Most bad lines on standard error.
const SHOWN: u64 = 20;

const EXAMPLES: &str = "\
callbar asks about both parties of a call, in this order: emergency call,
asserted identities, Remote-Party-ID, From, Privacy, callee. Give each header
value as it stands in the call. The answer is whether the call passes, and which
list decided. --explain prints every question with all readings of its text.

--jsonl reads one JSON object a line, with the names callee, from, asserted,
remote_party and privacy. asserted and remote_party are arrays of strings, the
others strings. Leave out what the call does not have. Each line is answered by a
line of JSON, in order: action (pass, allow or deny), party (caller or callee),
list, shared_by, entry, response and exempt (true for an emergency call). A bad
line is answered by {\"error\": ...} and reported on standard error.

Examples (DIR stands for /var/lib/callbar):
  callbar decide --data DIR --domain my.example --callee sip:112@pbx.example \\
      --from '\"Ali\" <sip:05050047824@c.example>;tag=1' --explain
  callbar decide --data DIR --domain my.example --jsonl calls.jsonl > out.jsonl

Exit status: 0 none denied, 1 some denied, 2 error or bad line";

/// The form of a line, for the message about bad ones.
const FORM: &str = r#"{"callee": "sip:...", "from": "...", "asserted": ["..."], "remote_party": ["..."], "privacy": "id"}"#;

/// Decide whether a call is barred, by both of its parties
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: DomainOptions,
    #[command(flatten)]
    call: CallOptions,
    /// File with one call a line, as JSON; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "call")]
    jsonl: Option<PathBuf>,
    /// Explain the decision, for people; for programs with --json or --jsonl
    #[arg(long)]
    explain: bool,
    /// Print one JSON object; --jsonl always prints JSON
    #[arg(long)]
    json: bool,
}

/// A call as options.
#[derive(clap::Args, Debug)]
#[group(id = "call", multiple = true)]
struct CallOptions {
    /// Request URI or value of To: the one that routes the call
    #[arg(long, value_name = "URI", help_heading = "Call")]
    callee: Option<String>,
    /// Value of From
    #[arg(long, value_name = "HDR", help_heading = "Call")]
    from: Option<String>,
    /// Value of P-Asserted-Identity, then of P-Preferred-Identity, if you trust the peer with
    /// identities (repeatable)
    #[arg(long, value_name = "HDR", help_heading = "Call")]
    asserted: Vec<String>,
    /// Value of Remote-Party-ID, with its parameters (repeatable)
    #[arg(long, value_name = "HDR", help_heading = "Call")]
    remote_party: Vec<String>,
    /// Value of Privacy
    #[arg(long, value_name = "V", help_heading = "Call")]
    privacy: Option<String>,
}

impl CallOptions {
    fn call(&self) -> OwnedCall {
        let Self { callee, from, asserted, remote_party, privacy } = self;
        OwnedCall {
            callee: callee.clone(),
            from: from.clone(),
            asserted: asserted.clone(),
            remote_party: remote_party.clone(),
            privacy: privacy.clone(),
        }
    }
}

/// Counts of the lines of a block.
#[derive(Default)]
struct LineCounts {
    lines: u64,
    denied: bool,
    bad: u64,
    /// The first bad lines and what is wrong with them.
    first: Vec<(u64, String)>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let call = self.call.call();
        if self.jsonl.is_none() && call == OwnedCall::default() {
            bail!(
                "no call is given: give its --callee and --from, or a file of calls with --jsonl"
            );
        }
        let snapshot = open_domain(&self.place.data, &self.place.domain)?.snapshot();
        let domain = snapshot.domain(self.place.domain.as_str())?;
        warn_missing_subscriptions(domain);
        let denied = if let Some(file) = &self.jsonl {
            self.each_line(domain, file)?
        } else {
            let mut out = Vec::new();
            let denied = if self.json {
                self.json(domain, &call, &mut out)
            } else {
                self.plain(domain, &call, &mut out)?
            };
            print(out)?;
            denied
        };
        Ok(ExitCode::from(u8::from(denied)))
    }

    /// Decides a call a line; true if any is denied.
    fn each_line(&self, domain: Domain<'_>, file: &Path) -> Result<bool> {
        let answer = |number, line: &[u8], out: &mut Vec<u8>, counts: &mut LineCounts| {
            counts.lines += 1;
            match parse_line(number, line) {
                Ok(call) => counts.denied |= self.json(domain, &call, out),
                Err(error) => {
                    write_json(&serde_json::json!({ "error": error }), out);
                    counts.bad += 1;
                    if counts.bad <= SHOWN {
                        counts.first.push((number, error));
                    }
                }
            }
        };
        let name = Source::name_of(file);
        let mut all = LineCounts::default();
        each_line(file, answer, |block: LineCounts| {
            let room = SHOWN.saturating_sub(all.bad) as usize;
            for (line, error) in block.first.iter().take(room) {
                note(format_args!("{name}:{line}: {}", printable(error)));
            }
            all.lines += block.lines;
            all.denied |= block.denied;
            all.bad += block.bad;
        })?;
        if all.bad > SHOWN {
            note(format_args!("and {} more bad lines: see their answers", all.bad - SHOWN));
        }
        if all.bad > 0 {
            bail!("{} of {} lines are not calls: write each as {FORM}", all.bad, all.lines);
        }
        Ok(all.denied)
    }

    /// Appends the answer as a line of JSON; true if the call is denied.
    fn json(&self, domain: Domain<'_>, call: &OwnedCall, out: &mut Vec<u8>) -> bool {
        if self.explain {
            let explanation = call.with(|call| domain.explain_call(call));
            write_json(&explanation, out);
            explanation.decision.is_deny()
        } else {
            let decision = call.with(|call| domain.decide(call));
            write_json(&decision, out);
            decision.is_deny()
        }
    }

    /// Appends the answer for people; true if the call is denied.
    fn plain(&self, domain: Domain<'_>, call: &OwnedCall, out: &mut Vec<u8>) -> io::Result<bool> {
        let paint = Paint::stdout();
        let decision = if self.explain {
            let explanation = call.with(|call| domain.explain_call(call));
            explanation::write_call(&explanation, paint, out)?;
            explanation.decision
        } else {
            call.with(|call| domain.decide(call))
        };
        write_decision(&decision, paint, out)?;
        Ok(decision.is_deny())
    }
}

/// Reads the call of a line. The error says what is wrong and where.
fn parse_line(number: u64, line: &[u8]) -> Result<OwnedCall, String> {
    let line = if number == 1 { line.strip_prefix(BOM).unwrap_or(line) } else { line };
    if line.trim_ascii().is_empty() {
        return Err("the line is empty".into());
    }
    serde_json::from_slice(line).map_err(|wrong| match serde_json::from_slice(line) {
        Ok(IgnoredAny) => json_error("", &wrong),
        Err(error) => json_error("not JSON: ", &error),
    })
}

/// Returns what is wrong, and in which column. The line number of serde is left out: it is always 1.
fn json_error(before: &str, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(&*text, |(what, _)| what);
    format!("{before}{what} (column {})", error.column())
}

/// Appends a line such as `deny 607 Unwanted: caller +905050047824 is on list spam`
fn write_decision(decision: &Decision<'_>, paint: Paint, out: &mut Vec<u8>) -> io::Result<()> {
    if decision.exempt {
        return writeln!(out, "exempt: an emergency call");
    }
    write!(out, "{}", paint.paint(decision.action(), verdict_colour(decision.action())))?;
    if let Some(response) = decision.response() {
        write!(out, " {} {}", response.code(), response.phrase())?;
    }
    if let (Some(party), Some(by)) = (decision.party, decision.decided_by()) {
        let (party, entry) = (party.as_str(), printable(&by.entry.to_string()));
        match by.entry {
            Entry::Number(_) => write!(out, ": {party} {entry} is on")?,
            Entry::Pattern(_) => write!(out, ": {party} matches {entry} on")?,
            Entry::Class(_) => write!(out, ": {party} is of class {entry}, which is on")?,
            // A kind of entry for which there are no better words yet
            _ => write!(out, ": {party} is held by {entry} on")?,
        }
        write!(out, " list {}", printable(&list_cell(by)))?;
    }
    writeln!(out)
}
