//! The log of changes: who did what, and when. The store keeps it for 400 days.

use axum::extract::State;
use axum::http::Uri;
use axum::{Extension, Json};
use serde::Deserialize;

use super::JsonResult;
use super::page::limit;
use crate::access::auth::{Permission, Scope, authorize};
use crate::access::guard::Caller;
use crate::api::Page;
use crate::app::App;
use crate::request::query;
use callbar_store::AuditRecord;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    domain: Option<String>,
    after: Option<u64>,
    limit: Option<u32>,
}

/// `GET /callbar/v1/audit`: the newest first. A caller of one domain sees the changes of its domain, and none
/// from before the domain was made.
pub(crate) async fn all(
    State(app): State<App>,
    Extension(caller): Caller,
    uri: Uri,
) -> JsonResult<Page<AuditRecord>> {
    let AuditQuery { domain, after, limit: most } = query(&uri)?;
    let most = limit(most)?;
    let domain = domain.or_else(|| caller.only_domain().map(str::to_owned));
    let scope = domain.as_deref().map_or(Scope::Server, Scope::Domain);
    authorize(&caller, Permission::Admin, scope)?;
    // The store keeps names of domains in lower case.
    let domain = domain.map(|domain| domain.to_ascii_lowercase());
    let records = app.read(|reader| match caller.only_domain() {
        Some(own) => reader.domain_audit(reader.require_domain_row(own)?, after, most + 1),
        None => reader.audit(domain.as_deref(), after, most + 1),
    })?;
    Ok(Json(Page::new(records, most, |last| last.id.to_string())))
}
