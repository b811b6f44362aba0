//! Finds the layout of a CSV file: the byte between columns, the header, the column of the numbers.
//!
//! A guess becomes a note. A doubt is an error, whose remedy names the parameter that decides.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use callbar::{DialPlan, Number};

use crate::blocks::bom;
use crate::column_names;
use crate::error::{Error, Parameters, Result, display_delimiter};
use crate::file_kind;
use crate::records::{Cut, Records, cut};
use crate::source::PEEK;

/// Bytes between columns, the most usual first.
const USUAL: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A column, as a user names it.
///
/// # Examples
/// ```
/// use callbar_lists::Column;
///
/// assert_eq!("2".parse(), Ok(Column::Number(2)));
/// assert_eq!("phone".parse(), Ok(Column::Name("phone".to_owned())));
/// ```
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
/// Why the text cannot separate columns.
///
/// # Examples
/// ```
/// use callbar_lists::parse_delimiter;
///
/// assert_eq!((parse_delimiter(";"), parse_delimiter("tab")), (Ok(b';'), Ok(b'\t')));
/// assert!(parse_delimiter("+").is_err(), "a + is part of numbers");
/// ```
pub fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [b'"' | b'\n' | b'\r'] => Err("a quote or line end cannot separate columns".into()),
        [b'+' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'] => {
            Err("a letter, a digit or + is part of numbers and names: it cannot separate columns"
                .into())
        }
        [byte] => Ok(*byte),
        _ => Err("give one byte such as ; or the word tab".into()),
    }
}

/// The layout of a CSV file.
///
/// # Examples
/// ```
/// use callbar::DialPlan;
/// use callbar_lists::{Layout, Parameters, Reading};
///
/// let (plan, reading) = (DialPlan::new("TR")?, Reading::new(Parameters::default()));
/// let head = b"name;phone\nAli;0505 004 78 24\n";
/// let layout = Layout::read("spam.csv", head, reading.hints("spam.csv", &plan))?;
/// assert_eq!((layout.delimiter, layout.column, layout.header), (b';', 1, "name;phone\n".len()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Layout {
    /// The byte between columns.
    pub delimiter: u8,
    /// The column of the numbers, from 0.
    pub column: usize,
    /// Columns that a row should have.
    pub columns: usize,
    /// The bytes before the first row: a byte order mark and a line `sep=;`.
    pub preamble: usize,
    /// The bytes of the preamble and the header with its line end.
    pub header: usize,
    /// The names in the header.
    pub names: Vec<String>,
    /// The guesses, for people.
    pub notes: Vec<String>,
}

/// What the user said about a CSV file, and what its name says.
///
/// # Examples
/// ```
/// use callbar::DialPlan;
/// use callbar_lists::{Parameters, Reading};
///
/// let (plan, reading) = (DialPlan::new("TR")?, Reading::new(Parameters::default()));
/// assert_eq!(reading.hints("spam.tsv", &plan).usual, b'\t');
/// assert_eq!(reading.hints("spam.csv", &plan).usual, b',');
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Hints<'a> {
    /// The column, if it is given.
    pub column: Option<&'a Column>,
    /// The parameter that names the column, in messages.
    pub parameter: &'a str,
    /// The byte between columns, if it is given.
    pub delimiter: Option<u8>,
    /// The byte between columns by the name of the file.
    pub usual: u8,
    /// Whether the first row has names.
    pub header: bool,
    /// How messages name parameters.
    pub parameters: Parameters,
    /// The plan that finds numbers in a header, which then is a row of data.
    pub plan: &'a DialPlan,
}

impl Layout {
    /// Reads the header of a file. `head` is its first 256 KiB and one byte more, or all of a shorter
    /// file. The header must end within it.
    ///
    /// # Errors
    /// No column, or more than one, may hold the numbers; the header is a row of data; the file is
    /// not text.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    /// use callbar_lists::{Layout, Parameters, Reading};
    ///
    /// let (plan, reading) = (DialPlan::new("TR")?, Reading::new(Parameters::default()));
    /// let hints = reading.hints("spam.csv", &plan);
    /// let error = Layout::read("spam.csv", b"05050047824,Ali\n", hints).unwrap_err();
    /// assert!(error.remedy().contains("give --no-header --column 1"), "the header has a number");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn read(file: &str, head: &[u8], mut hints: Hints<'_>) -> Result<Self> {
        file_kind::binary(file, head)?;
        let (preamble, delimiter) = preamble(head);
        hints.delimiter = hints.delimiter.or(delimiter);
        let body = Body { bytes: &head[preamble..], whole: head.len() <= PEEK };
        let (row, column) = find_row(file, body, hints)?;
        if hints.header && is_number(&row.fields[column], hints.plan) {
            return Err(data(file, &row, column, hints));
        }
        let mut notes = Vec::new();
        if hints.delimiter.is_none() && row.delimiter != hints.usual {
            let delimiter = display_delimiter(row.delimiter);
            notes.push(format!("columns of {file} are separated by {delimiter}"));
        }
        if hints.header && hints.column.is_none() {
            notes.push(format!("column {} {:?} of {file}", column + 1, row.names[column]));
        }
        Ok(Self {
            delimiter: row.delimiter,
            column,
            columns: row.names.len(),
            preamble,
            header: preamble + if hints.header { row.end } else { 0 },
            names: row.names,
            notes,
        })
    }
}

/// Returns the length of what stands before the first row: a byte order mark, and the line `sep=;` that
/// Excel writes and reads. Also returns the delimiter that the line names.
fn preamble(bytes: &[u8]) -> (usize, Option<u8>) {
    let mark = bom(bytes);
    let line = bytes[mark..].split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
    match separator(line) {
        Some(delimiter) => (mark + line.len(), Some(delimiter)),
        None => (mark, None),
    }
}

/// Returns the byte in a line `sep=;`, which some programs quote.
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

/// The beginning of a file, after its preamble.
#[derive(Clone, Copy)]
struct Body<'a> {
    bytes: &'a [u8],
    /// Whether this is the whole file.
    whole: bool,
}

/// The first row of a file.
struct Row {
    delimiter: u8,
    fields: Vec<Vec<u8>>,
    names: Vec<String>,
    /// Where it ends, with its line end.
    end: usize,
}

impl Row {
    /// Reads the first row. Fails if the file has none, or if it does not end within the peek.
    fn first(file: &str, body: Body<'_>, delimiter: u8) -> Result<Self> {
        let Body { bytes, whole } = body;
        let is_open = matches!(cut(bytes, 1, delimiter), Cut::Open(_));
        if is_open && whole {
            return Err(Error::new(
                format!("{file}: a quote in the first row is never closed"),
                "close it, or double it if it is part of the text",
            ));
        }
        let mut records = Records::new(bytes, delimiter);
        let row = records.next();
        let end = row.as_ref().map(|row| row.start + row.raw.len() + row.end.len());
        // An end at the last byte may be half of a CRLF.
        if !whole && (is_open || end.is_none_or(|end| end == bytes.len())) {
            let fact = format!("{file}: the first row is longer than {} KiB", PEEK >> 10);
            return Err(Error::new(fact, "is this a CSV file, and is each quote in it closed?"));
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

/// Returns the first row and the column of the numbers. If the usual delimiter gives no column, it tries
/// the others; exactly one of them must give one.
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
    // A row with a single column comes last: it may be one number with other text behind it.
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

/// Returns the error of a first row that is no header, for it has a number at `column`.
fn data(file: &str, row: &Row, column: usize, hints: Hints<'_>) -> Error {
    let mut give = Vec::new();
    if hints.delimiter.is_none() && row.delimiter != hints.usual {
        give.push(("delimiter", Some(display_delimiter(row.delimiter))));
    }
    give.push(("no-header", None));
    give.push((hints.parameter, Some((column + 1).to_string())));
    let number = &row.names[column];
    let fact = format!(
        "{file}: the first row looks like data ({number:?} is a number), not like a header"
    );
    Error::new(fact, hints.parameters.give(&give))
}

/// Returns the given column, from 0, or else finds it by its name.
pub(crate) fn find(file: &str, names: &[String], hints: Hints<'_>) -> Result<usize> {
    let give = |value: String| hints.parameters.give(&[(hints.parameter, Some(value))]);
    match hints.column {
        Some(&Column::Number(number)) if (1..=names.len()).contains(&number) => Ok(number - 1),
        Some(Column::Number(number)) => Err(Error::new(
            format!("{file} has no column {number}: it has {} ({})", names.len(), escaped(names)),
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
    let places = |is_it: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..names.len()).filter(|&at| is_it(&names[at])).collect()
    };
    let mut found = places(&|name| name == wanted.trim());
    if found.is_empty() {
        found = places(&|name| name.to_lowercase() == wanted.trim().to_lowercase());
    }
    match found[..] {
        [column] => Ok(column),
        [_, ..] => Err(Error::new(
            format!("{file} has {} columns named {wanted:?}", found.len()),
            format!("give {} as a number", hints.parameters.name(hints.parameter)),
        )),
        [] => Err(Error::new(
            format!("{file} has no column {wanted:?}: it has {}", escaped(names)),
            other_delimiter_remedy(names, hints).unwrap_or_else(|| "correct the name".to_owned()),
        )),
    }
}

fn by_guess(file: &str, names: &[String], hints: Hints<'_>) -> Result<usize> {
    let remedy = format!("give {}, a name or a number", hints.parameters.name(hints.parameter));
    match column_names::guess(names)[..] {
        // If another delimiter is in the only name, the name is a whole row and must not be guessed.
        [column] if other_delimiter(names, hints).is_none() => Ok(column),
        [] | [_] => Err(Error::new(
            format!("{file}: no column is named like a phone number ({})", escaped(names)),
            other_delimiter_remedy(names, hints).unwrap_or(remedy),
        )),
        ref several => {
            let columns: Vec<_> = several.iter().map(|&at| format!("{:?}", names[at])).collect();
            let columns = columns.join(", ");
            let fact = format!("{file}: several columns may hold the numbers ({columns})");
            Err(Error::new(fact, remedy))
        }
    }
}

/// Returns the names of columns for a message, escaped.
fn escaped(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| name.escape_debug().to_string()).collect();
    listing(&names)
}

/// Returns the first names of a list for a message, and how many more there are.
pub(crate) fn listing(names: &[String]) -> String {
    const SHOWN: usize = 20;
    match names.split_at_checked(SHOWN) {
        Some((shown, more @ [_, ..])) => format!("{} and {} more", shown.join(", "), more.len()),
        _ => names.join(", "),
    }
}

/// Returns the remedy for a header that seems to have one column, with another delimiter in it.
fn other_delimiter_remedy(names: &[String], hints: Hints<'_>) -> Option<String> {
    let other = other_delimiter(names, hints)?;
    let shown = display_delimiter(other);
    let give = hints.parameters.give(&[("delimiter", Some(shown.clone()))]);
    Some(format!("if {shown} separates columns, {give}"))
}

/// Returns the delimiter that is in a header with one column only.
fn other_delimiter(names: &[String], hints: Hints<'_>) -> Option<u8> {
    let [only] = names else { return None };
    let present = hints.delimiter.unwrap_or(hints.usual);
    let mut others = [b';', b'\t', b'|', b','].into_iter().filter(|&other| other != present);
    others.find(|&other| only.contains(char::from(other)))
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

    fn message(error: &Error) -> String {
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
    fn an_error_names_the_columns() {
        let error = |names: &[&str], column| message(&found(names, column).unwrap_err());
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
        let error = message(&laid_out("id;phone|gsm;a\n", Some("2"), true).unwrap_err());
        assert!(error.contains("--delimiter ';'"), "{error}");
    }

    #[test]
    fn the_line_for_excel_sets_the_delimiter_and_is_no_row() {
        let layout = laid_out("sep=;\r\nid;phone\r\n1;2\r\n", None, true).unwrap();
        assert_eq!((layout.delimiter, layout.preamble, layout.header), (b';', 7, 17));
    }

    #[test]
    fn a_first_row_of_data_is_reported_with_the_options() {
        let error = |head, column| message(&laid_out(head, column, true).unwrap_err());
        assert!(error("1,05050047824,a\n", None).contains("give --no-header --column 2"));
        assert!(error("05050047824,a\n", Some("1")).contains("give --no-header --column 1"));
        assert!(error("05050047824\n", None).contains("give --no-header --column 1"));
        let parted = error("05050047824;Ali\n", None);
        assert!(parted.contains("give --delimiter ';' --no-header --column 1"), "{parted}");
    }

    #[test]
    fn an_open_quote_in_the_header_is_reported() {
        let error = message(&laid_out("id,\"phone\n1,2\n", None, true).unwrap_err());
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
        assert_eq!(preamble(b"sep=;\r\na;b\r\n"), (7, Some(b';')));
        assert_eq!(preamble(b"\xef\xbb\xbf\"SEP=\t\"\na"), (11, Some(b'\t')));
        assert_eq!(preamble(b"\xef\xbb\xbfa;b\n"), (3, None));
        assert_eq!(preamble(b"sep=\"\n"), (0, None));
        assert_eq!(preamble(b"sep=ab\n"), (0, None));
        assert_eq!(preamble(b""), (0, None));
    }
}
