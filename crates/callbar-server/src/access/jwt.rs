//! Tokens of Webitel's clients: a JWT (RFC 7515 and 7519) that is signed with HS256.
//!
//! By hand, because a library for JWT brings every other algorithm, and the attacks on the choice among
//! them: here the header must say HS256, and chooses nothing. The caller checks when a token expires.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::access::credential::equal;

/// The length of the longest token that is looked at.
const LONGEST: usize = 8 * 1024;

/// Makes a token with these claims.
#[must_use]
pub(crate) fn sign(secret: &[u8], claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(hmac(secret, signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Returns the claims of a token that was signed with this secret.
#[must_use]
pub(crate) fn verify(secret: &[u8], token: &str) -> Option<Map<String, Value>> {
    if token.len() > LONGEST {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !equal(&hmac(secret, signed.as_bytes()), &signature) {
        return None;
    }
    let header = object(header)?;
    (header.get("alg")? == "HS256").then_some(())?;
    object(claims)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// HMAC-SHA256.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_signed_token_is_verified() {
        let token = sign(b"secret", &json!({"exp": 1_442_002_179_358_u64}));
        assert_eq!(verify(b"secret", &token).unwrap()["exp"], 1_442_002_179_358_u64);
        assert_eq!(verify(b"other", &token), None);
    }

    #[test]
    fn the_header_chooses_no_algorithm() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"exp":1}"#);
        for alg in ["none", "HS512", "RS256"] {
            let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}"}}"#));
            let signed = format!("{header}.{claims}");
            let signature = URL_SAFE_NO_PAD.encode(hmac(b"secret", signed.as_bytes()));
            assert_eq!(verify(b"secret", &format!("{signed}.{signature}")), None, "{alg}");
            assert_eq!(verify(b"secret", &format!("{signed}.")), None, "{alg}");
        }
    }

    #[test]
    fn garbage_is_refused() {
        for token in ["", ".", "..", "a.b.c", "a.b", &"a".repeat(10_000)] {
            assert_eq!(verify(b"secret", token), None, "{token}");
        }
    }
}
