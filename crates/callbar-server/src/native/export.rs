//! All entries of a list, written page by page, so that a slow reader keeps nothing waiting.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use serde::Deserialize;

use super::import::FormatName;
use crate::access::credential::Principal;
use crate::access::guard::Caller;
use crate::api::EntryView;
use crate::app::App;
use crate::error::ApiError;
use crate::request::query;
use callbar::OwnedNote;
use callbar_lists::Format;
use callbar_store::{CreatedRange, Direction, Error, ListRow, Place, Result};

/// Entries that are read in one go.
const PAGE: u32 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    format: Option<FormatName>,
}

/// `GET .../lists/{list}/export`: NDJSON, or CSV or plain text by `format` or the accept header. Entries
/// are in the order in which they were made. Entries that come or go meanwhile may be in it or not.
pub(crate) async fn export(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, list)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let ExportQuery { format } = query(&uri)?;
    let by_header = || {
        let media = headers.get(ACCEPT)?.to_str().ok()?;
        media.split(',').find_map(Format::from_media_type)
    };
    let format =
        format.map(|FormatName(format)| format).or_else(by_header).unwrap_or(Format::Jsonl);
    let list = app.read(|reader| reader.require_list_by_name(&domain, &list))?;
    let permit = app.state.exports.take(list.domain)?;
    let (send, body) = Channel::new(1);
    tokio::spawn(async move {
        let _permit = permit;
        write(app, caller, list.row, format, send).await;
    });
    Ok(([(CONTENT_TYPE, media_type(format))], Body::new(body)).into_response())
}

fn media_type(format: Format) -> &'static str {
    match format {
        Format::Jsonl => "application/x-ndjson",
        Format::Csv => "text/csv; charset=utf-8",
        Format::Text => "text/plain; charset=utf-8",
    }
}

/// Writes until the end, or until the client has gone.
async fn write(
    app: App,
    caller: Principal,
    list: ListRow,
    format: Format,
    mut send: Sender<Bytes, Error>,
) {
    let caller = Arc::new(caller);
    let mut after = None;
    loop {
        let (worker, caller) = (app.clone(), Arc::clone(&caller));
        let next =
            move || worker.recheck(&caller).and_then(|()| page(&worker, list, format, after));
        match app.blocking(next).await {
            Ok(Some((bytes, end))) => {
                after = Some(end);
                if send.send_data(bytes.into()).await.is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "an export ended early");
                return send.abort(error);
            }
        }
    }
}

/// The text of the next page, and where it ends; `None` behind the last.
fn page(
    app: &App,
    list: ListRow,
    format: Format,
    after: Option<Place>,
) -> Result<Option<(Vec<u8>, Place)>> {
    let direction = Direction::Ascending;
    let all = CreatedRange::default();
    let stored = app.read(|reader| {
        // A list that was replaced or removed meanwhile loses its entries step by step. The rest must not
        // look like the whole.
        reader.list_at(list)?.ok_or(Error::Gone { what: "list" })?;
        reader.page_after(list, &all, direction, after, PAGE)
    })?;
    let mut out = Vec::with_capacity(stored.len() * 128);
    if after.is_none() && format == Format::Csv {
        out.extend_from_slice(b"number,canonical,id,created,expires,reason,source\n");
    }
    let Some(end) = stored.last().map(callbar_store::StoredEntry::place) else {
        // A list without entries has a header, too.
        let end = after.unwrap_or_default();
        return Ok(if out.is_empty() { None } else { Some((out, end)) });
    };
    let now = app.manager().now();
    let live = stored.into_iter().filter(|entry| entry.is_live(now)).map(EntryView::from);
    let written = match format {
        Format::Csv => csv(live, &mut out),
        Format::Jsonl => ndjson(live, &mut out),
        Format::Text => {
            live.for_each(|entry| out.extend_from_slice(format!("{}\n", entry.number).as_bytes()));
            Ok(())
        }
    };
    written.map_err(Error::io("write", "an export"))?;
    Ok(Some((out, end)))
}

fn ndjson(entries: impl Iterator<Item = EntryView>, out: &mut Vec<u8>) -> std::io::Result<()> {
    for entry in entries {
        serde_json::to_writer(&mut *out, &entry)?;
        out.push(b'\n');
    }
    Ok(())
}

fn csv(entries: impl Iterator<Item = EntryView>, out: &mut Vec<u8>) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for entry in entries {
        let EntryView { number, canonical, note } = entry;
        let OwnedNote { id, created, expires, reason, source } = note;
        writer.serialize((number, canonical, id, created, expires, reason, source))?;
    }
    writer.flush()
}
