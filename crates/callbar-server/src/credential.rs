//! A credential as it is known here: whose it is, and what it is compared with.
//!
//! Secrets are kept as salted SHA-256: they are 256 random bits, so a slow hash would add nothing.
//! Comparing takes the same time wherever two differ.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use callbar_store::{CredentialKind, Reader, Result, Role};

/// A caller whose credential was good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// What the log of changes calls it: the kind and the name of its key, no secret.
    pub who: String,
    /// The kind and the name of its key; `None` of who came without.
    pub key: Option<(CredentialKind, String)>,
    /// What it may do.
    pub role: Role,
    /// The one domain that it may do that in, in lower case; `None` for all.
    pub domain: Option<String>,
    /// The one list of that domain; `None` for all.
    pub list: Option<String>,
}

impl Principal {
    /// Whoever may open the socket in the data directory, and so read the store itself.
    #[must_use]
    pub fn local() -> Self {
        Self { who: "local".into(), key: None, role: Role::Admin, domain: None, list: None }
    }
}

/// What a credential is compared with.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) principal: Principal,
    pub(crate) secret: Vec<u8>,
    pub(crate) salt: Vec<u8>,
}

impl Held {
    /// The key of this name as the store has it; `None` if there is none, if it was revoked, and if
    /// its domain was removed.
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
                // A key outlives its domain for nothing.
                None => return Ok(None),
                Some(domain) => Some(domain.name),
            },
        };
        let who = format!("{}:{}", kind.as_str(), found.key);
        let key = Some((kind, found.key));
        let principal = Principal { who, key, role: found.role, domain, list: found.list };
        Ok(Some(Self { principal, secret: found.secret, salt: found.salt }))
    }

    /// Whether this is the secret.
    #[must_use]
    pub(crate) fn is_secret(&self, secret: &[u8]) -> bool {
        same(&hash(&self.salt, secret), &self.secret)
    }
}

/// What the store keeps of a secret.
#[must_use]
pub(crate) fn hash(salt: &[u8], secret: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(salt).chain_update(secret).finalize().to_vec()
}

/// Whether two are equal, in a time that tells nothing but their lengths.
#[must_use]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_salted() {
        assert_ne!(hash(b"1", b"secret"), hash(b"2", b"secret"));
        assert!(same(&hash(b"1", b"secret"), &hash(b"1", b"secret")));
        assert!(!same(b"a", b"ab"));
    }
}
