//! The three calls: read a page of the list, add a number, remove a number.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::FromRequest;
use axum::response::Response;
use callbar::{EntryKind, Outcome};
use callbar_store::{Applied, CredentialKind, Direction, NewEntry, Operation, Reader, StoredEntry};

use super::fault::{Fault, Language};
use super::reply::{self, Form, NumberPage};
use super::request::Request;
use super::{json, xml};
use crate::access::auth::{KeyRejection, Permission, Scope, authorize};
use crate::access::credential::Principal;
use crate::access::guard::Needs;
use crate::app::App;
use crate::request;

/// Bytes of a request, which needs some hundred. They are read before the key is known, so there must not be
/// many.
const BODY_MAX: usize = 16 << 10;

/// A request of any of the three calls.
pub(crate) struct CallRequest {
    app: App,
    needs: Needs,
    form: Form,
    language: Language,
    body: Body,
}

impl FromRequest<App> for CallRequest {
    type Rejection = Infallible;

    async fn from_request(request: axum::extract::Request, app: &App) -> Result<Self, Infallible> {
        let needs = request.extensions().get().copied().unwrap_or(Needs::Path(Permission::Admin));
        let form = Form::from_path(request.uri().path());
        let language = Language::from_headers(request.headers());
        Ok(Self { app: app.clone(), needs, form, language, body: request.into_body() })
    }
}

impl CallRequest {
    /// Reads the request and its key, does the call, and answers.
    async fn answer<F>(self, call: impl FnOnce(Account, Request) -> F) -> Response
    where
        F: Future<Output = Result<Option<NumberPage>, Fault>>,
    {
        let Self { app, needs, form, language, body } = self;
        let perform = async {
            let body = request::read(BODY_MAX, body).await?;
            let request = match form {
                Form::Json => json::read(&body)?,
                Form::Xml => xml::read(&body)?,
            };
            let account = Account::identify(app, needs, &request)?;
            call(account, request).await
        };
        match perform.await {
            Ok(page) => reply::done(form, language, page.as_ref()),
            Err(fault) => reply::refuse(form, language, fault),
        }
    }
}

/// `POST /v1/get-blacklist`: a page of the list.
pub(crate) async fn get(request: CallRequest) -> Response {
    request.answer(async |account, request| account.get(&request).await.map(Some)).await
}

/// `POST /v1/add-blacklist`: puts a number on the list.
pub(crate) async fn add(request: CallRequest) -> Response {
    request
        .answer(async |account, request| account.add(request.number()?).await.map(|()| None))
        .await
}

/// `POST /v1/delete-blacklist`: takes a number off the list.
pub(crate) async fn delete(request: CallRequest) -> Response {
    request
        .answer(async |account, request| account.delete(request.number()?).await.map(|()| None))
        .await
}

/// A caller and its list.
struct Account {
    app: App,
    principal: Principal,
    domain: String,
    list: String,
}

impl Account {
    /// # Errors
    /// [`Fault::Unauthorized`], [`Fault::TooMany`], [`Fault::Forbidden`].
    fn identify(app: App, needs: Needs, request: &Request) -> Result<Self, Fault> {
        let key = request.key.as_deref().unwrap_or_default();
        let hash = request.hash.as_deref().unwrap_or_default();
        let known = app.identify(CredentialKind::Iletimerkezi, key, |stored| {
            stored.has_secret(hash.as_bytes())
        });
        let principal = known?.map_err(|rejection| match rejection {
            KeyRejection::UnknownKey | KeyRejection::WrongSecret => Fault::Unauthorized,
            KeyRejection::TooManyRequests => Fault::TooMany,
        })?;
        // A key without a domain and a list has nothing to work on.
        let place = principal.only_domain().zip(principal.only_list());
        let (domain, list) = place.ok_or(Fault::Unauthorized)?;
        let permission = needs.permission().unwrap_or(Permission::Admin);
        authorize(&principal, permission, Scope::List(domain, list))?;
        let (domain, list) = (domain.to_owned(), list.to_owned());
        Ok(Self { app, principal, domain, list })
    }

    /// A page, and how many numbers all pages have.
    async fn get(self, request: &Request) -> Result<NumberPage, Fault> {
        let made = request.made()?;
        let (offset, rows) = request.page()?;
        let Self { app, domain, list, .. } = self;
        let now = app.manager().now();
        let page = move |reader: &Reader<'_>| {
            // A list goes with its last number, and comes with the next.
            let Some(list) = reader.list_by_name(&domain, &list)? else {
                return Ok(NumberPage { count: 0, numbers: Vec::new() });
            };
            let count = reader.live_count(list.row, &made, now)?;
            let up = Direction::Ascending;
            let page = reader.live_page(list.row, &made, up, offset, rows, now)?;
            let numbers = page.iter().map(StoredEntry::canonical).collect();
            Ok(NumberPage { count, numbers })
        };
        Ok(app.read_all(page).await?)
    }

    /// # Errors
    /// [`Fault::Number`] for what is no telephone number, and those of the store.
    async fn add(self, number: String) -> Result<(), Fault> {
        // This interface adds no patterns and no short codes.
        let entry = NewEntry { number, number_only: true, ..NewEntry::default() };
        let Self { app, principal, domain, list } = self;
        app.add_number(&principal, domain, list, entry).await?;
        Ok(())
    }

    /// Takes off any entry, also one that another interface put on the list.
    ///
    /// # Errors
    /// [`Fault::NotListed`]; [`Fault::Number`] for what could not be added here; those of the store.
    async fn delete(self, number: String) -> Result<(), Fault> {
        let Self { app, principal, domain, list } = self;
        let remove = Operation::remove(domain, list, number);
        match app.apply(&principal, vec![remove]).await?.as_slice() {
            [Applied::Entry { outcome: Outcome::Removed, .. }] => Ok(()),
            [Applied::Entry { key: Some(key), .. }] if key.kind() == EntryKind::E164 => {
                Err(Fault::NotListed)
            }
            _ => Err(Fault::Number),
        }
    }
}
