//! `callbar verify`: reads every index file of a data directory and reports which are sound.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use callbar::{DomainFileId, Engine, FileName, Index, open_regular};
use indicatif::HumanCount;

use crate::ERROR;
use crate::input::{data_directory, index_files};
use crate::output::{Colour, Output, Paint, chain, numbering_facts};

const EXAMPLES: &str = "\
Reads the files in force, the lower files of their domains and the former states.
Prints one line a file: ok or bad, the path, and the domain or what is wrong. If
the directory has a store, callbar serve makes bad files again when it starts.

Exit status: 0 all files are sound, 2 at least one is not

Example:
  callbar verify /var/lib/callbar || echo 'compile the lists again'";

/// Verify every byte of the index files of a data directory
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Data directory, of `callbar compile` or `callbar serve`
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// The first files of domains that were seen. In the order of names each comes before the other files
/// of its domain.
#[derive(Default)]
struct Heads<'p> {
    by_domain: BTreeMap<String, &'p Path>,
    by_id: BTreeMap<DomainFileId, String>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let files = index_files::list(&self.dir)?;
        if files.is_empty() {
            bail!("{} holds no index: is it the right directory?", self.dir.display());
        }
        let paint = Paint::stdout();
        let mut output = Output::create(None)?;
        let mut heads = Heads::default();
        let mut sound = true;
        for path in &files {
            let verified = verify(path, &mut heads);
            sound &= verified.is_ok();
            let line = match verified {
                Ok(facts) => line(paint.paint("ok", Colour::Green), path, &facts),
                Err(error) => {
                    let error = data_directory::explain_permissions(&self.dir, error);
                    line(paint.paint("bad", Colour::Red), path, &chain(&error))
                }
            };
            output.write(line.as_bytes())?;
        }
        // Some faults are in no single file, such as a name that the engine refuses.
        if sound && let Err(error) = Engine::open(&self.dir) {
            sound = false;
            let line = line(paint.paint("bad", Colour::Red), &self.dir, &error.to_line());
            output.write(line.as_bytes())?;
        }
        output.finish()?;
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(ERROR) })
    }
}

fn line(word: impl Display, path: &Path, facts: &str) -> String {
    format!("{word}\t{}\t{facts}\n", path.display())
}

/// Reads a whole file, after its header has been verified against its length.
fn read(path: &Path) -> Result<Vec<u8>> {
    let opened = open_regular(OpenOptions::new().read(true), path).context("cannot read")?;
    let Some((mut file, metadata)) = opened else { bail!("is no regular file: remove it") };
    let mut bytes = Vec::new();
    (&mut file).take(Index::HEADER as u64).read_to_end(&mut bytes).context("cannot read")?;
    Index::verify_header(&bytes, metadata.len())?;
    file.read_to_end(&mut bytes).context("cannot read")?;
    Ok(bytes)
}

/// Verifies a file. By the heads so far it also finds two files of one domain, and a file whose name is
/// that of another domain.
fn verify<'p>(path: &'p Path, heads: &mut Heads<'p>) -> Result<String> {
    let Some(name) = index_files::parse_name(path) else {
        bail!(
            "misnamed, for index files are named by number: publish it instead of copying it here"
        );
    };
    let index = Index::open(read(path)?)?;
    let domain = index.domain().to_owned();
    let stats = index.stats();
    let facts = format!(
        "{}, {}, {} entries, {}",
        domain.escape_debug(),
        index_files::role(name),
        HumanCount(stats.numbers),
        numbering_facts(&stats.facts)
    );
    if matches!(name, FileName::Head(_)) {
        heads.by_id.insert(name.id(), domain.clone());
        if let Some(first) = heads.by_domain.insert(domain, path) {
            let first = first.display();
            bail!("holds the same domain as {first}: remove the one that is not wanted");
        }
    } else if let Some(of) = heads.by_id.get(&name.id()).filter(|&of| *of != domain) {
        bail!("is of domain {domain:?} among the files of {of:?}: remove it");
    }
    Ok(facts)
}
