//! What a call would be told, and why: for one number or for many, by one snapshot.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::lists::domain_row;
use crate::http::app::App;
use crate::http::auth::{Permission, Scope, authorize};
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::route::Caller;
use crate::{Domain, Error, Response as SipResponse, Snapshot, Tag};

/// Numbers of one request.
const MOST: usize = 10_000;
/// Numbers of one request that are explained.
const MOST_EXPLAINED: usize = 1_000;
/// Bytes of one answer: a number may be on many lists, with long notes.
const ANSWER_MAX: usize = 64 << 20;

/// One number or many.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    number: Option<String>,
    numbers: Option<Vec<String>>,
}

/// What a call would be told.
#[derive(Serialize)]
struct Told<'a> {
    written: &'a str,
    number: String,
    tag: Tag,
    verdict: &'static str,
    list: Option<&'a str>,
    shared_by: Option<&'a str>,
    entry: Option<String>,
    kind: Option<&'static str>,
    response: Option<SipResponse>,
}

/// `POST /callbar/v1/domains/{domain}/check`
pub(super) async fn check(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(domain): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let asked: Asked = body::json(&app, &caller, body).await?;
    let snapshot = app.manager().engine().snapshot();
    let domain = find(&app, &snapshot, &domain)?;
    answer(&asked, MOST, |written| {
        let number = domain.plan().number(written.as_bytes());
        let verdict = domain.check_number(&number);
        app.metrics().checked(&verdict);
        let by = verdict.decided_by();
        Ok(Told {
            written,
            number: number.to_string(),
            tag: number.tag(),
            verdict: verdict.as_str(),
            list: by.map(|by| by.list.name.as_str()),
            shared_by: by.and_then(|by| by.shared_by),
            entry: by.map(|by| by.entry.to_string()),
            kind: by.map(|by| by.entry.kind()),
            response: verdict.response(),
        })
    })
}

/// `POST /callbar/v1/domains/{domain}/explain`
pub(super) async fn explain(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(domain): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let asked: Asked = body::json(&app, &caller, body).await?;
    let worker = app.clone();
    let explain = move || {
        let app = worker;
        let snapshot = app.manager().engine().snapshot();
        let domain = find(&app, &snapshot, &domain)?;
        answer(&asked, MOST_EXPLAINED, |written| {
            let mut explanation = domain.explain(written);
            app.metrics().explained(explanation.verdict);
            app.manager().identify(&mut explanation)?;
            // A subscriber is told which entry decides, not what the other tenant has noted of it.
            for matched in &mut explanation.matches {
                if authorize(&caller, Permission::Read, Scope::Domain(matched.domain)).is_err() {
                    matched.note = None;
                }
            }
            Ok(explanation)
        })
    };
    app.blocking(move || Ok(explain())).await?
}

/// Whether a number is on one list, whatever others say.
#[derive(Serialize)]
struct Listed<'a> {
    written: &'a str,
    listed: bool,
}

/// `POST .../lists/{list}/check`
pub(super) async fn on_list(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, list)): Path<(String, String)>,
    body: Body,
) -> Result<Response, ApiError> {
    let asked: Asked = body::json(&app, &caller, body).await?;
    let snapshot = app.manager().engine().snapshot();
    let domain = find(&app, &snapshot, &domain)?;
    if domain.check_list(&list, "").is_none() {
        return Err(Error::UnknownList { name: list }.into());
    }
    answer(&asked, MOST, |written| {
        let listed = domain.check_list(&list, written).unwrap_or_default();
        Ok(Listed { written, listed })
    })
}

/// What the snapshot has of a domain; one that only the store has will come.
fn find<'a>(app: &App, snapshot: &'a Snapshot, domain: &str) -> Result<Domain<'a>, ApiError> {
    if let Ok(found) = snapshot.domain(domain) {
        return Ok(found);
    }
    app.read(|reader| domain_row(reader, domain))?;
    let message = "the index of the domain is being made";
    let remedy = "ask again in a moment; the status tells how far it is";
    Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_in_force", message, remedy))
}

/// Answers one number, or `{"answers": [...]}` in the order of the numbers; in JSON made here, for
/// answers borrow the snapshot, and many long ones must not be kept together.
fn answer<'a, T: Serialize>(
    asked: &'a Asked,
    most: usize,
    one: impl Fn(&'a str) -> crate::Result<T>,
) -> Result<Response, ApiError> {
    let mut json = Vec::new();
    let mut add = |written| {
        serde_json::to_writer(&mut json, &one(written)?).map_err(|_| ApiError::internal())?;
        if json.len() > ANSWER_MAX {
            return Err(too_many("the answer has more than 64 MiB".to_owned()));
        }
        json.push(b',');
        Ok(())
    };
    match (&asked.number, &asked.numbers) {
        (Some(number), None) => add(number)?,
        (None, Some(numbers)) if numbers.len() <= most => {
            numbers.iter().try_for_each(|number| add(number))?;
        }
        (None, Some(_)) => return Err(too_many(format!("more than {most} numbers"))),
        _ => {
            let remedy = "send {\"number\": ...} or {\"numbers\": [...]}";
            let message = "there must be either a number or numbers";
            return Err(ApiError::bad_field("bad_json", "number", message, remedy));
        }
    }
    json.pop();
    if asked.numbers.is_some() {
        json = [&b"{\"answers\":["[..], &json, b"]}"].concat();
    }
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

fn too_many(message: String) -> ApiError {
    ApiError::bad_field("too_many_numbers", "numbers", message, "send fewer at a time")
}
