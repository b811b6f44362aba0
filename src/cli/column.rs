//! Which column of a CSV file holds the numbers, and the header that tells.

use std::convert::Infallible;
use std::fmt::Write;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Result, bail};
use callbar::{DialPlan, Number};

use super::blocks::Block;
use super::csv::{self, Records};
use super::output::lossy;

/// Names that say all by themselves, letters and digits only.
const NAMES: [&str; 16] = [
    "phone",
    "phonenumber",
    "phoneno",
    "number",
    "msisdn",
    "e164",
    "mobile",
    "telephone",
    "tel",
    "cell",
    "gsm",
    "telefon",
    "caller",
    "callerid",
    "destination",
    "anumber",
];
/// Words that give a longer name away.
const PARTS: [&str; 6] = ["phone", "msisdn", "e164", "mobile", "telefon", "gsm"];

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
    /// The bytes of the header with its line end and what precedes it; 0 without a header.
    pub(crate) header: usize,
    /// The names in the header.
    pub(crate) names: Vec<String>,
}

/// What is known of a CSV file before it is read.
#[derive(Clone, Copy)]
pub(crate) struct Hints<'a> {
    /// The column, if the user named one.
    pub(crate) column: Option<&'a Column>,
    /// The option that names it, for messages.
    pub(crate) option: &'a str,
    /// The byte between columns.
    pub(crate) delimiter: u8,
    /// Whether the first row holds names.
    pub(crate) header: bool,
    /// Tells whether a header is in truth a row of data.
    pub(crate) plan: &'a DialPlan,
}

/// Reads the header of a file whose first block is given.
pub(crate) fn layout(file: &str, first: &Block, hints: Hints<'_>) -> Result<Layout> {
    let (bytes, delimiter) = (first.bytes(), hints.delimiter);
    let bom = first.bom();
    refuse_binary(file, bytes)?;
    let mut records = Records::new(&bytes[bom..], delimiter, 0);
    let Some(record) = records.find(|record| record.columns > 0) else {
        bail!("{file} holds no row at all: is it the right file?");
    };
    let fields: Vec<_> = csv::fields(record.raw, delimiter).map(csv::unquote).collect();
    let names: Vec<_> = fields.iter().map(|name| lossy(name).trim().to_owned()).collect();
    let column = find(file, &names, hints)?;
    if hints.header && matches!(hints.plan.entry(&fields[column]), Number::E164(_)) {
        bail!(
            "{file}: the first row looks like data ({:?} is a number), not like a header: give \
             --no-header",
            names[column]
        );
    }
    let header =
        if hints.header { bom + record.start + record.raw.len() + record.end.len() } else { 0 };
    Ok(Layout { delimiter, column, columns: names.len(), header, names })
}

fn find(file: &str, names: &[String], hints: Hints<'_>) -> Result<usize> {
    let option = hints.option;
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
        // A row that is not parted at all would be guessed by any name in it.
        None => match guess(names).filter(|_| other_delimiter(names, hints).is_none()) {
            Some(column) => Ok(column),
            None => bail!(
                "{file}: no column is named like a phone number ({}): give {option} NAME or NUMBER",
                listing(names, hints)
            ),
        },
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
    match found {
        Some(column) if count == 1 => Ok(column),
        Some(_) => {
            bail!("{file} has {count} columns named {wanted:?}: give {} as a number", hints.option)
        }
        None => bail!("{file} has no column {wanted:?}: it has {}", listing(names, hints)),
    }
}

/// The columns for a message, and what to try if there seems to be one only.
fn listing(names: &[String], hints: Hints<'_>) -> String {
    const SHOWN: usize = 20;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    if let Some(other) = other_delimiter(names, hints) {
        let _ = write!(text, "; if columns are parted by {other:?}, give --delimiter");
    }
    text
}

/// What may part the columns of a header that seems to have one only.
fn other_delimiter(names: &[String], hints: Hints<'_>) -> Option<char> {
    let [only] = names else { return None };
    let others = [';', '\t', '|', ','].into_iter();
    others.filter(|&other| other != char::from(hints.delimiter)).find(|&other| only.contains(other))
}

/// The first column whose name says phone number, clear names before vague ones.
fn guess(names: &[String]) -> Option<usize> {
    let plain: Vec<String> = names
        .iter()
        .map(|name| name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect())
        .collect();
    let clear = plain.iter().position(|name| NAMES.contains(&name.as_str()));
    clear.or_else(|| plain.iter().position(|name| PARTS.iter().any(|part| name.contains(part))))
}

/// Says what to do with a spreadsheet or UTF-16 text instead of reading it as rubbish.
pub(crate) fn refuse_binary(file: &str, bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(b"PK\x03\x04") {
        bail!("{file} is a zip archive or a spreadsheet: unpack it, or save it as CSV");
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        bail!("{file} is UTF-16: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
    }
    Ok(())
}

/// The byte between columns by the file's ending: a tab for `.tsv`, else a comma.
pub(crate) fn delimiter_of(file: &Path) -> u8 {
    if ending(file) == "tsv" { b'\t' } else { b',' }
}

/// The ending of a file's name in lower case, `.gz` aside.
pub(crate) fn ending(file: &Path) -> String {
    let name = file.to_string_lossy().to_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    plain.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Reads a delimiter as given on the command line: one byte, `tab` or `\t`.
pub(crate) fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [b'"' | b'\n' | b'\r'] => Err("a quote or line end cannot part columns".into()),
        [byte] => Ok(*byte),
        _ => Err("give one byte such as ; or the word tab".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints<'a>(column: Option<&'a Column>, plan: &'a DialPlan) -> Hints<'a> {
        Hints { column, option: "--column", delimiter: b',', header: true, plan }
    }

    fn found(names: &[&str], column: Option<&str>) -> Result<usize> {
        let plan = DialPlan::new("TR")?;
        let column = column.map(|text| text.parse().unwrap());
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        find("in.csv", &names, hints(column.as_ref(), &plan))
    }

    #[test]
    fn columns_are_found_by_name_number_or_guess() {
        assert_eq!(found(&["id", "Phone"], Some("Phone")).unwrap(), 1);
        assert_eq!(found(&["id", "Phone"], Some("phone")).unwrap(), 1);
        assert_eq!(found(&["phone", "Phone"], Some("Phone")).unwrap(), 1);
        assert_eq!(found(&["id", "x"], Some("2")).unwrap(), 1);
        assert_eq!(found(&["id", "Phone Number"], None).unwrap(), 1);
        assert_eq!(found(&["home_phone_1", "MSISDN"], None).unwrap(), 1);
        assert_eq!(found(&["id", "home_phone_1"], None).unwrap(), 1);
    }

    #[test]
    fn what_is_not_found_is_told_with_the_columns() {
        let error = |names: &[&str], column| found(names, column).unwrap_err().to_string();
        assert!(error(&["id", "name"], Some("phone")).contains("it has id, name"));
        assert!(error(&["id", "name"], Some("3")).contains("no column 3"));
        assert!(error(&["id", "name"], None).contains("--column NAME or NUMBER"));
        assert!(error(&["a", "a"], Some("a")).contains("2 columns named"));
        assert!(error(&["id;phone"], Some("phone")).contains("--delimiter"));
        assert!(error(&["id;phone"], None).contains("--delimiter"));
    }

    #[test]
    fn delimiters() {
        assert_eq!(parse_delimiter("tab"), Ok(b'\t'));
        assert_eq!(parse_delimiter(";"), Ok(b';'));
        assert!(parse_delimiter("\"").is_err() && parse_delimiter("").is_err());
    }
}
