//! Errors as one line for people: what happened, why, and what to do.

use std::borrow::Cow;
use std::io;

use anyhow::Error;

/// Reports whether an error or one of its causes is of this kind.
pub(crate) fn has_io_kind(error: &Error, kind: io::ErrorKind) -> bool {
    let io_errors = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors.map(io::Error::kind).any(|found| found == kind)
}

/// Returns an error with its causes and the remedy. A cause that its error repeats stands once.
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
    match error.chain().find_map(remedy) {
        Some(remedy) => format!("{text}: {remedy}"),
        None => text,
    }
}

/// Returns the remedy of an error of a library.
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

    #[test]
    fn causes_stand_once() {
        let error = anyhow!("no such file").context("a: no such file").context("cannot read a");
        assert_eq!(chain(&error), "cannot read a: a: no such file");
    }
}
