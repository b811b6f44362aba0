//! `callbar add`: adds single entries to a list of a directory with a store.

use std::process::ExitCode;

use anyhow::Result;
use callbar::Clock;
use callbar_lists::Moment;
use callbar_server::Method;
use callbar_server::api::{AddedEntry, EntryBody, WrittenNumber};

use super::entry_numbers::EntryNumbers;
use super::store_client::list_path;
use crate::output::{note, printable, warn};

const EXAMPLES: &str = "\
Works with and without a running server. Each number is on disk and in force
before the next is read. For many numbers use callbar import: it takes thousands a
second. Prints one line a number: added, replaced or unchanged, the number as
given, and its canonical form, tab separated.

Examples (DIR stands for /var/lib/callbar):
  callbar add --data DIR --domain my.example --list spam '0505 004 78 24' \\
              --reason 'complaint 4711' --expires 2027-01-31
  callbar add --data DIR --domain my.example --list spam '+90900*'

Exit status: 0 all done, 2 error (the other numbers are added)";

/// Add entries to a list, or change their metadata
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    numbers: EntryNumbers,
    /// When the entries end: 2027-01-31 (at the end of that day, 2027-02-01 00:00 UTC),
    /// 2027-01-31T12:00:00+03:00, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = parse_expiry)]
    expires: Option<Moment>,
    /// Why the entries are on the list, for people
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Where the entries came from, for people
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Make the list if there is none; it denies
    #[arg(long)]
    make_list: bool,
    /// Let a pattern of a deny list bar a whole calling code, such as +90*
    #[arg(long)]
    allow_broad: bool,
}

fn parse_expiry(text: &str) -> Result<Moment, String> {
    let moment = Moment::parse(text).map_err(|error| format!("{error}: {}", error.remedy()))?;
    moment.ok_or_else(|| "the time is empty: give one".into())
}

impl Args {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let Self { numbers, expires, reason, source, make_list, allow_broad } = self;
        let path = format!(
            "{}/entries?make_list={make_list}",
            list_path(&numbers.place.domain, &numbers.place.list)
        );
        if expires.is_some_and(|expires| expires.end() <= Clock::default().now()) {
            note("--expires is in the past: these entries match no call");
        }
        numbers.for_each(|client, number| {
            let body = EntryBody {
                number: WrittenNumber(number.to_owned()),
                expires: *expires,
                reason: reason.clone(),
                source: source.clone(),
                allow_broad: *allow_broad,
                ..EntryBody::default()
            };
            let AddedEntry { outcome, entry, warnings } =
                client.send(Method::POST, &path, &body)?;
            warnings.iter().for_each(warn);
            let canonical = entry.map(|entry| entry.canonical).unwrap_or_default();
            Ok(format!("{outcome}\t{}\t{canonical}\n", printable(number)))
        })
    }
}
