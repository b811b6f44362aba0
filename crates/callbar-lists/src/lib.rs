//! Reads list files as people and programs write them.
//!
//! A list file is text (one entry a line), CSV or JSON lines, gzipped or not. Beside the number it may
//! say when an entry ends, why it is there and where it came from. [`ListFile`] reads one, in blocks of
//! bounded memory that many threads work on; each line gives a [`Line`]. Whatever reads lists (the
//! commands `compile`, `import` and `scrub`, and `POST .../import` of the server) reads them here, so
//! that all take the same files and say the same of them.
//!
//! The crate also owns the rules that all doors share beside files: [`Moment`] reads times,
//! [`Warnings`] collects what was taken and may be a mistake.
//!
//! # Examples
//! ```
//! use callbar::DialPlan;
//! use callbar_lists::{Format, ListFile, Parameters, Pool, Reading, Source};
//!
//! let text = "phone;bitis\n0505 004 78 24;31.12.2026\n";
//! let source = Source::from_reader("upload.csv", text.as_bytes())?;
//! let reading = Reading { format: Some(Format::Csv), ..Reading::new(Parameters::default()) };
//! let (plan, pool) = (DialPlan::new("TR")?, Pool::default());
//! let file = ListFile::open(source, &reading, &plan, &pool)?.expect("it is not empty");
//! let mut numbers = Vec::new();
//! file.for_each(|format, blocks| {
//!     for block in blocks {
//!         format.each_line(&block, |line| {
//!             let entry = line.entry.expect("an entry");
//!             numbers.push((line.number, entry.text.into_owned(), entry.note.expires));
//!         });
//!     }
//!     Ok::<_, callbar_lists::Error>(())
//! })?;
//! assert_eq!(numbers, [(2, b"0505 004 78 24".to_vec(), Some(1_798_761_600))]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blocks;
mod column_names;
mod error;
mod fields;
mod file_kind;
mod json;
mod layout;
mod list_file;
mod records;
mod source;
mod times;
mod warnings;

pub use blocks::{BOM, Block, Blocks, Pool, Units, lines};
pub use error::{Error, LineError, Parameters, Result};
pub use fields::{Columns, Field, FieldColumns, LineNote};
pub use layout::{Column, Hints, Layout, parse_delimiter};
pub use list_file::{Entry, Format, Line, LineFormat, ListFile, Reading, is_comment};
pub use records::{Record, Records, write_field};
pub use source::Source;
pub use times::{Moment, TimeError, display_time};
pub use warnings::{NEVER_IN_DOUBT, Warnings};
