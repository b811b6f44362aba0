//! What operators write on lists: patterns, ranges, classes, and numbers among other characters.
//!
//! Patterns: `shape` recognises the form, `partial_numbers` finds the E.164 digits of a number whose last digits
//! are open, `parse` combines both, `canonical` holds the result and the prefixes that an index files it under.
//! `class` holds the classes.
//!
//! Numbers: `entry` reads a number and refuses what no entry can be. `number_in_text` finds a number among other
//! characters. `mistakes`, `two_numbers`, `masked_digits`, `other_notations` and `spreadsheet` recognise what to
//! refuse. `written_text` is the decoded text that all of them read.

pub(super) mod canonical;
pub(super) mod class;
pub(super) mod entry;
pub(super) mod masked_digits;
pub(super) mod mistakes;
pub(super) mod number_in_text;
pub(super) mod other_notations;
pub(super) mod parse;
pub(super) mod partial_numbers;
pub(super) mod shape;
pub(super) mod spreadsheet;
pub(super) mod two_numbers;
pub(super) mod written_text;
