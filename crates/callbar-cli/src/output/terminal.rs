//! Writes to a terminal: colours, and lines on standard error. A closed one never causes a panic.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Colours of important words.
#[derive(Clone, Copy)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
}

/// Paints words on a terminal and leaves them alone elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For standard output.
    pub(crate) fn stdout() -> Self {
        Self(io::stdout().is_terminal() && colour_wanted())
    }

    /// For standard error.
    pub(crate) fn stderr() -> Self {
        Self(io::stderr().is_terminal() && colour_wanted())
    }

    /// Returns the word in its colour; without one, or elsewhere than on a terminal, in none.
    pub(crate) fn paint(self, word: &str, colour: impl Into<Option<Colour>>) -> Cow<'_, str> {
        match colour.into().filter(|_| self.0) {
            Some(colour) => format!("\x1b[1;{}m{word}\x1b[0m", colour as u8).into(),
            None => word.into(),
        }
    }
}

/// Reports whether the user allows colours, see <https://no-color.org>.
fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Warns on standard error.
pub(crate) fn warn(text: impl Display) {
    let word = Paint::stderr().paint("warning:", Colour::Yellow);
    note(format_args!("{word} {text}"));
}

/// Reports an error on standard error.
pub(crate) fn note_error(text: impl Display) {
    let word = Paint::stderr().paint("error:", Colour::Red);
    note(format_args!("{word} {text}"));
}

/// Writes a line on standard error. Nothing happens if that is closed.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Escapes the control characters of a text from outside, which could control the terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Returns bytes as text; what is no UTF-8 is replaced.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_escaped() {
        assert_eq!(printable("\"a\"\x1b]0;\u{9b}\n\u{e9}"), "\"a\"\\u{1b}]0;\\u{9b}\\n\u{e9}");
    }
}
