//! `callbar health`: the problems of a data directory.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Error, Result};
use callbar::{CHANGES_FILE, Engine, Health, INDEX_FOLDER, LoadMode};
use serde::Serialize;

use crate::input::data_directory;
use crate::output::{Colour, Paint, print};

const EXAMPLES: &str = "\
Opens the directory as a SIP process does, which verifies every file in force.
Prints good or bad, and what to do.

Exit status: 0 good, 1 bad, 2 the directory cannot be opened

Examples:
  callbar health --data /var/lib/callbar
  callbar health --data /var/lib/callbar --json | jq '.problems[].path'";

/// Show the problems of a data directory
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Data directory, of `callbar compile` or `callbar serve`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct HealthAnswer<'a> {
    good: bool,
    #[serde(flatten)]
    health: &'a Health,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        data_directory::index_folder(&self.data)?;
        let opened = Engine::open_sound(&self.data, LoadMode::default());
        let (engine, _) = opened
            .map_err(|error| data_directory::explain_permissions(&self.data, Error::from(error)))?;
        let health = engine.health();
        let text = if self.json {
            let answer = HealthAnswer { good: health.is_good(), health: &health };
            serde_json::to_string(&answer)? + "\n"
        } else {
            text(&self.data, &health)
        };
        print(text)?;
        Ok(ExitCode::from(u8::from(!health.is_good())))
    }
}

fn text(dir: &Path, health: &Health) -> String {
    let (word, colour) =
        if health.is_good() { ("good", Colour::Green) } else { ("bad", Colour::Red) };
    let (dir, domains) = (dir.display(), health.domains);
    let mut text = format!("{}: {domains} domains in {dir}\n", Paint::stdout().paint(word, colour));
    for problem in &health.problems {
        let _ = writeln!(text, "  {}: {}", problem.path.display(), problem.error);
    }
    for missing in &health.missing {
        let (domain, shared) = (missing.domain.escape_debug(), missing.shared.escape_debug());
        let _ = writeln!(
            text,
            "  {domain} subscribes to {shared}, which is missing: compile it, or compile {domain} \
             without --subscribe {shared}"
        );
    }
    if !health.sees_others {
        let _ = writeln!(
            text,
            "  other processes do not see changes, for there is no file {dir}/{INDEX_FOLDER}/{CHANGES_FILE}: publish \
             once as a user who may write to the directory"
        );
    }
    if let Some(error) = &health.failed_compaction {
        let _ = writeln!(text, "  the last compaction failed: {error}");
    }
    text
}
