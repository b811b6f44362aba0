//! The three calls.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;

use super::fault::Fault;
use super::language::Language;
use super::reply::{self, Form, Listed};
use super::request::Request;
use super::{json, xml};
use crate::access::auth::{KeyRejection, Permission, Scope, authorize};
use crate::access::credential::Principal;
use crate::app::App;
use crate::request;
use callbar::{EntryKind, Outcome};
use callbar_store::{Applied, CredentialKind, Direction, Made, NewEntry, Operation};

/// Bytes of a request, some hundred of which are used. They come before anybody can tell who sends
/// them, so there are not to be many.
const BODY_MAX: usize = 16 << 10;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Get,
    Add,
    Delete,
}

/// Does what a request asks for, and answers it.
pub(super) async fn serve(
    app: &App,
    call: Call,
    form: Form,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let language = Language::of(headers);
    match perform(app, call, form, body).await {
        Ok(listed) => reply::done(form, language, listed.as_ref()),
        Err(fault) => reply::refuse(form, language, fault),
    }
}

async fn perform(app: &App, call: Call, form: Form, body: Body) -> Result<Option<Listed>, Fault> {
    let body = request::read(BODY_MAX, body).await?;
    let request = match form {
        Form::Json => json::read(&body)?,
        Form::Xml => xml::read(&body)?,
    };
    let account = Account::of(app, &request)?;
    account.may(match call {
        Call::Get => Permission::Read,
        Call::Add => Permission::Create,
        Call::Delete => Permission::Delete,
    })?;
    match call {
        Call::Get => account.get(app, &request).await.map(Some),
        Call::Add => account.add(app, request.number()?).await.map(|()| None),
        Call::Delete => account.delete(app, request.number()?).await.map(|()| None),
    }
}

/// A caller and its list.
struct Account {
    principal: Principal,
    domain: String,
    list: String,
}

impl Account {
    /// # Errors
    /// [`Fault::Unauthorized`], [`Fault::TooMany`].
    fn of(app: &App, request: &Request) -> Result<Self, Fault> {
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
        let (domain, list) = (principal.domain.clone(), principal.list.clone());
        let (domain, list) = domain.zip(list).ok_or(Fault::Unauthorized)?;
        Ok(Self { principal, domain, list })
    }

    /// # Errors
    /// [`Fault::Forbidden`]
    fn may(&self, permission: Permission) -> Result<(), Fault> {
        let scope = Scope::List(&self.domain, &self.list);
        authorize(&self.principal, permission, scope).map_err(Fault::from)
    }

    async fn get(self, app: &App, request: &Request) -> Result<Listed, Fault> {
        let made = request.made()?;
        let (offset, rows) = request.page()?;
        let manager = app.manager().clone();
        let listed = app.blocking(move || self.listed(&manager, &made, offset, rows)).await?;
        Ok(listed)
    }

    /// A page, and how many numbers all pages have.
    fn listed(
        &self,
        manager: &callbar_store::Manager,
        made: &Made,
        offset: u64,
        rows: u32,
    ) -> callbar_store::Result<Listed> {
        let now = manager.now();
        manager.store().read(|reader| {
            let list = match reader.domain(&self.domain)? {
                None => None,
                Some(domain) => reader.list(domain.row, &self.list)?,
            };
            // The list goes with its last number, and comes with the next.
            let Some(list) = list else { return Ok(Listed { count: 0, numbers: Vec::new() }) };
            let count = reader.live_count(list.row, made, now)?;
            let up = Direction::Ascending;
            let page = reader.live_page(list.row, made, up, offset, rows, now)?;
            let numbers = page.iter().map(callbar_store::StoredEntry::canonical).collect();
            Ok(Listed { count, numbers })
        })
    }

    /// # Errors
    /// [`Fault::Number`] for what is no telephone number, and those of the store.
    async fn add(self, app: &App, number: String) -> Result<(), Fault> {
        // Patterns and short codes are not for this interface to add.
        let entry = NewEntry { number, number_only: true, ..NewEntry::default() };
        app.add_number(&self.principal, self.domain, self.list, entry).await?;
        Ok(())
    }

    /// What another interface put on the list can be taken off it, whatever it is.
    ///
    /// # Errors
    /// [`Fault::NotListed`]; [`Fault::Number`] of what could not be added here; those of the store.
    async fn delete(self, app: &App, number: String) -> Result<(), Fault> {
        let Self { principal, domain, list } = self;
        let remove = Operation::Remove { domain, list, number, drop_empty: false };
        match app.apply(&principal, vec![remove]).await?.as_slice() {
            [Applied::Entry { outcome: Outcome::Removed, .. }] => Ok(()),
            [Applied::Entry { key: Some(key), .. }] if key.kind() == EntryKind::E164 => {
                Err(Fault::NotListed)
            }
            _ => Err(Fault::Number),
        }
    }
}
