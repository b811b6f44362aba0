//! Which column of a CSV file holds the numbers, and the header that tells.
//!
//! What was guessed is said on standard error; what is in doubt is an error that names the option
//! to decide it by.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Write;
use std::str::FromStr;

use anyhow::{Result, anyhow, bail};
use callbar::{DialPlan, Number};

use super::delimiter::{self, USUAL};
use super::first_row::{Body, Row};
use super::names::{self, Guess};
use super::output::note;
use super::source::PEEK;
use super::{cell, refuse};

/// A column as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// By the text of its header.
    Name(String),
    /// By its place, from 1.
    Number(usize),
}

impl FromStr for Column {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Number))
    }
}

/// How a CSV file is laid out.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The byte between columns.
    pub(crate) delimiter: u8,
    /// The column to look at, from 0.
    pub(crate) column: usize,
    /// How many columns a row should have.
    pub(crate) columns: usize,
    /// The bytes that precede the first row, and are none.
    pub(crate) preamble: usize,
    /// The bytes of the preamble and the header with its line end.
    pub(crate) header: usize,
    /// The names in the header.
    pub(crate) names: Vec<String>,
}

/// The options that a message may tell to give.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) column: &'static str,
    pub(crate) no_header: &'static str,
    pub(crate) delimiter: &'static str,
}

/// What is known of a CSV file before it is read.
#[derive(Clone, Copy)]
pub(crate) struct Hints<'a> {
    /// The column, if the user named one.
    pub(crate) column: Option<&'a Column>,
    /// The byte between columns, if the user gave it.
    pub(crate) delimiter: Option<u8>,
    /// The byte between columns by the name of the file.
    pub(crate) usual: u8,
    /// Whether the first row holds names.
    pub(crate) header: bool,
    /// The options for messages.
    pub(crate) options: &'static Options,
    /// Tells whether a header is in truth a row of data.
    pub(crate) plan: &'a DialPlan,
}

/// Reads the header of a file that begins with `head`, a peek at it in which the header must end.
pub(crate) fn layout(file: &str, head: &[u8], mut hints: Hints<'_>) -> Result<Layout> {
    refuse::binary(file, head)?;
    let preamble = delimiter::preamble(head);
    hints.delimiter = hints.delimiter.or(preamble.delimiter);
    let body = Body { bytes: &head[preamble.len..], whole: head.len() <= PEEK };
    let (row, column) = find_row(file, body, hints)?;
    if hints.header && is_number(&row.fields[column], hints.plan) {
        return Err(data(file, &row, column, hints));
    }
    if hints.delimiter.is_none() && row.delimiter != hints.usual {
        note(format_args!("columns of {file} are parted by {}", delimiter::shown(row.delimiter)));
    }
    if hints.header && hints.column.is_none() {
        note(format_args!("column {} {:?} of {file}", column + 1, row.names[column]));
    }
    Ok(Layout {
        delimiter: row.delimiter,
        column,
        columns: row.names.len(),
        preamble: preamble.len,
        header: preamble.len + if hints.header { row.end } else { 0 },
        names: row.names,
    })
}

/// The first row and the column in it, by the usual delimiter or else the only one that yields one.
fn find_row<'a>(file: &str, body: Body<'a>, hints: Hints<'_>) -> Result<(Row<'a>, usize)> {
    let first = Row::first(file, body, hints.delimiter.unwrap_or(hints.usual))?;
    let error = match find(file, &first.names, hints) {
        Ok(column) => return Ok((first, column)),
        Err(error) => error,
    };
    let parted: Vec<Row<'_>> = USUAL
        .into_iter()
        .filter(|&other| hints.delimiter.is_none() && other != hints.usual)
        .filter_map(|other| Row::first(file, body, other).ok())
        .filter(|row| row.names.len() > 1)
        .collect();
    let found = |row: &Row<'_>| {
        find(file, &row.names, Hints { delimiter: Some(row.delimiter), ..hints }).ok()
    };
    let mut columns = parted.iter().enumerate().filter_map(|(at, row)| Some((at, found(row)?)));
    if let (Some((at, column)), None) = (columns.next(), columns.next()) {
        return parted.into_iter().nth(at).map(|row| (row, column)).ok_or(error);
    }
    // A row that is not parted may be read as one number whatever stands behind it.
    let (whole, first): (Vec<_>, Vec<_>) =
        [first].into_iter().partition(|row| row.names.len() == 1);
    for row in first.iter().chain(&parted).chain(&whole).filter(|_| hints.header) {
        if let Some(column) = row.fields.iter().position(|field| is_number(field, hints.plan)) {
            return Err(data(file, row, column, hints));
        }
    }
    Err(error)
}

fn is_number(field: &[u8], plan: &DialPlan) -> bool {
    cell::read(Cow::Borrowed(field)).is_ok_and(|text| matches!(plan.entry(&text), Number::E164(_)))
}

/// The error of a first row that is no header, for it holds a number at `column`.
fn data(file: &str, row: &Row<'_>, column: usize, hints: Hints<'_>) -> anyhow::Error {
    let Options { column: option, no_header, delimiter } = hints.options;
    let parted = (hints.delimiter.is_none() && row.delimiter != hints.usual)
        .then(|| format!("{delimiter} {} ", delimiter::shown(row.delimiter)));
    anyhow!(
        "{file}: the first row looks like data ({:?} is a number), not like a header: give \
         {}{no_header} {option} {}",
        row.names[column],
        parted.unwrap_or_default(),
        column + 1
    )
}

/// The column that the user named, from 0, or else the one whose name says so.
pub(crate) fn find(file: &str, names: &[String], hints: Hints<'_>) -> Result<usize> {
    let option = hints.options.column;
    match hints.column {
        Some(&Column::Number(number)) if (1..=names.len()).contains(&number) => Ok(number - 1),
        Some(Column::Number(number)) => {
            bail!(
                "{file} has no column {number}: it has {} ({})",
                names.len(),
                listing(names, hints)
            )
        }
        Some(Column::Name(name)) if !hints.header => {
            bail!(
                "without a header, give {option} as a number from 1 to {}, not {name:?}",
                names.len()
            )
        }
        Some(Column::Name(name)) => by_name(file, names, name, hints),
        None if !hints.header && names.len() == 1 => Ok(0),
        None if !hints.header => bail!("without a header, give {option} 1 to {}", names.len()),
        None => by_guess(file, names, hints),
    }
}

fn by_name(file: &str, names: &[String], wanted: &str, hints: Hints<'_>) -> Result<usize> {
    let same = |name: &&String| name.as_str() == wanted.trim();
    let alike = |name: &&String| name.to_lowercase() == wanted.trim().to_lowercase();
    let exact = names.iter().filter(same).count();
    let found = if exact > 0 {
        names.iter().position(|name| same(&name))
    } else {
        names.iter().position(|name| alike(&name))
    };
    let count = if exact > 0 { exact } else { names.iter().filter(alike).count() };
    let option = hints.options.column;
    match found {
        Some(column) if count == 1 => Ok(column),
        Some(_) => bail!("{file} has {count} columns named {wanted:?}: give {option} as a number"),
        None => bail!("{file} has no column {wanted:?}: it has {}", listing(names, hints)),
    }
}

fn by_guess(file: &str, names: &[String], hints: Hints<'_>) -> Result<usize> {
    let option = hints.options.column;
    match names::guess(names) {
        Guess::Several(columns) => {
            let columns: Vec<_> = columns.iter().map(|&at| format!("{:?}", names[at])).collect();
            bail!(
                "{file}: several columns may hold the numbers ({}): say which by {option} NAME or \
                 NUMBER",
                columns.join(", ")
            )
        }
        // A row that is not parted at all would be guessed by any name in it.
        Guess::Column(column) if other_delimiter(names, hints).is_none() => Ok(column),
        Guess::Column(_) | Guess::Nothing => bail!(
            "{file}: no column is named like a phone number ({}): give {option} NAME or NUMBER",
            listing(names, hints)
        ),
    }
}

/// The columns for a message, and what to try if there seems to be one only.
fn listing(names: &[String], hints: Hints<'_>) -> String {
    const SHOWN: usize = 20;
    let shown = names.iter().take(SHOWN).map(|name| name.escape_debug().to_string());
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    if let Some(other) = other_delimiter(names, hints) {
        let (option, other) = (hints.options.delimiter, delimiter::shown(other));
        let _ = write!(text, "; if {other} parts columns, give {option} {other}");
    }
    text
}

/// What may part the columns of a header that seems to have one only.
fn other_delimiter(names: &[String], hints: Hints<'_>) -> Option<u8> {
    let [only] = names else { return None };
    let present = hints.delimiter.unwrap_or(hints.usual);
    [b';', b'\t', b'|', b',']
        .into_iter()
        .find(|&other| other != present && only.contains(char::from(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: Options =
        Options { column: "--column", no_header: "--no-header", delimiter: "--delimiter" };

    fn laid_out(head: &str, column: Option<&str>, header: bool) -> Result<Layout> {
        let plan = DialPlan::new("TR")?;
        let column = column.map(|text| text.parse().unwrap());
        let hints = Hints {
            column: column.as_ref(),
            delimiter: None,
            usual: b',',
            header,
            options: &OPTIONS,
            plan: &plan,
        };
        layout("in.csv", head.as_bytes(), hints)
    }

    fn found(names: &[&str], column: Option<&str>) -> Result<usize> {
        laid_out(&names.join(","), column, true).map(|layout| layout.column)
    }

    #[test]
    fn columns_are_found_by_name_number_or_guess() {
        assert_eq!(found(&["id", "Phone"], Some("Phone")).unwrap(), 1);
        assert_eq!(found(&["id", "Phone"], Some("phone")).unwrap(), 1);
        assert_eq!(found(&["phone", "Phone"], Some("Phone")).unwrap(), 1);
        assert_eq!(found(&["id", "x"], Some("2")).unwrap(), 1);
        assert_eq!(found(&["id", "Phone Number"], None).unwrap(), 1);
        assert_eq!(found(&["home_phone_1", "MSISDN"], None).unwrap(), 1);
    }

    #[test]
    fn what_is_not_found_is_told_with_the_columns() {
        let error = |names: &[&str], column| found(names, column).unwrap_err().to_string();
        assert!(error(&["id", "name"], Some("phone")).contains("it has id, name"));
        assert!(error(&["id", "name"], Some("3")).contains("no column 3"));
        assert!(error(&["id", "name"], None).contains("--column NAME or NUMBER"));
        assert!(error(&["a", "a"], Some("a")).contains("2 columns named"));
        assert!(error(&["id;name"], None).contains("--delimiter ';'"));
        let several = error(&["work phone", "home phone"], None);
        assert!(several.contains("(\"work phone\", \"home phone\")"), "{several}");
    }

    #[test]
    fn another_delimiter_is_taken_if_it_alone_yields_a_column() {
        for (head, delimiter) in [("id;phone\n", b';'), ("id\tphone\n", b'\t'), ("a|gsm", b'|')] {
            let layout = laid_out(head, None, true).unwrap();
            assert_eq!((layout.delimiter, layout.column, layout.columns), (delimiter, 1, 2));
        }
        assert_eq!(laid_out("id;x\n", Some("2"), true).unwrap().delimiter, b';');
        assert_eq!(laid_out("1;2\n", Some("2"), false).unwrap().delimiter, b';');
        let error = laid_out("id;phone|gsm;a\n", Some("2"), true).unwrap_err().to_string();
        assert!(error.contains("--delimiter ';'"), "{error}");
    }

    #[test]
    fn the_line_for_excel_is_passed_over_and_heeded() {
        let layout = laid_out("sep=;\r\nid;phone\r\n1;2\r\n", None, true).unwrap();
        assert_eq!((layout.delimiter, layout.preamble, layout.header), (b';', 7, 17));
    }

    #[test]
    fn a_first_row_of_data_is_told_with_the_options() {
        let error = |head, column| laid_out(head, column, true).unwrap_err().to_string();
        assert!(error("1,05050047824,a\n", None).contains("give --no-header --column 2"));
        assert!(error("05050047824,a\n", Some("1")).contains("give --no-header --column 1"));
        assert!(error("05050047824\n", None).contains("give --no-header --column 1"));
        let parted = error("05050047824;Ali\n", None);
        assert!(parted.contains("give --delimiter ';' --no-header --column 1"), "{parted}");
    }

    #[test]
    fn a_quote_left_open_in_the_header_is_told() {
        let error = laid_out("id,\"phone\n1,2\n", None, true).unwrap_err().to_string();
        assert!(error.contains("never closed"), "{error}");
    }
}
