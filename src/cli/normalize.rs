//! `callbar normalize`: written numbers to canonical ones, a line for a line.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use callbar::{DialPlan, Number};
use serde::Serialize;

use super::answers;
use super::output::{lossy, write_number};
use super::plan::PlanOptions;

const EXAMPLES: &str = "\
Prints for each line, in order: canonical form, tag, reason, tab separated.
  E          E.164 number, as +905050047824
  L          local number or short code, kept as dialled
  S          service string such as *67, kept with its * and #
  N          opaque SIP user
  anonymous  withheld
  invalid    cannot be a number

Examples:
  echo '0 (505) 004-78 24' | callbar normalize --region TR
  callbar normalize --region US --call --json < from-headers.txt
  callbar normalize --region DE --international-prefix 000 in.txt | cut -f1";

/// Bring numbers into their canonical form
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Region that local numbers belong to, an ISO 3166-1 code such as TR
    #[arg(long, value_name = "CC")]
    region: String,
    #[command(flatten)]
    plan: PlanOptions,
    /// Read numbers as a call presents them, not as people write them on lists
    #[arg(long)]
    call: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// File with a number a line; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Answer {
    written: String,
    number: String,
    tag: String,
    reason: &'static str,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let plan = self.plan.plan(&self.region)?;
        answers::each_line(&self.file, |line, out| {
            self.answer(&plan, line, out);
            false
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn answer(&self, plan: &DialPlan, line: &[u8], out: &mut Vec<u8>) {
        let number = if self.call { plan.number(line) } else { plan.entry(line) };
        if self.json {
            write_json(line, &number, out);
        } else {
            write_number(out, &number);
            let _ = write!(out, "\t{}\t{}", number.tag(), number.reason());
        }
        out.push(b'\n');
    }
}

fn write_json(line: &[u8], number: &Number, out: &mut Vec<u8>) {
    let answer = Answer {
        written: lossy(line),
        number: number.to_string(),
        tag: number.tag().to_string(),
        reason: number.reason(),
    };
    // Strings into a vector: nothing can fail.
    let _ = serde_json::to_writer(out, &answer);
}
