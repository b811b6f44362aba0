//! Why a file cannot be read, and why a line of it holds no entry.

use std::fmt;
use std::io;

use crate::times::TimeError;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file cannot be read as a list. `Display` is the fact, [`Error::remedy`] what to do.
#[derive(Debug)]
pub struct Error {
    fact: String,
    remedy: String,
    source: Option<io::Error>,
}

impl Error {
    /// A fact, and what to do about it.
    pub(crate) fn new(fact: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { fact: fact.into(), remedy: remedy.into(), source: None }
    }

    /// Something that the operating system refused.
    pub(crate) fn io(fact: impl Into<String>, remedy: &str, source: io::Error) -> Self {
        Self { fact: fact.into(), remedy: remedy.into(), source: Some(source) }
    }

    /// What to do; empty if nothing but the cause says so.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fact)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// Why a line of a list file holds no entry. `Display` is the fact, [`LineError::remedy`] what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
    /// The row of a CSV file is too short.
    NoColumn,
    /// The line is not JSON.
    NotJson,
    /// The JSON object has no field of the name that holds numbers.
    NoField,
    /// The JSON value is neither a text, nor a whole number, nor an object with one of them.
    NotAnEntry,
    /// The JSON object names the number twice.
    Twice,
    /// The JSON number has a fraction or an exponent: `5050047824.0`.
    Decimal,
    /// The id is not one.
    Id,
    /// A time cannot be read.
    Time(TimeError),
}

impl LineError {
    /// A word for programs, which never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoColumn => "no_column",
            Self::NotJson => "not_json",
            Self::NoField => "no_field",
            Self::NotAnEntry => "not_an_entry",
            Self::Twice => "number_twice",
            Self::Decimal => "decimal",
            Self::Id => "bad_id",
            Self::Time(error) => error.code(),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoColumn => "fill the row up, or leave it out",
            Self::NotJson => "write one string or one object a line",
            Self::NoField => "name the field that holds the number (--field, field=)",
            Self::NotAnEntry => "write the number as a string",
            Self::Twice => "write the number once",
            Self::Decimal => "export the column as text",
            Self::Id => "write the id as an export has it, or leave it out",
            Self::Time(error) => error.remedy(),
        }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoColumn => "the row lacks the column",
            Self::NotJson => "not JSON",
            Self::NoField => "the object lacks the field of the number",
            Self::NotAnEntry => "neither a string, a whole number nor an object with one",
            Self::Twice => "the object names the number twice",
            Self::Decimal => "a decimal number",
            Self::Id => "the id is not 24 hexadecimal digits, or all zeros",
            Self::Time(error) => return error.fmt(f),
        })
    }
}

impl std::error::Error for LineError {}

impl From<TimeError> for LineError {
    fn from(error: TimeError) -> Self {
        Self::Time(error)
    }
}

/// How messages name the parameters of a reader, so that their remedies can be typed.
///
/// They are named as options of the command; those of the import over HTTP have the same names, with
/// `_` for `-`, and are named beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// What the options begin with, such as `list-` where a command reads two kinds of files.
    pub prefix: &'static str,
}

impl Parameters {
    /// The option of this name.
    pub(crate) fn name(self, name: &str) -> String {
        format!("--{}{name}", self.prefix)
    }

    /// What to give: each parameter with its value, if it has one.
    pub(crate) fn give(self, given: &[(&str, Option<String>)]) -> String {
        let (mut options, mut query) = (Vec::new(), Vec::new());
        for (name, value) in given {
            let (option, parameter) = (self.name(name), name.replace('-', "_"));
            match value {
                None => {
                    options.push(option);
                    query.push(format!("{parameter}=true"));
                }
                Some(value) => {
                    options.push(format!("{option} {value}"));
                    query.push(format!("{parameter}={}", value.trim_matches('\'')));
                }
            }
        }
        let options = options.join(" ");
        if self.prefix.is_empty() {
            format!("give {options} (over HTTP {})", query.join("&"))
        } else {
            format!("give {options}")
        }
    }
}

/// A byte between columns as a shell wants it behind an option: `';'`, `tab`.
pub(crate) fn display_delimiter(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "tab".to_owned(),
        byte => format!("'{}'", char::from(byte)),
    }
}
