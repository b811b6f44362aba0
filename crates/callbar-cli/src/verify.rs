//! `callbar verify`: reads every index of a data directory whole and says which are sound.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use callbar::{Engine, Index};
use indicatif::HumanCount;

use super::files::{self, Role};
use super::output::{Colour, Output, Paint};
use super::{directory, domain};

const EXAMPLES: &str = "\
Prints one line a file, be it in force, a lower file of its domain or a former
state: ok or bad, the path, and the domain or what is wrong with the file. Of a
directory with a store, callbar serve makes bad files again at its start.

Exit status: 0 all are sound, 2 at least one is not

Example:
  callbar verify /var/lib/callbar || echo 'compile the lists again'";

/// Verify every byte of the indexes in a data directory
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Data directory, of `callbar compile` or `callbar serve`
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// What heads were seen; in the order of names each comes before the other files of its domain.
#[derive(Default)]
struct Heads<'p> {
    by_domain: BTreeMap<String, &'p Path>,
    by_number: BTreeMap<u32, String>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let files = files::list(&self.dir)?;
        if files.is_empty() {
            bail!("{} holds no index: is it the right directory?", self.dir.display());
        }
        let paint = Paint::stdout();
        let mut output = Output::create(None)?;
        let mut heads = Heads::default();
        let mut sound = true;
        for path in &files {
            let verified = verify(path, &mut heads);
            let line = match verified.map_err(|error| directory::explain(&self.dir, error)) {
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
            output.write(
                format!("{word}\t{}\t{}\n", self.dir.display(), error.to_line()).as_bytes(),
            )?;
        }
        output.finish()?;
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(super::ERROR) })
    }
}

/// Reads a file whole, if its header allows for what it is.
fn read(path: &Path) -> Result<Vec<u8>> {
    // To open a pipe would be to wait for whoever writes to it.
    if !path.metadata().context("cannot read")?.is_file() {
        bail!("is no regular file: remove it");
    }
    let mut file = File::open(path).context("cannot read")?;
    let length = file.metadata().context("cannot read")?.len();
    let mut bytes = Vec::new();
    (&mut file).take(Index::HEADER as u64).read_to_end(&mut bytes).context("cannot read")?;
    Index::verify_header(&bytes, length)?;
    file.read_to_end(&mut bytes).context("cannot read")?;
    Ok(bytes)
}

/// Verifies a file; the heads seen so far tell whether two domains are the same, and whether a file
/// is of the domain that its name says.
fn verify<'p>(path: &'p Path, heads: &mut Heads<'p>) -> Result<String> {
    let Some((number, role)) = files::role(path) else {
        bail!("misnamed: index files are named by number: publish it instead of copying it here");
    };
    let index = Index::open(read(path)?)?;
    let domain = index.domain().to_owned();
    let stats = index.stats();
    let facts = format!(
        "{}, {}, {} entries, {}",
        domain.escape_debug(),
        role.as_str(),
        HumanCount(stats.numbers),
        domain::facts(&stats.facts)
    );
    if role == Role::Head {
        heads.by_number.insert(number, domain.clone());
        if let Some(first) = heads.by_domain.insert(domain, path) {
            let first = first.display();
            bail!("holds the same domain as {first}: remove the one that is not wanted");
        }
    } else if let Some(of) = heads.by_number.get(&number).filter(|&of| *of != domain) {
        bail!("is of domain {domain:?} among the files of {of:?}: remove it");
    }
    Ok(facts)
}
