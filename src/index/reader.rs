//! Reads one index: verifies everything once, then answers without looking back.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use foldhash::fast::FixedState;
use serde::Serialize;

use super::blocks::Blocks;
use super::decimal::Leading;
use super::filter::{self, BATCH, Filter, Hashed, bits_of};
use super::format::{self, Layout, Section};
use super::key::Key;
use super::meta::Meta;
use super::notes::{self, Notes, Rows};
use super::prefixes::{self, Prefixes};
use super::rules::{Rule, Rules};
use super::sets::{Member, Sets};
use super::texts::{self, PATTERN, Value};
use super::verdict::{List, Settings};
use crate::{DialPlan, Error, Number, Result};

/// The verified index of one domain over any bytes that do not change.
///
/// Alone it answers for one file, by the system's clock and without lists that others share. What
/// calls obey is a [`Domain`](crate::Domain) of an engine: an index, the latest changes above it, and
/// the shared lists.
#[derive(Debug)]
pub struct Index<D> {
    data: D,
    layout: Layout,
    pub(super) meta: Meta,
    sets: Sets,
    by_name: HashMap<Box<str>, u32, FixedState>,
    /// `None` without patterns.
    prefixes: Option<prefixes::Parts>,
    /// See [`Index::hashes`].
    hashes: OnceLock<Box<[u32]>>,
}

/// What an index holds for a key.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) set: u32,
    pub(super) notes: Rows<'a>,
}

/// Counts and sizes of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Distinct entries: numbers, patterns and classes.
    pub numbers: u64,
    /// Of these, E.164 numbers.
    pub e164: u64,
    /// Of these, patterns.
    pub patterns: u64,
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

impl Index<Vec<u8>> {
    /// The bytes of a header.
    pub const HEADER: usize = format::HEADER;

    /// Verifies what the header tells of a file: `head` is its first [`Index::HEADER`] bytes, or all of
    /// a shorter one, `length` how long it is. What fails here fails [`Index::open`] too, and need
    /// not be read whole to find out.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn verify_header(head: &[u8], length: u64) -> Result<()> {
        format::verify_header(head, length)
    }
}

impl<D: AsRef<[u8]>> Index<D> {
    /// Verifies `data` and keeps it: every checksum, bound, order and count. That the filter holds
    /// the numbers of the blocks, and the prefixes all that their patterns cover, is left to the
    /// checksums. Costs one pass over the bytes, some nanoseconds a number, and memory for the
    /// directory while it lasts.
    ///
    /// # Errors
    /// [`Error::NotAnIndex`], [`Error::UnsupportedVersion`] or [`Error::Corrupt`], whatever the
    /// bytes are; never a panic, not even where every checksum is right.
    pub fn open(data: D) -> Result<Self> {
        let index = Self::open_published(data)?;
        index.prove(&mut || ())?;
        Ok(index)
    }

    /// Verifies what [`Index::open`] does and [`Index::open_published`] does not. Calls `rest` again
    /// and again while it reads numbers.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub(crate) fn prove(&self, rest: &mut dyn FnMut()) -> Result<()> {
        filter::verify(self.section(Section::Filter))?;
        self.blocks().verify(self.meta.e164, self.sets.len(), rest)?;
        let (texts, sets) = (self.section(Section::Texts), self.sets.len());
        Rules::verify(self.section(Section::Rules), sets)?;
        let bytes = self.data.as_ref().len();
        texts::verify(texts, bytes, self.meta.texts, sets, self.rules())?;
        notes::verify(self.section(Section::Notes), self.meta.lists.len())?;
        let stems = self.section(Section::Stems);
        let rules: HashSet<u32> = self.rules().all().map(|(name, _)| name).collect();
        let is_rule = |rule| rules.contains(&rule);
        Prefixes::verify(self.section(Section::Prefixes), stems, bytes, is_rule)
    }

    /// As [`Index::open`] for bytes that a publisher has proved sound before it named them: verifies
    /// all checksums, and all that is decoded, at the speed of memory. A look-up trusts no byte, so
    /// that bytes which a publisher should not have named give wrong answers at worst.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub(crate) fn open_published(data: D) -> Result<Self> {
        let file = data.as_ref();
        let layout = Layout::read(file)?;
        let meta = Meta::read(layout.get(file, Section::Meta))?;
        let sets = Sets::read(layout.get(file, Section::Sets), meta.lists.len())?;
        let by_name = by_name(&meta.lists)?;
        let prefixes = prefixes::Parts::read(file, layout.range(Section::Prefixes));
        let hashes = OnceLock::new();
        Ok(Self { data, layout, meta, sets, by_name, prefixes, hashes })
    }

    /// The domain, in lower case.
    pub fn domain(&self) -> &str {
        &self.meta.domain
    }

    /// The dial plan that entries were read by and that calls are read by.
    pub fn plan(&self) -> &DialPlan {
        &self.meta.plan
    }

    /// What the domain does besides its lists.
    pub fn settings(&self) -> &Settings {
        &self.meta.settings
    }

    /// The number that its maker knows it by: [`Compiler::set_stamp`](crate::Compiler::set_stamp).
    pub fn stamp(&self) -> u64 {
        self.meta.stamp
    }

    /// The lists, in the order of their creation.
    pub fn lists(&self) -> impl Iterator<Item = &List> {
        self.meta.lists.iter().filter(|list| !list.gone)
    }

    /// Counts and sizes.
    pub fn stats(&self) -> Stats {
        let size = |section: Section| SectionStats {
            name: section.name(),
            bytes: self.section(section).len() as u64,
        };
        Stats {
            numbers: self.keys(),
            e164: self.meta.e164,
            patterns: self.rules().all().count() as u64,
            bytes: self.data.as_ref().len() as u64,
            created: self.meta.created,
            facts: self.meta.facts.clone(),
            sections: Section::ALL.map(size).to_vec(),
        }
    }

    /// The layers below this one, newest first, by the numbers of their files.
    pub(crate) fn below(&self) -> &[u32] {
        &self.meta.below
    }

    /// Distinct keys, those that this layer removes included.
    pub(crate) fn keys(&self) -> u64 {
        self.meta.e164 + self.meta.texts
    }

    /// The size of all but the lists and settings.
    pub(crate) fn bytes_of_entries(&self) -> u64 {
        (self.data.as_ref().len() - self.section(Section::Meta).len()) as u64
    }

    /// About how many prefixes its patterns are filed under.
    pub(crate) fn pieces(&self) -> u64 {
        self.prefixes().map_or(0, |prefixes| prefixes.count())
    }

    /// The low halves of the hashes of its E.164 numbers. Made when first asked for: of small layers.
    pub(super) fn hashes(&self) -> &[u32] {
        let of = |(number, _)| Hashed::of(number).hash as u32;
        self.hashes.get_or_init(|| self.blocks().numbers().map(of).collect())
    }

    pub(super) fn has_prefixes(&self) -> bool {
        self.prefixes.is_some()
    }

    /// The index of the list of this name.
    pub(super) fn list_named(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Whether an E.164 number may be here, by itself or under a pattern; `false` is certain.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call adds 10 ns to what takes 30")]
    pub(super) fn maybe(&self, number: Hashed) -> bool {
        let filter = self.filter();
        let Some(prefixes) = &self.prefixes else { return filter.maybe(number) };
        // The gate is asked while the line of the filter is on its way, and its answer put aside: in
        // registers that the filter's answer is in, before or after, it waits for the line too.
        let leading = Leading::of(number.number);
        std::hint::black_box(filter.touch(number));
        let passes = prefixes.gate.passes_one(leading);
        std::hint::black_box(&passes);
        filter.maybe(number) || (passes && self.begins(leading))
    }

    /// Bit `i` is what [`Self::maybe`] says of `numbers[i]`.
    pub(super) fn maybe_each(&self, numbers: &[Hashed; BATCH]) -> u64 {
        let filter = self.filter();
        // The gate first, while the lines of the filter are on their way.
        let passed =
            self.prefixes.as_ref().map_or(0, |prefixes| prefixes.gate.passes_each(numbers));
        let found = bits_of(numbers, |&number| filter.maybe(number));
        let mut passed = passed & !found;
        let mut begins = 0;
        while passed != 0 {
            let i = passed.trailing_zeros();
            begins |= u64::from(self.begins(Leading::of(numbers[i as usize].number))) << i;
            passed &= passed - 1;
        }
        found | begins
    }

    /// The lengths of the prefixes that a number may begin with, as a mask.
    #[inline]
    pub(super) fn gate(&self, number: Leading) -> u32 {
        let Some(prefixes) = &self.prefixes else { return 0 };
        prefixes.gate.lengths(number)
    }

    /// Whether an E.164 number begins with a prefix of a pattern.
    #[cold]
    #[inline(never)]
    fn begins(&self, number: Leading) -> bool {
        let lengths = self.gate(number);
        self.prefixes().is_some_and(|prefixes| prefixes.begin(number, lengths))
    }

    /// What is filed under the number itself.
    pub(super) fn find(&self, number: &Number) -> Option<Found<'_>> {
        let Number::E164(number) = number else {
            let (tag, text) = texts::key(number)?;
            return self.find_text(tag, text);
        };
        self.find_e164(number.get())
    }

    #[inline(never)]
    fn find_e164(&self, number: u64) -> Option<Found<'_>> {
        if !self.filter().maybe(Hashed::of(number)) {
            return None;
        }
        let set = self.blocks().find(number)?;
        Some(Found { set, notes: self.notes().map_or(Rows::NONE, |notes| notes.of_number(number)) })
    }

    /// What is filed under a tag and a text.
    #[inline(never)]
    pub(super) fn find_text(&self, tag: u8, text: &[u8]) -> Option<Found<'_>> {
        let value = texts::find(self.section(Section::Texts), tag, text)?;
        if tag == PATTERN {
            return self.rules().get(u32::try_from(value).ok()?).map(|rule| self.of_rule(rule));
        }
        let Value { set, notes } = Value::unpack(value);
        Some(Found { set, notes: self.rows(notes) })
    }

    /// What is filed under a key.
    pub(super) fn find_key(&self, key: &Key) -> Option<Found<'_>> {
        match key {
            Key::E164(number) => self.find_e164(*number),
            Key::Text(text) => {
                text.split_first().and_then(|(&tag, text)| self.find_text(tag, text))
            }
        }
    }

    /// What is filed under the pattern of a rule.
    pub(super) fn of_rule(&self, rule: Rule<'_>) -> Found<'_> {
        Found { set: rule.set, notes: self.rows(rule.notes) }
    }

    fn rows(&self, reference: u32) -> Rows<'_> {
        self.notes().map_or(Rows::NONE, |notes| notes.of_reference(reference))
    }

    /// Which lists a set stands for.
    #[inline]
    pub(super) fn members(&self, set: u32) -> &[Member] {
        self.sets.members(set)
    }

    pub(super) fn sets(&self) -> usize {
        self.sets.len()
    }

    #[inline]
    pub(super) fn filter(&self) -> Filter<'_> {
        Filter::new(self.section(Section::Filter))
    }

    pub(super) fn blocks(&self) -> Blocks<'_> {
        Blocks {
            directory: self.section(Section::Directory),
            offsets: self.section(Section::Offsets),
            bodies: self.section(Section::Blocks),
        }
    }

    pub(super) fn notes(&self) -> Option<Notes<'_>> {
        Notes::new(self.section(Section::Notes))
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules::new(self.section(Section::Rules))
    }

    #[inline]
    pub(super) fn prefixes(&self) -> Option<Prefixes<'_>> {
        Some(self.prefixes.as_ref()?.of(self.data.as_ref()))
    }

    #[inline]
    pub(super) fn section(&self, section: Section) -> &[u8] {
        self.layout.get(self.data.as_ref(), section)
    }
}

fn by_name(lists: &[List]) -> Result<HashMap<Box<str>, u32, FixedState>> {
    let mut by_name = HashMap::default();
    for (i, list) in (0..).zip(lists).filter(|(_, list)| !list.gone) {
        if by_name.insert(list.name.as_str().into(), i).is_some() {
            return Err(Error::Corrupt { section: "meta", reason: "two lists of one name" });
        }
    }
    Ok(by_name)
}
