//! Keys made and shown: what is given to the caller once, and what is kept of it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::credential::hash;
use super::jwt;
use super::route::token;
use super::secret::{Secret, hex, random};
use callbar_store::{CredentialKind, Operation, Result, Role};

/// How long a token of Webitel's is good for, in milliseconds: ten years, for its key can be revoked
/// at any time.
const TOKEN_LIFE: u64 = 10 * 365 * 24 * 3_600 * 1_000;

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    /// The interface that it is for.
    pub kind: CredentialKind,
    /// The one domain that it is good for.
    pub domain: Option<String>,
    /// The one list of that domain.
    pub list: Option<String>,
    /// What it allows.
    pub role: Role,
    /// For people.
    pub label: String,
}

/// What the holder of a new key is given, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Of a native key and of Webitel's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Of iletimerkezi's and of Webitel's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Of iletimerkezi's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A new key, and the operation that stores what is needed to know it again.
///
/// # Errors
/// [`callbar::Error::Io`] if the system has no random bytes.
pub fn issue(request: KeyRequest, secret: &Secret, now_ms: u64) -> Result<(Issued, Operation)> {
    let KeyRequest { kind, domain, list, role, label } = request;
    let salt: [u8; 16] = random()?;
    let (issued, key, held) = match kind {
        CredentialKind::Native => {
            let (key, bytes) = (hex(&random::<8>()?), random::<32>()?);
            let issued = Issued { token: Some(token(&key, &bytes)), key: None, hash: None };
            (issued, key, hash(&salt, hex(&bytes).as_bytes()))
        }
        CredentialKind::Iletimerkezi => {
            let (key, sent) = (hex(&random::<16>()?), hex(&random::<32>()?));
            let held = hash(&salt, sent.as_bytes());
            (Issued { token: None, key: Some(key.clone()), hash: Some(sent) }, key, held)
        }
        CredentialKind::Webitel => {
            let key = uuid()?;
            let claims = json!({
                "exp": now_ms.saturating_add(TOKEN_LIFE),
                "key": key,
                "acl": {"blacklist": letters(role)},
            });
            let token = jwt::sign(secret.bytes(), &claims);
            let held = hash(&salt, token.as_bytes());
            (Issued { token: Some(token), key: Some(key.clone()), hash: None }, key, held)
        }
    };
    let salt = salt.to_vec();
    let put = Operation::PutKey { kind, key, secret: held, salt, domain, list, role, label };
    Ok((issued, put))
}

/// What a role may do, in Webitel's letters. Its clients show it; it is the key's role that counts.
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
    fn what_is_stored_knows_its_key_and_does_not_tell_it() {
        let secret = Secret::random().unwrap();
        for kind in [CredentialKind::Native, CredentialKind::Webitel, CredentialKind::Iletimerkezi]
        {
            let (domain, list) = (Some("my.example".to_owned()), Some("spam".to_owned()));
            let label = String::new();
            let request = KeyRequest { kind, domain, list, role: Role::Editor, label };
            let (issued, put) = issue(request, &secret, 1_790_000_000_000).unwrap();
            let Operation::PutKey { secret: held, salt, key, .. } = put else { panic!() };
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
            assert_eq!(hash(&salt, sent.as_bytes()), held);
            assert!(!held.windows(8).any(|part| sent.as_bytes().windows(8).any(|w| w == part)));
        }
    }
}
