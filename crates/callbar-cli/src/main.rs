//! The `callbar` command: one module a command, and what they share.
//!
//! Translates between files, terminals and the library, and nothing more: it decides nothing about
//! numbers, lists or verdicts.
//!
//! | file | holds |
//! | --- | --- |
//! | `compile`, `inspect`, `verify`, `health`, `rollback` | commands on a directory of published indexes |
//! | `decide`, `check`, `scrub`, `normalize` | commands that judge calls, judge numbers or read them |
//! | `serve`, `manage` | the server, and commands on the lists that it keeps |
//! | `directory`, `domain`, `damaged`, `files` | a data directory, and what is found in it |
//! | `publish`, `turn` | how a domain is published, one writer at a time |
//! | `plan`, `settings`, `spec` | dial plan, settings and lists as options |
//! | `lists`, `judge` | lists read into a compiler, and whatever judges numbers then |
//! | `list_file`, `entries`, `meta`, `json`, `cell` | a list file, its entries and what else it says of them |
//! | `source`, `blocks`, `pipeline` | bytes in, cut into blocks, worked on by all threads in order |
//! | `csv`, `delimiter`, `first_row`, `column`, `names`, `rows` | CSV, its columns, and verdicts beside them |
//! | `refuse`, `rejects`, `slips`, `own_code`, `kinds`, `tally` | what is refused, doubtful or counted |
//! | `output`, `same`, `answers`, `explain`, `progress`, `time` | how results and times are written |

mod answers;
mod check;
mod compile;
mod damaged;
mod decide;
mod directory;
mod domain;
mod explain;
mod files;
mod health;
mod inspect;
mod judge;
mod kinds;
mod list_options;
mod lists;
mod manage;
mod normalize;
mod output;
mod pipeline;
mod plan;
mod progress;
mod publish;
mod rejects;
mod rollback;
mod rows;
mod same;
mod scrub;
mod serve;
mod settings;
mod spec;
mod tally;
mod turn;
mod verify;

use std::borrow::Cow;
use std::io;
use std::process::ExitCode;

use anyhow::{Context, Error, Result};
use clap::{Parser, Subcommand};

use output::{Colour, Paint, note, with_remedy};

/// Exit status of every error, wrong usage included.
const ERROR: u8 = 2;
/// What a shell reports of a program that a closed pipe has killed.
const CLOSED_PIPE: u8 = 141;

const EXAMPLES: &str = "\
Examples (DIR stands for /var/lib/callbar):
  callbar scrub --region TR --list dnc.txt --column phone in.csv -o out.csv
  callbar compile --domain my.example --region TR --list spam=a.txt --data DIR
  callbar check --data DIR --domain my.example +905050047824
  callbar COMMAND --help    more on each, with examples";

/// Decide whether telephone numbers are barred: lists in, verdicts out
#[derive(Parser, Debug)]
#[command(name = "callbar", version, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    /// Threads to use, 1 to 512 [default: one a core]
    #[arg(long, global = true, value_name = "N", display_order = 900,
          value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: Option<u16>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Compile(compile::Args),
    Decide(decide::Args),
    Check(check::Args),
    Scrub(scrub::Args),
    Normalize(normalize::Args),
    Inspect(inspect::Args),
    Rollback(rollback::Args),
    Verify(verify::Args),
    Health(health::Args),
    Serve(serve::Args),
    Key(manage::key::Args),
    Domain(manage::domain::Args),
    Lists(manage::lists::Args),
    Add(manage::entries::Add),
    Remove(manage::entries::Remove),
    Import(manage::import::Args),
    Export(manage::export::Args),
    Audit(manage::audit::Args),
    Backup(manage::backup::Args),
}

/// Runs the command line of this process.
fn main() -> ExitCode {
    let cli = Cli::parse();
    run(&cli).unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return ExitCode::from(CLOSED_PIPE);
        }
        let word = Paint::stderr().paint("error:", Colour::Red);
        note(format_args!("{word} {}", chain(&error)));
        ExitCode::from(ERROR)
    })
}

fn run(cli: &Cli) -> Result<ExitCode> {
    if let Some(threads) = cli.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .context("cannot start the threads: give a smaller --threads")?;
    }
    match &cli.command {
        Command::Compile(args) => args.run(),
        Command::Decide(args) => args.run(),
        Command::Check(args) => args.run(),
        Command::Scrub(args) => args.run(),
        Command::Normalize(args) => args.run(),
        Command::Inspect(args) => args.run(),
        Command::Rollback(args) => args.run(),
        Command::Verify(args) => args.run(),
        Command::Health(args) => args.run(),
        Command::Serve(args) => args.run(),
        Command::Key(args) => args.run(),
        Command::Domain(args) => args.run(),
        Command::Lists(args) => args.run(),
        Command::Add(args) => args.run(),
        Command::Remove(args) => args.run(),
        Command::Import(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::Audit(args) => args.run(),
        Command::Backup(args) => args.run(),
    }
}

/// Whether nobody reads the output any more, as behind `| head`.
fn is_closed_pipe(error: &Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().map(io::Error::kind)
    };
    error.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

/// An error with its causes, each once though some repeat their own, and what to do.
fn chain(error: &Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let fact = cause.to_string();
        if text.is_empty() {
            text = fact;
        } else if !text.ends_with(&fact) {
            text = format!("{text}: {fact}");
        }
    }
    error.chain().find_map(remedy).map_or(text.clone(), |remedy| with_remedy(text, &remedy))
}

/// What an error of a library says to do.
fn remedy<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<Cow<'e, str>> {
    let remedy = if let Some(error) = cause.downcast_ref::<callbar::Error>() {
        error.remedy()
    } else if let Some(error) = cause.downcast_ref::<callbar_store::Error>() {
        error.remedy()
    } else {
        cause.downcast_ref::<callbar_lists::Error>()?.remedy().into()
    };
    (!remedy.is_empty()).then_some(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;
    use clap::CommandFactory;

    #[test]
    fn the_options_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn causes_are_told_once() {
        let error = anyhow!("no such file").context("a: no such file").context("cannot read a");
        assert_eq!(chain(&error), "cannot read a: a: no such file");
    }
}
