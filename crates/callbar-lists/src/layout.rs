//! How a CSV file is laid out: the byte between its columns, its header, and the column of the numbers.
//!
//! What was guessed becomes a note; what is in doubt is an error that names the parameter to decide it by.

use std::convert::Infallible;
use std::fmt::{self, Write};
use std::str::FromStr;

use callbar::{DialPlan, Number};

use crate::blocks::BOM;
use crate::column_names::{self, Guess};
use crate::error::{Error, Parameters, Result, display_delimiter};
use crate::file_kind;
use crate::records::{Cut, Records, cut};
use crate::source::PEEK;

/// What parts columns, the usual first.
const USUAL: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A column as somebody names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By the text of its header.
    Name(String),
    /// By its place, from 1.
    Number(usize),
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl FromStr for Column {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Number))
    }
}

/// Reads the byte between columns: one byte, `tab` or `\t`.
///
/// # Errors
/// What cannot part columns, and why.
pub fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [b'"' | b'\n' | b'\r'] => Err("a quote or line end cannot part columns".into()),
        [b'+' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'] => {
            Err("a letter, a digit or + is part of numbers and names: it cannot part columns"
                .into())
        }
        [byte] => Ok(*byte),
        _ => Err("give one byte such as ; or the word tab".into()),
    }
}

/// How a CSV file is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The byte between columns.
    pub delimiter: u8,
    /// The column of the numbers, from 0.
    pub column: usize,
    /// How many columns a row should have.
    pub columns: usize,
    /// The bytes before the first row: a byte order mark and a line `sep=;`.
    pub preamble: usize,
    /// The bytes of the preamble and the header with its line end.
    pub header: usize,
    /// The names in the header.
    pub names: Vec<String>,
    /// What was guessed, for people.
    pub notes: Vec<String>,
}

/// What is known of a CSV file before it is read.
#[derive(Clone, Copy)]
pub struct Hints<'a> {
    /// The column, if it was named.
    pub column: Option<&'a Column>,
    /// The parameter that names the column, in messages.
    pub parameter: &'a str,
    /// The byte between columns, if it was given.
    pub delimiter: Option<u8>,
    /// The byte between columns by the name of the file.
    pub usual: u8,
    /// Whether the first row holds names.
    pub header: bool,
    /// How messages name parameters.
    pub parameters: Parameters,
    /// Reports whether a header is in truth a row of data.
    pub plan: &'a DialPlan,
}

impl Layout {
    /// Reads the header of a file that begins with `head`: its first 256 KiB and one byte more, or all
    /// of a shorter file. The header must end within.
    ///
    /// # Errors
    /// No column, or more than one, may hold the numbers; the header is a row of data; the file is
    /// not text.
    pub fn read(file: &str, head: &[u8], mut hints: Hints<'_>) -> Result<Self> {
        file_kind::binary(file, head)?;
        let preamble = preamble(head);
        hints.delimiter = hints.delimiter.or(preamble.delimiter);
        let body = Body { bytes: &head[preamble.len..], whole: head.len() <= PEEK };
        let (row, column) = find_row(file, body, hints)?;
        if hints.header && is_number(&row.fields[column], hints.plan) {
            return Err(data(file, &row, column, hints));
        }
        let mut notes = Vec::new();
        if hints.delimiter.is_none() && row.delimiter != hints.usual {
            let delimiter = display_delimiter(row.delimiter);
            notes.push(format!("columns of {file} are parted by {delimiter}"));
        }
        if hints.header && hints.column.is_none() {
            notes.push(format!("column {} {:?} of {file}", column + 1, row.names[column]));
        }
        Ok(Self {
            delimiter: row.delimiter,
            column,
            columns: row.names.len(),
            preamble: preamble.len,
            header: preamble.len + if hints.header { row.end } else { 0 },
            names: row.names,
            notes,
        })
    }
}

/// What precedes the first row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Preamble {
    /// Its length in bytes: a byte order mark and the line `sep=;` that Excel writes and heeds.
    len: usize,
    /// The delimiter that the line names.
    delimiter: Option<u8>,
}

/// The preamble of a file that begins with `bytes`.
fn preamble(bytes: &[u8]) -> Preamble {
    let mark = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let line = bytes[mark..].split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
    match separator(line) {
        Some(delimiter) => Preamble { len: mark + line.len(), delimiter: Some(delimiter) },
        None => Preamble { len: mark, delimiter: None },
    }
}

/// The byte in a line `sep=;`, which some programs quote.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let plain = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, delimiter) = plain.split_at_checked(4)?;
    match delimiter {
        &[delimiter] if name.eq_ignore_ascii_case(b"sep=") && delimiter != b'"' => Some(delimiter),
        _ => None,
    }
}

/// The beginning of a file, behind what precedes its first row.
#[derive(Clone, Copy)]
struct Body<'a> {
    bytes: &'a [u8],
    /// Whether it is all there is.
    whole: bool,
}

/// The first row of a file.
struct Row {
    delimiter: u8,
    fields: Vec<Vec<u8>>,
    names: Vec<String>,
    /// Where it ends, line end included.
    end: usize,
}

impl Row {
    /// Reads it; an error if the file has none, or if it does not end within the peek.
    fn first(file: &str, body: Body<'_>, delimiter: u8) -> Result<Self> {
        let Body { bytes, whole } = body;
        let too_long = || {
            let fact = format!("{file}: the first row is longer than {} KiB", PEEK >> 10);
            Error::new(fact, "is this a CSV file, and is each quote in it closed?")
        };
        if matches!(cut(bytes, 1, delimiter), Cut::Open(_)) {
            if !whole {
                return Err(too_long());
            }
            return Err(Error::new(
                format!("{file}: a quote in the first row is never closed"),
                "close it, or double it if it is part of the text",
            ));
        }
        let mut records = Records::new(bytes, delimiter);
        let row = records.next();
        let end = row.as_ref().map(|row| row.start + row.raw.len() + row.end.len());
        // Its end, even if it seems to be there, may be half of a CRLF.
        if !whole && end.is_none_or(|end| end == bytes.len()) {
            return Err(too_long());
        }
        let (Some(record), Some(end)) = (row, end) else {
            return Err(Error::new(format!("{file} holds no row at all"), "is it the right file?"));
        };
        let fields: Vec<Vec<u8>> = record.fields().map(<[u8]>::to_vec).collect();
        let name = |field: &Vec<u8>| String::from_utf8_lossy(field).trim().to_owned();
        let names = fields.iter().map(name).collect();
        Ok(Self { delimiter, fields, names, end })
    }
}

/// The first row and the column in it, by the usual delimiter or else the only one that yields one.
fn find_row(file: &str, body: Body<'_>, hints: Hints<'_>) -> Result<(Row, usize)> {
    let first = Row::first(file, body, hints.delimiter.unwrap_or(hints.usual))?;
    let error = match find(file, &first.names, hints) {
        Ok(column) => return Ok((first, column)),
        Err(error) => error,
    };
    let parted: Vec<Row> = USUAL
        .into_iter()
        .filter(|&other| hints.delimiter.is_none() && other != hints.usual)
        .filter_map(|other| Row::first(file, body, other).ok())
        .filter(|row| row.names.len() > 1)
        .collect();
    let found =
        |row: &Row| find(file, &row.names, Hints { delimiter: Some(row.delimiter), ..hints }).ok();
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
    matches!(plan.entry(field), Number::E164(_))
}

/// The error of a first row that is no header, for it holds a number at `column`.
fn data(file: &str, row: &Row, column: usize, hints: Hints<'_>) -> Error {
    let Hints { parameters, .. } = hints;
    let mut give = Vec::new();
    if hints.delimiter.is_none() && row.delimiter != hints.usual {
        give.push(("delimiter", Some(display_delimiter(row.delimiter))));
    }
    give.push(("no-header", None));
    give.push((hints.parameter, Some((column + 1).to_string())));
    let number = &row.names[column];
    Error::new(
        format!(
            "{file}: the first row looks like data ({number:?} is a number), not like a header"
        ),
        parameters.give(&give),
    )
}

/// The column that was named, from 0, or else the one whose name says so.
pub(crate) fn find(file: &str, names: &[String], hints: Hints<'_>) -> Result<usize> {
    let Hints { parameters, parameter, .. } = hints;
    let give = |value: String| parameters.give(&[(parameter, Some(value))]);
    match hints.column {
        Some(&Column::Number(number)) if (1..=names.len()).contains(&number) => Ok(number - 1),
        Some(Column::Number(number)) => Err(Error::new(
            format!("{file} has no column {number}: it has {} ({})", names.len(), listing(names)),
            other_delimiter_remedy(names, hints).unwrap_or_else(|| "correct the number".to_owned()),
        )),
        Some(Column::Name(name)) if !hints.header => Err(Error::new(
            format!("{file} has no header in which to find the column {name:?}"),
            give(format!("1 to {}", names.len())),
        )),
        Some(Column::Name(name)) => by_name(file, names, name, hints),
        None if !hints.header && names.len() == 1 => Ok(0),
        None if !hints.header => Err(Error::new(
            format!("{file} has no header, and {} columns", names.len()),
            give(format!("1 to {}", names.len())),
        )),
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
    let parameter = hints.parameters.name(hints.parameter);
    match found {
        Some(column) if count == 1 => Ok(column),
        Some(_) => Err(Error::new(
            format!("{file} has {count} columns named {wanted:?}"),
            format!("give {parameter} as a number"),
        )),
        None => Err(Error::new(
            format!("{file} has no column {wanted:?}: it has {}", listing(names)),
            other_delimiter_remedy(names, hints).unwrap_or_else(|| "correct the name".to_owned()),
        )),
    }
}

fn by_guess(file: &str, names: &[String], hints: Hints<'_>) -> Result<usize> {
    let parameter = hints.parameters.name(hints.parameter);
    match column_names::guess(names) {
        Guess::Several(columns) => {
            let columns: Vec<_> = columns.iter().map(|&at| format!("{:?}", names[at])).collect();
            Err(Error::new(
                format!("{file}: several columns may hold the numbers ({})", columns.join(", ")),
                format!("say which by {parameter}, its name or its number"),
            ))
        }
        // A row that is not parted at all would be guessed by any name in it.
        Guess::Column(column) if other_delimiter(names, hints).is_none() => Ok(column),
        Guess::Column(_) | Guess::Nothing => Err(Error::new(
            format!("{file}: no column is named like a phone number ({})", listing(names)),
            other_delimiter_remedy(names, hints)
                .unwrap_or_else(|| format!("give {parameter}, a name or a number")),
        )),
    }
}

/// The columns for a message.
fn listing(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = names.iter().take(SHOWN).map(|name| name.escape_debug().to_string());
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    text
}

/// What to do about a header that seems to have one column only, and holds what may part columns.
fn other_delimiter_remedy(names: &[String], hints: Hints<'_>) -> Option<String> {
    let other = other_delimiter(names, hints)?;
    let shown = display_delimiter(other);
    let give = hints.parameters.give(&[("delimiter", Some(shown.clone()))]);
    Some(format!("if {shown} parts columns, {give}"))
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

    fn laid_out(head: &str, column: Option<&str>, header: bool) -> Result<Layout> {
        let plan = DialPlan::new("TR").unwrap();
        let column = column.map(|text| text.parse().unwrap());
        let hints = Hints {
            column: column.as_ref(),
            delimiter: None,
            usual: b',',
            header,
            parameter: "column",
            parameters: Parameters::default(),
            plan: &plan,
        };
        Layout::read("in.csv", head.as_bytes(), hints)
    }

    fn told(error: &Error) -> String {
        format!("{error}: {}", error.remedy())
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
        let error = |names: &[&str], column| told(&found(names, column).unwrap_err());
        assert!(error(&["id", "name"], Some("phone")).contains("it has id, name"));
        assert!(error(&["id", "name"], Some("3")).contains("no column 3"));
        assert!(error(&["id", "name"], None).contains("--column, a name or a number"));
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
        let error = told(&laid_out("id;phone|gsm;a\n", Some("2"), true).unwrap_err());
        assert!(error.contains("--delimiter ';'"), "{error}");
    }

    #[test]
    fn the_line_for_excel_is_passed_over_and_heeded() {
        let layout = laid_out("sep=;\r\nid;phone\r\n1;2\r\n", None, true).unwrap();
        assert_eq!((layout.delimiter, layout.preamble, layout.header), (b';', 7, 17));
    }

    #[test]
    fn a_first_row_of_data_is_told_with_the_options() {
        let error = |head, column| told(&laid_out(head, column, true).unwrap_err());
        assert!(error("1,05050047824,a\n", None).contains("give --no-header --column 2"));
        assert!(error("05050047824,a\n", Some("1")).contains("give --no-header --column 1"));
        assert!(error("05050047824\n", None).contains("give --no-header --column 1"));
        let parted = error("05050047824;Ali\n", None);
        assert!(parted.contains("give --delimiter ';' --no-header --column 1"), "{parted}");
    }

    #[test]
    fn a_quote_left_open_in_the_header_is_told() {
        let error = told(&laid_out("id,\"phone\n1,2\n", None, true).unwrap_err());
        assert!(error.contains("never closed"), "{error}");
    }

    fn end(bytes: &[u8], whole: bool) -> Result<usize> {
        Row::first("a.csv", Body { bytes, whole }, b',').map(|row| row.end)
    }

    #[test]
    fn a_row_that_may_be_cut_is_refused() {
        for text in ["a,b", "a,b\r", "a,b\r\n", "a,\"b", "a,\"b\n", "\n\n", ""] {
            let error = end(text.as_bytes(), false).unwrap_err().to_string();
            assert!(error.contains("the first row is longer than 256 KiB"), "{text:?}: {error}");
        }
        assert_eq!(end(b"a,b\r\n1", false).unwrap(), 5);
        assert_eq!(end(b"a,b", true).unwrap(), 3);
        assert!(end(b"\n", true).unwrap_err().to_string().contains("no row at all"));
        assert!(end(b"\"a", true).unwrap_err().to_string().contains("never closed"));
    }

    #[test]
    fn delimiters() {
        assert_eq!(parse_delimiter("tab"), Ok(b'\t'));
        assert_eq!(parse_delimiter(";"), Ok(b';'));
        for wrong in ["\"", "", "+", "5", "a", "Z", "\n", "\r"] {
            assert!(parse_delimiter(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_line_for_excel_is_no_row() {
        let found = |bytes: &[u8]| (preamble(bytes).len, preamble(bytes).delimiter);
        assert_eq!(found(b"sep=;\r\na;b\r\n"), (7, Some(b';')));
        assert_eq!(found(b"\xef\xbb\xbf\"SEP=\t\"\na"), (11, Some(b'\t')));
        assert_eq!(found(b"\xef\xbb\xbfa;b\n"), (3, None));
        assert_eq!(found(b"sep=\"\n"), (0, None));
        assert_eq!(found(b"sep=ab\n"), (0, None));
        assert_eq!(found(b""), (0, None));
    }
}
