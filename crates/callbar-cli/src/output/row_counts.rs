//! Counts the rows of a scrub, for the summary at its end.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use callbar::{Action, Verdict};
use callbar_lists::Warnings;
use indicatif::HumanCount;

use super::terminal::{Colour, Paint};

/// Most lines that the summary names.
const LINES: usize = 20;

/// Counts of rows. The counts of blocks are added up.
#[derive(Debug, Default)]
pub(crate) struct RowCounts<'i> {
    rows: u64,
    kept: u64,
    pass: u64,
    invalid: u64,
    not_e164: u64,
    uneven: u64,
    uneven_lines: Vec<u64>,
    /// Rows by list and the domain that shares it, in the order of their names.
    matched: BTreeMap<(&'i str, Option<&'i str>), (Action, u64)>,
    /// Warnings of numbers that may lack their plus.
    pub(crate) warnings: Warnings,
}

impl<'i> RowCounts<'i> {
    /// Counts a row by its verdict; `None` if it has no number.
    pub(crate) fn count(&mut self, verdict: Option<&Verdict<'i>>, e164: bool, kept: bool) {
        self.rows += 1;
        self.kept += u64::from(kept);
        self.not_e164 += u64::from(verdict.is_some() && !e164);
        match verdict {
            None => self.invalid += 1,
            Some(verdict) => match verdict.decided_by() {
                None => self.pass += 1,
                Some(by) => {
                    let list = (by.list.name.as_str(), by.shared_by);
                    self.matched.entry(list).or_insert((by.list.action, 0)).1 += 1;
                }
            },
        }
    }

    /// Counts a row with too few or too many columns. `line` is called for the first such rows only.
    pub(crate) fn add_uneven(&mut self, line: impl FnOnce() -> u64) {
        self.uneven += 1;
        if self.uneven_lines.len() < LINES {
            self.uneven_lines.push(line());
        }
    }

    /// Adds the counts of the rows that follow.
    pub(crate) fn append(&mut self, next: Self) {
        self.rows += next.rows;
        self.kept += next.kept;
        self.pass += next.pass;
        self.invalid += next.invalid;
        self.not_e164 += next.not_e164;
        self.uneven += next.uneven;
        self.warnings.append(next.warnings);
        let room = LINES - self.uneven_lines.len();
        self.uneven_lines.extend(next.uneven_lines.into_iter().take(room));
        for (list, (action, count)) in next.matched {
            self.matched.entry(list).or_insert((action, 0)).1 += count;
        }
    }

    /// Returns the summary, for people.
    pub(crate) fn summary(&self, elapsed: Duration, columns: usize, filtered: bool) -> String {
        let paint = Paint::stderr();
        let millis = elapsed.as_millis().max(1);
        let rate = u64::try_from(u128::from(self.rows) * 1_000 / millis).unwrap_or(u64::MAX);
        let mut text = format!(
            "{} rows in {:.2} s ({} a second)",
            HumanCount(self.rows),
            elapsed.as_secs_f64(),
            HumanCount(rate)
        );
        let _ = write!(text, "\n  pass     {}", HumanCount(self.pass));
        for (&(name, shared_by), &(action, count)) in &self.matched {
            let of = shared_by.map(|domain| format!("@{domain}")).unwrap_or_default();
            let colour = if action == Action::Deny { Colour::Red } else { Colour::Green };
            let word = format!("{:<8}", action.as_str());
            let word = paint.paint(&word, colour);
            let _ = write!(text, "\n  {word} {}  on {name}{of}", HumanCount(count));
        }
        let _ = write!(text, "\n  invalid  {}", HumanCount(self.invalid));
        if filtered {
            let _ = write!(text, "\nkept {} of them", HumanCount(self.kept));
        }
        if self.not_e164 > 0 {
            let _ = write!(
                text,
                "\n{} hold no E.164 number but a local, short or service one, or a user on a list",
                HumanCount(self.not_e164)
            );
        }
        if self.uneven > 0 {
            let lines: Vec<_> = self.uneven_lines.iter().map(u64::to_string).collect();
            let more = if self.uneven > LINES as u64 { ", ..." } else { "" };
            let _ = write!(
                text,
                "\n{} do not have the {columns} columns of the first row (kept, short ones filled up): \
                 lines {}{more}",
                HumanCount(self.uneven),
                lines.join(", ")
            );
        }
        text
    }
}
