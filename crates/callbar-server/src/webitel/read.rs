//! The handlers that read: the names of lists, a page of a list, one number, a search.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use callbar_store::{Reader, StoredList};
use serde::Serialize;

use super::error::WebitelError;
use super::filter;
use super::guard::DomainRequest;
use super::params::{PageBounds, Sort};
use super::search::{self, Columns, Condition, Document, Search};
use crate::app::App;
use crate::request::read_from;

/// An answer of entries.
pub(crate) type Documents = Result<Json<Vec<Document>>, WebitelError>;

/// The name of a list.
#[derive(Serialize)]
pub(crate) struct ListName {
    name: String,
}

/// `GET /`: the names of all lists.
pub(crate) async fn names(
    State(app): State<App>,
    Extension(request): Extension<DomainRequest>,
) -> Result<Json<Vec<ListName>>, WebitelError> {
    let now = app.manager().now();
    let all = move |reader: &Reader<'_>| {
        let Some(domain) = reader.domain(&request.domain)? else { return Ok(Vec::new()) };
        let mut lists = search::lists(reader, &domain, request.caller.only_list())?;
        // A list goes with its last number, also if that number has expired.
        let expired = reader.expired(now)?;
        let has_any = |list: &StoredList| list.entries > *expired.get(&list.row).unwrap_or(&0);
        lists.retain(|list| has_any(list) || !list.has_default_settings());
        Ok(lists)
    };
    let lists = app.read_all(all).await?;
    Ok(Json(lists.into_iter().map(|list| ListName { name: list.name }).collect()))
}

/// `GET /(list)`: a page of its numbers.
pub(crate) async fn list(
    State(app): State<App>,
    Extension(request): Extension<DomainRequest>,
) -> Documents {
    let DomainRequest { domain, list, params, .. } = request;
    let (sort, page) = (params.sort(), params.page()?);
    let columns = Columns::default();
    let search = Search { list, condition: Condition::All, sort, page, columns };
    find(&app, domain, search).await
}

/// `GET /(list)/(number)`: an array with the number, or an empty one.
pub(crate) async fn number(
    State(app): State<App>,
    Extension(request): Extension<DomainRequest>,
) -> Documents {
    let DomainRequest { domain, list, number, .. } = request;
    let condition = Condition::Number(number.unwrap_or_default());
    let (sort, columns) = (Sort::default(), Columns::default());
    let page = PageBounds { offset: 0, limit: 1 };
    let search = Search { list, condition, sort, page, columns };
    // One look-up needs no other thread.
    search::run(app.manager(), &domain, &search).map(Json)
}

/// `POST /searches`: a page of the entries that a filter finds.
pub(super) async fn search(app: &App, request: DomainRequest, body: Body) -> Documents {
    let DomainRequest { caller, domain, .. } = request;
    let mut search = filter::read(&read_from(app, &caller, body).await?, &domain)?;
    if let Some(own) = caller.only_list() {
        if search.list.as_ref().is_some_and(|list| list != own) {
            search.condition = Condition::Nothing;
        }
        search.list = Some(own.to_owned());
    }
    find(app, domain, search).await
}

async fn find(app: &App, domain: String, search: Search) -> Documents {
    let manager = app.manager().clone();
    app.blocking(move || search::run(&manager, &domain, &search)).await.map(Json)
}
