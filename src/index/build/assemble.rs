//! Entries in ascending order to the bytes of an index. All sections are made here.

use crate::index::format::blocks::{Blocks, BlocksBuilder};
use crate::index::format::texts::{LOCAL, PATTERN, TextValue, UNASSIGNED};
use crate::index::format::{
    block::SPAN, file, filter::FilterBuilder, meta::Meta, notes::NotesBuilder,
    prefixes::PrefixesBuilder, rules::RulesBuilder, sets::Interner,
};
use crate::index::key::{EntryKey, KeyForm};
use crate::number::{Pattern, Scope};
use crate::{Result, index::note::Note};

/// Takes E.164 numbers in ascending order, then the other entries in the order of their keys.
#[derive(Default)]
pub(super) struct Assembler {
    pub(crate) interner: Interner,
    blocks: BlocksBuilder,
    /// The block that is being filled: its number, and the last four digits and set id of its numbers.
    block: u64,
    lows: Vec<u16>,
    ids: Vec<u32>,
    e164: u64,
    /// `None` until the first entry: a builder takes a megabyte to begin with.
    texts: Option<fst::MapBuilder<Vec<u8>>>,
    text_count: u64,
    pub(super) notes: NotesBuilder,
    rules: RulesBuilder,
    prefixes: PrefixesBuilder,
}

impl Assembler {
    /// Adds an entry with its notes by list in ascending order. A pattern that this layer removes (`removed`)
    /// covers nothing.
    pub(crate) fn entry<'n>(
        &mut self,
        key: &EntryKey,
        set: u32,
        removed: bool,
        mut notes: impl Iterator<Item = (u32, Note<'n>)>,
    ) -> Result<()> {
        match &key.0 {
            KeyForm::E164(number) => {
                self.number(*number, set)?;
                notes.try_for_each(|(list, note)| self.notes.number(*number, list, &note))
            }
            KeyForm::Text(text) => self.text(text, set, removed, notes),
        }
    }

    fn number(&mut self, number: u64, set: u32) -> Result<()> {
        if number / SPAN != self.block {
            self.end_block()?;
            self.block = number / SPAN;
        }
        self.lows.push((number % SPAN) as u16);
        self.ids.push(set);
        Ok(())
    }

    fn end_block(&mut self) -> Result<()> {
        if self.lows.is_empty() {
            return Ok(());
        }
        self.e164 += self.lows.len() as u64;
        self.blocks.push(self.block, &self.lows, &self.ids)?;
        self.lows.clear();
        self.ids.clear();
        Ok(())
    }

    /// Adds all numbers of a block at once: their last four digits, ascending, and set ids.
    pub(super) fn whole_block(&mut self, block: u64, lows: &[u16], ids: &[u32]) -> Result<()> {
        self.e164 += lows.len() as u64;
        self.blocks.push(block, lows, ids)
    }

    /// As [`Self::entry`], of an entry that is no E.164 number, by the bytes of its key.
    pub(crate) fn text<'n>(
        &mut self,
        key: &[u8],
        set: u32,
        removed: bool,
        notes: impl Iterator<Item = (u32, Note<'n>)>,
    ) -> Result<()> {
        let notes = self.notes.other(notes)?;
        let value = match key.split_first() {
            Some((&PATTERN, text)) => {
                let rule = self.rules.push(text, set, notes)?;
                if !removed {
                    self.cover(text, rule)?;
                }
                rule.into()
            }
            _ => TextValue { set, notes }.to_packed(),
        };
        let texts = self.texts.get_or_insert_with(fst::MapBuilder::memory);
        texts.insert(key, value).expect("keys ascend");
        self.text_count += 1;
        Ok(())
    }

    /// Files a rule under the prefixes that cover its pattern.
    fn cover(&mut self, text: &[u8], rule: u32) -> Result<()> {
        let pattern = str::from_utf8(text).ok().and_then(Pattern::parse);
        let pattern = pattern.expect("the key of a pattern is its canonical form");
        for piece in pattern.pieces() {
            let digits = piece.digits();
            if pattern.scope() == Scope::Local {
                self.prefixes.add_stem(LOCAL, digits, rule)?;
                continue;
            }
            if piece.unassigned() {
                self.prefixes.add_stem(UNASSIGNED, digits, rule)?;
            }
            if piece.assigned() {
                let value = |value, digit: &u8| value * 10 + u64::from(digit - b'0');
                self.prefixes.add(digits.iter().fold(0, value), rule)?;
            }
        }
        Ok(())
    }

    /// The bytes of the index. Puts the counts into `meta`. `fill` adds the numbers to the filter and may
    /// read them from the blocks.
    pub(crate) fn finish(
        mut self,
        mut meta: Meta,
        fill: impl FnOnce(&mut FilterBuilder, &Blocks<'_>),
    ) -> Result<Vec<u8>> {
        self.end_block()?;
        (meta.e164, meta.texts) = (self.e164, self.text_count);
        let [directory, offsets, bodies] = self.blocks.finish();
        let mut filter = FilterBuilder::new(self.e164);
        let blocks = Blocks { directory: &directory, offsets: &offsets, bodies: &bodies };
        fill(&mut filter, &blocks);
        let texts = self.texts.map(|texts| texts.into_inner().expect("a vector takes every write"));
        let [prefixes, stems] = self.prefixes.finish()?;
        Ok(file::assemble([
            meta.to_bytes(),
            self.interner.to_bytes(),
            filter.finish(),
            directory,
            offsets,
            bodies,
            texts.unwrap_or_default(),
            self.notes.finish()?,
            self.rules.finish(),
            prefixes,
            stems,
        ]))
    }
}

/// Numbers that are put into a filter between two calls of `pause`.
const FILLED: usize = 1 << 17;

/// Fills a filter with the numbers of the blocks, on this thread only. For callers that do not hold the
/// numbers themselves. Calls `pause` now and then.
pub(super) fn fill_from_blocks(
    filter: &mut FilterBuilder,
    blocks: &Blocks<'_>,
    pause: &mut dyn FnMut(),
) {
    let mut numbers = blocks.numbers().map(|(number, _)| number).peekable();
    let mut room = Vec::new();
    while numbers.peek().is_some() {
        room.clear();
        room.extend(numbers.by_ref().take(FILLED));
        filter.add_on_this_thread(&room);
        pause();
    }
}
