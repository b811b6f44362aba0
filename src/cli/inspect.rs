//! `callbar inspect`: what a data directory holds.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use callbar::{DialPlan, Index, List, Stats};
use indicatif::{HumanBytes, HumanCount, HumanDuration};
use serde::Serialize;

use super::damaged::Damaged;
use super::domain;
use super::output::{Output, action_word};

const EXAMPLES: &str = "\
Examples:
  callbar inspect /var/lib/callbar
  callbar inspect --json /var/lib/callbar | jq '.domains[].lists'";

/// Show the domains, lists and sizes of a data directory
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Directory that `callbar compile` wrote to
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct Directory<'a> {
    domains: &'a [Domain<'a>],
    damaged: &'a [Damaged],
}

#[derive(Serialize)]
struct Domain<'a> {
    #[serde(rename = "domain")]
    name: &'a str,
    file: &'a Path,
    plan: Plan<'a>,
    lists: &'a [List],
    #[serde(flatten)]
    stats: Stats,
    bytes_per_number: f64,
    age_seconds: u64,
}

#[derive(Serialize)]
struct Plan<'a> {
    region: &'a str,
    international_prefixes: Vec<&'a str>,
    technical_prefixes: Vec<&'a str>,
    plain_e164: bool,
}

impl<'a> Plan<'a> {
    fn of(plan: &'a DialPlan) -> Self {
        Self {
            region: plan.region(),
            international_prefixes: plan.international_prefixes().collect(),
            technical_prefixes: plan.technical_prefixes().collect(),
            plain_e164: plan.plain_e164(),
        }
    }
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let (engine, damaged) = domain::open(&self.dir)?;
        let snapshot = engine.snapshot();
        let domains: Vec<_> =
            snapshot.domains().map(|(_, file, index)| describe(file, index)).collect();
        let text = if self.json {
            let directory = Directory { domains: &domains, damaged: &damaged };
            serde_json::to_string_pretty(&directory)? + "\n"
        } else if domains.is_empty() && damaged.is_empty() {
            format!("{} holds no domain yet: make one with callbar compile\n", self.dir.display())
        } else {
            domains.iter().map(Domain::text).collect::<Vec<_>>().join("\n")
        };
        let mut output = Output::create(None)?;
        output.write(text.as_bytes())?;
        output.finish()?;
        Ok(ExitCode::SUCCESS)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a quotient shown with two digits")]
fn describe<'a, D: AsRef<[u8]>>(file: &'a Path, index: &'a Index<D>) -> Domain<'a> {
    let stats = index.stats();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Domain {
        name: index.domain(),
        file,
        plan: Plan::of(index.plan()),
        lists: index.lists(),
        bytes_per_number: stats.bytes as f64 / stats.numbers.max(1) as f64,
        age_seconds: now.saturating_sub(stats.created),
        stats,
    }
}

impl Domain<'_> {
    fn text(&self) -> String {
        let Stats { numbers, e164, bytes, .. } = self.stats;
        let mut text = format!("{}\n", self.name.escape_debug());
        let _ = writeln!(
            text,
            "  numbers   {} ({} E.164), {}, {:.2} bytes a number",
            HumanCount(numbers),
            HumanCount(e164),
            HumanBytes(bytes),
            self.bytes_per_number
        );
        for list in self.lists {
            let (action, count) = (action_word(list.action), HumanCount(list.entries));
            let name = list.name.escape_debug();
            let _ = writeln!(text, "  {action:<9} {name}: {count} entries");
        }
        let _ = writeln!(text, "  plan      {}", self.plan.text());
        let age = HumanDuration(Duration::from_secs(self.age_seconds));
        let facts = domain::facts(&self.stats.facts);
        let _ = writeln!(text, "  compiled  {age} ago, {facts}");
        let sections = self.stats.sections.iter();
        let sections: Vec<_> =
            sections.map(|s| format!("{} {}", s.name, HumanBytes(s.bytes))).collect();
        let _ = writeln!(text, "  sections  {}", sections.join(", "));
        let _ = writeln!(text, "  file      {}", self.file.display());
        text
    }
}

impl Plan<'_> {
    fn text(&self) -> String {
        let mut text = format!("region {}", self.region);
        if !self.international_prefixes.is_empty() {
            let _ =
                write!(text, ", international prefixes {}", self.international_prefixes.join(" "));
        }
        if !self.technical_prefixes.is_empty() {
            let _ = write!(text, ", technical prefixes {}", self.technical_prefixes.join(" "));
        }
        if self.plain_e164 {
            text.push_str(", plain digits are E.164");
        }
        text
    }
}
