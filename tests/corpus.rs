//! Prevents lists from missing numbers that libphonenumber would have found: replays corpora that
//! `tools/number_corpus.py` wrote from the Python package `phonenumbers`.
//!
//! A sample is committed and replayed always. `CALLBAR_CORPUS` names a larger file, of any seed,
//! to replay besides:
//!
//! ```text
//! python3 tools/number_corpus.py /tmp/corpus.tsv 1000 42
//! CALLBAR_CORPUS=/tmp/corpus.tsv cargo test --release --test corpus -- --nocapture
//! ```
//!
//! A row that is valid must give exactly the number that libphonenumber parses, and an E.164
//! answer to any other row must be what it parses. The exceptions are policy; each is a rule or a
//! text below, each must deviate just so wherever it applies, and nothing else may.

#[path = "common/oracle.rs"]
mod oracle;

use std::collections::{BTreeMap, HashMap};
use std::fs;

use callbar::{DialPlan, Number, Tag};
use oracle::canonical_of_oracle;

#[test]
fn the_committed_sample_agrees() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/numbers.tsv");
    let tally = replay(sample);
    assert_eq!(tally.rows, 6_000);
    assert!(tally.exact > 3_000, "{tally:?}");
    let reasons: Vec<_> = tally.exceptions.keys().copied().collect();
    assert!(reasons.contains(&WHOLE), "the sample has no Belarusian row: {reasons:?}");
    assert!(reasons.contains(&"service strings keep * and #"), "{reasons:?}");
    assert!(tally.unmarked >= 3, "the sample has Argentine mobile numbers: {tally:?}");
    assert_eq!(tally.exceptions[IDLE_PLUS], 64, "{tally:?}");
    assert!(tally.given_plus > 600, "{tally:?}");
}

#[test]
fn the_corpus_of_the_environment_agrees() {
    let Ok(path) = std::env::var("CALLBAR_CORPUS") else {
        println!("CALLBAR_CORPUS names no corpus: only the committed sample is replayed");
        return;
    };
    let tally = replay(&path);
    println!("{path}: {tally:#?}");
    assert!(tally.rows >= 300_000, "{path}: only {} rows", tally.rows);
    // Of the regions that dial 00, 0011 or 011 abroad.
    assert!(tally.agreed_plus >= 200, "{path}: {} rows begin with +00", tally.agreed_plus);
}

const WHOLE: &str = "after a calling code, digits that look like a trunk prefix are kept";
/// Calling codes under which libphonenumber drops digits that begin a number of that country, and
/// those digits. Japan's are a carrier's, and begin numbers of that carrier; Brazil's announce a call
/// that the callee pays.
const LOOKALIKES: [(&str, &[&str]); 3] =
    [("+375", &["8"]), ("+55", &["90"]), ("+81", &["0037680", "003768"])];
/// libphonenumber refuses such a number after an international prefix; it never has another answer.
const NOBODYS: &str = "nobody has the code";
/// libphonenumber takes the plus away only if an international prefix follows it, and has an answer if no
/// number can be so long.
const IDLE_PLUS: &str = "a plus before a 0 is a slip";
const SHORT_CODES: &str = "short codes are local up to six digits";

/// The texts that policy reads in another way than libphonenumber: reason, text, tag, form.
/// An empty form stands for what the digits before the parameters give.
const POLICY: [(&str, &str, Tag, &str); 13] = [
    ("service strings keep * and #", "*009005050047824", Tag::S, "*009005050047824"),
    ("service strings keep * and #", "99#05050047824", Tag::S, "99#05050047824"),
    ("service strings keep * and #", "99#905050047824", Tag::S, "99#905050047824"),
    (
        "a domain scopes",
        "tel:911;phone-context=example.com",
        Tag::L,
        "911;phone-context=example.com",
    ),
    (
        "a domain scopes",
        "tel:5050047824;phone-context=example.com",
        Tag::L,
        "5050047824;phone-context=example.com",
    ),
    (NOBODYS, "+999123456789", Tag::E, "+999123456789"),
    ("a URI gives its user", "sip:+905050047824@gw;user=phone", Tag::E, "+905050047824"),
    ("a URI gives its user", "+905050047824@gw", Tag::E, "+905050047824"),
    ("parameters are cut", "+905050047824;npdi;rn=+905320000000", Tag::E, "+905050047824"),
    ("parameters are cut", "+905050047824;rn=+905320000000;npdi", Tag::E, "+905050047824"),
    ("parameters are cut", "5550100;rn=5550000;npdi", Tag::E, ""),
    ("percent is decoded first", "+90%35050047824", Tag::E, "+905050047824"),
    ("percent is decoded first", "%2B905050047824", Tag::E, "+905050047824"),
];

/// What a corpus gave.
#[derive(Debug, Default)]
struct Tally {
    rows: usize,
    /// Valid rows that gave what libphonenumber parses.
    exact: usize,
    /// E.164 answers to other rows that did.
    possible: usize,
    /// Rows without an E.164 answer, which are free.
    free: usize,
    /// Of the first two, those of whose number libphonenumber keeps a mobile mark.
    unmarked: usize,
    /// Of the first two, those that begin with a plus and a zero: an international prefix follows.
    agreed_plus: usize,
    /// Rows that begin with a zero, read once more behind a plus.
    given_plus: usize,
    /// Rows that deviate as they should, by reason.
    exceptions: BTreeMap<&'static str, usize>,
}

/// One row, and what we make of it.
struct Row<'a> {
    region: &'a str,
    text: &'a str,
    /// What libphonenumber parses, in canonical form.
    parsed: String,
    is_marked: bool,
    valid: bool,
    source: String,
    plan: &'a DialPlan,
    number: Number,
    form: String,
}

fn replay(path: &str) -> Tally {
    let corpus = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut plans = HashMap::new();
    let mut tally = Tally::default();
    for line in corpus.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [region, text, _, _, parsed, status, source] = columns[..] else {
            panic!("{path}: {line:?} has not seven columns")
        };
        let plan = plans.entry(region).or_insert_with(|| DialPlan::new(region).unwrap());
        let number = plan.entry(text.as_bytes());
        let form = number.to_string();
        let valid = status == "VALID";
        let canonical = canonical_of_oracle(parsed);
        let is_marked = canonical != parsed;
        let source = canonical_of_oracle(source);
        let parsed = canonical;
        let row = Row { region, text, parsed, is_marked, valid, source, plan, number, form };
        tally.rows += 1;
        if row.is_read_behind_plus() {
            tally.given_plus += 1;
        }
        match row.exception() {
            Some(reason) => *tally.exceptions.entry(reason).or_default() += 1,
            None => row.agree(&mut tally),
        }
    }
    tally
}

impl Row<'_> {
    /// Holds what is no exception to what libphonenumber parses.
    fn agree(&self, tally: &mut Tally) {
        let Self { region, text, parsed, form, number, .. } = self;
        let is_e164 = number.tag() == Tag::E;
        if self.valid || is_e164 {
            assert!(
                is_e164 && form == parsed,
                "{text:?} in {region} gives {form} ({}, {}), not {parsed}",
                number.tag(),
                number.reason()
            );
        }
        match (self.valid, is_e164) {
            (true, _) => tally.exact += 1,
            (false, true) => tally.possible += 1,
            (false, false) => tally.free += 1,
        }
        tally.unmarked += usize::from(is_e164 && self.is_marked);
        tally.agreed_plus += usize::from(is_e164 && self.has_idle_plus());
    }

    /// Reports whether a zero follows the plus: no calling code begins with it.
    fn has_idle_plus(&self) -> bool {
        self.text.starts_with('+') && self.text.trim_start_matches('+').starts_with('0')
    }

    /// Reports whether the text is digits among separators and begins with a zero; then a plus before it
    /// changes nothing.
    fn is_read_behind_plus(&self) -> bool {
        let dials = |byte: u8| byte.is_ascii_digit() || b" ()-./".contains(&byte);
        let is_read = self.text.starts_with('0') && self.text.bytes().all(dials);
        if is_read {
            let behind_plus = self.plan.entry(format!("+{}", self.text).as_bytes());
            self.assert_same_without_plus(&behind_plus, &self.number);
        }
        is_read
    }

    /// A number behind a plus and a zero is that of the text without the plus, or nobody's.
    fn assert_same_without_plus(&self, number: &Number, without: &Number) {
        let Self { region, text, .. } = self;
        // A short code behind its own calling code is less than what was written.
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let is_behind_code = digits(&without.to_string()) < digits(text);
        let is_code = matches!(without.reason(), "short code" | "emergency") || is_behind_code;
        if without.tag() == Tag::L && !is_code {
            assert_eq!(number.reason(), "unassigned", "{text:?} in {region}");
        } else {
            assert_eq!(number, without, "{text:?} in {region}");
        }
    }

    /// Why this row deviates from libphonenumber, if it is to; then it must.
    fn exception(&self) -> Option<&'static str> {
        let Self { region, text, form, .. } = self;
        if let Some((reason, _, tag, expected)) = POLICY.iter().find(|policy| policy.1 == *text) {
            if expected.is_empty() {
                let digits = text.split(';').next().unwrap_or_default();
                assert_eq!(self.number, self.plan.entry(digits.as_bytes()), "{text:?} in {region}");
            } else {
                assert_eq!(
                    (form.as_str(), self.number.tag()),
                    (*expected, *tag),
                    "{text:?} in {region}"
                );
            }
            return Some(reason);
        }
        let is_nobodys = matches!(self.number, Number::Unassigned(_));
        if self.has_idle_plus() && (self.parsed.is_empty() || is_nobodys) {
            assert!(!self.valid, "{text:?} in {region} gives {form}");
            let without = self.plan.entry(text.trim_start_matches('+').as_bytes());
            self.assert_same_without_plus(&self.number, &without);
            return Some(IDLE_PLUS);
        }
        if is_nobodys && self.parsed.is_empty() {
            assert!(!text.starts_with('+'), "{text:?} in {region}");
            return Some(NOBODYS);
        }
        if let Some(whole) = self.whole() {
            // Digits at random may look like such a number and be none.
            if !self.source.is_empty() || *form == whole {
                assert_eq!(*form, whole, "{text:?} in {region}");
                return Some(WHOLE);
            }
        }
        (self.valid && self.is_short_code()).then_some(SHORT_CODES)
    }

    /// The number as it was written, if it was written with its calling code and libphonenumber
    /// drops a beginning that belongs to it. Without the code it is dialled as if that beginning
    /// were a prefix, and read so. Behind the code a trunk prefix and a carrier's may stand besides:
    /// libphonenumber drops both, `375 8 8133531338`.
    fn whole(&self) -> Option<String> {
        let (code, heads) = LOOKALIKES.iter().find(|(code, _)| self.parsed.starts_with(code))?;
        let rest = &self.parsed[code.len()..];
        let (text, context) = self.text.split_once(";phone-context=").unwrap_or((self.text, ""));
        let written = context.chars().chain(text.chars());
        let digits: String = written.filter(char::is_ascii_digit).collect();
        let is_after_prefix = |whole: &str| {
            let national = digits.strip_prefix(&code[1..]);
            let prefix = national.and_then(|digits| digits.strip_suffix(&whole[code.len()..]));
            prefix.is_some_and(|prefix| self.source.is_empty() && prefix.len() <= 3)
        };
        heads.iter().map(|head| format!("{code}{head}{rest}")).find(|whole| {
            // Digits of other scripts are written with the calling code alone.
            digits.contains(&whole[1..])
                || is_after_prefix(whole)
                || (digits.is_empty() && self.source == *whole)
        })
    }

    /// A short or emergency code, and no more than six digits of one.
    fn is_short_code(&self) -> bool {
        let digits = self.text.bytes().filter(u8::is_ascii_digit).count();
        matches!(self.number, Number::Local(_))
            && matches!(self.number.reason(), "short code" | "emergency")
            && digits <= 6
            && !self.text.starts_with('+')
    }
}
