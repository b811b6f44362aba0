//! The command `callbar`.
//!
//! It translates between files, terminals and the library. All rules about numbers, lists and verdicts
//! are in the library.
//!
//! | folder | holds |
//! | --- | --- |
//! | `commands` | the commands, a file each |
//! | `input` | what is read: a data directory, its domains, lists |
//! | `options` | options that several commands share |
//! | `output` | what is written: results, errors, explanations, counts, progress |
//!
//! Each folder uses only those below it in this table.

mod commands;
mod input;
mod options;
mod output;

use std::io::ErrorKind;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use commands::{
    add, audit, backup, check, compile, decide, domain, export, health, import, inspect, key,
    lists, normalize, remove, rollback, scrub, serve, verify,
};
use output::{chain, has_io_kind, note_error};

/// Exit status of every error, wrong usage included.
const ERROR: u8 = 2;
/// The exit status that a shell reports for a program that a closed pipe has killed.
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
    Key(key::Args),
    Domain(domain::Args),
    Lists(lists::Args),
    Add(add::Args),
    Remove(remove::Args),
    Import(import::Args),
    Export(export::Args),
    Audit(audit::Args),
    Backup(backup::Args),
}

/// Runs the command line of this process.
fn main() -> ExitCode {
    let cli = Cli::parse();
    run(&cli).unwrap_or_else(|error| {
        // The reader of the output has gone, as `head` does.
        if has_io_kind(&error, ErrorKind::BrokenPipe) {
            return ExitCode::from(CLOSED_PIPE);
        }
        note_error(chain(&error));
        ExitCode::from(ERROR)
    })
}

/// Runs a command. Most succeed or fail; the first ones have an exit status of their own.
fn run(cli: &Cli) -> Result<ExitCode> {
    if let Some(threads) = cli.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .context("cannot start the threads: give a smaller --threads")?;
    }
    let done = match &cli.command {
        Command::Decide(args) => return args.run(),
        Command::Check(args) => return args.run(),
        Command::Verify(args) => return args.run(),
        Command::Health(args) => return args.run(),
        Command::Add(args) => return args.run(),
        Command::Remove(args) => return args.run(),
        Command::Compile(args) => args.run(),
        Command::Scrub(args) => args.run(),
        Command::Normalize(args) => args.run(),
        Command::Inspect(args) => args.run(),
        Command::Rollback(args) => args.run(),
        Command::Serve(args) => args.run(),
        Command::Key(args) => args.run(),
        Command::Domain(args) => args.run(),
        Command::Lists(args) => args.run(),
        Command::Import(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::Audit(args) => args.run(),
        Command::Backup(args) => args.run(),
    };
    done.map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_options_fit_together() {
        Cli::command().debug_assert();
    }
}
