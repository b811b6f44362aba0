//! SIP, SIPS and tel URIs: finds user and host in them.
//!
//! Cuts, and decodes nothing: it returns parts of the text as it stands. Never fails, because it also sees what
//! operators and old equipment write. `header` reads headers.
//! Sources: RFC 3261 sections 19.1.1 and 25.1, RFC 3966 section 3.

use crate::number::characters::{Characters, PercentDecoded, may_stand_in_user};

/// What service URNs begin with, in any case.
pub(crate) const SERVICE_URN: &[u8] = b"urn:service:";

/// The parts of an address that say who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    pub(crate) scheme: Scheme,
    /// User or telephone subscriber with its parameters, without password; may be empty.
    pub(crate) user: &'a [u8],
    /// Without port and parameters; empty if there is none. A tel URI has none.
    pub(crate) host: &'a [u8],
    /// All that follows the scheme.
    pub(crate) rest: &'a [u8],
}

impl<'a> Address<'a> {
    /// Reads a URI or a bare user, in which brackets and quotes open nothing.
    pub(crate) fn from_uri(text: &'a [u8]) -> Self {
        let (scheme, rest) = scheme(text.trim_ascii());
        let (user, host) = match (scheme, position(rest, b"@")) {
            // A tel URI has neither host, password nor headers; among spaces it is a label, "Tel: ...".
            (Scheme::Tel, _) if rest.contains(&b' ') => (rest, &rest[..0]),
            (Scheme::Tel, _) => (until(rest, TEL_ENDS), &rest[..0]),
            (_, Some(at)) => (without_password(&rest[..at]), &rest[at + 1..]),
            // A SIP URI without a user names a host. A host of digits alone is read as the number.
            (Scheme::Sip, None) if !looks_dialled(rest) => (&rest[..0], rest),
            (Scheme::Sip, None) => (until(rest, b"?:>"), &rest[..0]),
            (Scheme::None, None) => (rest, &rest[..0]),
        };
        Self { scheme, user, host: host_name(host), rest }
    }

    /// A text that is a user and nothing else.
    pub(crate) fn from_user(user: &'a [u8]) -> Self {
        Self { scheme: Scheme::None, user, host: &user[..0], rest: user }
    }

    /// User and parameters apart.
    pub(crate) fn subscriber(&self) -> (&'a [u8], &'a [u8]) {
        let end = position(self.user, b";").unwrap_or(self.user.len());
        self.user.split_at(end)
    }
}

/// What ends the number of a tel URI and its parameters, for one server or another.
pub(crate) const TEL_ENDS: &[u8] = b"@:?>";

/// A host without its port and what follows it. White space, the folds of a header too, ends it.
pub(crate) fn host_name(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    if text.starts_with(b"[")
        && let Some(end) = position(text, b"]")
    {
        return &text[..=end];
    }
    until(text, b":;?> \t\r\n%")
}

/// The user before a password. Equipment that routes emergency calls writes `sip:urn:service:sos@gw`.
fn without_password(userinfo: &[u8]) -> &[u8] {
    if begins_with_word(userinfo, SERVICE_URN) { userinfo } else { until(userinfo, b":") }
}

/// The value of a subscriber's `phone-context` parameter, if it has one.
pub(crate) fn phone_context(params: &[u8]) -> Option<&[u8]> {
    params.split(|&byte| byte == b';').find_map(|param| {
        let (name, value) = param.split_at(position(param, b"=")?);
        name.eq_ignore_ascii_case(b"phone-context").then_some(&value[1..])
    })
}

/// The values of all `phone-context` parameters of a user, however they are escaped or quoted: one server
/// takes the first, another the last.
pub(crate) fn phone_contexts(user: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(user);
    let params = std::iter::from_fn(move || {
        let text = rest?;
        let end = (0..text.len()).find(|&at| is_semicolon(&text[at..]) > 0);
        rest = end.map(|at| &text[at + is_semicolon(&text[at..])..]);
        Some(&text[..end.unwrap_or(text.len())])
    });
    params.skip(1).filter_map(|param| {
        let (name, value) = param.split_at(position(param, b"=")?);
        let is_context =
            PercentDecoded(name).map(|byte| byte.to_ascii_lowercase()).eq(*b"phone-context");
        let value = value[1..].strip_prefix(b"\"").unwrap_or(&value[1..]);
        is_context.then(|| value.strip_suffix(b"\"").unwrap_or(value))
    })
}

/// How many bytes of a semicolon the text begins with, as it is or escaped.
fn is_semicolon(text: &[u8]) -> usize {
    match text {
        [b';', ..] => 1,
        [b'%', b'3', b'b' | b'B', ..] => 3,
        _ => 0,
    }
}

/// Reports whether a user has a routing number (RFC 4694), by which a switch may route the call.
pub(crate) fn has_routing_number(params: &[u8]) -> bool {
    params.split(|&byte| byte == b';').any(|param| begins_with_word(param, b"rn="))
}

/// What follows another scheme than that of a SIP or tel URI, `urn:` for instance; none of a service URN.
pub(crate) fn behind_unknown_scheme(text: &[u8]) -> Option<&[u8]> {
    let colon = position(text, b":@").filter(|&at| text[at] == b':')?;
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    (is_scheme && !begins_with_word(text, SERVICE_URN)).then_some(rest)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Sip,
    Tel,
    None,
}

#[inline]
pub(crate) fn scheme(text: &[u8]) -> (Scheme, &[u8]) {
    const SIP: u32 = u32::from_le_bytes(*b"sip:");
    const SIPS: u32 = u32::from_le_bytes(*b"sips");
    const TEL: u32 = u32::from_le_bytes(*b"tel:");
    // The case of a letter is one bit. A colon has it set; the match below checks the colon itself.
    const CASE: u32 = u32::from_le_bytes([b' '; 4]);
    let Some((name, rest)) = text.split_first_chunk() else { return (Scheme::None, text) };
    match (u32::from_le_bytes(*name) | CASE, name[3], rest) {
        (SIP, b':', _) => (Scheme::Sip, rest),
        (TEL, b':', _) => (Scheme::Tel, rest),
        (SIPS, _, [b':', rest @ ..]) => (Scheme::Sip, rest),
        _ => (Scheme::None, text),
    }
}

/// Reports whether RFC 3261 section 25.1 lets the text be a user, before percent-decoding, and no control
/// character is hidden in it; letters beyond ASCII, which it wants escaped, pass too.
pub(crate) fn may_be_user(text: &[u8]) -> bool {
    let Ok(written) = std::str::from_utf8(text) else { return false };
    let is_escape = |after: &str| matches!(after.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    !written.is_empty()
        && written.chars().all(|character| character == '%' || may_stand_in_user(character))
        && written.split('%').skip(1).all(is_escape)
        && !Characters(text).flatten().any(char::is_control)
}

/// Reports whether a decoded text can be a user: it is text, and no control character stands in it.
pub(crate) fn is_user(decoded: &[u8]) -> bool {
    str::from_utf8(decoded).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// Reports whether a SIP URI without `@` holds a number rather than a host.
fn looks_dialled(behind_scheme: &[u8]) -> bool {
    let end = until(behind_scheme, b";?:>");
    !end.iter().any(|byte| b".[".contains(byte))
        && end.iter().any(u8::is_ascii_digit)
        && !end.iter().any(u8::is_ascii_alphabetic)
}

/// Reports whether a text begins with a word, in either case.
pub(crate) fn begins_with_word(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(word))
}

/// What stands before the first of `ends`, or all of the text.
pub(crate) fn until<'a>(text: &'a [u8], ends: &[u8]) -> &'a [u8] {
    &text[..position(text, ends).unwrap_or(text.len())]
}

/// Where the first of `bytes` stands.
pub(crate) fn position(text: &[u8], bytes: &[u8]) -> Option<usize> {
    text.iter().position(|byte| bytes.contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_standard_lets_be_a_user_may_be_one() {
        for user in ["alice", "a;day=tuesday", "%FF", "-", "zo\u{EB}", "1,2", "bob%20smith"] {
            assert!(may_be_user(user.as_bytes()), "{user}");
        }
        for other in
            ["", "a%00", "%0d", "a b", "#N/A", "a%2", "a\t", "a\"", "a\u{A0}b", "a\u{200B}"]
        {
            assert!(!may_be_user(other.as_bytes()), "{other:?}");
        }
        assert!(!may_be_user(b"\xA0") && !may_be_user(b"a\xff"));
    }

    #[test]
    fn phone_contexts_are_found_among_parameters() {
        let context = |text: &'static str| phone_context(text.as_bytes());
        assert_eq!(context(";isub=1;Phone-Context=+90;x"), Some(&b"+90"[..]));
        assert_eq!(context(";phone-context="), Some(&b""[..]));
        assert_eq!(context(";my-phone-context=+90;phone-context"), None);
    }
}
