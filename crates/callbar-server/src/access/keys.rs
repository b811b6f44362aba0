//! Makes keys: what the holder is given once, and what the store keeps.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::credential::hash;
use crate::access::guard::token;
use crate::access::jwt;
use crate::access::secret::{Secret, hex, random};
use callbar_store::{CredentialKind, Operation, Result, Role};

/// How long a token of Webitel's is good, in milliseconds: ten years, because its key can be revoked at any
/// time.
const TOKEN_LIFE: u64 = 10 * 365 * 24 * 3_600 * 1_000;

/// A key to make.
///
/// # Examples
/// ```
/// use callbar_server::{KeyRequest, Secret, issue};
/// use callbar_store::{CredentialKind, Role};
///
/// let request = KeyRequest {
///     kind: CredentialKind::Native,
///     domain: Some("my.example".into()),
///     list: None,
///     role: Role::Editor,
///     label: "web form".into(),
/// };
/// let (issued, _) = issue(request, &Secret::random()?, 1_790_000_000_000)?;
/// assert!(issued.token.is_some_and(|token| token.starts_with("cb_")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    /// The interface that it is good for.
    pub kind: CredentialKind,
    /// The one domain that it is good for.
    pub domain: Option<String>,
    /// The one list of that domain.
    pub list: Option<String>,
    /// What its holder may do.
    pub role: Role,
    /// A name for people.
    pub label: String,
}

/// What the holder of a new key is given. It is shown once.
///
/// # Examples
/// ```
/// use callbar_server::{KeyRequest, Secret, issue};
/// use callbar_store::{CredentialKind, Role};
///
/// let request = KeyRequest {
///     kind: CredentialKind::Iletimerkezi,
///     domain: Some("my.example".into()),
///     list: None,
///     role: Role::Editor,
///     label: "web form".into(),
/// };
/// let (issued, _) = issue(request, &Secret::random()?, 1_790_000_000_000)?;
/// assert!(issued.key.is_some() && issued.hash.is_some() && issued.token.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The token of a native key or of one for Webitel's interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The name of a key for Webitel's interface or for iletimerkezi's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The secret of a key for iletimerkezi's interface, which calls it a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// Makes a key. Returns what its holder is given, and the operation that stores its hash.
///
/// # Errors
/// [`callbar::Error::Io`] if the system has no random bytes.
///
/// # Examples
/// ```
/// use callbar_server::{KeyRequest, issue};
/// use callbar_store::{CredentialKind, Role};
///
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/example.rs")); }
/// # let (directory, app) = example::app();
/// # let data = directory.path();
/// let request = KeyRequest {
///     kind: CredentialKind::Native,
///     domain: Some("my.example".into()),
///     list: None,
///     role: Role::Editor,
///     label: "web form".into(),
/// };
/// let (issued, put) = issue(request, app.secret(), app.now_ms())?;
/// app.apply_here("admin", vec![put])?;
/// println!("shown once: {}", issued.token.expect("a token"));
/// assert_eq!(app.read(|reader| reader.credentials())?[0].label, "web form");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn issue(request: KeyRequest, secret: &Secret, now_ms: u64) -> Result<(Issued, Operation)> {
    let KeyRequest { kind, domain, list, role, label } = request;
    let salt: [u8; 16] = random()?;
    let (issued, key, hashed) = match kind {
        CredentialKind::Native => {
            let (key, bytes) = (hex(&random::<8>()?), random::<32>()?);
            let issued = Issued { token: Some(token(&key, &bytes)), key: None, hash: None };
            (issued, key, hash(&salt, hex(&bytes).as_bytes()))
        }
        CredentialKind::Iletimerkezi => {
            let (key, sent) = (hex(&random::<16>()?), hex(&random::<32>()?));
            let hashed = hash(&salt, sent.as_bytes());
            (Issued { token: None, key: Some(key.clone()), hash: Some(sent) }, key, hashed)
        }
        CredentialKind::Webitel => {
            let key = uuid()?;
            let claims = json!({
                "exp": now_ms.saturating_add(TOKEN_LIFE),
                "key": key,
                "acl": {"blacklist": letters(role)},
            });
            let token = jwt::sign(secret.bytes(), &claims);
            let hashed = hash(&salt, token.as_bytes());
            (Issued { token: Some(token), key: Some(key.clone()), hash: None }, key, hashed)
        }
    };
    let salt = salt.to_vec();
    let put = Operation::PutKey { kind, key, secret: hashed, salt, domain, list, role, label };
    Ok((issued, put))
}

/// The rights of a role in Webitel's letters. Its clients show them; the server checks the role of the key.
fn letters(role: Role) -> &'static [&'static str] {
    match role {
        Role::Reader => &["r"],
        Role::Editor | Role::Admin => &["r", "c", "d"],
    }
}

/// A random UUID, version 4 of RFC 9562.
fn uuid() -> Result<String> {
    let mut bytes: [u8; 16] = random()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_keeps_a_hash_and_not_the_secret() {
        let secret = Secret::random().unwrap();
        for kind in [CredentialKind::Native, CredentialKind::Webitel, CredentialKind::Iletimerkezi]
        {
            let (domain, list) = (Some("my.example".to_owned()), Some("spam".to_owned()));
            let label = String::new();
            let request = KeyRequest { kind, domain, list, role: Role::Editor, label };
            let (issued, put) = issue(request, &secret, 1_790_000_000_000).unwrap();
            let Operation::PutKey { secret: hashed, salt, key, .. } = put else { panic!() };
            let sent = match kind {
                CredentialKind::Native => {
                    let token = issued.token.as_deref().unwrap();
                    token.strip_prefix(&format!("cb_{key}_")).unwrap().to_owned()
                }
                CredentialKind::Webitel => {
                    let token = issued.token.clone().unwrap();
                    assert_eq!(jwt::verify(secret.bytes(), &token).unwrap()["key"], key);
                    assert_eq!((key.len(), key.as_bytes()[14]), (36, b'4'));
                    token
                }
                CredentialKind::Iletimerkezi => issued.hash.clone().unwrap(),
            };
            assert_eq!(hash(&salt, sent.as_bytes()), hashed);
            assert!(!hashed.windows(8).any(|part| sent.as_bytes().windows(8).any(|w| w == part)));
        }
    }
}
