//! Finds all entries that hold a number in the layers of a domain, but for those that have expired.

use std::ops::ControlFlow;

use super::index::{FiledEntry, Index};
use super::{clock::Now, layers::AsIndex, verdict::Entry};
use crate::index::format::decimal::{DIGITS, LeadingDigits};
use crate::index::format::texts::{CLASS, LOCAL, PATTERN, UNASSIGNED};
use crate::index::format::{file::Section, sets::Member};
use crate::index::list::{Action, List};
use crate::number::{Class, Pattern, ascii};
use crate::{Number, index::note::Note};

/// The length of an exact number in the order of precedence; a class has 0, a pattern 1 and more.
const EXACT: u8 = u8::MAX - 1;
/// The length of a user or a local number at its host.
const AT_HOST: u8 = u8::MAX;

/// An entry that holds the number, on one list.
pub(super) struct Hit<'a> {
    pub(crate) rank: u8,
    /// The place of the list among those of the domain.
    pub(super) list_index: u32,
    pub(super) list: &'a List,
    pub(crate) entry: Entry<'a>,
    pub(crate) note: Option<Note<'a>>,
}

impl<'a> Hit<'a> {
    /// The order among entries of one length: allow first, then the older list, then the lesser text.
    pub(crate) fn order(&self) -> (bool, u32, &'a str) {
        let text = if let Entry::Pattern(text) = self.entry { text } else { "" };
        (self.list.action == Action::Deny, self.list_index, text)
    }

    /// How many digits a pattern fixes; `None` for a number or a class.
    pub(crate) fn digits(&self) -> Option<u8> {
        (1..EXACT).contains(&self.rank).then(|| self.rank - 1)
    }
}

/// A search of stacks for a number, with what the domain of the call knows of it.
pub(super) struct Search<'q> {
    pub(crate) number: &'q Number,
    /// The host that it was written with, or empty.
    pub(super) host: &'q [u8],
    pub(crate) class: Option<Class>,
    /// Whether the stack is another domain's, where local numbers and users stand for others.
    pub(crate) shared: bool,
    pub(crate) now: &'q Now<'q>,
}

/// Receives the entries that hold a number.
pub(super) trait Visitor<'a> {
    fn hit(&mut self, hit: Hit<'a>) -> ControlFlow<()>;

    /// Called when all entries of one length have been shown.
    fn end_of_length(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl<'a, F: FnMut(Hit<'a>) -> ControlFlow<()>> Visitor<'a> for F {
    fn hit(&mut self, hit: Hit<'a>) -> ControlFlow<()> {
        self(hit)
    }
}

/// Shows all entries of a stack that hold the number, longest first, those of one length in any
/// order.
pub(crate) fn visit<'a, L: AsIndex>(
    stack: &'a [L],
    search: &Search<'_>,
    visitor: &mut impl Visitor<'a>,
) -> ControlFlow<()> {
    let Some(head) = stack.first().map(AsIndex::index) else { return ControlFlow::Continue(()) };
    let mut visit = Visit { stack, lists: &head.meta.lists, search, visitor };
    visit.exact()?;
    visit.visitor.end_of_length()?;
    visit.patterns()?;
    visit.class()
}

struct Visit<'v, 'a, L, V> {
    stack: &'a [L],
    lists: &'a [List],
    search: &'v Search<'v>,
    visitor: &'v mut V,
}

impl<'a, L: AsIndex, V: Visitor<'a>> Visit<'_, 'a, L, V> {
    /// The number, first with its host. E.164 numbers are the same at every host.
    fn exact(&mut self) -> ControlFlow<()> {
        let Search { number, host, shared, .. } = *self.search;
        if matches!(number, Number::E164(_) | Number::Unassigned(_)) {
            return self.entry(number, EXACT);
        }
        // Local numbers and users of another domain stand for others.
        if shared {
            return ControlFlow::Continue(());
        }
        // The host is a field of its own in a call, and part of the number on a list.
        let (at_host, without_host) = match number.without_host() {
            Some(without_host) => (Some(number.clone()), without_host),
            None if host.is_empty() => return self.entry(number, EXACT),
            None => (number.at_host(host), number.clone()),
        };
        if let Some(number) = at_host {
            self.entry(&number, AT_HOST)?;
            self.visitor.end_of_length()?;
        }
        self.entry(&without_host, EXACT)
    }

    fn entry(&mut self, number: &Number, rank: u8) -> ControlFlow<()> {
        self.first(|index| index.find(number), rank, || Entry::Number(number.clone()))
    }

    fn class(&mut self) -> ControlFlow<()> {
        let Some(class) = self.search.class else { return ControlFlow::Continue(()) };
        let word = class.as_str().as_bytes();
        self.first(|index| index.find_text(CLASS, word), 0, || Entry::Class(class))
    }

    /// Shows an entry as the newest layer that has it holds it.
    fn first(
        &mut self,
        find: impl Fn(&'a Index<L::Data>) -> Option<FiledEntry<'a>>,
        rank: u8,
        entry: impl Fn() -> Entry<'a>,
    ) -> ControlFlow<()> {
        for layer in self.stack {
            if let Some(found) = find(layer.index()) {
                return self.members(layer.index(), found, rank, entry);
            }
        }
        ControlFlow::Continue(())
    }

    /// Shows an entry once for each list that it is on, unless it has expired there.
    fn members(
        &mut self,
        index: &'a Index<L::Data>,
        found: FiledEntry<'a>,
        rank: u8,
        entry: impl Fn() -> Entry<'a>,
    ) -> ControlFlow<()> {
        for &member in index.members(found.set) {
            let note = found.notes.of_list(member.list());
            let list_index = member.list();
            let Some(list) = self.lists.get(list_index as usize) else { continue };
            if !list.gone && self.is_live(member, note.as_ref()) {
                self.visitor.hit(Hit { rank, list_index, list, entry: entry(), note })?;
            }
        }
        ControlFlow::Continue(())
    }

    fn is_live(&self, member: Member, note: Option<&Note<'_>>) -> bool {
        !member.expires() || note.is_none_or(|note| note.is_live(self.search.now.get()))
    }

    fn patterns(&mut self) -> ControlFlow<()> {
        match self.search.number {
            Number::E164(number) => self.patterns_of_e164(number.get()),
            Number::Unassigned(text) => self.patterns_of_text(UNASSIGNED, text.as_bytes()),
            Number::Local(text) if !self.search.shared => {
                self.patterns_of_text(LOCAL, text.as_bytes())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn patterns_of_e164(&mut self, number: u64) -> ControlFlow<()> {
        let leading = LeadingDigits::new(number);
        let of = |layer: &L| layer.index().gate(leading);
        let mut lengths = self.stack.iter().fold(0, |lengths, layer| lengths | of(layer));
        let (room, start) = ascii(number);
        while lengths != 0 {
            let length = lengths.ilog2();
            lengths ^= 1 << length;
            let prefix = leading.digits(length);
            for (depth, layer) in self.stack.iter().enumerate() {
                let Some(prefixes) = layer.index().prefixes() else { continue };
                for rule in prefixes.rules(prefix) {
                    self.rule(depth, rule, &room[start..], length as u8)?;
                }
            }
            self.visitor.end_of_length()?;
        }
        ControlFlow::Continue(())
    }

    fn patterns_of_text(&mut self, tag: u8, digits: &[u8]) -> ControlFlow<()> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return ControlFlow::Continue(());
        }
        for length in (0..=digits.len().min(DIGITS)).rev() {
            for (depth, layer) in self.stack.iter().enumerate() {
                let index = layer.index();
                let Some(prefixes) = index.prefixes() else { continue };
                let stems = index.section(Section::Stems);
                for rule in prefixes.stem_rules(stems, tag, &digits[..length]) {
                    self.rule(depth, rule, digits, length as u8)?;
                }
            }
            self.visitor.end_of_length()?;
        }
        ControlFlow::Continue(())
    }

    /// Shows the pattern of a rule if it holds the digits by a prefix of this length, and no newer layer
    /// overrides it.
    fn rule(&mut self, depth: usize, rule: u32, digits: &[u8], length: u8) -> ControlFlow<()> {
        let Some(index) = self.stack.get(depth).map(AsIndex::index) else {
            return ControlFlow::Continue(());
        };
        let Some(rule) = index.rules().get(rule) else { return ControlFlow::Continue(()) };
        let newer = || self.stack[..depth].iter().map(AsIndex::index);
        if !holds(rule.text, digits, length)
            || newer().any(|index| index.find_text(PATTERN, rule.text.as_bytes()).is_some())
        {
            return ControlFlow::Continue(());
        }
        self.members(index, index.of_rule(rule), length + 1, || Entry::Pattern(rule.text))
    }
}

/// Reports whether a pattern in canonical form holds these digits and fixes this many of them.
fn holds(pattern: &str, digits: &[u8], length: u8) -> bool {
    // Nearly all patterns are prefixes: these are not parsed.
    if let Some(prefix) = pattern.strip_suffix('*') {
        let prefix = prefix.strip_prefix('+').unwrap_or(prefix).as_bytes();
        return prefix.len() == usize::from(length) && digits.starts_with(prefix);
    }
    Pattern::parse(pattern).and_then(|pattern| pattern.holds(digits)) == Some(length)
}
