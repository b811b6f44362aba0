//! One question or many in a request, answered in order and within a limit.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::App;
use crate::error::ApiError;
use callbar::{Domain, Snapshot};
use callbar_store::Result;

/// The most questions of a request.
pub(crate) const MOST: usize = 10_000;
/// The most questions of a request whose answers are explained.
pub(crate) const MOST_EXPLAINED: usize = 1_000;
/// The most bytes of an answer. A number may be on many lists, with long notes.
const ANSWER_MAX: usize = 64 << 20;

/// The questions of a request.
pub(crate) struct Questions<Q> {
    questions: Vec<Q>,
    is_one: bool,
}

/// A kind of question: the name of the member with many of them, and the code of a refusal of too many.
pub(crate) trait Question {
    const FIELD: &'static str;
    const TOO_MANY: &'static str;
}

impl<Q: Question> Questions<Q> {
    pub(crate) fn one(question: Q) -> Self {
        Self { questions: vec![question], is_one: true }
    }

    pub(crate) fn many(questions: Vec<Q>) -> Self {
        Self { questions, is_one: false }
    }

    /// Answers one question, or `{"answers": [...]}` in the order of the questions. There may be `most` of them:
    /// [`MOST`], or [`MOST_EXPLAINED`].
    ///
    /// Writes the JSON here, because answers borrow the snapshot, and many long answers must not be in memory
    /// together.
    ///
    /// # Errors
    /// 400 [`Question::TOO_MANY`], and those of `one`.
    pub(crate) fn answer<'q, T: Serialize>(
        &'q self,
        most: usize,
        one: impl Fn(&'q Q) -> Result<T>,
    ) -> Result<Response, ApiError> {
        let too_many =
            |message| ApiError::bad_field(Q::TOO_MANY, Q::FIELD, message, "send fewer at a time");
        if self.questions.len() > most {
            return Err(too_many(format!("more than {most} {}", Q::FIELD)));
        }
        let mut json = Vec::new();
        if !self.is_one {
            json.extend_from_slice(b"{\"answers\":[");
        }
        for (at, question) in self.questions.iter().enumerate() {
            if at > 0 {
                json.push(b',');
            }
            serde_json::to_writer(&mut json, &one(question)?).map_err(|_| ApiError::internal())?;
            if json.len() > ANSWER_MAX {
                return Err(too_many("the answer has more than 64 MiB".to_owned()));
            }
        }
        if !self.is_one {
            json.extend_from_slice(b"]}");
        }
        Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
    }
}

/// Finds a domain in the snapshot. Its index may be missing still, though the store has the domain.
///
/// # Errors
/// 404 `unknown_domain`, 503 `not_in_force`.
pub(crate) fn find<'a>(
    app: &App,
    snapshot: &'a Snapshot,
    domain: &str,
) -> Result<Domain<'a>, ApiError> {
    if let Ok(found) = snapshot.domain(domain) {
        return Ok(found);
    }
    app.read(|reader| reader.require_domain_row(domain))?;
    let message = "the index of the domain is being made";
    let remedy = "try again in a moment; the status shows the progress";
    Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_in_force", message, remedy))
}
