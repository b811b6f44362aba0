//! `callbar rollback`: puts a former state of a domain into force again.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use callbar::{Engine, FormerState};
use indicatif::HumanCount;

use crate::input::{data_directory, open_domain};
use crate::options::{DomainOptions, WriterWait};
use crate::output::print;

const EXAMPLES: &str = "\
Each callbar compile keeps the state that it replaces (see its --keep), and so
does each rollback. --list prints the former states, the latest first: number,
time and entries, tab separated.

Examples (DIR stands for /var/lib/callbar):
  callbar rollback --data DIR --domain my.example --list
  callbar rollback --data DIR --domain my.example
                    (to the latest state; once more undoes it)
  callbar rollback --data DIR --domain my.example --to 3

Exit status: 0 done, 2 error (the present state stays in force)";

/// Put a former state of a domain into force again
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: DomainOptions,
    /// Number of the state, as --list prints it [default: the latest]
    #[arg(long, value_name = "N", conflicts_with = "list")]
    to: Option<u32>,
    /// List the former states and change nothing
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    wait: WriterWait,
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        let engine = open_domain(&self.place.data, &self.place.domain)?;
        let text = if self.list { self.list_states(&engine)? } else { self.roll_back(&engine)? };
        print(text)
    }

    fn list_states(&self, engine: &Engine) -> Result<String> {
        let mut text = String::new();
        for FormerState { number, created, entries, problem, .. } in
            engine.history(&self.place.domain)?
        {
            let _ = match problem {
                None => {
                    writeln!(text, "{number}\t{}\t{entries}", callbar_lists::display_time(created))
                }
                Some(problem) => writeln!(text, "{number}\t-\t{problem}"),
            };
        }
        Ok(text)
    }

    fn roll_back(&self, engine: &Engine) -> Result<String> {
        let name = self.place.domain.escape_debug();
        data_directory::refuse_store(&self.place.data)?;
        let cannot = || format!("cannot roll back {name}");
        let writer = self.wait.writer(engine).with_context(cannot)?;
        // Under the lock of the writer, so no other process changes the states meanwhile.
        let states = engine.history(&self.place.domain)?;
        let is_latest = |state: &FormerState| state.problem.is_none();
        let wanted =
            |state: &&FormerState| self.to.map_or(is_latest(state), |to| state.number == to);
        let Some(state) = states.iter().find(wanted) else { return self.no_such_state(&states) };
        writer.rollback(&self.place.domain, Some(state.number)).with_context(cannot)?;
        let mut text = format!(
            "{name} is as it was at {}: {} entries\n",
            callbar_lists::display_time(state.created),
            HumanCount(state.entries)
        );
        if let Some(undo) = engine.history(&self.place.domain)?.first() {
            let (dir, number) = (Path::display(&self.place.data), undo.number);
            let _ = writeln!(
                text,
                "to undo this: callbar rollback --data {dir} --domain {name} --to {number}"
            );
        }
        Ok(text)
    }

    /// Returns the error of a state that does not exist.
    fn no_such_state(&self, states: &[FormerState]) -> Result<String> {
        let name = &self.place.domain;
        if let Some(problem) = states.iter().find_map(|state| state.problem.as_deref())
            && self.to.is_none()
        {
            bail!("domain {name:?} has no former state that can be read: {problem}");
        }
        let numbers: Vec<_> = states.iter().map(|state| state.number.to_string()).collect();
        match self.to {
            Some(number) if !numbers.is_empty() => bail!(
                "domain {name:?} has no former state {number}: it has {} (--list shows more)",
                numbers.join(", ")
            ),
            _ => bail!(
                "domain {name:?} has no former state: it was published once, or with --keep 0"
            ),
        }
    }
}
