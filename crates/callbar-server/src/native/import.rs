//! Many entries at once, of which all or none are taken, or those that can be.

use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::lines::{Bad, Form, Lines};
use super::lists::domain_row;
use super::spool::spool;
use crate::{app::App, credential::Principal, error::ApiError, query::query, route::Caller};
use callbar_store::{Import, Imported};

#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of the query, alone")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    format: Option<Form>,
    #[serde(default)]
    make_list: bool,
    #[serde(default)]
    partial: bool,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    allow_broad: bool,
    max_loss: Option<u8>,
}

/// `POST .../lists/{list}/import`: NDJSON, CSV or plain text, by its content type or `format`.
pub(super) async fn import(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, list)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, ApiError> {
    let asked: Asked = query(&uri)?;
    let form = asked.format.or_else(|| Form::of(headers.get(CONTENT_TYPE)?.to_str().ok()?));
    let form = form.ok_or_else(|| {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let remedy =
            "send application/x-ndjson, text/csv or text/plain, or ?format=ndjson|csv|text";
        ApiError::new(status, "unknown_format", "this content type is no form of a list", remedy)
    })?;
    let Asked { make_list, partial, replace, allow_broad, max_loss, .. } = asked;
    if max_loss.is_some_and(|percent| percent > 100) {
        let message = "max_loss is a percentage";
        return Err(ApiError::bad_field("bad_query", "max_loss", message, "give 0 to 100"));
    }
    let row = app.read(|reader| domain_row(reader, &domain))?;
    let place = app.imports().take(row)?;
    let file = spool(&app, &caller, body).await?;
    let row = Some(row);
    let import = Import { domain, row, list, make_list, partial, replace, max_loss, allow_broad };
    let worker = app.clone();
    let done = app.blocking(move || {
        let _place = place;
        let start = Instant::now();
        let done = take(&worker, &caller, &import, file, form);
        if let Ok(Taken::Done(done)) = &done
            && done.done
        {
            let entries = done.added + done.replaced + done.removed;
            worker.metrics().imported(entries, start.elapsed());
        }
        done
    });
    match done.await? {
        Taken::Bad(Bad { line, reason }) => {
            let message = format!("line {line}: {reason}");
            let remedy = "correct the line; nothing was changed";
            Err(ApiError::bad_field("bad_line", format!("line {line}"), message, remedy))
        }
        Taken::Done(report) if report.done => Ok(Json(report).into_response()),
        Taken::Done(report) => Ok(rejected(report)),
    }
}

/// What became of the lines.
enum Taken {
    Done(Imported),
    /// A line that is no line.
    Bad(Bad),
}

fn take(
    app: &App,
    caller: &Principal,
    import: &Import,
    file: std::fs::File,
    form: Form,
) -> callbar_store::Result<Taken> {
    let mut lines = match Lines::new(file, form) {
        Ok(lines) => lines,
        Err(bad) => return Ok(Taken::Bad(bad)),
    };
    let may = || app.still_stored(caller);
    let done = app.manager().import_if(&caller.who, import, &mut lines.by_ref(), may);
    match lines.bad {
        Some(bad) if done.is_err() => Ok(Taken::Bad(bad)),
        _ => done.map(Taken::Done),
    }
}

/// An error with the report of what is wrong.
#[derive(Serialize)]
struct Rejected {
    #[serde(flatten)]
    error: serde_json::Value,
    report: Imported,
}

/// 422: some entries cannot be on the list, so none was taken.
fn rejected(report: Imported) -> Response {
    let error = serde_json::json!({"error": {
        "code": "entries_rejected",
        "message": format!("{} entries cannot be on this list; nothing was changed", report.rejected_count),
        "remedy": "correct them, or import with partial=true to leave them out",
    }});
    let body = Json(Rejected { error, report });
    let mut response = (StatusCode::UNPROCESSABLE_ENTITY, body).into_response();
    response.extensions_mut().insert(crate::error::Refusal("entries_rejected"));
    response
}
