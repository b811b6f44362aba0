//! A key as the store has it, and the caller that it stands for.
//!
//! The store keeps a salted SHA-256 of each secret. A secret is 256 random bits, so a slow hash would add
//! nothing. A comparison takes the same time wherever two secrets differ.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use callbar_store::{CredentialKind, Reader, Result, Role};

/// A caller whose key was good.
///
/// # Examples
/// ```
/// use callbar_server::Principal;
///
/// let owner = Principal::local();
/// assert!(owner.who == "local" && owner.key.is_none(), "the owner needs no key");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its name in the log of changes: the kind and the name of its key, no secret.
    pub who: String,
    /// The kind and the name of its key; `None` for the owner of the data directory, who needs none.
    pub key: Option<(CredentialKind, String)>,
    /// What it may do.
    pub(super) role: Role,
    /// The one domain that it may act in, in lower case; `None` for all.
    pub(super) domain: Option<String>,
    /// The one list of that domain; `None` for all.
    pub(super) list: Option<String>,
}

impl Principal {
    /// The owner of the data directory, who could change the store anyway.
    ///
    /// # Examples
    /// ```
    /// use callbar_server::Principal;
    ///
    /// assert_eq!(Principal::local().who, "local");
    /// ```
    #[must_use]
    pub fn local() -> Self {
        Self { who: "local".into(), key: None, role: Role::Admin, domain: None, list: None }
    }
}

/// A key with the hash of its secret.
#[derive(Clone)]
pub(crate) struct StoredKey {
    pub(crate) principal: Principal,
    pub(crate) secret: Vec<u8>,
    pub(crate) salt: Vec<u8>,
}

impl StoredKey {
    /// Reads a key from the store; `None` if there is none, if it was revoked, or if its domain was
    /// removed.
    ///
    /// # Errors
    /// [`callbar_store::Error::Store`]
    pub(crate) fn read(
        reader: &Reader<'_>,
        kind: CredentialKind,
        key: &str,
    ) -> Result<Option<Self>> {
        let Some(found) = reader.credential(kind, key)? else { return Ok(None) };
        if found.revoked.is_some() {
            return Ok(None);
        }
        let domain = match found.domain {
            None => None,
            Some(row) => match reader.domain_at(row)? {
                // The key of a domain that was removed is no longer valid.
                None => return Ok(None),
                Some(domain) => Some(domain.name),
            },
        };
        let who = format!("{}:{}", kind.as_str(), found.key);
        let key = Some((kind, found.key));
        let principal = Principal { who, key, role: found.role, domain, list: found.list };
        Ok(Some(Self { principal, secret: found.secret, salt: found.salt }))
    }

    /// Reports whether this is the secret of the key.
    #[must_use]
    pub(crate) fn has_secret(&self, secret: &[u8]) -> bool {
        equal(&hash(&self.salt, secret), &self.secret)
    }
}

/// The hash of a secret that the store keeps.
#[must_use]
pub(crate) fn hash(salt: &[u8], secret: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(salt).chain_update(secret).finalize().to_vec()
}

/// Compares two secrets in a time that depends on their lengths alone.
#[must_use]
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_salted() {
        assert_ne!(hash(b"1", b"secret"), hash(b"2", b"secret"));
        assert!(equal(&hash(b"1", b"secret"), &hash(b"1", b"secret")));
        assert!(!equal(b"a", b"ab"));
    }
}
