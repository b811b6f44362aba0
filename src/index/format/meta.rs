//! The meta section: whose index this is, and how its numbers were read.
//!
//! # Layout (little-endian; a string is a `u16` length and UTF-8)
//! ```text
//! string domain | string facts version | u64 created | u64 stamp
//! u64 E.164 numbers | u64 other numbers
//! string region | u8 plain digits are E.164
//! u16 count and strings: added international prefixes
//! u16 count and strings: technical prefixes
//! u8 emergency numbers are exempt | u16 count and strings: domains subscribed to
//! u16 count and u32 each: the layers below this one, newest first
//! u32 count and lists: u8 action (0 deny, 1 allow), u8 dropped, u16 SIP response or 0, u64 entries,
//!     string name
//! ```

use std::time::{SystemTime, UNIX_EPOCH};

use crate::index::list::{Action, List, Response, Settings};
use crate::index::names::{LISTS_MAX, verify_domain_name, verify_list_name};
use crate::{DialPlan, Error, Result, facts_version};

const SECTION: &str = "meta";

/// What the meta section holds.
#[derive(Clone, Debug)]
pub(crate) struct Meta {
    /// In lower case.
    pub(crate) domain: String,
    /// Version of the numbering facts that canonicalised the entries.
    pub(crate) facts: String,
    /// Seconds since 1970.
    pub(crate) created: u64,
    /// A number by which its maker identifies the state of the domain.
    pub(crate) stamp: u64,
    pub(crate) e164: u64,
    pub(crate) texts: u64,
    pub(crate) plan: DialPlan,
    pub(crate) settings: Settings,
    /// The numbers of the files below, newest first, as the engine gives them.
    pub(crate) below: Vec<u32>,
    pub(crate) lists: Vec<List>,
}

impl Meta {
    /// That of a domain without lists, entries and layers below.
    pub(crate) fn new(domain: String, plan: DialPlan) -> Self {
        Self {
            domain,
            facts: facts_version().to_owned(),
            created: 0,
            stamp: 0,
            e164: 0,
            texts: 0,
            plan,
            settings: Settings::default(),
            below: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// Sets the time of making to now.
    pub(crate) fn touch(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        self.created = now.map_or(0, |since| since.as_secs());
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_string(&mut out, &self.domain);
        put_string(&mut out, &self.facts);
        for value in [self.created, self.stamp, self.e164, self.texts] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        put_string(&mut out, self.plan.region());
        out.push(u8::from(self.plan.plain_e164()));
        put_strings(&mut out, &self.plan.international_prefixes().collect::<Vec<_>>());
        put_strings(&mut out, &self.plan.technical_prefixes().collect::<Vec<_>>());
        out.push(u8::from(self.settings.emergency_exempt));
        put_strings(&mut out, &self.settings.subscriptions);
        out.extend_from_slice(&(self.below.len() as u16).to_le_bytes());
        out.extend(self.below.iter().flat_map(|file| file.to_le_bytes()));
        out.extend_from_slice(&(self.lists.len() as u32).to_le_bytes());
        for list in &self.lists {
            out.push(u8::from(list.action == Action::Allow));
            out.push(u8::from(list.gone));
            out.extend_from_slice(&list.response.map_or(0, Response::code).to_le_bytes());
            out.extend_from_slice(&list.entries.to_le_bytes());
            put_string(&mut out, &list.name);
        }
        out
    }

    pub(crate) fn parse(section: &[u8]) -> Result<Self> {
        let mut cursor = Cursor { rest: section };
        let meta = Self {
            domain: cursor.string()?.to_owned(),
            facts: cursor.string()?.to_owned(),
            created: cursor.u64()?,
            stamp: cursor.u64()?,
            e164: cursor.u64()?,
            texts: cursor.u64()?,
            plan: cursor.plan()?,
            settings: cursor.settings()?,
            below: cursor.below()?,
            lists: cursor.lists()?,
        };
        if !cursor.rest.is_empty() {
            return Err(corrupt("bytes after the last list"));
        }
        meta.verify()?;
        Ok(meta)
    }

    /// Checks names and counts as a compiler does: it may not have written these bytes.
    fn verify(&self) -> Result<()> {
        verify_domain_name(&self.domain).map_err(|_| corrupt("an unsound domain name"))?;
        if self.domain.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(corrupt("the domain is not in lower case"));
        }
        if self.lists.len() > LISTS_MAX {
            return Err(corrupt("too many lists"));
        }
        for list in &self.lists {
            verify_list_name(&list.name).map_err(|_| corrupt("an unsound list name"))?;
        }
        for domain in &self.settings.subscriptions {
            verify_domain_name(domain).map_err(|_| corrupt("an unsound subscription"))?;
        }
        self.e164.checked_add(self.texts).ok_or(corrupt("impossible counts"))?;
        Ok(())
    }
}

/// Two bytes hold the length, because `Compiler` refuses names that are nearly as long.
fn put_string(out: &mut Vec<u8>, string: &str) {
    out.extend_from_slice(&(string.len() as u16).to_le_bytes());
    out.extend_from_slice(string.as_bytes());
}

fn put_strings(out: &mut Vec<u8>, strings: &[impl AsRef<str>]) {
    out.extend_from_slice(&(strings.len() as u16).to_le_bytes());
    for string in strings {
        put_string(out, string.as_ref());
    }
}

/// Reads forward. Fails if the bytes end too soon or are unsound.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// A dial plan that is refused is reported as damage: the remedy of its own error does not help here.
    fn plan(&mut self) -> Result<DialPlan> {
        self.plan_as_written().map_err(|error| match error {
            Error::Corrupt { .. } => error,
            _ => corrupt("a dial plan that this release does not know"),
        })
    }

    fn plan_as_written(&mut self) -> Result<DialPlan> {
        let mut plan = DialPlan::new(self.string()?)?.with_plain_e164(self.flag()?);
        for _ in 0..self.count()? {
            plan = plan.with_international_prefix(self.string()?)?;
        }
        for _ in 0..self.count()? {
            plan = plan.with_technical_prefix(self.string()?)?;
        }
        Ok(plan)
    }

    fn settings(&mut self) -> Result<Settings> {
        let emergency_exempt = self.flag()?;
        let count = self.count()?;
        let subscriptions =
            (0..count).map(|_| self.string().map(str::to_owned)).collect::<Result<_>>()?;
        Ok(Settings { emergency_exempt, subscriptions })
    }

    fn below(&mut self) -> Result<Vec<u32>> {
        let count = self.count()?;
        (0..count).map(|_| self.take().map(u32::from_le_bytes)).collect()
    }

    fn lists(&mut self) -> Result<Vec<List>> {
        let count = u32::from_le_bytes(self.take()?);
        // The count may be wrong, so it sets no capacity: the vector grows only as far as the bytes go.
        (0..count).map(|_| self.list()).collect()
    }

    fn list(&mut self) -> Result<List> {
        let action = if self.flag()? { Action::Allow } else { Action::Deny };
        let gone = self.flag()?;
        let response = match self.count()? {
            0 => None,
            code => Some(Response::from_code(code).ok_or(corrupt("no SIP response"))?),
        };
        let entries = self.u64()?;
        Ok(List { name: self.string()?.to_owned(), action, response, entries, gone })
    }

    fn string(&mut self) -> Result<&'a str> {
        let length = usize::from(self.count()?);
        let (string, rest) = self.rest.split_at_checked(length).ok_or(CUT_SHORT)?;
        self.rest = rest;
        std::str::from_utf8(string).map_err(|_| corrupt("a string is not UTF-8"))
    }

    fn flag(&mut self) -> Result<bool> {
        match self.take()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(corrupt("a flag is neither 0 nor 1")),
        }
    }

    fn count(&mut self) -> Result<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(CUT_SHORT)?;
        self.rest = rest;
        Ok(*taken)
    }
}

const CUT_SHORT: Error = corrupt("cut short");

const fn corrupt(reason: &'static str) -> Error {
    Error::Corrupt { section: SECTION, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Meta {
        let plan = DialPlan::new("TR").unwrap().with_plain_e164(true);
        let list = |name: &str, action| List {
            name: name.into(),
            action,
            response: (action == Action::Deny).then_some(Response::Unwanted),
            entries: 7,
            gone: action == Action::Allow,
        };
        Meta {
            domain: "my.example".into(),
            facts: "9.0.43".into(),
            created: 1_800_000_000,
            stamp: 17,
            e164: 11,
            texts: 3,
            plan: plan.with_technical_prefix("99#").unwrap(),
            settings: Settings {
                emergency_exempt: false,
                subscriptions: vec!["shared.example".into()],
            },
            below: vec![9, 3],
            lists: vec![list("spam", Action::Deny), list("vip \u{fc}", Action::Allow)],
        }
    }

    #[test]
    fn comes_back_as_written() {
        let meta = Meta::parse(&sample().to_bytes()).unwrap();
        assert_eq!(format!("{meta:?}"), format!("{:?}", sample()));
    }

    #[test]
    fn what_no_compiler_writes_is_refused() {
        let damage: [fn(&mut Meta); 7] = [
            |meta| meta.domain = "My.Example".into(),
            |meta| meta.domain.clear(),
            |meta| meta.lists[1].name = "a\x1b[2J".into(),
            |meta| meta.lists[0].name.clear(),
            |meta| meta.e164 = u64::MAX,
            |meta| meta.settings.subscriptions.push(String::new()),
            |meta| meta.lists = vec![meta.lists[0].clone(); LISTS_MAX + 1],
        ];
        for damage in damage {
            let mut meta = sample();
            damage(&mut meta);
            let error = Meta::parse(&meta.to_bytes()).unwrap_err();
            assert!(matches!(error, Error::Corrupt { section: SECTION, .. }), "{error}");
        }
    }

    #[test]
    fn cut_or_longer_is_refused() {
        let bytes = sample().to_bytes();
        for end in 0..bytes.len() {
            assert!(Meta::parse(&bytes[..end]).is_err(), "cut at {end}");
        }
        assert!(Meta::parse(&[&bytes[..], &[0]].concat()).is_err());
    }
}
