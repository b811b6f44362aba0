//! Errors of files and of their lines.

use std::fmt;
use std::io;

use callbar::reasons;

use crate::times::TimeError;

/// Shorthand for results of this crate.
///
/// # Examples
/// ```
/// /// Reads the expiry of an entry.
/// fn expiry(text: &str) -> callbar_lists::Result<Option<u64>, callbar_lists::TimeError> {
///     Ok(callbar_lists::Moment::parse(text)?.map(callbar_lists::Moment::end))
/// }
///
/// assert_eq!(expiry("1790000100"), Ok(Some(1_790_000_100)));
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file cannot be read as a list. `Display` writes the fact, [`Error::remedy`] returns what to do.
///
/// # Examples
/// ```
/// use callbar_lists::Format;
///
/// let error = "xml".parse::<Format>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown format \"xml\"");
/// assert!(error.remedy().starts_with("give text, csv"));
/// ```
#[derive(Debug)]
pub struct Error {
    fact: String,
    remedy: String,
    source: Option<io::Error>,
}

impl Error {
    /// Makes an error of a fact and its remedy.
    pub(crate) fn new(fact: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { fact: fact.into(), remedy: remedy.into(), source: None }
    }

    /// Makes an error of the operating system.
    pub(crate) fn io(fact: impl Into<String>, remedy: &str, source: io::Error) -> Self {
        Self { fact: fact.into(), remedy: remedy.into(), source: Some(source) }
    }

    /// Returns what to do; empty if that follows from the cause.
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

reasons! {
    /// Why a line of a list file holds no entry. `Display` is the fact, [`remedy`](Self::remedy) what to do.
    ///
    /// # Examples
    /// ```
    /// use callbar_lists::{LineError, Moment};
    ///
    /// let error = LineError::from(Moment::parse("soon").unwrap_err());
    /// assert_eq!((error.code(), error.to_string()), ("bad_time", "a time cannot be read".to_owned()));
    /// assert_eq!(LineError::Twice.remedy(), "write the number once");
    /// ```
    LineError {
        /// The row of a CSV file is too short.
        NoColumn: "no_column", "the row lacks the column", "fill the row up, or leave it out";
        /// The line is not JSON.
        NotJson: "not_json", "not JSON", "write one string or one object a line";
        /// The JSON object lacks the field of the number.
        NoField: "no_field", "the object lacks the field of the number",
            "name the field that holds the number (--field, field=)";
        /// The JSON value is neither a text, nor a whole number, nor an object with one of them.
        NotAnEntry: "not_an_entry", "neither a string, a whole number nor an object with one",
            "write the number as a string";
        /// The JSON object has the field of the number twice.
        Twice: "number_twice", "the object names the number twice", "write the number once";
        /// The JSON number has a fraction or an exponent: `5050047824.0`.
        Decimal: "decimal", "a decimal number", "export the column as text";
        /// The id is malformed.
        Id: "bad_id", "the id is not 24 hexadecimal digits, or all zeros",
            "write the id as an export has it, or leave it out";
    } or {
        /// A time cannot be read.
        Time(TimeError);
    }
}

/// How messages name the parameters of a reader, so that a user can type the remedy.
///
/// A message has the option of the command and the parameter of the import over HTTP. The parameter is
/// named like the option, with `_` for `-`.
///
/// # Examples
/// ```
/// use callbar::DialPlan;
/// use callbar_lists::{Layout, Parameters, Reading};
///
/// let plan = DialPlan::new("TR")?;
/// let error = |parameters| {
///     let reading = Reading::new(parameters);
///     Layout::read("spam.csv", b"05050047824;Ali\n", reading.hints("spam.csv", &plan)).unwrap_err()
/// };
/// assert!(error(Parameters::default()).remedy().contains("--no-header"));
/// assert!(error(Parameters { prefix: "list-" }).remedy().contains("--list-no-header"));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The beginning of the options, such as `list-` if a command reads two kinds of files.
    pub prefix: &'static str,
}

impl Parameters {
    /// Returns the option of this name.
    pub(crate) fn name(self, name: &str) -> String {
        format!("--{}{name}", self.prefix)
    }

    /// Returns the remedy to give parameters, each with its value, if it has one.
    pub(crate) fn give(self, given: &[(&str, Option<String>)]) -> String {
        let (mut options, mut query) = (Vec::new(), Vec::new());
        for (name, value) in given {
            options.push(self.name(name));
            options.extend(value.clone());
            let value = value.as_deref().unwrap_or("true").trim_matches('\'');
            query.push(format!("{}={value}", name.replace('-', "_")));
        }
        let options = options.join(" ");
        if self.prefix.is_empty() {
            format!("give {options} (over HTTP {})", query.join("&"))
        } else {
            format!("give {options}")
        }
    }
}

/// Returns a byte between columns as a user types it in a shell: `';'`, `tab`.
pub(crate) fn display_delimiter(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "tab".to_owned(),
        byte => format!("'{}'", char::from(byte)),
    }
}
