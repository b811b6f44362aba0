//! Reads list files as people and programs write them.
//!
//! A list file is text (one entry a line), CSV or JSON lines, gzipped or not. Beside the number it may
//! have an expiry, a reason and a source for each entry. [`ListFile`] reads a file in blocks of bounded
//! memory, on which many threads work. Each line gives a [`Line`]. The commands `compile`, `import` and
//! `scrub`, and `POST .../import` of the server, all read lists by this crate. So they take the same
//! files and report the same faults.
//!
//! The crate also has rules for entries that do not come from files: [`Moment`] reads times, and
//! [`Warnings`] collects entries that may be mistakes.
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
//!         format.each_line(block, |line| {
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
pub use fields::{Columns, Entry, Field, FieldColumns, LineNote};
pub use layout::{Column, Hints, Layout, parse_delimiter};
pub use list_file::{Format, Line, LineFormat, ListFile, Reading, is_comment};
pub use records::{Record, Records, write_field};
pub use source::Source;
pub use times::{Moment, TimeError, display_time};
pub use warnings::{NEVER_IN_DOUBT, Warnings};
