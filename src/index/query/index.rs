//! Reads one index: verifies it once, then looks up numbers in it.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use foldhash::fast::FixedState;
use serde::Serialize;

use crate::index::format::file::{self, FileLayout, Section};
use crate::index::format::filter::{self, BATCH, Filter, HashedNumber, bits_of};
use crate::index::format::notes::{self, NoteRows, Notes};
use crate::index::format::prefixes::{self, Prefixes};
use crate::index::format::rules::{Rule, Rules};
use crate::index::format::sets::{Member, Sets};
use crate::index::format::texts::{self, PATTERN, TextValue};
use crate::index::format::{blocks::Blocks, decimal::LeadingDigits, fst::FstKeys, meta::Meta};
use crate::index::key::{EntryKey, KeyForm};
use crate::index::list::{List, Settings};
use crate::{DialPlan, Error, Number, Result};

/// The verified index of one domain over any bytes that do not change.
///
/// By itself it answers for one file, by the system's clock and without shared lists. Calls are decided by a
/// [`Domain`](crate::Domain) of an engine: an index, the latest changes above it, and the shared lists.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, Index};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24"]).is_empty());
/// let bytes = compiler.finish()?.bytes;
///
/// let index = Index::open(&bytes)?; // a slice, a vector or a memory map
/// assert_eq!((index.domain(), index.plan().region()), ("my.example", "TR"));
/// assert_eq!((index.lists().count(), index.stats().e164, index.stamp()), (1, 1, 0));
/// assert!(index.settings().emergency_exempt);
/// assert!(index.check("+90 505 004 78 24").is_deny());
/// assert!(Index::open(&bytes[1..]).is_err(), "every byte is verified");
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Debug)]
pub struct Index<D> {
    data: D,
    layout: FileLayout,
    pub(crate) meta: Meta,
    sets: Sets,
    by_name: HashMap<Box<str>, u32, FixedState>,
    /// `None` without patterns.
    prefixes: Option<prefixes::PrefixesLayout>,
    /// See [`Index::hashes`].
    hashes: OnceLock<Box<[u32]>>,
}

/// What an index holds under a key: the lists that the entry is on, and its notes.
#[derive(Clone, Copy)]
pub(crate) struct FiledEntry<'a> {
    pub(crate) set: u32,
    pub(crate) notes: NoteRows<'a>,
}

/// Counts and sizes of an index.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, Index, facts_version};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let entries = ["0505 004 78 24", "112", "+90532*", "anonymous"];
/// assert!(compiler.list("spam", Action::Deny)?.extend(entries).is_empty());
/// let stats = Index::open(compiler.finish()?.bytes)?.stats();
/// assert_eq!((stats.numbers, stats.e164, stats.patterns), (4, 1, 1));
/// assert_eq!(stats.facts, facts_version());
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
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
    /// Version of the numbering facts by which its entries became canonical. If it is not `facts_version()`,
    /// that of this release, compile the lists again: calls are read by newer facts.
    pub facts: String,
    /// The sections in the order of the file.
    pub sections: Vec<SectionStats>,
}

/// Name and size of a section.
///
/// # Examples
/// ```
/// use callbar::{Compiler, DialPlan, Index};
///
/// let index = Index::open(Compiler::new("my.example", DialPlan::new("TR")?)?.finish()?.bytes)?;
/// let stats = index.stats();
/// for section in &stats.sections {
///     println!("{}: {} bytes", section.name, section.bytes);
/// }
/// assert!(stats.sections.iter().map(|section| section.bytes).sum::<u64>() < stats.bytes);
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionStats {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: u64,
}

impl Index<Vec<u8>> {
    /// Length of the header in bytes.
    pub const HEADER: usize = file::HEADER;

    /// Verifies the header of a file without reading the rest. `head` is its first [`Index::HEADER`] bytes,
    /// or all of a shorter file; `length` is the length of the file. A file that fails here fails
    /// [`Index::open`] too.
    ///
    /// # Errors
    /// As [`Index::open`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Compiler, DialPlan, Index};
    ///
    /// let index = Compiler::new("my.example", DialPlan::new("TR")?)?.finish()?.bytes;
    /// let head = &index[..Index::HEADER];
    /// assert!(Index::verify_header(head, index.len() as u64).is_ok());
    /// assert!(Index::verify_header(head, 1 << 20).is_err(), "another length");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn verify_header(head: &[u8], length: u64) -> Result<()> {
        file::read_header(head, length).map(drop)
    }
}

impl<D: AsRef<[u8]>> Index<D> {
    /// Verifies `data` and keeps it: every checksum, bound, order and count. Only the checksums prove that
    /// the filter holds the numbers of the blocks, and that the prefixes cover their patterns. Takes one
    /// pass over the bytes, some nanoseconds a number, and memory for the directory meanwhile. No bytes
    /// make it panic, not even with right checksums.
    ///
    /// # Errors
    /// [`Error::NotAnIndex`], [`Error::UnsupportedVersion`] or [`Error::Corrupt`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Compiler, DialPlan, Error, Index};
    ///
    /// let mut bytes = Compiler::new("my.example", DialPlan::new("TR")?)?.finish()?.bytes;
    /// assert!(Index::open(&bytes).is_ok());
    /// *bytes.last_mut().expect("a byte") ^= 1;
    /// assert!(matches!(Index::open(&bytes), Err(Error::Corrupt { .. })));
    /// assert!(matches!(Index::open(b"0505 004 78 24"), Err(Error::NotAnIndex)));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn open(data: D) -> Result<Self> {
        let index = Self::open_published(data)?;
        index.prove(&mut || ())?;
        Ok(index)
    }

    /// Verifies what [`Index::open`] verifies and [`Index::open_published`] does not. Calls `pause` again and
    /// again while it reads numbers.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub(crate) fn prove(&self, pause: &mut dyn FnMut()) -> Result<()> {
        filter::verify(self.section(Section::Filter))?;
        self.blocks().verify(self.meta.e164, self.sets.len(), pause)?;
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

    /// As [`Index::open`], for bytes that their publisher has proved sound: verifies the checksums and what
    /// it decodes, at the speed of memory. A look-up trusts no byte, so bytes that were not proved give
    /// wrong answers at worst.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub(crate) fn open_published(data: D) -> Result<Self> {
        let file = data.as_ref();
        let layout = FileLayout::parse(file)?;
        let meta = Meta::parse(layout.get(file, Section::Meta))?;
        let sets = Sets::parse(layout.get(file, Section::Sets), meta.lists.len())?;
        let by_name = by_name(&meta.lists)?;
        let prefixes = prefixes::PrefixesLayout::parse(file, layout.range(Section::Prefixes));
        let hashes = OnceLock::new();
        Ok(Self { data, layout, meta, sets, by_name, prefixes, hashes })
    }

    /// The domain, in lower case.
    pub fn domain(&self) -> &str {
        &self.meta.domain
    }

    /// The dial plan by which entries were read and calls are read.
    pub fn plan(&self) -> &DialPlan {
        &self.meta.plan
    }

    /// What the domain does besides its lists.
    pub fn settings(&self) -> &Settings {
        &self.meta.settings
    }

    /// The number that identifies its state to its maker, from
    /// [`Compiler::set_stamp`](crate::Compiler::set_stamp).
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

    /// Distinct entries, including those that this layer removes.
    pub(crate) fn keys(&self) -> u64 {
        self.meta.e164 + self.meta.texts
    }

    /// The bytes of all sections but that of the lists and settings, header included.
    pub(crate) fn bytes_of_entries(&self) -> u64 {
        (self.data.as_ref().len() - self.section(Section::Meta).len()) as u64
    }

    /// About how many prefixes the patterns of the index are filed under; an index has room for 2^24.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, Index};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let patterns = ["+90505*", "+902125550100-+902125550119"];
    /// assert!(compiler.list("spam", Action::Deny)?.extend(patterns).is_empty());
    /// assert_eq!(Index::open(compiler.finish()?.bytes)?.pattern_prefixes(), 3);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn pattern_prefixes(&self) -> u64 {
        self.prefixes().map_or(0, |prefixes| prefixes.count())
    }

    /// The low halves of the hashes of its E.164 numbers. Made at the first call; use it for small layers.
    pub(crate) fn hashes(&self) -> &[u32] {
        let of = |(number, _)| HashedNumber::new(number).hash as u32;
        self.hashes.get_or_init(|| self.blocks().numbers().map(of).collect())
    }

    /// The index of the list of this name.
    pub(super) fn list_named(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Reports whether an E.164 number may be in the index, itself or under a pattern; `false` is certain.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call adds 10 ns to what takes 30")]
    pub(crate) fn maybe(&self, number: HashedNumber) -> bool {
        let filter = self.filter();
        let Some(prefixes) = &self.prefixes else { return filter.maybe(number) };
        // The gate answers while the line of the filter is on its way. Its answer is put aside in memory:
        // in the registers of the filter's answer it would wait for the line too.
        let leading = LeadingDigits::new(number.number);
        std::hint::black_box(filter.touch(number));
        let passes = prefixes.gate.passes_one(leading);
        std::hint::black_box(&passes);
        filter.maybe(number) || (passes && self.begins(leading))
    }

    /// Bit `i` is the answer of [`Self::maybe`] for `numbers[i]`.
    pub(super) fn maybe_each(&self, numbers: &[HashedNumber; BATCH]) -> u64 {
        let filter = self.filter();
        // The gate first, while the lines of the filter are on their way.
        let passed =
            self.prefixes.as_ref().map_or(0, |prefixes| prefixes.gate.passes_each(numbers));
        let found = bits_of(numbers, |&number| filter.maybe(number));
        let mut passed = passed & !found;
        let mut begins = 0;
        while passed != 0 {
            let i = passed.trailing_zeros();
            begins |= u64::from(self.begins(LeadingDigits::new(numbers[i as usize].number))) << i;
            passed &= passed - 1;
        }
        found | begins
    }

    /// The lengths of the prefixes that a number may begin with, as a mask.
    #[inline]
    pub(crate) fn gate(&self, number: LeadingDigits) -> u32 {
        let Some(prefixes) = &self.prefixes else { return 0 };
        prefixes.gate.lengths(number)
    }

    /// Reports whether an E.164 number begins with a prefix of a pattern.
    #[cold]
    #[inline(never)]
    fn begins(&self, number: LeadingDigits) -> bool {
        let lengths = self.gate(number);
        self.prefixes().is_some_and(|prefixes| prefixes.begin(number, lengths))
    }

    /// The entry of this number.
    pub(crate) fn find(&self, number: &Number) -> Option<FiledEntry<'_>> {
        let Number::E164(number) = number else {
            let (tag, text) = texts::key(number)?;
            return self.find_text(tag, text);
        };
        self.find_e164(number.get())
    }

    #[inline(never)]
    fn find_e164(&self, number: u64) -> Option<FiledEntry<'_>> {
        if !self.filter().maybe(HashedNumber::new(number)) {
            return None;
        }
        let set = self.blocks().find(number)?;
        let notes = self.notes().map_or(NoteRows::NONE, |notes| notes.of_number(number));
        Some(FiledEntry { set, notes })
    }

    /// The entry of a tag and a text.
    #[inline(never)]
    pub(super) fn find_text(&self, tag: u8, text: &[u8]) -> Option<FiledEntry<'_>> {
        let value = texts::find(self.section(Section::Texts), tag, text)?;
        if tag == PATTERN {
            return self.rules().get(u32::try_from(value).ok()?).map(|rule| self.of_rule(rule));
        }
        let TextValue { set, notes } = TextValue::from_packed(value);
        Some(FiledEntry { set, notes: self.rows(notes) })
    }

    /// The entry of a key.
    pub(crate) fn find_key(&self, key: &EntryKey) -> Option<FiledEntry<'_>> {
        match &key.0 {
            KeyForm::E164(number) => self.find_e164(*number),
            KeyForm::Text(text) => {
                text.split_first().and_then(|(&tag, text)| self.find_text(tag, text))
            }
        }
    }

    /// All entries in the order of their keys.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (EntryKey, FiledEntry<'_>)> {
        let mut rows = self.notes().map(Notes::ascending);
        let numbers = self.blocks().numbers().map(move |(number, set)| {
            let notes = rows.as_mut().map_or(NoteRows::NONE, |rows| rows(number));
            (EntryKey::from_e164(number), FiledEntry { set, notes })
        });
        let texts = FstKeys::new(self.section(Section::Texts)).map_while(|(text, _)| {
            let key = EntryKey(KeyForm::Text(text));
            self.find_key(&key).map(|found| (key, found))
        });
        numbers.chain(texts)
    }

    /// The entry of a rule's pattern.
    pub(super) fn of_rule(&self, rule: Rule<'_>) -> FiledEntry<'_> {
        FiledEntry { set: rule.set, notes: self.rows(rule.notes) }
    }

    fn rows(&self, reference: u32) -> NoteRows<'_> {
        self.notes().map_or(NoteRows::NONE, |notes| notes.of_reference(reference))
    }

    /// The members of a set.
    #[inline]
    pub(crate) fn members(&self, set: u32) -> &[Member] {
        self.sets.members(set)
    }

    pub(crate) fn sets(&self) -> usize {
        self.sets.len()
    }

    #[inline]
    pub(crate) fn filter(&self) -> Filter<'_> {
        Filter::new(self.section(Section::Filter))
    }

    pub(crate) fn blocks(&self) -> Blocks<'_> {
        Blocks {
            directory: self.section(Section::Directory),
            offsets: self.section(Section::Offsets),
            bodies: self.section(Section::Blocks),
        }
    }

    pub(crate) fn notes(&self) -> Option<Notes<'_>> {
        Notes::new(self.section(Section::Notes))
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules::new(self.section(Section::Rules))
    }

    #[inline]
    pub(crate) fn prefixes(&self) -> Option<Prefixes<'_>> {
        Some(self.prefixes.as_ref()?.prefixes(self.data.as_ref()))
    }

    #[inline]
    pub(crate) fn section(&self, section: Section) -> &[u8] {
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
