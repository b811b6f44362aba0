//! SIP, SIPS and tel URIs and whole name-addr headers: finds the user part in them.
//!
//! Cuts, and decodes nothing: what it returns are parts of the text as it stands. Forgiving, for
//! it also sees what operators and old equipment write; it never fails.
//! Sources: RFC 3261 sections 19.1.1 and 25.1, RFC 3966 section 3.

use super::written::Decoded;

/// The parts of an address that tell who is meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// User or telephone subscriber with its parameters, without password; may be empty.
    pub(super) user: &'a [u8],
    /// Without port and parameters; empty if there is none.
    pub(super) host: &'a [u8],
}

impl<'a> Address<'a> {
    /// The address in a header, a URI, or a bare user.
    pub(super) fn of(text: &'a [u8]) -> Self {
        let addressed = addr_spec(text).trim_ascii();
        let (scheme, rest) = scheme(addressed);
        let (user, host) = match position(rest, b"@") {
            Some(at) => (until(&rest[..at], b":"), &rest[at + 1..]),
            // A SIP URI without a user names a host; digits are what somebody wrote in haste.
            None if scheme == Scheme::Sip && !looks_dialled(rest) => (&rest[..0], rest),
            None if scheme == Scheme::Sip => (until(rest, b"?:"), &rest[..0]),
            None => (rest, &rest[..0]),
        };
        Self { user, host: until(host, b":;?> \t") }
    }

    /// User and parameters apart.
    pub(super) fn subscriber(&self) -> (&'a [u8], &'a [u8]) {
        let end = position(self.user, b";").unwrap_or(self.user.len());
        self.user.split_at(end)
    }

    /// Whether user or host say that the caller withheld the number (RFC 3323 section 4.1.1.3).
    pub(super) fn is_withheld(&self) -> bool {
        const WORDS: [&[u8]; 4] =
            [b"anonymous", b"restricted", b"unavailable", b"anonymous.invalid"];
        let (user, _) = self.subscriber();
        let decoded = Decoded(user).map(|byte| byte.to_ascii_lowercase());
        user.is_empty()
            || is_withheld_host(self.host)
            || WORDS.iter().any(|word| decoded.clone().eq(word.iter().copied()))
    }
}

/// Whether the host stands for a withheld identity.
pub(super) fn is_withheld_host(host: &[u8]) -> bool {
    host.eq_ignore_ascii_case(b"anonymous.invalid")
}

/// Whether what follows the user is nothing, or a host that cannot stand for a withheld identity.
#[inline]
pub(super) fn surely_shown(after: &[u8]) -> bool {
    match after {
        [] => true,
        [b'@', host @ ..] => !host.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'a')),
        _ => false,
    }
}

/// The value of a subscriber's `phone-context` parameter, if it has one.
pub(super) fn phone_context(params: &[u8]) -> Option<&[u8]> {
    params.split(|&byte| byte == b';').find_map(|param| {
        let (name, value) = param.split_at(position(param, b"=")?);
        name.eq_ignore_ascii_case(b"phone-context").then_some(&value[1..])
    })
}

/// The number of a URI's scheme, after which the user begins.
#[inline]
pub(super) fn after_scheme(text: &[u8]) -> Option<&[u8]> {
    match scheme(text) {
        (Scheme::None, _) => None,
        (_, rest) => Some(rest),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Sip,
    Tel,
    None,
}

#[inline]
fn scheme(text: &[u8]) -> (Scheme, &[u8]) {
    const SIP: u32 = u32::from_le_bytes(*b"sip:");
    const SIPS: u32 = u32::from_le_bytes(*b"sips");
    const TEL: u32 = u32::from_le_bytes(*b"tel:");
    // The case of a letter is one bit. A colon has it set, and is told from its other half below.
    const CASE: u32 = u32::from_le_bytes([b' '; 4]);
    let Some((name, rest)) = text.split_first_chunk() else { return (Scheme::None, text) };
    match (u32::from_le_bytes(*name) | CASE, name[3], rest) {
        (SIP, b':', _) => (Scheme::Sip, rest),
        (TEL, b':', _) => (Scheme::Tel, rest),
        (SIPS, _, [b':', rest @ ..]) => (Scheme::Sip, rest),
        _ => (Scheme::None, text),
    }
}

/// What stands between `<` and `>`, or all of the text. A `<` inside a quoted name is skipped, and
/// so is a quoted pair; a quote that never closes is an ordinary character.
fn addr_spec(text: &[u8]) -> &[u8] {
    let open = unquoted_bracket(text).or_else(|| position(text, b"<"));
    open.map_or(text, |open| until(&text[open + 1..], b">"))
}

fn unquoted_bracket(text: &[u8]) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.iter().position(|&byte| {
        let found = byte == b'<' && !quoted;
        if byte == b'"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && byte == b'\\' && !escaped;
        found
    })
}

/// Whether a SIP URI without `@` holds a number rather than a host.
fn looks_dialled(rest: &[u8]) -> bool {
    let end = until(rest, b";?:");
    !end.contains(&b'.')
        && end.iter().any(u8::is_ascii_digit)
        && !end.iter().any(u8::is_ascii_alphabetic)
}

/// What stands before the first of `ends`, or all of the text.
fn until<'a>(text: &'a [u8], ends: &[u8]) -> &'a [u8] {
    &text[..position(text, ends).unwrap_or(text.len())]
}

/// Where the first of `bytes` stands.
fn position(text: &[u8], bytes: &[u8]) -> Option<usize> {
    text.iter().position(|byte| bytes.contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (&str, &str) {
        let address = Address::of(text.as_bytes());
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        (text(address.user), text(address.host))
    }

    #[test]
    fn users_are_found_in_uris_and_headers() {
        for (text, user, host) in [
            ("alice", "alice", ""),
            ("sip:alice:secret@a.com;transport=tcp?x=y", "alice", "a.com"),
            ("SIPS:alice@a.com:5061", "alice", "a.com"),
            ("tel:+1-201-555-0123;ext=4", "+1-201-555-0123;ext=4", ""),
            ("alice@a.com", "alice", "a.com"),
            ("sip:a.com", "", "a.com"),
            ("sip:+905050047824;user=phone", "+905050047824;user=phone", ""),
            ("<sip:alice@a.com;lr>;tag=1", "alice", "a.com"),
            (r#""A <b@c> \" d" <sip:alice@a.com>;tag=1"#, "alice", "a.com"),
            ("Alice Smith <sip:alice@a.com>", "alice", "a.com"),
            (r#"From: "Alice" <sip:alice@a.com>"#, "alice", "a.com"),
            (r#""Alice <sip:alice@a.com>"#, "alice", "a.com"),
            ("<sip:alice@a.com", "alice", "a.com"),
            ("sip:alice;day=tuesday@a.com", "alice;day=tuesday", "a.com"),
            ("<>", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(parts(text), (user, host), "{text}");
        }
    }

    #[test]
    fn phone_contexts_are_found_among_parameters() {
        let context = |text: &'static str| phone_context(text.as_bytes());
        assert_eq!(context(";isub=1;Phone-Context=+90;x"), Some(&b"+90"[..]));
        assert_eq!(context(";phone-context="), Some(&b""[..]));
        assert_eq!(context(";my-phone-context=+90;phone-context"), None);
    }
}
