//! Options for the format of list files.

use callbar_lists::{Column, FieldColumns, Format, Parameters, Reading, parse_delimiter};
use clap::{Args, ValueEnum};

/// The format of list files.
#[derive(Args, Debug)]
pub(crate) struct ListFormatOptions {
    /// CSV column of the numbers, a name or a number from 1 [default: the first with a name like
    /// phone]
    #[arg(long, value_name = "NAME|NUMBER", help_heading = "Files")]
    column: Option<Column>,
    /// CSV files have no header
    #[arg(long, help_heading = "Files")]
    no_header: bool,
    /// Byte between CSV columns, or the word tab [default: by the file's ending and its header]
    #[arg(long, value_name = "BYTE", value_parser = parse_delimiter, help_heading = "Files")]
    delimiter: Option<u8>,
    /// Field of JSON objects that holds the number
    #[arg(long, value_name = "NAME", default_value = "number", help_heading = "Files")]
    field: String,
    /// Format of all files [default: by their names]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Files")]
    format: Option<FormatOption>,
}

/// The format of list files, and the columns of metadata in them.
#[derive(Args, Debug)]
pub(crate) struct ListFileOptions {
    #[command(flatten)]
    format: ListFormatOptions,
    /// CSV column of ids, 24 hexadecimal digits each [default: none]
    #[arg(long, value_name = "NAME|NUMBER", help_heading = "Metadata")]
    id_column: Option<Column>,
    /// CSV column of creation times [default: by its name]
    #[arg(long, value_name = "NAME|NUMBER", help_heading = "Metadata")]
    created_column: Option<Column>,
    /// CSV column of expiry times [default: by its name]
    #[arg(long, value_name = "NAME|NUMBER", help_heading = "Metadata")]
    expires_column: Option<Column>,
    /// CSV column of reasons [default: by its name]
    #[arg(long, value_name = "NAME|NUMBER", help_heading = "Metadata")]
    reason_column: Option<Column>,
    /// CSV column of sources [default: by its name]
    #[arg(long, value_name = "NAME|NUMBER", help_heading = "Metadata")]
    source_column: Option<Column>,
}

/// The format of list files, as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatOption {
    /// One entry a line. Blank lines, and lines that are `#` or start with `# `, are comments
    Text,
    /// Separated by commas, or by tabs if the name ends with .tsv
    Csv,
    /// One JSON string, whole number or object a line
    Jsonl,
}

impl ListFormatOptions {
    /// Returns how to read the files; messages name these options by `parameters`.
    pub(crate) fn reading(&self, parameters: Parameters) -> Reading {
        let format = self.format.map(|format| match format {
            FormatOption::Text => Format::Text,
            FormatOption::Csv => Format::Csv,
            FormatOption::Jsonl => Format::Jsonl,
        });
        Reading {
            format,
            column: self.column.clone(),
            delimiter: self.delimiter,
            header: !self.no_header,
            field: self.field.clone(),
            ..Reading::new(parameters)
        }
    }
}

impl ListFileOptions {
    /// Returns how to read the files.
    pub(crate) fn reading(&self) -> Reading {
        Reading {
            columns: FieldColumns {
                id: self.id_column.clone(),
                created: self.created_column.clone(),
                expires: self.expires_column.clone(),
                reason: self.reason_column.clone(),
                source: self.source_column.clone(),
            },
            ..self.format.reading(Parameters::default())
        }
    }
}
