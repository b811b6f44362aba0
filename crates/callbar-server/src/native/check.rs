//! Verdicts on numbers outside a call, and their explanations. All numbers of a request are checked by one
//! snapshot. Calls are in `decide`.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::questions::{self, MOST, MOST_EXPLAINED, Questions, find};
use crate::access::auth::{Permission, Scope, authorize};
use crate::access::credential::Principal;
use crate::access::guard::Caller;
use crate::app::App;
use crate::error::ApiError;
use crate::request;
use callbar::Explanation;
use callbar_store::{Error, Result};

/// One number or many.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumbersBody {
    number: Option<String>,
    numbers: Option<Vec<String>>,
}

impl questions::Question for String {
    const FIELD: &'static str = "numbers";
    const TOO_MANY: &'static str = "too_many_numbers";
}

/// Reads the numbers of a request.
async fn numbers(app: &App, caller: &Principal, body: Body) -> Result<Questions<String>, ApiError> {
    match request::json(app, caller, body).await? {
        NumbersBody { number: Some(number), numbers: None } => Ok(Questions::one(number)),
        NumbersBody { number: None, numbers: Some(numbers) } => Ok(Questions::many(numbers)),
        _ => {
            let remedy = "send {\"number\": ...} or {\"numbers\": [...]}";
            let message = "there must be either a number or numbers";
            Err(ApiError::bad_field("bad_json", "number", message, remedy))
        }
    }
}

/// `POST /callbar/v1/domains/{domain}/check`
pub(crate) async fn check(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(domain): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let questions = numbers(&app, &caller, body).await?;
    let snapshot = app.manager().engine().snapshot();
    let domain = find(&app, &snapshot, &domain)?;
    questions.answer(MOST, |written| {
        let mut report = domain.check_report(written);
        app.metrics().checked(report.verdict);
        if report.shared_by.is_some_and(|sharer| !may_read(&caller, sharer)) {
            report.entry_reason = None;
        }
        Ok(report)
    })
}

/// `POST /callbar/v1/domains/{domain}/explain`
pub(crate) async fn explain(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(domain): Path<String>,
    body: Body,
) -> Result<Response, ApiError> {
    let questions = numbers(&app, &caller, body).await?;
    let worker = app.clone();
    let explain = move || {
        let snapshot = worker.manager().engine().snapshot();
        let domain = find(&worker, &snapshot, &domain)?;
        questions.answer(MOST_EXPLAINED, |written| {
            let mut explanation = domain.explain(written);
            worker.metrics().explained(explanation.verdict);
            complete(&worker, &caller, &mut explanation)?;
            Ok(explanation)
        })
    };
    app.blocking(explain).await
}

/// Adds the ids and notes of the store to an explanation, and removes notes that the caller may not read: a
/// subscriber sees which entry decides, but not the notes of the other tenant.
pub(crate) fn complete(
    app: &App,
    caller: &Principal,
    explanation: &mut Explanation<'_>,
) -> Result<()> {
    app.manager().identify(explanation)?;
    for matched in &mut explanation.matches {
        if !may_read(caller, matched.domain) {
            matched.note = None;
        }
    }
    Ok(())
}

/// Reports whether a caller may read the notes of a domain.
fn may_read(caller: &Principal, domain: &str) -> bool {
    authorize(caller, Permission::Read, Scope::Domain(domain)).is_ok()
}

/// Whether a number is on one list. Other lists do not matter.
#[derive(Serialize)]
struct ListedNumber<'a> {
    written: &'a str,
    listed: bool,
}

/// `POST .../lists/{list}/check`
pub(crate) async fn on_list(
    State(app): State<App>,
    Extension(caller): Caller,
    Path((domain, list)): Path<(String, String)>,
    body: Body,
) -> Result<Response, ApiError> {
    let questions = numbers(&app, &caller, body).await?;
    let snapshot = app.manager().engine().snapshot();
    let domain = find(&app, &snapshot, &domain)?;
    if domain.check_list(&list, "").is_none() {
        return Err(Error::Engine(callbar::Error::UnknownList { name: list }).into());
    }
    questions.answer(MOST, |written| {
        let listed = domain.check_list(&list, written).unwrap_or_default();
        Ok(ListedNumber { written, listed })
    })
}
