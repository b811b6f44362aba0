//! `callbar inspect`: the content of a data directory.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use callbar::{Domain, DomainFileId, Engine, FormerState, List, PlanSpec, Settings, Stats};
use indicatif::{HumanBytes, HumanCount, HumanDuration};
use serde::Serialize;

use crate::input::{DamagedIndex, index_files, open_engine};
use crate::output::{numbering_facts, print, warn};

const EXAMPLES: &str = "\
Shows for each domain: entries, lists, settings, dial plan, age, former states
(see callbar rollback), sizes and files. Recent changes of entries are in files of
their own. The totals count such an entry in each of its files; the counts of
lists are exact.

Examples:
  callbar inspect /var/lib/callbar
  callbar inspect --json /var/lib/callbar | jq '.domains[].lists'

Exit status: 0 done, 2 error";

/// Show the domains, lists and sizes of a data directory
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Data directory, of `callbar compile` or `callbar serve`
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct DirectoryReport<'a> {
    domains: &'a [DomainReport<'a>],
    damaged: &'a [DamagedIndex],
}

#[derive(Serialize)]
struct DomainReport<'a> {
    domain: &'a str,
    file: &'a Path,
    plan: PlanSpec,
    settings: &'a Settings,
    /// The subscriptions to missing domains.
    missing: Vec<String>,
    lists: Vec<&'a List>,
    former: Vec<FormerState>,
    files: Vec<FileReport>,
    #[serde(flatten)]
    stats: Stats,
    bytes_per_number: f64,
    age_seconds: u64,
}

/// An index file of a domain.
#[derive(Serialize)]
struct FileReport {
    name: String,
    role: &'static str,
    bytes: u64,
}

/// Lists the files of all domains.
fn files_by_domain(dir: &Path) -> Result<BTreeMap<DomainFileId, Vec<FileReport>>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in index_files::list(dir)? {
        let Some(name) = index_files::parse_name(&path) else { continue };
        // A compaction may have removed it since it was listed.
        let Ok(meta) = fs::metadata(&path) else { continue };
        let (role, bytes) = (index_files::role(name), meta.len());
        let file = FileReport { name: name.to_string(), role, bytes };
        found.entry(name.id()).or_default().push(file);
    }
    Ok(found)
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        let (engine, damaged) = open_engine(&self.dir)?;
        let snapshot = engine.snapshot();
        let mut files_by_domain = files_by_domain(&self.dir)?;
        let domains = snapshot.domains().map(|(_, file, domain)| {
            let name = index_files::parse_name(file);
            let files = name.and_then(|name| files_by_domain.remove(&name.id()));
            let files = files.unwrap_or_default();
            let former = former(&engine, domain.domain(), &files);
            DomainReport { former, files, ..DomainReport::new(file, domain) }
        });
        let domains: Vec<_> = domains.collect();
        let text = if self.json {
            let directory = DirectoryReport { domains: &domains, damaged: &damaged };
            serde_json::to_string_pretty(&directory)? + "\n"
        } else if domains.is_empty() && damaged.is_empty() {
            format!("{} holds no domain yet: make one with callbar compile\n", self.dir.display())
        } else {
            domains.iter().map(DomainReport::text).collect::<Vec<_>>().join("\n")
        };
        print(text)
    }
}

/// Returns the former states of a domain, and warns of those that cannot be read.
fn former(engine: &Engine, domain: &str, files: &[FileReport]) -> Vec<FormerState> {
    // The engine would list the whole folder.
    if files.iter().all(|file| file.role != index_files::FORMER) {
        return Vec::new();
    }
    let warn_of = |problem: &dyn Display| {
        warn(format_args!("former states of {}: {problem}", domain.escape_debug()));
    };
    let mut states = engine.history(domain).unwrap_or_else(|error| {
        warn_of(&error);
        Vec::new()
    });
    states.retain(|state| {
        state.problem.iter().for_each(|problem| warn_of(problem));
        state.problem.is_none()
    });
    states
}

impl<'a> DomainReport<'a> {
    /// The facts of the domain itself; former states and files are filled in later.
    #[expect(clippy::cast_precision_loss, reason = "a quotient shown with two digits")]
    fn new(file: &'a Path, domain: Domain<'a>) -> Self {
        let stats = domain.stats();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self {
            domain: domain.domain(),
            file,
            plan: domain.plan().into(),
            settings: domain.settings(),
            missing: domain.missing().map(str::to_ascii_lowercase).collect(),
            lists: domain.lists().collect(),
            former: Vec::new(),
            files: Vec::new(),
            bytes_per_number: stats.bytes as f64 / stats.numbers.max(1) as f64,
            age_seconds: now.saturating_sub(stats.created),
            stats,
        }
    }

    fn text(&self) -> String {
        let Stats { numbers, e164, patterns, bytes, .. } = self.stats;
        let mut text = format!("{}\n", self.domain.escape_debug());
        let _ = writeln!(
            text,
            "  entries   {} ({} E.164, {} patterns), {}, {:.2} bytes an entry",
            HumanCount(numbers),
            HumanCount(e164),
            HumanCount(patterns),
            HumanBytes(bytes),
            self.bytes_per_number
        );
        for list in &self.lists {
            let (action, count) = (list.action.as_str(), HumanCount(list.entries));
            let name = list.name.escape_debug();
            let response = list.response.map(|response| format!(", answers {}", response.code()));
            let response = response.unwrap_or_default();
            let _ = writeln!(text, "  {action:<9} {name}: {count} entries{response}");
        }
        let _ = writeln!(text, "  settings  {}", self.settings());
        let _ = writeln!(text, "  plan      {}", display_plan(&self.plan));
        let age = HumanDuration(Duration::from_secs(self.age_seconds));
        let facts = numbering_facts(&self.stats.facts);
        let _ = writeln!(text, "  changed   {age} ago, {facts}");
        for FormerState { number, created, entries, .. } in &self.former {
            let (time, count) = (callbar_lists::display_time(*created), HumanCount(*entries));
            let _ = writeln!(text, "  former    {number} of {time}: {count} entries");
        }
        let sections = self.stats.sections.iter();
        let sections: Vec<_> =
            sections.map(|s| format!("{} {}", s.name, HumanBytes(s.bytes))).collect();
        let _ = writeln!(text, "  sections  {}", sections.join(", "));
        let _ = writeln!(text, "  file      {}", self.file.display());
        for FileReport { name, role, bytes } in &self.files {
            let _ = writeln!(text, "            {name}: {role}, {}", HumanBytes(*bytes));
        }
        text
    }

    fn settings(&self) -> String {
        let emergency = if self.settings.emergency_exempt { "never" } else { "may be" };
        let mut text = format!("emergency numbers {emergency} barred");
        for (at, name) in self.settings.subscriptions.iter().enumerate() {
            let is_missing = self.missing.iter().any(|one| one.eq_ignore_ascii_case(name));
            let mark = if is_missing { " (missing)" } else { "" };
            let before = if at == 0 { "; subscribes to " } else { ", " };
            let _ = write!(text, "{before}{}{mark}", name.escape_debug());
        }
        text
    }
}

/// Returns a dial plan as a line of text.
fn display_plan(plan: &PlanSpec) -> String {
    let PlanSpec { region, international_prefixes, technical_prefixes, plain_e164 } = plan;
    let mut text = format!("region {region}");
    if !international_prefixes.is_empty() {
        let _ = write!(text, ", international prefixes {}", international_prefixes.join(" "));
    }
    if !technical_prefixes.is_empty() {
        let _ = write!(text, ", technical prefixes {}", technical_prefixes.join(" "));
    }
    if *plain_e164 {
        text.push_str(", plain digits are E.164");
    }
    text
}
