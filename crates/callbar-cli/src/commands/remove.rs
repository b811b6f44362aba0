//! `callbar remove`: removes single entries from a list of a directory with a store.

use std::process::ExitCode;

use anyhow::Result;
use callbar_server::Method;
use callbar_server::api::ChangeAnswer;

use super::entry_numbers::EntryNumbers;
use super::store_client::{encode_segment, list_path};
use crate::output::printable;

const EXAMPLES: &str = "\
Works with and without a running server. Each number is removed, on disk and in
force, before the next is read. A number may be written in another form than it
was added in. Prints one line a number: removed, and the number as given, tab
separated. A number that is not on the list is an error.

Examples (DIR stands for /var/lib/callbar):
  callbar remove --data DIR --domain my.example --list spam '0505 004 78 24'
  callbar remove --data DIR --domain my.example --list spam '+90900*'
  callbar remove --data DIR --domain my.example --list spam < numbers.txt

Exit status: 0 all done, 2 error (the other numbers are removed)";

/// Remove entries from a list
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    numbers: EntryNumbers,
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let path = list_path(&self.numbers.place.domain, &self.numbers.place.list);
        self.numbers.for_each(|client, number| {
            let path = format!("{path}/entries/{}", encode_segment(number));
            let ChangeAnswer { outcome } = client.request(Method::DELETE, &path)?;
            Ok(format!("{outcome}\t{}\n", printable(number)))
        })
    }
}
