//! The rules section: the patterns of an index.
//!
//! # Layout (little-endian)
//! ```text
//! for each rule, at a multiple of 4: u32 set id | u32 reference of its notes | u8 length | text
//! ```
//! A text is the canonical form of a pattern, as [`Pattern`] writes it. Rules stand in the order of
//! their texts, with zeros between them. The name of a rule is its place divided by 4, so a look-up reads
//! all of it with one cache miss.

use crate::number::Pattern;
use crate::{Error, Result};

const SECTION: &str = "rules";
const HEAD: usize = 9;
/// Rules begin at multiples of this.
const ALIGN: usize = 4;

/// The section, located but not copied.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    section: &'a [u8],
}

/// One pattern, on all of its lists.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'a> {
    pub(crate) set: u32,
    /// For [`Notes::of_reference`](super::notes::Notes::of_reference).
    pub(crate) notes: u32,
    /// The canonical form.
    pub(crate) text: &'a str,
}

impl<'a> Rules<'a> {
    pub(crate) fn new(section: &'a [u8]) -> Self {
        Self { section }
    }

    /// The rule of this name.
    pub(crate) fn get(&self, rule: u32) -> Option<Rule<'a>> {
        let rest = self.section.get((rule as usize).checked_mul(ALIGN)?..)?;
        let (set, rest) = rest.split_first_chunk()?;
        let (notes, rest) = rest.split_first_chunk()?;
        let (&length, rest) = rest.split_first()?;
        Some(Rule {
            set: u32::from_le_bytes(*set),
            notes: u32::from_le_bytes(*notes),
            text: str::from_utf8(rest.get(..usize::from(length))?).ok()?,
        })
    }

    /// All rules in the order of their texts, each with its name. Ends at the first unsound one.
    pub(crate) fn all(self) -> impl Iterator<Item = (u32, Rule<'a>)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let name = u32::try_from(at / ALIGN).ok()?;
            let rule = self.get(name)?;
            at += (HEAD + rule.text.len()).next_multiple_of(ALIGN);
            Some((name, rule))
        })
    }

    /// Proves the section sound: every text a pattern, in order, every set below `sets`.
    pub(crate) fn verify(section: &'a [u8], sets: usize) -> Result<()> {
        let corrupt = |reason| Err(Error::Corrupt { section: SECTION, reason });
        let mut previous = "";
        let mut end = 0;
        for (name, rule) in Self::new(section).all() {
            if (rule.set as usize) >= sets {
                return corrupt("a set id beyond the table of sets");
            }
            if rule.text <= previous || Pattern::parse(rule.text).is_none() {
                return corrupt("no pattern, or out of order");
            }
            previous = rule.text;
            let used = name as usize * ALIGN + HEAD + rule.text.len();
            end = used.next_multiple_of(ALIGN);
            if section.get(used..end).is_none_or(|gap| gap.iter().any(|&byte| byte != 0)) {
                return corrupt("bytes where there should be none");
            }
        }
        if end != section.len() {
            return corrupt("cut short");
        }
        Ok(())
    }
}

/// Collects rules in the order of their texts.
#[derive(Debug, Default)]
pub(crate) struct RulesBuilder {
    section: Vec<u8>,
}

impl RulesBuilder {
    /// Adds a rule and returns its name.
    pub(crate) fn push(&mut self, text: &[u8], set: u32, notes: u32) -> Result<u32> {
        let limit = 4 << 30;
        let name = u32::try_from(self.section.len() / ALIGN)
            .map_err(|_| Error::TooLarge { what: "bytes of patterns", limit })?;
        self.section.extend_from_slice(&set.to_le_bytes());
        self.section.extend_from_slice(&notes.to_le_bytes());
        self.section.push(u8::try_from(text.len()).expect("a pattern has 41 characters at most"));
        self.section.extend_from_slice(text);
        self.section.resize(self.section.len().next_multiple_of(ALIGN), 0);
        Ok(name)
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.section
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_back_and_damage_is_refused() {
        let mut builder = RulesBuilder::default();
        let texts = ["+1999XXXXXXX", "+90505*", "12*"];
        let names = (0..).zip(texts).map(|(i, text)| builder.push(text.as_bytes(), i, 7 * i));
        let names: Vec<u32> = names.collect::<Result<_>>().unwrap();
        let section = builder.finish();
        Rules::verify(&section, 3).unwrap();
        assert!(Rules::verify(&section, 2).is_err());
        let rules = Rules::new(&section);
        assert_eq!(rules.all().map(|(name, _)| name).collect::<Vec<_>>(), names);
        for (i, (name, text)) in (0..).zip(names.into_iter().zip(texts)) {
            let rule = rules.get(name).unwrap();
            assert_eq!((rule.text, rule.set, rule.notes), (text, i, 7 * i));
        }
        for at in 1..section.len() {
            let whole = rules.all().any(|(name, _)| name as usize * ALIGN == at);
            assert_eq!(Rules::verify(&section[..at], 3).is_ok(), whole, "cut at {at}");
        }
        Rules::verify(&[], 0).unwrap();
        for at in 0..section.len() {
            let mut section = section.clone();
            section[at] ^= 0xff;
            let _ = Rules::verify(&section, 3);
            let _ = Rules::new(&section).all().count();
        }
    }
}
