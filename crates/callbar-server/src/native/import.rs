//! Imports: a file of entries, of which all or none are taken, or with `partial` all that can be taken.

use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use callbar_lists::{
    Block, Column, FieldColumns, Format, LineFormat, ListFile, Parameters, Pool, Reading, Source,
    parse_delimiter,
};
use callbar_store::{Import, ImportEntry, ImportLines, Imported};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::spool::spool;
use crate::access::credential::Principal;
use crate::access::guard::Caller;
use crate::api::{ImportReport, REJECTIONS_MAX};
use crate::app::App;
use crate::error::ApiError;
use crate::request::query;

/// How many times larger than its packed form the largest body may be.
const UNPACKED: u64 = 20;

/// The format of a list as a word: `text`, `csv`, `jsonl` or `ndjson`.
#[derive(Clone, Copy)]
pub(crate) struct FormatName(pub(super) Format);

impl<'de> Deserialize<'de> for FormatName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map(Self).map_err(|error: callbar_lists::Error| {
            D::Error::custom(format_args!("{error}: {}", error.remedy()))
        })
    }
}

/// The parameters: those of `callbar import`, with `_` for `-`.
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of the query, alone")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    #[serde(default)]
    make_list: bool,
    #[serde(default)]
    partial: bool,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    allow_broad: bool,
    max_loss: Option<u8>,
    rejections: Option<usize>,
    /// The name of the file in messages. Its ending says the format, unless `format` does.
    name: Option<String>,
    format: Option<FormatName>,
    column: Option<String>,
    #[serde(default)]
    no_header: bool,
    delimiter: Option<String>,
    field: Option<String>,
    id_column: Option<String>,
    created_column: Option<String>,
    expires_column: Option<String>,
    reason_column: Option<String>,
    source_column: Option<String>,
}

impl ImportQuery {
    /// How to read the file. The format is known by the parameter, by the name, or by the content type.
    fn reading(&self, by_header: Option<Format>) -> Result<Reading, ApiError> {
        let by_name = self.name.as_deref().map(Format::from_name);
        let format = self.format.map(|FormatName(format)| format).or(by_name).or(by_header);
        let format = format.ok_or_else(|| {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let message = "this content type is no format of a list";
            let remedy =
                "send application/x-ndjson, text/csv or text/plain, or ?format=jsonl|csv|text";
            ApiError::new(status, "unknown_format", message, remedy)
        })?;
        let delimiter = self.delimiter.as_deref().map(parse_delimiter).transpose();
        let delimiter = delimiter.map_err(|message| {
            let remedy = "give one byte such as %3B, or the word tab";
            ApiError::bad_field("bad_query", "delimiter", message, remedy)
        })?;
        let column = |given: &Option<String>| -> Option<Column> {
            given.as_deref().map(|text| text.parse().unwrap_or_else(|never| match never {}))
        };
        let nothing = Reading::new(Parameters::default());
        Ok(Reading {
            format: Some(format),
            column: column(&self.column),
            delimiter,
            header: !self.no_header,
            field: self.field.clone().unwrap_or(nothing.field),
            columns: FieldColumns {
                id: column(&self.id_column),
                created: column(&self.created_column),
                expires: column(&self.expires_column),
                reason: column(&self.reason_column),
                source: column(&self.source_column),
            },
            parameters: nothing.parameters,
        })
    }
}

/// `POST .../lists/{list}/import`: text, CSV or JSON lines, gzipped or not.
pub(crate) async fn import(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, list)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, ApiError> {
    let asked: ImportQuery = query(&uri)?;
    let by_header = || Format::from_media_type(headers.get(CONTENT_TYPE)?.to_str().ok()?);
    let reading = asked.reading(by_header())?;
    if asked.max_loss.is_some_and(|percent| percent > 100) {
        let message = "max_loss is a percentage";
        return Err(ApiError::bad_field("bad_query", "max_loss", message, "give 0 to 100"));
    }
    if asked.rejections.is_some_and(|most| most > REJECTIONS_MAX) {
        let message = format!("an answer lists {REJECTIONS_MAX} rejections at most");
        return Err(ApiError::bad_field("bad_query", "rejections", message, "give less"));
    }
    let row = app.read(|reader| reader.require_domain_row(&domain))?;
    let permit = app.state.imports.take(row)?;
    let file = spool(&app, &caller, body).await?;
    let import = Import {
        domain,
        row: Some(row),
        list,
        make_list: asked.make_list,
        partial: asked.partial,
        replace: asked.replace,
        max_loss: asked.max_loss,
        allow_broad: asked.allow_broad,
        rejections: asked.rejections,
    };
    let worker = app.clone();
    let done = app.blocking(move || {
        let _permit = permit;
        let start = Instant::now();
        let name = asked.name.unwrap_or_else(|| "the body".to_owned());
        let report = import_file(&worker, &caller, &import, &reading, name, file)?;
        if report.imported.done {
            let Imported { added, replaced, removed, .. } = report.imported;
            worker.metrics().imported(added + replaced + removed, start.elapsed());
        }
        Ok::<_, ApiError>(report)
    });
    let report = done.await?;
    if report.imported.done {
        return Ok(Json(report).into_response());
    }
    let (status, count) = (StatusCode::UNPROCESSABLE_ENTITY, report.imported.rejected_count);
    let message = format!("{count} entries cannot be on this list; nothing was changed");
    let remedy = "correct them, or import with partial=true to leave them out";
    Ok(ApiError::new(status, "entries_rejected", message, remedy).with_report(Some(report)))
}

impl From<callbar_lists::Error> for ApiError {
    fn from(error: callbar_lists::Error) -> Self {
        let message = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        let remedy = match error.remedy() {
            "" => "send a whole file of the format",
            remedy => remedy,
        };
        Self::new(StatusCode::BAD_REQUEST, "bad_file", message, remedy.to_owned())
    }
}

fn import_file(
    app: &App,
    caller: &Principal,
    import: &Import,
    reading: &Reading,
    name: String,
    file: std::fs::File,
) -> Result<ImportReport, ApiError> {
    let unpacked = app.options().import_max.saturating_mul(UNPACKED);
    let source = Source::from_reader(name, file)?.with_limit(unpacked);
    let mut notes = Vec::new();
    let fill = |lines: &mut ImportLines<'_>| -> Result<(), ApiError> {
        let pool = Pool::default();
        let Some(file) = ListFile::open(source, reading, lines.plan(), &pool)? else {
            return Ok(());
        };
        notes.clone_from(&file.notes);
        file.for_each(|format, blocks| {
            let read: Vec<BlockLines> =
                blocks.par_iter().map(|block| BlockLines::new(block, format)).collect();
            for BlockLines { entries, rejected } in read {
                for (line, text, reason) in rejected {
                    lines.reject(line, &text, reason);
                }
                lines.add(entries)?;
            }
            Ok(())
        })
    };
    let may = || app.recheck_stored(caller);
    let imported = app.manager().import(&caller.who, import, fill, may)?;
    Ok(ImportReport { imported, notes })
}

/// The lines of a block, read.
#[derive(Default)]
struct BlockLines {
    entries: Vec<ImportEntry>,
    rejected: Vec<(u64, String, String)>,
}

impl BlockLines {
    fn new(block: &Block, format: &LineFormat) -> Self {
        let mut read = Self::default();
        format.each_line(block, |line| match line.entry {
            Err(error) => {
                let reason = format!("{error}: {}", error.remedy());
                let text = String::from_utf8_lossy(line.raw).into_owned();
                read.rejected.push((line.number, text, reason));
            }
            Ok(entry) => {
                read.entries.push(ImportEntry {
                    line: line.number,
                    number: String::from_utf8_lossy(&entry.text).into_owned(),
                    note: entry.note.as_note().into(),
                });
            }
        });
        read
    }
}
