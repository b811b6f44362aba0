//! `callbar verify`: reads every index of a data directory whole and says which are sound.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use callbar::{Engine, Index};
use indicatif::HumanCount;

use super::domain;
use super::output::{Colour, Output, Paint};

/// What the name of an index file ends in.
const SUFFIX: &str = ".index";

const EXAMPLES: &str = "\
Prints one line a file: ok or bad, the path, and the domain or what is wrong with the file.
Exit status: 0 all are sound, 2 at least one is not

Example:
  callbar verify /var/lib/callbar || echo 'compile the lists again'";

/// Verify every byte of the indexes in a data directory
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Directory that `callbar compile` wrote to
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let files = index_files(&self.dir)?;
        if files.is_empty() {
            bail!("{} holds no index: is it the right directory?", self.dir.display());
        }
        let paint = Paint::stdout();
        let mut output = Output::create(None)?;
        let mut domains = BTreeMap::new();
        let mut sound = true;
        for path in &files {
            let verified = verify(path, &mut domains);
            let line = match verified.map_err(|error| domain::explain(&self.dir, error)) {
                Ok(facts) => {
                    format!("{}\t{}\t{facts}\n", paint.paint("ok", Colour::Green), path.display())
                }
                Err(error) => {
                    sound = false;
                    let error = super::chain(&error);
                    format!("{}\t{}\t{error}\n", paint.paint("bad", Colour::Red), path.display())
                }
            };
            output.write(line.as_bytes())?;
        }
        // What no single file shows, such as a name that the engine refuses.
        if sound && let Err(error) = Engine::open(&self.dir) {
            sound = false;
            let word = paint.paint("bad", Colour::Red);
            output.write(format!("{word}\t{}\t{error}\n", self.dir.display()).as_bytes())?;
        }
        output.finish()?;
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(super::ERROR) })
    }
}

/// The index files in order of their names, by the same rule as the engine's: `*.index`; others,
/// and what begins with a dot, are ignored.
fn index_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let folder = domain::folder(dir)?;
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if name_of(&path).is_some_and(|name| name.ends_with(SUFFIX) && !name.starts_with('.')) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The name, if it is UTF-8: no other is one of an index.
fn name_of(path: &Path) -> Option<&str> {
    path.file_name().and_then(OsStr::to_str)
}

/// Whether it is a name that the engine gives: a number from 1 in eight digits or more.
fn is_numbered(path: &Path) -> bool {
    name_of(path).is_some_and(|name| {
        let number = name.strip_suffix(SUFFIX).and_then(|number| number.parse::<u32>().ok());
        number.is_some_and(|number| number > 0 && format!("{number:08}{SUFFIX}") == name)
    })
}

/// Verifies a file; the domains seen so far tell whether two files hold the same.
fn verify<'p>(path: &'p Path, domains: &mut BTreeMap<String, &'p Path>) -> Result<String> {
    if !is_numbered(path) {
        bail!("misnamed: index files are named by number: publish it instead of copying it here");
    }
    let bytes = fs::read(path).context("cannot read")?;
    let index = Index::open(bytes)?;
    let domain = index.domain().to_owned();
    let stats = index.stats();
    let facts = format!(
        "{}, {} numbers, {}",
        domain.escape_debug(),
        HumanCount(stats.numbers),
        domain::facts(&stats.facts)
    );
    if let Some(first) = domains.insert(domain, path) {
        bail!("holds the same domain as {}: remove the one that is not wanted", first.display());
    }
    Ok(facts)
}
