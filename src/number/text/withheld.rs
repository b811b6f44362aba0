//! Callers who withhold their number, as equipment writes that: users, hosts, digits and privacy.
//!
//! Only for callers: the same words in a callee's address withhold nothing.

use super::header;
use super::uri::{self, Address};
use crate::number::canonical::E164;
use crate::number::characters::{DialString, PercentDecoded};
use crate::number::plan::digits;
use crate::number::plan::facts::Region;

/// Words for a caller whose number is not shown.
const ADJECTIVES: [&[u8]; 13] = [
    b"anonymous",
    b"blocked",
    b"hidden",
    b"private",
    b"restricted",
    b"suppressed",
    b"unavailable",
    b"unidentified",
    b"unknown",
    b"unlisted",
    b"unpublished",
    b"withheld",
    b"outofarea",
];
/// Words for what is not shown.
const NOUNS: [&[u8]; 7] = [b"callers", b"caller", b"calling", b"call", b"number", b"cid", b"id"];
/// The longest text that such words make.
const LONGEST: usize = 40;

/// The same words on a keypad, as one carrier sends them behind a plus: ANONYMOUS, RESTRICTED,
/// BLOCKED, UNKNOWN, UNAVAILABLE.
const ON_KEYPAD: [&[u8]; 5] = [b"266696687", b"7378742833", b"2562533", b"8656696", b"86282452253"];
/// The one of them that is as long as a number. It is also a number of a city in China.
pub(crate) const UNAVAILABLE: u64 = 86_282_452_253;
/// So many zeros and more are not a real number.
const ZEROS: usize = 7;

impl Address<'_> {
    /// Reports whether user or host say that the caller withheld the number (RFC 3323 section 4.1.1.3), or
    /// that no network knows it (3GPP TS 24.229 section 5.7.1.4): the words are those of equipment. A
    /// user of blanks names nobody either.
    pub(crate) fn is_withheld(&self) -> bool {
        let (user, _) = self.subscriber();
        is_withheld_host(self.host) || is_withheld_user(user)
    }
}

/// Reports whether the host stands for a withheld identity.
#[inline]
pub(crate) fn is_withheld_host(host: &[u8]) -> bool {
    let host = host.strip_suffix(b".").unwrap_or(host);
    is_one_of(host, &[b"anonymous.invalid", b"unknown.invalid"])
}

/// Reports whether the host that the text begins with shows the caller. Nearly always its first letter
/// decides.
#[inline]
pub(crate) fn host_shows_caller(text: &[u8]) -> bool {
    !matches!(text.first(), Some(b'a' | b'A' | b'u' | b'U'))
        || !is_withheld_host(uri::host_name(text))
}

/// `anonymous`, `Blocked Caller ID`, `number_withheld`, `No%20Caller%20ID`, `Out Of Area`; nothing.
fn is_withheld_user(user: &[u8]) -> bool {
    let mut room = [0; LONGEST];
    let mut len = 0;
    // Some servers drop controls and quotes, or end a user at an escaped mark.
    let mut decoded = PercentDecoded(user);
    let shown = decoded.by_ref().take_while(|byte| !matches!(byte, b'@' | b';' | b':' | b'?'));
    let is_kept = |byte: &u8| !matches!(byte, b' ' | b'_' | b'-' | b'"' | b'\'' | 0..0x20 | 0x7f);
    for byte in shown.filter(is_kept) {
        match room.get_mut(len) {
            Some(place) => *place = byte.to_ascii_lowercase(),
            None => return false,
        }
        len += 1;
    }
    let words = &room[..len];
    PercentDecoded(user).all(|byte| byte == b' ')
        || has_withheld_host(user)
        || words.strip_suffix(b".").map_or(is_withheld_host(words), is_withheld_host)
        || words.strip_prefix(b"no").is_some_and(|rest| !rest.is_empty() && are_words(rest, true))
        || are_words(words, false)
}

/// Reports whether a host that withholds stands behind an escaped `@`.
fn has_withheld_host(user: &[u8]) -> bool {
    let at = user.windows(3).rposition(|three| three == b"%40");
    at.is_some_and(|at| is_withheld_host(&user[at + 3..]))
}

/// Reports whether zeros alone stand in a user, seven or more among marks.
pub(crate) fn are_marked_zeros(user: &[u8]) -> bool {
    let mut zeros = 0;
    PercentDecoded(user).all(|byte| {
        zeros += usize::from(byte == b'0');
        byte == b'0' || !byte.is_ascii_alphanumeric()
    }) && zeros >= ZEROS
}

/// Reports whether the text is words of both kinds in a row, an adjective among them unless one stood before.
fn are_words(text: &[u8], has_adjective: bool) -> bool {
    if text.is_empty() {
        return has_adjective;
    }
    let after = |word: &&[u8]| text.strip_prefix(*word);
    NOUNS.iter().filter_map(after).any(|rest| are_words(rest, has_adjective))
        || ADJECTIVES.iter().filter_map(after).any(|rest| are_words(rest, true))
}

/// Reports whether what stands behind a plus spells that the caller is withheld.
pub(crate) fn is_spelt(line: &DialString) -> bool {
    line.plus && ON_KEYPAD.contains(&line.dialled())
}

/// Reports whether digits are zeros alone, as gateways send for a number that they do not have.
pub(crate) fn are_zeros(digits: &[u8]) -> bool {
    digits.len() >= ZEROS && digits.iter().all(|&digit| digit == b'0')
}

/// Reports whether an E.164 number is zeros alone behind its calling code, as national zeros become where
/// numbers have so many digits.
#[inline]
pub(crate) fn is_zeros(number: E164) -> bool {
    const SEVEN_ZEROS: u64 = 10_000_000;
    number.get().is_multiple_of(SEVEN_ZEROS) && are_zeros_behind_code(number.get())
}

#[cold]
fn are_zeros_behind_code(number: u64) -> bool {
    let (room, start) = digits::ascii(number);
    let digits = &room[start..];
    let region = Region::from_leading_digits(digits);
    region.is_some_and(|region| are_zeros(&digits[usize::from(region.code_digits)..]))
}

/// Reports whether a Privacy header wants the caller's identity withheld (RFC 3323 section 4.2, RFC 3325
/// section 9.3, 3GPP TS 24.607): `id`, `user`, `header`, and `full` as some gateways write. A
/// `none` beside them does not matter.
pub(crate) fn is_restricted(privacy: &[u8]) -> bool {
    let mut values = privacy.split(|byte| b";, \t\r\n\"".contains(byte));
    values.any(|value| is_one_of(value, &[b"id", b"user", b"header", b"full"]))
}

/// Reports whether an address of Remote-Party-ID comes with `privacy=full` or `privacy=uri`, of the network
/// too (draft-ietf-sip-privacy-04 section 5.4): the number is not to be shown.
pub(crate) fn is_private_party(part: &[u8]) -> bool {
    const PRIVATE: [&[u8]; 7] =
        [b"full", b"uri", b"full-network", b"uri-network", b"full-user", b"uri-user", b"yes"];
    header::has_parameter(part, b"privacy", |value| is_one_of(value, &PRIVATE))
}

/// Reports whether a text is one of these words, in either case.
#[inline]
fn is_one_of(text: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_that_withhold_are_known_however_they_are_written() {
        for user in [
            "",
            "%20",
            "anonymous",
            "Anonymous",
            "restricted",
            "unavailable",
            "unknown",
            "private",
            "withheld",
            "anonymous.invalid",
            "unknown.invalid.",
            "Blocked%20Caller%20ID",
            "Blocked Caller ID",
            "BLOCKED_NUMBER",
            "No Caller ID",
            "no_number",
            "NoCallerID",
            "Out%20Of%20Area",
            "out-of-area",
            "OUT_OF_AREA",
            "Number Withheld",
            "Caller%20Unknown",
            "Private Number",
            "private_call",
            "Unavailable",
            "hidden",
            "Caller ID Blocked",
            "Anonymous%00",
            "%0danonymous",
            "\"anonymous\"",
            "anonymous%3Bx",
            "anonymous%40anonymous.invalid",
            "x%40anonymous.invalid",
        ] {
            assert!(is_withheld_user(user.as_bytes()), "{user}");
        }
        for user in [
            "alice",
            "nobody",
            "no",
            "caller",
            "number",
            "callcenter",
            "privateer",
            "blockedbyalice",
            "id",
            "-",
            "_",
            "area",
            "905050047824",
        ] {
            assert!(!is_withheld_user(user.as_bytes()), "{user}");
        }
        assert!(!is_withheld_user("id".repeat(50).as_bytes()));
    }

    #[test]
    fn zeros_alone_are_no_number() {
        let plan = crate::DialPlan::new("TR").unwrap();
        for (text, expected) in [
            ("0000000000", true),
            ("+900000000000", true),
            ("+905050000000", false),
            ("+12120000000", false),
        ] {
            let number = plan.number(text.as_bytes());
            let is_zeros = matches!(number, crate::Number::E164(number) if is_zeros(number));
            assert_eq!(is_zeros, expected, "{text}");
        }
    }

    #[test]
    fn what_withholds_the_number_in_other_headers_is_known() {
        for privacy in
            ["id", "user;header;id;critical", "ID", "header", "full", "none;user", "id,user"]
        {
            assert!(is_restricted(privacy.as_bytes()), "{privacy}");
        }
        for privacy in ["", "none", "critical", "session", "history", "identity", "idx"] {
            assert!(!is_restricted(privacy.as_bytes()), "{privacy}");
        }
        for party in
            ["<sip:a@b>;privacy=full", "sip:a@b;privacy=uri", "<sip:a@b>;privacy=\"uri,name\""]
        {
            assert!(is_private_party(party.as_bytes()), "{party}");
        }
        for party in ["<sip:a@b>;privacy=off", "<sip:a@b>;privacy=name", "<sip:a@b>"] {
            assert!(!is_private_party(party.as_bytes()), "{party}");
        }
    }
}
