//! The entries of a list, with their notes.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};
use serde::Deserialize;

use super::JsonResult;
use super::domains::status_of;
use super::page::{cursor, limit, place};
use crate::access::guard::Caller;
use crate::api::{AddedEntry, ChangeAnswer, EntryBody, EntryView, Page, WrittenNumber};
use crate::app::App;
use crate::error::ApiError;
use crate::request::{self, query};
use callbar::{EntryId, Outcome, OwnedNote};
use callbar_lists::Moment;
use callbar_store::{Applied, CreatedRange, Direction, NewEntry, Operation, StoredEntry};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesQuery {
    after: Option<String>,
    limit: Option<u32>,
    #[serde(default)]
    order: Direction,
    /// Made at this second or later.
    from: Option<Moment>,
    /// Made before this second.
    until: Option<Moment>,
}

/// `GET .../entries`: in the order in which they were made.
pub(crate) async fn all(
    State(app): State<App>,
    Path((domain, list)): Path<(String, String)>,
    uri: Uri,
) -> JsonResult<Page<EntryView>> {
    let asked: EntriesQuery = query(&uri)?;
    let most = limit(asked.limit)?;
    let after = asked.after.as_deref().map(place).transpose()?;
    let made =
        CreatedRange { from: asked.from.map(Moment::start), until: asked.until.map(Moment::end) };
    // One more entry shows whether there is a next page.
    let stored = app.read(|reader| {
        let list = reader.require_list_by_name(&domain, &list)?.row;
        reader.page_after(list, &made, asked.order, after, most + 1)
    })?;
    let Page { items, next } = Page::new(stored, most, |last| cursor(last.place()));
    let now = app.manager().now();
    let live = items.into_iter().filter(|entry| entry.is_live(now));
    Ok(Json(Page { items: live.map(EntryView::from).collect(), next }))
}

fn new_entry(body: EntryBody) -> Result<NewEntry, ApiError> {
    let WrittenNumber(number) = body.number;
    let id = body.id.as_deref().map(entry_id).transpose()?;
    let note = OwnedNote {
        id,
        created: body.created.map(Moment::start),
        expires: body.expires.map(Moment::end),
        reason: body.reason.map(Box::from),
        source: body.source.map(Box::from),
    };
    Ok(NewEntry { number, note, allow_broad: body.allow_broad, ..NewEntry::default() })
}

fn entry_id(digits: &str) -> Result<EntryId, ApiError> {
    let message = "an id is 24 hexadecimal digits, not all zero";
    let remedy = "send the id as an answer gave it";
    let refused = || ApiError::bad_field("bad_id", "id", message, remedy);
    EntryId::parse(digits).ok_or_else(refused)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddQuery {
    #[serde(default)]
    make_list: bool,
}

/// `POST .../entries`
pub(crate) async fn add(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, list)): Path<(String, String)>,
    uri: Uri,
    body: Body,
) -> Result<(StatusCode, Json<AddedEntry>), ApiError> {
    let AddQuery { make_list } = query(&uri)?;
    let entry = new_entry(request::json(&app, &caller, body).await?)?;
    let add = Operation::Add { domain, list, entry, make_list };
    let applied = app.apply(&caller, vec![add]).await?;
    let Some(Applied::Entry { outcome, entry, warnings, .. }) = applied.into_iter().next() else {
        return Err(ApiError::internal());
    };
    let entry = entry.map(EntryView::from);
    Ok((status_of(outcome), Json(AddedEntry { outcome, entry, warnings })))
}

/// `GET .../entries/{number}`, in any written form.
pub(crate) async fn one(
    State(app): State<App>,
    Path((domain, list, number)): Path<(String, String, String)>,
) -> JsonResult<EntryView> {
    let found = app.manager().entry(&domain, &list, &number)?;
    live(&app, found)
}

/// `DELETE .../entries/{number}`, in any written form.
pub(crate) async fn remove(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, list, number)): Path<(String, String, String)>,
) -> JsonResult<ChangeAnswer> {
    app.read(|reader| reader.require_list_by_name(&domain, &list))?;
    let remove = Operation::remove(domain, list, number);
    removed(app.change(&caller, remove).await?)
}

/// `GET /callbar/v1/domains/{domain}/entries/{id}`
pub(crate) async fn one_by_id(
    State(app): State<App>,
    Path((domain, id)): Path<(String, String)>,
) -> JsonResult<EntryView> {
    let id = entry_id(&id)?;
    let found = app.read(|reader| reader.entry_of_id(reader.require_domain_row(&domain)?, id))?;
    live(&app, found.map(|(_, entry)| entry))
}

/// `DELETE /callbar/v1/domains/{domain}/entries/{id}`
pub(crate) async fn remove_by_id(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, id)): Path<(String, String)>,
) -> JsonResult<ChangeAnswer> {
    let id = entry_id(&id)?;
    let remove = Operation::remove_id(domain, id);
    removed(app.change(&caller, remove).await?)
}

fn live(app: &App, found: Option<StoredEntry>) -> JsonResult<EntryView> {
    let now = app.manager().now();
    let found = found.filter(|entry| entry.is_live(now));
    found.map(|entry| Json(entry.into())).ok_or_else(unknown_entry)
}

fn removed(outcome: Outcome) -> JsonResult<ChangeAnswer> {
    match outcome {
        Outcome::Absent => Err(unknown_entry()),
        outcome => Ok(Json(ChangeAnswer { outcome })),
    }
}

fn unknown_entry() -> ApiError {
    let remedy = "correct the number, the list or the domain";
    let message = "there is no such entry";
    ApiError::new(StatusCode::NOT_FOUND, "unknown_entry", message, remedy).at("number")
}
