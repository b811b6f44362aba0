//! Reads an index: verifies everything once, then answers without looking back.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use serde::Serialize;

use super::blocks::Blocks;
use super::filter::{self, Filter, Probe};
use super::format::{Layout, Section};
use super::meta::Meta;
use super::sets::Sets;
use super::texts;
use super::verdict::{Action, List, Match, Verdict};
use crate::{DialPlan, E164, Error, Number, Result};

/// Numbers whose lines of the filter are on their way at the same time.
const BATCH: usize = 64;

/// The verified index of one domain over any bytes that do not change.
#[derive(Debug)]
pub struct Index<D> {
    data: D,
    layout: Layout,
    meta: Meta,
    sets: Sets,
    by_name: HashMap<Box<str>, u32, FixedState>,
}

/// Counts and sizes of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Distinct canonical numbers.
    pub numbers: u64,
    /// Of these, E.164 numbers.
    pub e164: u64,
    /// Bytes of the whole index.
    pub bytes: u64,
    /// When it was compiled, in seconds since 1970.
    pub created: u64,
    /// Version of the numbering facts that its entries were canonicalised by. If it is not that of
    /// this release, `facts_version()`, compile the lists again: calls are read by newer facts.
    pub facts: String,
    /// The sections in the order of the file.
    pub sections: Vec<SectionStats>,
}

/// Name and size of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionStats {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: u64,
}

impl<D: AsRef<[u8]>> Index<D> {
    /// Verifies `data` and keeps it: every checksum, bound, order and count. That the filter holds
    /// the numbers of the blocks is left to its checksum. Costs one pass over the bytes, some
    /// nanoseconds a number, and memory for the directory while it lasts.
    ///
    /// # Errors
    /// [`Error::NotAnIndex`], [`Error::UnsupportedVersion`] or [`Error::Corrupt`], whatever the
    /// bytes are; never a panic, not even where every checksum is right.
    pub fn open(data: D) -> Result<Self> {
        let file = data.as_ref();
        let layout = Layout::read(file)?;
        let section = |section| layout.get(file, section);
        let meta = Meta::read(section(Section::Meta))?;
        let sets = Sets::read(section(Section::Sets), &meta.lists)?;
        filter::verify(section(Section::Filter))?;
        blocks(&layout, file).verify(meta.e164, sets.len())?;
        texts::verify(section(Section::Texts), meta.texts, sets.len())?;
        let named = |(i, list): (u32, &List)| (Box::from(list.name.as_str()), i);
        let by_name: HashMap<_, _, _> = (0..).zip(&meta.lists).map(named).collect();
        if by_name.len() != meta.lists.len() {
            return Err(Error::Corrupt { section: "meta", reason: "two lists of one name" });
        }
        Ok(Self { data, layout, meta, sets, by_name })
    }

    /// The domain, in lower case.
    pub fn domain(&self) -> &str {
        &self.meta.domain
    }

    /// The dial plan that entries were read by and that calls are read by.
    pub fn plan(&self) -> &DialPlan {
        &self.meta.plan
    }

    /// The lists, in the order of their creation.
    pub fn lists(&self) -> &[List] {
        &self.meta.lists
    }

    /// The verdict on a caller or callee as a call presents it: a user part, a SIP, SIPS or tel
    /// URI, or a whole name-addr header. No allocation, no lock, no system call.
    #[inline]
    pub fn check(&self, text: impl AsRef<[u8]>) -> Verdict<'_> {
        self.check_number(&self.meta.plan.number(text.as_ref()))
    }

    /// The verdict on a number that is canonical already.
    #[inline]
    pub fn check_number(&self, number: &Number) -> Verdict<'_> {
        match self.find(number) {
            None => Verdict::Pass,
            Some(set) => self.verdict(set, number),
        }
    }

    /// `verdicts[i]` becomes the verdict on `texts[i]`. The misses of 64 numbers overlap:
    /// `cargo bench --bench peers` shows twice the throughput of single checks at 10M numbers and
    /// none at 1M, where the filter is in the cache. Verdicts beyond `texts.len()` stay as they are.
    ///
    /// # Panics
    /// If `verdicts` is shorter than `texts`.
    pub fn check_batch<'a, T: AsRef<[u8]>>(&'a self, texts: &[T], verdicts: &mut [Verdict<'a>]) {
        let verdicts = &mut verdicts[..texts.len()];
        for (texts, verdicts) in texts.chunks(BATCH).zip(verdicts.chunks_mut(BATCH)) {
            self.check_chunk(texts, verdicts);
        }
    }

    fn check_chunk<'a, T: AsRef<[u8]>>(&'a self, texts: &[T], verdicts: &mut [Verdict<'a>]) {
        let filter = self.filter();
        let mut pending: [Option<(E164, Probe)>; BATCH] = [None; BATCH];
        for ((text, verdict), pending) in texts.iter().zip(&mut *verdicts).zip(&mut pending) {
            match self.meta.plan.number(text.as_ref()) {
                Number::E164(number) => *pending = Some((number, filter.probe(number.get()))),
                other => *verdict = self.check_number(&other),
            }
        }
        // Nothing but loads that wait for nothing: the core has dozens of them under way at once.
        let touch = |all, (_, probe): &(E164, Probe)| all ^ filter.touch(*probe);
        std::hint::black_box(pending.iter().flatten().fold(0, touch));
        for (pending, verdict) in pending.iter().zip(verdicts) {
            if let Some((number, probe)) = *pending {
                let set = if filter.maybe(probe) { self.find_e164(number) } else { None };
                *verdict = match set {
                    None => Verdict::Pass,
                    Some(set) => self.verdict(set, &Number::E164(number)),
                };
            }
        }
    }

    /// Whether the list called `list` holds the number; `None` if there is no such list. Looks at
    /// that list alone: an allow list elsewhere does not matter.
    pub fn check_list(&self, list: &str, text: impl AsRef<[u8]>) -> Option<bool> {
        let list = self.by_name.get(list)?;
        let set = self.find(&self.meta.plan.number(text.as_ref()));
        Some(set.is_some_and(|set| self.sets.lists(set).binary_search(list).is_ok()))
    }

    /// The lists that hold the number, in the order of their creation.
    pub fn lists_of(&self, text: impl AsRef<[u8]>) -> impl Iterator<Item = &List> {
        self.lists_of_number(&self.meta.plan.number(text.as_ref()))
    }

    /// The lists that hold a number that is canonical already.
    pub fn lists_of_number(&self, number: &Number) -> impl Iterator<Item = &List> + use<'_, D> {
        let set = self.find(number).map_or(&[][..], |set| self.sets.lists(set));
        set.iter().filter_map(|&list| self.meta.lists.get(list as usize))
    }

    /// Counts and sizes.
    pub fn stats(&self) -> Stats {
        let file = self.data.as_ref();
        let size = |section: Section| SectionStats {
            name: section.name(),
            bytes: self.layout.get(file, section).len() as u64,
        };
        Stats {
            numbers: self.meta.e164 + self.meta.texts,
            e164: self.meta.e164,
            bytes: file.len() as u64,
            created: self.meta.created,
            facts: self.meta.facts.clone(),
            sections: Section::ALL.map(size).to_vec(),
        }
    }

    /// The set id of a number. The way of nearly every call, a number that the filter knows not
    /// to be listed, is short enough to be inlined; the others are calls.
    #[inline]
    fn find(&self, number: &Number) -> Option<u32> {
        let Number::E164(number) = number else { return self.find_text(number) };
        let filter = self.filter();
        if filter.maybe(filter.probe(number.get())) { self.find_e164(*number) } else { None }
    }

    #[inline(never)]
    fn find_e164(&self, number: E164) -> Option<u32> {
        self.blocks().find(number.get())
    }

    #[inline(never)]
    fn find_text(&self, number: &Number) -> Option<u32> {
        let (tag, text) = texts::key(number)?;
        texts::find(self.layout.get(self.data.as_ref(), Section::Texts), tag, text)
    }

    #[inline(never)]
    fn verdict(&self, set: u32, number: &Number) -> Verdict<'_> {
        let deciding = self.sets.deciding(set).and_then(|list| self.meta.lists.get(list));
        let Some(list) = deciding else { return Verdict::Pass };
        let by = Match { list, entry: number.clone() };
        match list.action {
            Action::Allow => Verdict::Allow(by),
            Action::Deny => Verdict::Deny(by),
        }
    }

    #[inline]
    fn filter(&self) -> Filter<'_> {
        Filter::new(self.layout.get(self.data.as_ref(), Section::Filter))
    }

    fn blocks(&self) -> Blocks<'_> {
        blocks(&self.layout, self.data.as_ref())
    }
}

fn blocks<'a>(layout: &Layout, file: &'a [u8]) -> Blocks<'a> {
    Blocks {
        directory: layout.get(file, Section::Directory),
        offsets: layout.get(file, Section::Offsets),
        bodies: layout.get(file, Section::Blocks),
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;
    use crate::{Compiler, Written};

    fn index(lists: &[(&str, Action, &[&str])]) -> Index<Vec<u8>> {
        let mut compiler = Compiler::new("d", DialPlan::new("TR").unwrap()).unwrap();
        for &(name, action, entries) in lists {
            let list = compiler.list(name, action).unwrap();
            let written = entries.par_iter().map(|text| Written { line: 0, text: text.as_bytes() });
            assert_eq!(compiler.extend(list, written), []);
        }
        Index::open(compiler.finish().unwrap().bytes).unwrap()
    }

    fn sample() -> Index<Vec<u8>> {
        index(&[
            ("spam", Action::Deny, &["+905050047824", "+905050047825", "alice", "*67", "112"]),
            ("vip", Action::Allow, &["0505 004 78 25", "+999123"]),
            ("dnc", Action::Deny, &["0505 004 78 24", "0505 004 78 25"]),
        ])
    }

    /// The verdict's word, and the deciding list's name.
    fn verdict<'a>(index: &'a Index<Vec<u8>>, text: &str) -> (&'static str, &'a str) {
        let verdict = index.check(text);
        (verdict.as_str(), verdict.decided_by().map_or("", |by| &by.list.name))
    }

    #[test]
    fn allow_beats_deny_and_the_first_list_is_named() {
        let index = sample();
        assert_eq!(verdict(&index, "00905050047824"), ("deny", "spam"));
        assert_eq!(verdict(&index, "tel:+90-505-004-78-25"), ("allow", "vip"));
        assert_eq!(verdict(&index, "sip:alice@example.com"), ("deny", "spam"));
        assert_eq!(verdict(&index, "sip:Alice@example.com"), ("pass", ""));
        assert_eq!(verdict(&index, "*67"), ("deny", "spam"));
        assert_eq!(verdict(&index, "112"), ("deny", "spam"));
        assert_eq!(verdict(&index, "+999123"), ("allow", "vip"));
        assert_eq!(verdict(&index, "anonymous"), ("pass", ""));
        assert_eq!(verdict(&index, "+905050047826"), ("pass", ""));
    }

    #[test]
    fn one_list_is_asked_alone() {
        let index = sample();
        let on = |list| index.check_list(list, "05050047825");
        assert_eq!((on("spam"), on("vip"), on("dnc")), (Some(true), Some(true), Some(true)));
        assert_eq!(index.check_list("vip", "05050047824"), Some(false));
        assert_eq!(on("nobody"), None);
        let names = |text| index.lists_of(text).map(|list| &*list.name).collect::<Vec<_>>();
        assert_eq!(names("05050047825"), ["spam", "vip", "dnc"]);
        assert_eq!(names("05050047824"), ["spam", "dnc"]);
        assert_eq!(names("bob"), [""; 0]);
    }

    #[test]
    fn a_batch_answers_as_single_checks_do() {
        let index = sample();
        let texts: Vec<String> = (0..300)
            .map(|i| if i % 7 == 0 { "alice".into() } else { format!("+9050500478{}", i % 90) })
            .collect();
        let mut verdicts = vec![Verdict::Pass; 301];
        index.check_batch(&texts, &mut verdicts);
        for (text, verdict) in texts.iter().zip(&verdicts) {
            assert_eq!(*verdict, index.check(text), "{text}");
        }
        assert!(verdicts.iter().any(Verdict::is_deny));
    }

    #[test]
    fn stats_add_up() {
        let stats = sample().stats();
        assert_eq!((stats.numbers, stats.e164), (6, 2));
        let sections: u64 = stats.sections.iter().map(|section| section.bytes).sum();
        assert!(sections < stats.bytes && stats.created > 1_700_000_000);
    }
}
