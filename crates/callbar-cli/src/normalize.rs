//! `callbar normalize`: entries of a list, or numbers of calls, in canonical form, a line for a line.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use callbar::{Class, DialPlan, EntryKey, EntryKind, Number};
use serde::Serialize;

use super::answers;
use super::output::{lossy, write_number};
use super::plan::PlanOptions;

/// The canonical form and the tag of what has none.
const INVALID: &str = "invalid";

const EXAMPLES: &str = "\
Prints for each line, in order: canonical form, tag, reason, tab separated. A
line is read as an entry of a list, with --call as a call presents a number.
  E          E.164 number, as +905050047824
  L          local number or short code, kept as dialled
  S          service string such as *67, kept with its * and #
  N          opaque SIP user
  pattern    prefix, range or wildcard: +90505*, +90505-+90506, 1XXX
  class      the word invalid, unassigned or short
  anonymous  withheld; the word anonymous; nothing
  invalid    cannot be a number or an entry: the reason says why
A call has no patterns and no classes: with --call 0505XXXXXXX and short are names
of users, and +90505* is a service string. The party is not known here, so
technical prefixes stay, and the words of withheld callers count. callbar decide
reads callers and callees each in their own way; its --explain prints the readings.
Each line is an entry here, blank ones and comments too. Two rules of lists are
not checked: +90* needs --allow-broad on a list that denies, and of withheld
numbers only the word anonymous can be on a list.

Examples:
  echo '0 (505) 004-78 24' | callbar normalize --region TR
  callbar normalize --region TR entries.txt | awk -F'\\t' '$2 == \"invalid\"'
  callbar normalize --region US --call --json < from-headers.txt
  callbar normalize --region DE --international-prefix 000 in.txt | cut -f1

Exit status: 0 done, invalid lines too, 2 error";

/// Show what a list makes of an entry, or what a call's number becomes
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Region that local numbers belong to, an ISO 3166-1 code such as TR
    #[arg(long, value_name = "CC")]
    region: String,
    #[command(flatten)]
    plan: PlanOptions,
    /// Read numbers of a call, of either party, not entries that people write on lists
    #[arg(long)]
    call: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// File with an entry or a number a line; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

/// What a line is, under the names that JSON gives it.
#[derive(Serialize)]
struct Answer<'a> {
    written: &'a str,
    number: &'a str,
    tag: &'a str,
    reason: &'a str,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let plan = self.plan.plan(&self.region)?;
        let answer = |_, line: &[u8], out: &mut Vec<u8>, (): &mut ()| {
            if self.call {
                self.number(line, &plan.number(line), out);
            } else {
                self.entry(line, &plan, out);
            }
            out.push(b'\n');
        };
        answers::each_line(&self.file, answer, |()| {})?;
        Ok(ExitCode::SUCCESS)
    }

    fn number(&self, line: &[u8], number: &Number, out: &mut Vec<u8>) {
        if self.json {
            let (tag, reason) = (number.tag().to_string(), number.reason());
            self.write(line, &number.to_string(), &tag, reason, out);
        } else {
            write_number(out, number);
            let _ = write!(out, "\t{}\t{}", number.tag(), number.reason());
        }
    }

    /// What a list makes of an entry. Withheld numbers are a class of lists and a tag of numbers: here
    /// they have the tag.
    fn entry(&self, line: &[u8], plan: &DialPlan, out: &mut Vec<u8>) {
        match EntryKey::parse(line, plan) {
            Ok(key) if key.kind() == EntryKind::Pattern => {
                self.write(line, &key.to_string(), "pattern", "", out);
            }
            Ok(key) if key.kind() == EntryKind::Class => {
                match Class::named(key.to_string().as_bytes()) {
                    Some(Class::Anonymous) => self.number(line, &Number::Anonymous, out),
                    _ => self.write(line, &key.to_string(), "class", "", out),
                }
            }
            Ok(_) => self.number(line, &plan.entry(line), out),
            Err(reason) => match plan.entry(line) {
                number @ (Number::Anonymous | Number::Invalid(_))
                    if plan.pattern(line).is_none() =>
                {
                    self.number(line, &number, out);
                }
                _ => self.write(line, INVALID, INVALID, &reason.to_line(), out),
            },
        }
    }

    fn write(&self, line: &[u8], number: &str, tag: &str, reason: &str, out: &mut Vec<u8>) {
        // Into a vector: nothing can fail.
        let _ = if self.json {
            let answer = Answer { written: &lossy(line), number, tag, reason };
            serde_json::to_writer(out, &answer).map_err(Into::into)
        } else {
            write!(out, "{number}\t{tag}\t{reason}")
        };
    }
}
