//! Decides who a caller is, and what it may do. Nothing else decides either.
//!
//! Each interface reads a key from where its clients put it and calls [`App::identify`]. Then
//! [`authorize`] says whether the caller may do what it asks for. Where a request names no domain or no list,
//! [`Principal::only_domain`] and [`Principal::only_list`] say what it is about. Role, domain and list of a
//! [`Principal`] are visible in `access` alone.

use super::credential::{Principal, StoredKey};
use crate::app::App;
use crate::error::ApiError;
use crate::observe::request_log;
use callbar_store::{CredentialKind, Result, Role};

/// The right that a request needs.
///
/// # Examples
/// ```
/// use callbar_server::{Method, Needs, Permission, routes};
///
/// let is_put_of_list = |path: &str| path == "/callbar/v1/domains/{domain}/lists/{list}";
/// let row = routes().into_iter().find(|row| row.method == Method::PUT && is_put_of_list(&row.path));
/// assert_eq!(row.map(|row| row.needs), Some(Needs::Path(Permission::Create)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// To read.
    Read,
    /// To make or change lists and entries.
    Create,
    /// To remove lists and entries.
    Delete,
    /// To change domains and keys, and to read the log of changes.
    Admin,
}

/// What a request reads or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// The server as a whole.
    Server,
    /// The caller's own: the answer holds nothing else.
    Own,
    /// A domain with all of its lists.
    Domain(&'a str),
    /// One list of a domain.
    List(&'a str, &'a str),
}

/// Refuses a caller whose role, domain or list does not allow it. Does not say whether the domain or the
/// list exists.
///
/// # Errors
/// 403 `forbidden`.
pub(crate) fn authorize(
    principal: &Principal,
    permission: Permission,
    scope: Scope<'_>,
) -> Result<(), ApiError> {
    let allowed = match principal.role {
        Role::Admin => true,
        Role::Editor => permission != Permission::Admin,
        Role::Reader => permission == Permission::Read,
    };
    if !allowed {
        return Err(ApiError::forbidden("the role of this key does not allow it"));
    }
    let own = |domain: &str| {
        principal.domain.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(domain))
    };
    let inside = match scope {
        Scope::Server => principal.domain.is_none() && principal.list.is_none(),
        Scope::Own => true,
        Scope::Domain(domain) => own(domain) && principal.list.is_none(),
        Scope::List(domain, list) => {
            own(domain) && principal.list.as_deref().is_none_or(|own| own == list)
        }
    };
    if inside { Ok(()) } else { Err(ApiError::forbidden("this key is of another domain or list")) }
}

impl Principal {
    /// The one domain that it may read and change, in lower case; `None` if it may all.
    #[must_use]
    pub fn only_domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// The one list of that domain; `None` if it may read and change all.
    #[must_use]
    pub fn only_list(&self) -> Option<&str> {
        self.list.as_deref()
    }
}

/// Why a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyRejection {
    /// There is no such key, or it was revoked.
    UnknownKey,
    /// The key exists, but its secret is another.
    WrongSecret,
    /// The key is good, but has sent too many requests.
    TooManyRequests,
}

impl App {
    /// Returns the caller who has the key of this kind and name, or why the key is refused. `is_good` checks
    /// the secret that came with the name. Counts against the rate of the key.
    ///
    /// # Errors
    /// [`callbar_store::Error::Store`]
    pub(crate) fn identify(
        &self,
        kind: CredentialKind,
        key: &str,
        is_good: impl FnOnce(&StoredKey) -> bool,
    ) -> Result<Result<Principal, KeyRejection>> {
        let Some(found) = self.key(kind, key)? else { return Ok(Err(KeyRejection::UnknownKey)) };
        if !is_good(&found) {
            return Ok(Err(KeyRejection::WrongSecret));
        }
        request_log::set_caller(&found.principal.who);
        if !self.state.rates.take(&found.principal.who) {
            return Ok(Err(KeyRejection::TooManyRequests));
        }
        Ok(Ok(found.principal.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(role: Role, domain: Option<&str>, list: Option<&str>) -> Principal {
        let own = |text: &str| text.to_owned();
        let (domain, list) = (domain.map(own), list.map(own));
        Principal { who: "test".into(), key: None, role, domain, list }
    }

    #[test]
    fn roles_allow_what_they_say() {
        use Permission::{Admin, Create, Delete, Read};
        let may = |role, permission| {
            authorize(&principal(role, None, None), permission, Scope::Server).is_ok()
        };
        assert!([Read, Create, Delete, Admin].iter().all(|&p| may(Role::Admin, p)));
        assert_eq!(
            [Read, Create, Delete, Admin].map(|p| may(Role::Editor, p)),
            [true, true, true, false]
        );
        assert_eq!(
            [Read, Create, Delete, Admin].map(|p| may(Role::Reader, p)),
            [true, false, false, false]
        );
    }

    #[test]
    fn a_key_stays_in_its_domain_and_list() {
        let may = |domain, list, scope| {
            authorize(&principal(Role::Admin, domain, list), Permission::Read, scope).is_ok()
        };
        assert!(may(None, None, Scope::Domain("a")));
        assert!(may(Some("a"), None, Scope::Domain("A")));
        assert!(may(Some("a"), None, Scope::List("a", "x")));
        assert!(!may(Some("a"), None, Scope::Domain("b")));
        assert!(!may(Some("a"), None, Scope::Server));
        assert!(may(Some("a"), Some("x"), Scope::List("a", "x")));
        assert!(!may(Some("a"), Some("x"), Scope::List("a", "X")));
        assert!(!may(Some("a"), Some("x"), Scope::List("b", "x")));
        assert!(!may(Some("a"), Some("x"), Scope::Domain("a")));
    }
}
