//! Errors as one line for people: what happened, why, and what to do.

use std::fmt::Display;
use std::io;

use anyhow::Error;

/// Whether nobody reads the output any more, as behind `| head`.
pub(crate) fn is_closed_pipe(error: &Error) -> bool {
    has_io_kind(error, io::ErrorKind::BrokenPipe)
}

/// Reports whether an error or one of its causes is of this kind.
pub(crate) fn has_io_kind(error: &Error, kind: io::ErrorKind) -> bool {
    let io_errors = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors.map(io::Error::kind).any(|found| found == kind)
}

/// An error with its causes, each once though some repeat their own, and what to do.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let fact = cause.to_string();
        if text.is_empty() {
            text = fact;
        } else if !text.ends_with(&fact) {
            text = format!("{text}: {fact}");
        }
    }
    error.chain().find_map(remedy).map_or(text.clone(), |remedy| with_remedy(text, remedy))
}

/// What an error of a library says to do.
fn remedy<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e str> {
    let remedy = cause.downcast_ref::<callbar_lists::Error>()?.remedy();
    (!remedy.is_empty()).then_some(remedy)
}

/// A fact, and what to do about it.
pub(crate) fn with_remedy(fact: impl Display, remedy: &str) -> String {
    format!("{fact}: {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn causes_are_told_once() {
        let error = anyhow!("no such file").context("a: no such file").context("cannot read a");
        assert_eq!(chain(&error), "cannot read a: a: no such file");
    }
}
