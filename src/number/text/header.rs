//! SIP headers that hold addresses: splits them into one part for each, finds the address in a part, and
//! reads its parameters.
//!
//! Knows quotes, brackets and commas, and no numbers. A quote or bracket that is never closed is an ordinary
//! character, so that it cannot hide the rest. Takes time proportional to the length of the header.
//! Sources: RFC 3261 sections 7.3.1, 20 and 25.1; RFC 3325 section 9.1.

use super::uri::{Address, Scheme, position, scheme, until};

/// The parts of a header with several addresses, `P-Asserted-Identity` for instance: display name,
/// address and parameters of each.
#[derive(Clone)]
pub(crate) struct HeaderParts<'a> {
    rest: Option<&'a [u8]>,
    /// Whether quotes may still close. If one does not, none behind it does, and to look again for each would
    /// take a second of a header as long as a datagram.
    quotes_close: bool,
}

impl<'a> HeaderParts<'a> {
    #[inline]
    pub(crate) fn new(header: &'a [u8]) -> Self {
        Self { rest: Some(header), quotes_close: true }
    }

    /// Where the part ends: at a comma outside of quotes and brackets. A URI without brackets may
    /// hold commas; another address begins behind one only if it looks so.
    fn end(&mut self, text: &[u8]) -> usize {
        let mut had_brackets = false;
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'"' if self.quotes_close => match closing_quote(&text[at + 1..]) {
                    Some(end) => at += 1 + end,
                    None => self.quotes_close = false,
                },
                b'<' => {
                    if let Some(end) = closing_bracket(&text[at + 1..]) {
                        had_brackets = true;
                        at += 1 + end;
                    }
                }
                b',' if had_brackets || begins_part(&text[at + 1..]) => return at,
                _ => {}
            }
            at += 1;
        }
        text.len()
    }
}

impl<'a> Iterator for HeaderParts<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let text = self.rest.take()?;
            // Nearly all headers have one address.
            let end = if text.contains(&b',') { self.end(text) } else { text.len() };
            self.rest = text.get(end + 1..);
            let part = text[..end].trim_ascii();
            if !part.is_empty() {
                return Some(part);
            }
        }
    }
}

impl<'a> Address<'a> {
    /// Reads the first address of a header, a URI, or a bare user.
    pub(crate) fn from_header(text: &'a [u8]) -> Self {
        Self::from_uri(addr_spec(text))
    }
}

/// The first address: what stands between the first `<` that opens one and `>`, or all of the text.
fn addr_spec(text: &[u8]) -> &[u8] {
    let first = first_of_several(text);
    match opening(first) {
        Some(open) => between_brackets(&first[open..]),
        None => after_name(first).unwrap_or(first),
    }
}

/// What a `<` encloses; without a `>`, all behind it.
pub(crate) fn between_brackets(text: &[u8]) -> &[u8] {
    let open = text.iter().position(|&byte| byte != b'<').unwrap_or(text.len());
    until(&text[open..], b">")
}

/// Where a `<` opens an address: outside quotes, and in a URI without brackets before its parameters
/// and headers (RFC 3261 section 20). A quote that never closes is an ordinary character.
pub(crate) fn opening(text: &[u8]) -> Option<usize> {
    let open = bracket(text)?;
    let is_behind = |uri: &[u8]| {
        let start = text.len() - uri.len();
        start < open && position(&text[start..open], b";?").is_some()
    };
    if bare_uri(text).is_some_and(is_behind) { None } else { Some(open) }
}

/// Where the first `<` outside of quotes stands.
pub(crate) fn bracket(text: &[u8]) -> Option<usize> {
    unquoted(text, b'<').or_else(|| position(text, b"<"))
}

/// The URI that stands in a header without brackets, and what follows it.
pub(crate) fn bare_uri(text: &[u8]) -> Option<&[u8]> {
    let uri = after_name(text)?;
    (scheme(uri).0 != Scheme::None).then_some(uri)
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
        if begins_address(&text[at + comma + 1..]) {
            return &text[..at + comma];
        }
        at += comma + 1;
    }
    text
}

/// Reports whether another address begins here, behind the comma of a header.
fn begins_address(text: &[u8]) -> bool {
    let next = text.trim_ascii_start();
    matches!(next, [b'<' | b'"', ..]) || scheme(next).0 != Scheme::None
}

/// Reports whether another address begins here: at once, or behind a display name without quotes.
fn begins_part(text: &[u8]) -> bool {
    begins_address(text) || position(text, b"<,;@:\"").is_some_and(|at| text[at] == b'<')
}

/// Where the byte first stands outside of quotes.
pub(crate) fn unquoted(text: &[u8], wanted: u8) -> Option<usize> {
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
pub(crate) fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// Where the address ends that the text stands in; none if another begins before.
fn closing_bracket(text: &[u8]) -> Option<usize> {
    let next = position(text, b"<>")?;
    (text[next] == b'>').then_some(next)
}

/// Reports whether a parameter of this name behind an address has a value that `wanted` knows. The value may
/// be quoted, or several with commas between them.
pub(crate) fn has_parameter(part: &[u8], name: &[u8], wanted: impl Fn(&[u8]) -> bool) -> bool {
    let mut rest = match opening(part) {
        Some(open) => &part[open + position(&part[open..], b">").unwrap_or_default()..],
        None => part,
    };
    while let Some(start) = unquoted(rest, b';') {
        let text = &rest[start + 1..];
        let end = unquoted(text, b';').unwrap_or(text.len());
        if let Some(equals) = position(&text[..end], b"=")
            && text[..equals].trim_ascii().eq_ignore_ascii_case(name)
        {
            let mut values = text[equals + 1..end].split(|byte| b"\", \t\r\n".contains(byte));
            if values.any(&wanted) {
                return true;
            }
        }
        rest = &text[end..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (&str, &str) {
        let address = Address::from_header(text.as_bytes());
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
            ("sip:[2001:db8::1]:5060", "", "[2001:db8::1]"),
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
    fn brackets_open_an_address_only_where_a_header_has_one() {
        for (text, user, host) in [
            ("sip:alice@a.com;tag=1;x=\"<sip:b@b.com>\"", "alice", "a.com"),
            ("sip:alice@a.com;x=<tel:112>", "alice", "a.com"),
            ("sip:alice@a.com?x=<tel:112>", "alice", "a.com"),
            ("f: Ali sip:alice@a.com;x=<tel:112>", "alice", "a.com"),
            ("sip:alice@a.com;x=\"<tel:112>", "alice", "a.com"),
            ("Ali; Veli <sip:alice@a.com>", "alice", "a.com"),
            ("<<sip:alice@a.com>>", "alice", "a.com"),
            ("sip:alice@anonymous.invalid\r\n ;tag=1", "alice", "anonymous.invalid"),
            ("sip:alice@[2001:db8::1]:5060", "alice", "[2001:db8::1]"),
        ] {
            assert_eq!(parts(text), (user, host), "{text}");
        }
        let uri = Address::from_uri(b"sip:b@a.com <sip:alice@a.com>");
        assert_eq!((uri.user, uri.host), (&b"b"[..], &b"a.com"[..]), "never in a request URI");
    }

    #[test]
    fn a_tel_uri_has_no_host() {
        for text in ["tel:112@909001234567", "tel:112?x=1", "tel:112:1", "<tel:112>"] {
            assert_eq!(parts(text), ("112", ""), "{text}");
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
    fn each_address_of_a_header_is_a_part() {
        let cases: [(&str, &[&str]); 16] = [
            ("<tel:+905050047824>", &["<tel:+905050047824>"]),
            ("\"A, <b>\" <sip:a@b>, <tel:1>", &["\"A, <b>\" <sip:a@b>", "<tel:1>"]),
            ("\"A \\\", <x>\" <sip:a@b>,tel:1", &["\"A \\\", <x>\" <sip:a@b>", "tel:1"]),
            ("sip:a@b, tel:1", &["sip:a@b", "tel:1"]),
            ("sip:a@b, \"B\" <tel:1>;x=1", &["sip:a@b", "\"B\" <tel:1>;x=1"]),
            ("sip:a@b, Bob <tel:1>", &["sip:a@b", "Bob <tel:1>"]),
            ("<sip:a@b>, Bob C <tel:1>", &["<sip:a@b>", "Bob C <tel:1>"]),
            ("<sip:a,b@c;x=1,2>, <tel:1>", &["<sip:a,b@c;x=1,2>", "<tel:1>"]),
            ("sip:a,b@c", &["sip:a,b@c"]),
            ("<sip:a@b;tag=1", &["<sip:a@b;tag=1"]),
            ("<sip:a@b, <tel:1>", &["<sip:a@b", "<tel:1>"]),
            ("\"A <sip:a@b>, <tel:1>", &["\"A <sip:a@b>", "<tel:1>"]),
            (" , ,, ", &[", ,,"]),
            ("<tel:1>,,<tel:2>,", &["<tel:1>", "<tel:2>"]),
            ("", &[]),
            ("\\", &["\\"]),
        ];
        for (header, expected) in cases {
            let found: Vec<_> = HeaderParts::new(header.as_bytes()).collect();
            let expected: Vec<&[u8]> = expected.iter().map(|text| text.as_bytes()).collect();
            assert_eq!(found, expected, "{header}");
        }
    }

    #[test]
    fn quotes_that_never_close_are_looked_through_once() {
        // Each time anew, it would take hours.
        let header = "\"\\".repeat(1 << 20) + ",";
        assert_eq!(HeaderParts::new(header.as_bytes()).count(), 1);
    }

    #[test]
    fn parameters_stand_behind_the_address() {
        let full = |part: &str| {
            has_parameter(part.as_bytes(), b"privacy", |value| value.eq_ignore_ascii_case(b"full"))
        };
        for part in [
            "<sip:a@b>;privacy=full;screen=yes",
            "<sip:a@b>;screen=yes; Privacy = FULL",
            "<sip:a@b>;privacy=\"uri,full\"",
            "sip:a@b;party=calling;privacy=full",
            "\"x;y\" <sip:a@b;z>;x=\"a;b\";privacy=full",
        ] {
            assert!(full(part), "{part}");
        }
        for part in
            ["<sip:a@b;privacy=full>", "<sip:a@b>;privacy=off", "<sip:a@b>;x=\";privacy=full\"", ""]
        {
            assert!(!full(part), "{part}");
        }
    }
}
