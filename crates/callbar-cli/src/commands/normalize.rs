//! `callbar normalize`: the canonical form of entries of a list, or of numbers of calls.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use callbar::{Class, DialPlan, EntryKey, EntryKind, Number};
use serde::Serialize;

use crate::options::RegionalPlanOptions;
use crate::output::{each_line, lossy, write_number};

/// The canonical form and the tag of a text that has none.
const INVALID: &str = "invalid";

const EXAMPLES: &str = "\
Prints a line for each line, in order: canonical form, tag, reason, tab separated.
A line is read as an entry of a list. With --call it is read as a call presents a
number.
  E          E.164 number, as +905050047824
  L          local number or short code, kept as dialled
  S          service code such as *67, kept with its * and #
  N          SIP user
  pattern    prefix, range or wildcard: +90505*, +90505-+90506, 1XXX
  class      the word invalid, unassigned or short
  anonymous  a withheld number, the word anonymous, or nothing
  invalid    neither a number nor an entry; the reason says why
A call has no patterns and no classes. With --call the texts 0505XXXXXXX and short
are names of SIP users, and +90505* is a service code. The party is unknown here:
technical prefixes stay, and words for a withheld caller count. callbar decide
reads callers and callees each in their own way, and its --explain prints how.
Each line is an entry, blank lines and comments too. Two rules of lists are not
checked: on a deny list +90* needs --allow-broad, and of the words for withheld
numbers a list takes anonymous only.

Examples:
  echo '0 (505) 004-78 24' | callbar normalize --region TR
  callbar normalize --region TR entries.txt | awk -F'\\t' '$2 == \"invalid\"'
  callbar normalize --region US --call --json < from-headers.txt
  callbar normalize --region DE --international-prefix 000 in.txt | cut -f1

Exit status: 0 done, invalid lines too, 2 error";

/// Show the canonical form of list entries or of numbers of calls
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    plan: RegionalPlanOptions,
    /// Read numbers of calls, of either party, instead of list entries
    #[arg(long)]
    call: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// File with one entry or number a line; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

/// The answer to a line, as JSON.
#[derive(Serialize)]
struct NormalizedLine<'a> {
    written: &'a str,
    number: &'a str,
    tag: &'a str,
    reason: &'a str,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        let plan = self.plan.plan()?;
        let normalize = |_, line: &[u8], out: &mut Vec<u8>, (): &mut ()| {
            if self.call {
                self.number(line, &plan.number(line), out);
            } else {
                self.entry(line, &plan, out);
            }
            out.push(b'\n');
        };
        each_line(&self.file, normalize, |()| {})
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

    /// Appends the canonical form of an entry. Withheld numbers are a class of lists and a tag of numbers:
    /// here they have the tag.
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
                _ => self.write(line, INVALID, INVALID, reason.as_str(), out),
            },
        }
    }

    fn write(&self, line: &[u8], number: &str, tag: &str, reason: &str, out: &mut Vec<u8>) {
        // Writing to a vector never fails.
        let _ = if self.json {
            let answer = NormalizedLine { written: &lossy(line), number, tag, reason };
            serde_json::to_writer(out, &answer).map_err(Into::into)
        } else {
            write!(out, "{number}\t{tag}\t{reason}")
        };
    }
}
