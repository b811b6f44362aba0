//! `callbar export`: writes all entries of a list of a directory with a store.

use std::io;
use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use super::store_client::{StoreClient, list_path};
use crate::options::ListOptions;
use crate::output::{Output, chain};

const EXAMPLES: &str = "\
Prints the entries in the order in which they were made. Works with and without a
running server. callbar import reads the file again, with all metadata unless it
is plain text. For the ids of a CSV file, give it --id-column id.

Examples (DIR stands for /var/lib/callbar):
  callbar export --data DIR --domain my.example --list spam -o spam.jsonl
  callbar export --data DIR --domain my.example --list spam --format csv | gzip

Exit status: 0 done, 2 error (no file is written)";

/// Write all entries of a list
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    place: ListOptions,
    /// Format of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ExportFormat::Ndjson)]
    format: ExportFormat,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum ExportFormat {
    /// One JSON object a line
    Ndjson,
    /// Columns with a header
    Csv,
    /// The numbers alone, in their first spelling
    Text,
}

/// An [`Output`] as a writer, whose errors keep their causes.
struct OutputWriter(Output);

impl io::Write for OutputWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| io::Error::other(chain(&error)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|error| io::Error::other(chain(&error)))
    }
}

impl Args {
    pub(crate) fn run(&self) -> Result<()> {
        let client = StoreClient::open(&self.place.data)?;
        let mut writer = OutputWriter(Output::create(self.output.as_deref())?);
        let format = match self.format {
            ExportFormat::Ndjson => "ndjson",
            ExportFormat::Csv => "csv",
            ExportFormat::Text => "text",
        };
        let path = list_path(&self.place.domain, &self.place.list);
        client.download(&format!("{path}/export?format={format}"), &mut writer)?;
        writer.0.finish()
    }
}
