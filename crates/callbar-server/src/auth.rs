//! Who a caller is, and what that allows: the one place where both are decided.
//!
//! Each interface reads credentials from where its clients put them, and asks [`App::identify`]; what
//! a caller may do is for [`authorize`] to say.

use super::app::App;
use super::credential::{Held, Principal};
use super::error::ApiError;
use super::who;
use callbar_store::{CredentialKind, Result, Role};

/// What a request asks to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// To see.
    Read,
    /// To make or change lists and entries.
    Create,
    /// To remove lists and entries.
    Delete,
    /// To change domains and keys, and to read the log of changes.
    Admin,
}

/// What a request asks to do it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// The server as a whole.
    Server,
    /// Whatever is the caller's own: the answer holds nothing else.
    Own,
    /// A domain, all of its lists included.
    Domain(&'a str),
    /// One list of a domain.
    List(&'a str, &'a str),
}

/// Whether a caller may do that. It says nothing about whether the domain or the list exists.
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

/// Why a caller is nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// No such key, or it was revoked.
    Key,
    /// The key is there; what came with it is wrong.
    Secret,
    /// The key is good and has asked too often.
    TooMany,
}

impl App {
    /// The caller who has the key of this kind and name, if `is_good` says so of what else came with
    /// it; else why it is nobody. Counts against the rate of the key.
    ///
    /// # Errors
    /// [`callbar_store::Error::Store`]
    pub(crate) fn identify(
        &self,
        kind: CredentialKind,
        key: &str,
        is_good: impl FnOnce(&Held) -> bool,
    ) -> Result<Result<Principal, Unknown>> {
        let Some(held) = self.credential(kind, key)? else { return Ok(Err(Unknown::Key)) };
        if !is_good(&held) {
            return Ok(Err(Unknown::Secret));
        }
        who::note(&held.principal.who);
        if !self.may_ask(&held.principal.who) {
            return Ok(Err(Unknown::TooMany));
        }
        Ok(Ok(held.principal.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(role: Role, domain: Option<&str>, list: Option<&str>) -> Principal {
        let own = |text: &str| text.to_owned();
        let (domain, list) = (domain.map(own), list.map(own));
        Principal { who: "test".into(), key: None, role, domain, list }
    }

    #[test]
    fn roles_allow_what_they_say() {
        use Permission::{Admin, Create, Delete, Read};
        let may =
            |role, permission| authorize(&of(role, None, None), permission, Scope::Server).is_ok();
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
            authorize(&of(Role::Admin, domain, list), Permission::Read, scope).is_ok()
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
