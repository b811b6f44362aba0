//! `callbar backup`: copies a directory with a store while it is in use.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use callbar_server::Secret;
use callbar_store::Store;

use crate::output::{print, progress_bar};

const EXAMPLES: &str = "\
The copy is a data directory of its own. It has all that was committed when the
copy began, and the secret that signs tokens. Later changes are not in it. To
return to it, end the server and start it with the copy. The server then makes the
indexes from the store.

Examples (DIR stands for /var/lib/callbar):
  callbar backup --data DIR --to /backup/callbar-2026-11-22
  callbar serve --data /backup/callbar-2026-11-22

Exit status: 0 done, 2 error (no copy is left)";

/// Copy a data directory while it is in use
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Directory of the copy, which must not exist yet
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        if !Store::exists(&self.data) {
            bail!("{} has no store, so there is nothing to copy", self.data.display());
        }
        fs::create_dir(&self.to)
            .with_context(|| format!("cannot make the directory {}", self.to.display()))?;
        if let Err(error) = copy(&self.data, &self.to) {
            // The directory was made for the copy and has nothing else.
            drop(fs::remove_dir_all(&self.to));
            return Err(error);
        }
        sync_parent(&self.to)?;
        print(format!("{} is a copy of {}\n", self.to.display(), self.data.display()))
    }
}

/// Syncs the parent of the copy, so that the copy survives a loss of power.
fn sync_parent(made: &Path) -> Result<()> {
    let parent = made.canonicalize()?.parent().map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let synced = fs::File::open(&parent).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("cannot sync {}", parent.display()))
}

fn copy(data: &Path, to: &Path) -> Result<()> {
    let bar = progress_bar(None, "{wide_bar} {pos}/{len}");
    let copied = Store::back_up(data, to, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    copied?;
    Secret::open(data)?.copy(to)?;
    Ok(())
}
