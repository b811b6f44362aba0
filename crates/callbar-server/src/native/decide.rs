//! Decisions on calls, and their explanations. All calls of a request are decided by one snapshot.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::check::complete;
use super::questions::{MOST, MOST_EXPLAINED, Question, Questions, find};
use crate::access::credential::Principal;
use crate::access::guard::Caller;
use crate::app::App;
use crate::error::ApiError;
use crate::request::{self, query};
use callbar::{CallExplanation, Domain, OwnedCall};
use callbar_store::Result;

impl Question for OwnedCall {
    const FIELD: &'static str = "calls";
    const TOO_MANY: &'static str = "too_many_calls";
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecideQuery {
    #[serde(default)]
    explain: bool,
}

/// Reports whether a body has many calls.
#[derive(Deserialize)]
struct HasCalls {
    calls: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallsBody {
    calls: Vec<OwnedCall>,
}

fn questions(bytes: &[u8]) -> Result<Questions<OwnedCall>, ApiError> {
    let found: HasCalls = request::parse(bytes)?;
    if found.calls.is_none() {
        return request::parse(bytes).map(Questions::one);
    }
    request::parse(bytes).map(|CallsBody { calls }| Questions::many(calls))
}

/// `POST /callbar/v1/domains/{domain}/decide`
pub(crate) async fn decide(
    State(app): State<App>,
    Extension(caller): Caller,
    Path(domain): Path<String>,
    uri: Uri,
    body: Body,
) -> Result<Response, ApiError> {
    let DecideQuery { explain } = query(&uri)?;
    let questions = questions(&request::read_from(&app, &caller, body).await?)?;
    let worker = app.clone();
    let answer = move || {
        let snapshot = worker.manager().engine().snapshot();
        let domain = find(&worker, &snapshot, &domain)?;
        if explain {
            return questions
                .answer(MOST_EXPLAINED, |call| explanation(&worker, &caller, domain, call));
        }
        questions.answer(MOST, |call| {
            let decision = call.with(|call| domain.decide(call));
            worker.metrics().decided(&decision);
            Ok(decision)
        })
    };
    // A call may have thousands of identities. Other requests must not wait for them.
    app.blocking(answer).await
}

fn explanation<'a>(
    app: &App,
    caller: &Principal,
    domain: Domain<'a>,
    call: &OwnedCall,
) -> Result<CallExplanation<'a>> {
    let mut explanation = call.with(|call| domain.explain_call(call));
    app.metrics().explained(explanation.decision.action());
    let readings = explanation.questions.iter_mut().flat_map(|asked| &mut asked.readings);
    for reading in readings {
        complete(app, caller, reading)?;
    }
    Ok(explanation)
}
