//! The routes that read: the names of lists, a page of a list, one number, a search.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use serde::Serialize;

use super::auth::enter;
use super::error::Refused;
use super::filter;
use super::params::{Page, Sort, Target};
use super::search::{self, Columns, Document, Search, Wanted};
use crate::access::auth::Permission;
use crate::app::App;
use crate::request;
use callbar_store::{Reader, StoredList};

/// Lists of entries, as clients get them.
pub(super) type Documents = Result<Json<Vec<Document>>, Refused>;

/// The name of a list.
#[derive(Serialize)]
pub(super) struct Name {
    name: String,
}

/// `GET /`: the names of all lists.
pub(super) async fn names(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Vec<Name>>, Refused> {
    let visit = enter(&app, &headers, &uri, Permission::Read, None)?;
    let now = app.manager().now();
    let all = move |reader: &Reader<'_>| {
        let Some(domain) = reader.domain(&visit.domain)? else { return Ok(Vec::new()) };
        let mut lists = search::lists(reader, &domain, visit.principal.list.as_deref())?;
        // A list goes with its last number, also if that has expired.
        let expired = reader.expired(now)?;
        let has_any = |list: &StoredList| list.entries > *expired.get(&list.row).unwrap_or(&0);
        lists.retain(|list| has_any(list) || !list.comes_and_goes());
        Ok(lists)
    };
    let lists = app.read_all(all).await?;
    Ok(Json(lists.into_iter().map(|list| Name { name: list.name }).collect()))
}

/// `GET /(list)`: a page of its numbers.
pub(super) async fn list(
    State(app): State<App>,
    target: Target,
    headers: HeaderMap,
    uri: Uri,
) -> Documents {
    let visit = enter(&app, &headers, &uri, Permission::Read, Some(&target.name))?;
    let (sort, page) = (visit.params.sort(), visit.params.page()?);
    let columns = Columns::default();
    let search = Search { list: Some(target.name), wanted: Wanted::All, sort, page, columns };
    pages(&app, visit.domain, search).await
}

/// `GET /(list)/(number)`: an array of it, or of nothing.
pub(super) async fn number(
    State(app): State<App>,
    Target { name, number }: Target,
    headers: HeaderMap,
    uri: Uri,
) -> Documents {
    let visit = enter(&app, &headers, &uri, Permission::Read, Some(&name))?;
    let wanted = Wanted::Number(number.unwrap_or_default());
    let (sort, columns) = (Sort::default(), Columns::default());
    let page = Page { offset: 0, limit: 1 };
    let search = Search { list: Some(name), wanted, sort, page, columns };
    // One look-up: no other thread is needed for it.
    search::run(app.manager(), &visit.domain, &search).map(Json)
}

/// `POST /searches`.
pub(super) async fn search(app: &App, headers: &HeaderMap, uri: &Uri, body: Body) -> Documents {
    let visit = enter(app, headers, uri, Permission::Read, None)?;
    let mut search =
        filter::read(&request::read_from(app, &visit.principal, body).await?, &visit.domain)?;
    if let Some(own) = visit.principal.list {
        if search.list.as_ref().is_some_and(|list| *list != own) {
            search.wanted = Wanted::Nothing;
        }
        search.list = Some(own);
    }
    pages(app, visit.domain, search).await
}

async fn pages(app: &App, domain: String, search: Search) -> Documents {
    let manager = app.manager().clone();
    let found = app
        .blocking(move || Ok::<_, callbar_store::Error>(search::run(&manager, &domain, &search)))
        .await?;
    found.map(Json)
}
