//! The identities of a header that may have several.

use mlua::{Lua, Result, Table, Value};

use crate::reader::{Answer, failure};

/// `bar.identities(header)`: a table of strings.
pub(crate) fn function(lua: &Lua, header: Value) -> Result<Answer<Table>> {
    let Value::String(header) = header else { return failure(lua, "the header must be a string") };
    let table = lua.create_table()?;
    for identity in identities(&header.as_bytes()) {
        table.push(lua.create_string(identity)?)?;
    }
    Ok((Some(table), None))
}

/// The parts of a header such as `P-Asserted-Identity` (RFC 3325, section 9.1), each as callbar reads
/// it: its address in brackets, or all of it where it has none.
///
/// A name in quotes may hold anything, and an address in brackets commas (RFC 3261, sections 20 and
/// 25.1). What is opened and never closed is a character like others, lest it hide the rest.
fn identities(header: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut address = None;
    // Where one quote is never closed, none behind it is: to look again and again would take a second
    // of a header as long as a datagram.
    let mut quotes_close = true;
    while at <= header.len() {
        match header.get(at) {
            Some(b'"') if quotes_close => match end_of_quotes(header, at) {
                Some(end) => at = end,
                None => quotes_close = false,
            },
            Some(b'<') => {
                if let Some(end) = end_of_brackets(header, at) {
                    address.get_or_insert(&header[at..=end]);
                    at = end;
                }
            }
            Some(b',') | None => {
                let part = address.take().unwrap_or(header[start..at].trim_ascii());
                if !part.is_empty() {
                    found.push(part);
                }
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn end_of_quotes(header: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match header.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn end_of_brackets(header: &[u8], from: usize) -> Option<usize> {
    let rest = &header[from + 1..];
    let next = rest.iter().position(|byte| matches!(byte, b'<' | b'>'))?;
    (rest[next] == b'>').then_some(from + 1 + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_identity_counts_once() {
        let cases: [(&str, &[&str]); 12] = [
            ("<tel:+905050047824>", &["<tel:+905050047824>"]),
            ("\"A, <b>\" <sip:a@b>, <tel:1>", &["<sip:a@b>", "<tel:1>"]),
            ("\"A \\\", <x>\" <sip:a@b>,tel:1", &["<sip:a@b>", "tel:1"]),
            ("sip:a@b, tel:1", &["sip:a@b", "tel:1"]),
            ("<sip:a,b@c;x=1,2>, <tel:1>", &["<sip:a,b@c;x=1,2>", "<tel:1>"]),
            ("<sip:a@b;tag=1", &["<sip:a@b;tag=1"]),
            ("<sip:a@b, <tel:1>", &["<sip:a@b", "<tel:1>"]),
            ("\"A <sip:a@b>, <tel:1>", &["<sip:a@b>", "<tel:1>"]),
            ("A <sip:a@b> <tel:1>", &["<sip:a@b>"]),
            (" , ,, ", &[]),
            ("", &[]),
            ("\\", &["\\"]),
        ];
        for (header, expected) in cases {
            let found = identities(header.as_bytes());
            let expected: Vec<&[u8]> = expected.iter().map(|text| text.as_bytes()).collect();
            assert_eq!(found, expected, "{header}");
        }
    }

    #[test]
    fn quotes_that_never_close_are_looked_through_once() {
        // Each time anew, it would take hours.
        let header = "\"\\".repeat(2 << 20);
        assert_eq!(identities(header.as_bytes()), [header.as_bytes()]);
    }
}
