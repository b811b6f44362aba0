//! The numbers of `add` and `remove`, one after the other.

use std::io::{self, BufRead};
use std::process::ExitCode;

use anyhow::{Context, Result};
use callbar_lists::is_comment;

use super::store_client::StoreClient;
use crate::ERROR;
use crate::options::ListOptions;
use crate::output::{Output, chain, note_error, printable};

/// A list, and numbers to add to it or to remove from it.
#[derive(clap::Args, Debug)]
pub(super) struct EntryNumbers {
    #[command(flatten)]
    pub(super) place: ListOptions,
    /// Numbers, patterns or classes [default: one a line of standard input]. Blank lines, and lines
    /// that are # or start with '# ', are comments
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,
}

impl EntryNumbers {
    /// Calls `act` for each number, in order. After an error it goes on with the next number.
    pub(super) fn for_each(
        &self,
        mut act: impl FnMut(&StoreClient, &str) -> Result<String>,
    ) -> Result<ExitCode> {
        let client = StoreClient::open(&self.place.data)?;
        let mut output = Output::create(None)?;
        let mut failed = false;
        let mut one = |number: &str| -> Result<()> {
            match act(&client, number) {
                Ok(line) => {
                    output.write(line.as_bytes())?;
                    output.flush()
                }
                Err(error) => {
                    failed = true;
                    note_error(format_args!("{}: {}", printable(number), chain(&error)));
                    Ok(())
                }
            }
        };
        if self.numbers.is_empty() {
            for line in io::stdin().lock().split(b'\n') {
                let line = line.context("cannot read standard input")?;
                // A line that is no UTF-8 is no entry, so `act` refuses it.
                let line = String::from_utf8_lossy(&line);
                if !is_comment(line.trim_end_matches('\r').as_bytes()) {
                    one(line.trim())?;
                }
            }
        } else {
            self.numbers.iter().try_for_each(|number| one(number))?;
        }
        output.finish()?;
        Ok(if failed { ExitCode::from(ERROR) } else { ExitCode::SUCCESS })
    }
}
