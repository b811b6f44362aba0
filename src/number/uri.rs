//! SIP, SIPS and tel URIs and whole name-addr headers: finds the user part in them.
//!
//! Cuts, and decodes nothing: what it returns are parts of the text as it stands. Forgiving, for
//! it also sees what operators and old equipment write; it never fails. Of several addresses in
//! one header the first is read.
//! Sources: RFC 3261 sections 19.1.1 and 25.1, RFC 3966 section 3.

use super::emergency::SERVICE_URN;
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
            Some(at) => (without_password(&rest[..at]), &rest[at + 1..]),
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

    /// Whether user or host say that the caller withheld the number (RFC 3323 section 4.1.1.3), or
    /// that no network knows it (3GPP TS 24.229 section 5.7.1.4): the words are those of equipment. A user
    /// of blanks names nobody either.
    pub(super) fn is_withheld(&self) -> bool {
        const WORDS: [&[u8]; 10] = [
            b"anonymous",
            b"restricted",
            b"unavailable",
            b"unknown",
            b"private",
            b"withheld",
            b"anonymous.invalid",
            b"anonymous.invalid.",
            b"unknown.invalid",
            b"unknown.invalid.",
        ];
        let (user, _) = self.subscriber();
        let decoded = Decoded(user).map(|byte| byte.to_ascii_lowercase());
        decoded.clone().all(|byte| byte == b' ')
            || is_withheld_host(self.host)
            || WORDS.iter().any(|word| decoded.clone().eq(word.iter().copied()))
    }
}

/// Whether the host stands for a withheld identity.
pub(super) fn is_withheld_host(host: &[u8]) -> bool {
    let host = host.strip_suffix(b".").unwrap_or(host);
    [&b"anonymous.invalid"[..], b"unknown.invalid"]
        .iter()
        .any(|withheld| host.eq_ignore_ascii_case(withheld))
}

/// Whether what follows the user is nothing, or a host that cannot stand for a withheld identity,
/// before no `<`: an address in brackets would be the one that counts.
#[inline]
pub(super) fn surely_shown(after: &[u8]) -> bool {
    match after {
        [] => true,
        [b'@', host @ ..] => {
            !matches!(host.first(), Some(b'a' | b'A' | b'u' | b'U')) && !host.contains(&b'<')
        }
        _ => false,
    }
}

/// The user before a password. Equipment that routes emergency calls writes `sip:urn:service:sos@gw`.
fn without_password(userinfo: &[u8]) -> &[u8] {
    let is_urn = userinfo
        .get(..SERVICE_URN.len())
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(SERVICE_URN));
    if is_urn { userinfo } else { until(userinfo, b":") }
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

/// The first address: a URI that stands free (RFC 3261 section 20.20), what stands between `<` and
/// `>`, or all of the text. A `<` inside a quoted name is skipped, and so is a quoted pair; a quote
/// that never closes is an ordinary character.
fn addr_spec(text: &[u8]) -> &[u8] {
    let free = first_of_several(after_name(text).unwrap_or(text));
    if scheme(free).0 != Scheme::None && !free.contains(&b'<') {
        return free;
    }
    match unquoted(text, b'<').or_else(|| position(text, b"<")) {
        Some(open) => until(&text[open + 1..], b">"),
        None => first_of_several(text),
    }
}

/// The URI after a header's name and a display name, if one stands there without brackets.
fn after_name(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.trim_ascii_start();
    while scheme(rest).0 == Scheme::None {
        rest = match rest {
            [b'"', quoted @ ..] => &quoted[closing_quote(quoted)? + 1..],
            _ => after_token(rest)?,
        }
        .trim_ascii_start();
    }
    Some(rest)
}

/// What follows a token (RFC 3261 section 25.1), and a colon if that makes it a header's name.
fn after_token(text: &[u8]) -> Option<&[u8]> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(byte);
    let end = text.iter().position(|byte| !is_token(byte)).filter(|&end| end > 0)?;
    let rest = text[end..].trim_ascii_start();
    Some(rest.strip_prefix(b":").unwrap_or(rest))
}

/// What stands before a comma after which another address begins. A user may hold other commas.
fn first_of_several(text: &[u8]) -> &[u8] {
    let mut at = 0;
    while let Some(comma) = unquoted(&text[at..], b',') {
        let next = text[at + comma + 1..].trim_ascii_start();
        if matches!(next, [b'<' | b'"', ..]) || scheme(next).0 != Scheme::None {
            return &text[..at + comma];
        }
        at += comma + 1;
    }
    text
}

/// Where the byte first stands outside of quotes.
fn unquoted(text: &[u8], wanted: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + position(&text[at..], &[wanted, b'"'])?;
        if text[found] == wanted {
            return Some(found);
        }
        at = found + 1 + closing_quote(&text[found + 1..])? + 1;
    }
}

/// Where the quoted string ends that the text stands in, quoted pairs skipped.
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// Whether RFC 3261 section 25.1 lets the text be a user, before percent-decoding; letters beyond
/// ASCII, which it wants escaped, pass too. It holds a letter or digit at least.
pub(super) fn may_be_user(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let is_escape = |after: &str| matches!(after.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    text.contains(char::is_alphanumeric)
        && text.chars().all(|character| character == '%' || may_stand_in_user(character))
        && text.split('%').skip(1).all(is_escape)
}

/// Whether a character may stand in a user as it is.
pub(super) fn may_stand_in_user(character: char) -> bool {
    character.is_alphanumeric() || "-_.!~*'()&=+$,;?/".contains(character)
}

/// Whether a SIP URI without `@` holds a number rather than a host.
fn looks_dialled(rest: &[u8]) -> bool {
    let end = until(rest, b";?:");
    !end.iter().any(|byte| b".[".contains(byte))
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
            ("sip:URN:service:sos@a.com", "URN:service:sos", "a.com"),
            ("sip:urn:secret@a.com", "urn", "a.com"),
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
            ("sip:[2001:db8::1]:5060", "", "[2001"),
            ("<>", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(parts(text), (user, host), "{text}");
        }
    }

    #[test]
    fn addresses_without_brackets_are_found() {
        for (text, user, host) in [
            ("From: sip:alice@a.com;tag=887s", "alice", "a.com"),
            ("f:sip:alice@a.com", "alice", "a.com"),
            (r#""Ali \"B" sip:alice@a.com"#, "alice", "a.com"),
            ("To : Ali Veli  sip:alice@a.com", "alice", "a.com"),
            ("sip:b@a.com <sip:alice@a.com>", "alice", "a.com"),
            (r#""sip:alice@a.com"#, "\"sip", "a.com"),
            ("Ali Veli", "Ali Veli", ""),
        ] {
            assert_eq!(parts(text), (user, host), "{text}");
        }
    }

    #[test]
    fn a_short_way_is_taken_only_where_no_other_address_counts() {
        for after in ["", "@gw", "@gw;user=phone", "@10.0.0.1:5060>;tag=1", "@gw, tel:+1"] {
            assert!(surely_shown(after.as_bytes()), "{after}");
        }
        for after in ["@g.com <sip:+1@gw>", "@g.com<", "@gw, <tel:+1>", "@a.com", "@U.com", ":5060"]
        {
            assert!(!surely_shown(after.as_bytes()), "{after}");
        }
    }

    #[test]
    fn the_first_of_several_addresses_is_read() {
        for (text, user, host) in [
            ("tel:+1, sip:alice@a.com", "+1", ""),
            ("P-Asserted-Identity: tel:+1,<sip:alice@a.com>", "+1", ""),
            ("<sip:alice@a.com>, <tel:+1>", "alice", "a.com"),
            ("sip:alice@a.com;x=\", sip:\", tel:+1", "alice", "a.com"),
            ("sip:a,b, c@a.com,\"C\" <sip:c@a.com>", "a,b, c", "a.com"),
            ("05,06", "05,06", ""),
            ("05, tel:+1", "05", ""),
            (r#""Smith, <x>" <sip:alice@a.com>"#, "alice", "a.com"),
        ] {
            assert_eq!(parts(text), (user, host), "{text}");
        }
    }

    #[test]
    fn only_what_the_standard_lets_be_a_user_may_be_one() {
        for user in ["alice", "a;day=tuesday", "%00", "zo\u{EB}", "1,2", "bob%20smith"] {
            assert!(may_be_user(user.as_bytes()), "{user}");
        }
        for other in ["", "-", "a b", "#N/A", "a%2", "a\t", "a\"", "a\u{A0}b", "a\u{200B}"] {
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
