//! The newest layer of a domain while it takes changes.

use std::collections::BTreeMap;

use super::assemble::{self, Assembler};
use crate::index::change::{Change, Outcome};
use crate::index::format::{meta::Meta, sets::Member};
use crate::index::list::{Action, List, Response};
use crate::index::names::{LISTS_MAX, verify_list_name};
use crate::index::note::{Note, OwnedNote};
use crate::index::query::index::{FiledEntry, Index};
use crate::index::{key::EntryKey, query::layers::AsIndex};
use crate::{Error, Result, error::EntryError, number::Pattern};

/// The lists that an entry is on, each with its note.
type ListNotes = BTreeMap<u32, OwnedNote>;

/// The newest layer of a domain while changes are made to it.
#[derive(Clone, Debug)]
pub(crate) struct Edits {
    meta: Meta,
    entries: BTreeMap<EntryKey, ListNotes>,
}

impl Edits {
    /// A copy of a layer. Takes memory for each of its entries, so use it for small layers.
    pub(crate) fn from_index<D: AsRef<[u8]>>(index: &Index<D>) -> Self {
        let entries = index.entries().map(|(key, found)| (key, list_notes(index, found)));
        Self { entries: entries.collect(), meta: index.meta.clone() }
    }

    /// An empty layer above `index`, with its lists and settings.
    pub(crate) fn above<D>(index: &Index<D>) -> Self {
        Self { meta: index.meta.clone(), entries: BTreeMap::new() }
    }

    /// Makes a change. `stack` holds the layers of the domain, newest first. This layer overrides them.
    ///
    /// # Errors
    /// [`Error::InvalidEntry`], [`Error::InvalidName`], [`Error::UnknownList`] and [`Error::TooLarge`].
    /// Nothing has changed then.
    pub(crate) fn apply<L: AsIndex>(
        &mut self,
        stack: &[L],
        change: &Change<'_>,
    ) -> Result<Outcome> {
        match *change {
            Change::Add { list, entry, note, allow_broad } => {
                let list = self.list(list)?;
                let key = self.parse(entry)?;
                let added = self.add(stack, list, key, note, allow_broad);
                added.map_err(|reason| invalid(entry, reason))
            }
            Change::AddKey { list, key, note, allow_broad } => {
                let list = self.list(list)?;
                let added = self.add(stack, list, key.clone(), note, allow_broad);
                added.map_err(|reason| invalid_key(key, reason))
            }
            Change::Remove { list, entry } => {
                let list = self.list(list)?;
                let key = self.parse(entry)?;
                Ok(self.remove(stack, list, key))
            }
            Change::RemoveKey { list, key } => {
                let list = self.list(list)?;
                Ok(self.remove(stack, list, key.clone()))
            }
            Change::List { name, action, response, allow_broad } => {
                self.put_list(stack, name, action, response, allow_broad)
            }
            Change::DropList { name } => {
                let list = self.list(name)? as usize;
                self.meta.lists[list].gone = true;
                Ok(Outcome::Removed)
            }
            Change::Stamp(stamp) => Ok(replace(&mut self.meta.stamp, stamp)),
            Change::Settings(ref settings) => {
                settings.verify()?;
                Ok(replace(&mut self.meta.settings, settings.clone()))
            }
        }
    }

    fn parse(&self, entry: &[u8]) -> Result<EntryKey> {
        EntryKey::parse(entry, &self.meta.plan).map_err(|reason| invalid(entry, reason))
    }

    fn list(&self, name: &str) -> Result<u32> {
        let is_it = |list: &List| !list.gone && list.name == name;
        let found = self.meta.lists.iter().position(is_it);
        found.map(|at| at as u32).ok_or_else(|| Error::UnknownList { name: name.to_owned() })
    }

    /// Puts an entry on a list, if it and its note can be there.
    fn add<L: AsIndex>(
        &mut self,
        stack: &[L],
        list: u32,
        key: EntryKey,
        note: Note<'_>,
        allow_broad: bool,
    ) -> Result<Outcome, EntryError> {
        key.permit(self.meta.lists[list as usize].action, allow_broad)?;
        note.verify()?;
        let note = OwnedNote::from(note);
        let outcome = self.edit(stack, key, |state| {
            let outcome = match state.get(&list) {
                None => Outcome::Added,
                Some(old) if *old == note => Outcome::Unchanged,
                Some(_) => Outcome::Replaced,
            };
            state.insert(list, note);
            outcome
        });
        let entries = &mut self.meta.lists[list as usize].entries;
        *entries = entries.saturating_add(u64::from(outcome == Outcome::Added));
        Ok(outcome)
    }

    fn remove<L: AsIndex>(&mut self, stack: &[L], list: u32, key: EntryKey) -> Outcome {
        let outcome = self.edit(stack, key, |state| match state.remove(&list) {
            Some(_) => Outcome::Removed,
            None => Outcome::Absent,
        });
        let entries = &mut self.meta.lists[list as usize].entries;
        *entries = entries.saturating_sub(u64::from(outcome == Outcome::Removed));
        outcome
    }

    /// Edits the lists of an entry: as this layer has them, or else the stack. An edit that changes nothing
    /// adds nothing to this layer.
    fn edit<L: AsIndex>(
        &mut self,
        stack: &[L],
        key: EntryKey,
        edit: impl FnOnce(&mut ListNotes) -> Outcome,
    ) -> Outcome {
        if let Some(state) = self.entries.get_mut(&key) {
            return edit(state);
        }
        let mut state = state(stack, &key);
        let outcome = edit(&mut state);
        if !matches!(outcome, Outcome::Unchanged | Outcome::Absent) {
            self.entries.insert(key, state);
        }
        outcome
    }

    fn put_list<L: AsIndex>(
        &mut self,
        stack: &[L],
        name: &str,
        action: Action,
        response: Option<Response>,
        allow_broad: bool,
    ) -> Result<Outcome> {
        if let Ok(at) = self.list(name) {
            let list = &self.meta.lists[at as usize];
            let begins_to_deny = (list.action, action) == (Action::Allow, Action::Deny);
            if begins_to_deny
                && !allow_broad
                && let Some(broad) = self.broad_pattern(stack, at)
            {
                broad.permit(action, allow_broad).map_err(|reason| invalid_key(&broad, reason))?;
            }
            let list = &mut self.meta.lists[at as usize];
            let new = List { action, response, ..list.clone() };
            return Ok(replace(list, new));
        }
        verify_list_name(name)?;
        if self.meta.lists.len() == LISTS_MAX {
            return Err(Error::TooLarge { what: "lists", limit: LISTS_MAX as u64 });
        }
        self.meta.lists.push(List::new(name.to_owned(), action, response));
        Ok(Outcome::Added)
    }

    /// Finds a pattern on a list that holds a whole calling code. Looks at all patterns.
    fn broad_pattern<L: AsIndex>(&self, stack: &[L], list: u32) -> Option<EntryKey> {
        let here = self.entries.keys().filter_map(EntryKey::as_pattern);
        let there = stack.iter().flat_map(|layer| layer.index().rules().all());
        let patterns = here.chain(there.map(|(_, rule)| rule.text)).filter_map(Pattern::parse);
        let mut broad =
            patterns.filter(Pattern::is_broad).map(|broad| EntryKey::from_pattern(&broad));
        broad.find(|key| {
            self.entries.get(key).map_or_else(
                || state(stack, key).contains_key(&list),
                |state| state.contains_key(&list),
            )
        })
    }

    /// The bytes of the layer, above the layers of these numbers.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(crate) fn to_bytes(&self, below: &[u32]) -> Result<Vec<u8>> {
        let mut meta = self.meta.clone();
        meta.below = below.to_vec();
        meta.touch();
        // A removal hides what older layers hold. Without older layers there is nothing to hide.
        let is_kept = |state: &ListNotes| !(state.is_empty() && below.is_empty());
        let mut assembler = Assembler::default();
        for (key, state) in self.entries.iter().filter(|(_, state)| is_kept(state)) {
            let member =
                |(&list, note): (&u32, &OwnedNote)| Member::new(list, note.expires.is_some());
            let set = assembler.interner.id_of(state.iter().map(member))?;
            let notes = state.iter().map(|(&list, note)| (list, note.as_note()));
            let notes = notes.filter(|(_, note)| !note.is_empty());
            assembler.entry(key, set, state.is_empty(), notes)?;
        }
        assembler.finish(meta, |filter, blocks| {
            assemble::fill_from_blocks(filter, blocks, &mut || ());
        })
    }
}

/// The lists that an entry is on by the stack: the newest layer that knows it decides.
fn state<L: AsIndex>(stack: &[L], key: &EntryKey) -> ListNotes {
    let mut found = stack
        .iter()
        .map(AsIndex::index)
        .filter_map(|index| index.find_key(key).map(|found| list_notes(index, found)));
    found.next().unwrap_or_default()
}

/// The lists that an entry is on by one index.
fn list_notes<D: AsRef<[u8]>>(index: &Index<D>, found: FiledEntry<'_>) -> ListNotes {
    let note = |list| OwnedNote::from(found.notes.of_list(list).unwrap_or_default());
    let lists = index.members(found.set).iter().map(|member| member.list());
    lists.map(|list| (list, note(list))).collect()
}

/// Puts a new value in place of an old one.
fn replace<T: PartialEq>(old: &mut T, new: T) -> Outcome {
    let same = *old == new;
    *old = new;
    if same { Outcome::Unchanged } else { Outcome::Replaced }
}

fn invalid_key(key: &EntryKey, reason: EntryError) -> Error {
    Error::InvalidEntry { text: key.to_string(), reason }
}

fn invalid(entry: &[u8], reason: EntryError) -> Error {
    Error::InvalidEntry { text: String::from_utf8_lossy(entry).into_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::merge_layers::merge;
    use super::Outcome::{Absent, Added, Removed, Unchanged};
    use super::*;
    use crate::Clock;
    use crate::index::query::layers::{DomainLists, Stack};
    use crate::{Compiler, DialPlan};

    type TestLayers = Vec<Arc<Index<Vec<u8>>>>;

    fn base(lists: &[(&str, Action, &[&str])]) -> TestLayers {
        let mut compiler = Compiler::new("d", DialPlan::new("TR").unwrap()).unwrap();
        for &(name, action, entries) in lists {
            assert_eq!(compiler.list(name, action).unwrap().extend(entries), []);
        }
        vec![Arc::new(Index::open(compiler.finish().unwrap().bytes).unwrap())]
    }

    fn sample() -> TestLayers {
        base(&[
            (
                "spam",
                Action::Deny,
                &["+905050047824", "+90532*", "alice", "anonymous", "+1999XXXXXXX"],
            ),
            ("vip", Action::Allow, &["+905320000001", "+9053211*"]),
        ])
    }

    fn add<'a>(list: &'a str, entry: &'a str) -> Change<'a> {
        Change::add(list, entry)
    }

    fn remove<'a>(list: &'a str, entry: &'a str) -> Change<'a> {
        Change::remove(list, entry)
    }

    fn list(name: &str, action: Action) -> Change<'_> {
        Change::list(name, action)
    }

    /// The layers with another on top that makes these changes.
    fn changed(layers: &TestLayers, changes: &[Change<'_>]) -> (TestLayers, Vec<Outcome>) {
        let mut edits = Edits::above(&layers[0]);
        let outcomes = changes.iter().map(|change| edits.apply(layers, change).unwrap()).collect();
        let bytes = edits.to_bytes(&[1]).unwrap();
        let top = Arc::new(Index::open(bytes).unwrap());
        (std::iter::once(top).chain(layers.iter().cloned()).collect(), outcomes)
    }

    fn ask(layers: &TestLayers, text: &str) -> (&'static str, String) {
        let own = Stack::new(layers);
        let lists = || DomainLists { own, shared: std::iter::empty(), clock: Clock::system() };
        let verdict = lists().check_number(&layers[0].plan().number(text.as_bytes()));
        let explanation = lists().explain(text.as_bytes());
        assert_eq!(verdict.as_str(), explanation.verdict);
        let by = verdict.decided_by().map(|by| format!("{} {}", by.list.name, by.entry));
        let won = explanation.matches.iter().find(|matched| matched.won);
        assert_eq!(by, won.map(|won| format!("{} {}", won.list, won.entry)));
        (verdict.as_str(), by.unwrap_or_default())
    }

    #[test]
    fn the_longest_entry_wins_and_layers_shadow() {
        let layers = sample();
        assert_eq!(ask(&layers, "05321234567"), ("deny", "spam +90532*".into()));
        assert_eq!(ask(&layers, "05321134567"), ("allow", "vip +9053211*".into()));
        assert_eq!(ask(&layers, "anonymous"), ("deny", "spam anonymous".into()));
        assert_eq!(ask(&layers, "+19991234567"), ("deny", "spam +1999XXXXXXX".into()));
        assert_eq!(ask(&layers, "+1999123456"), ("pass", String::new()));
        let (layers, outcomes) = changed(
            &layers,
            &[
                remove("spam", "+90532*"),
                remove("spam", "0532*"),
                add("spam", "05050047825"),
                add("vip", "+905050047824"),
                remove("spam", "anonymous"),
                add("spam", "alice"),
            ],
        );
        assert_eq!(outcomes, [Removed, Absent, Added, Added, Removed, Unchanged]);
        assert_eq!(ask(&layers, "05321234567"), ("pass", String::new()));
        assert_eq!(ask(&layers, "05321134567"), ("allow", "vip +9053211*".into()));
        assert_eq!(ask(&layers, "05050047824"), ("allow", "vip +905050047824".into()));
        assert_eq!(ask(&layers, "05050047825"), ("deny", "spam +905050047825".into()));
        assert_eq!(ask(&layers, "anonymous"), ("pass", String::new()));
        let counts: Vec<_> = layers[0].lists().map(|list| list.entries).collect();
        assert_eq!(counts, [4, 3]);
        for bottom in [false, true] {
            let merged = Index::open(merge(&layers, bottom, &mut || ()).unwrap()).unwrap();
            assert_eq!(merged.keys(), if bottom { 6 } else { 8 });
            let merged = vec![Arc::new(merged)];
            for text in ["05321234567", "05321134567", "05050047824", "05050047825", "anonymous"] {
                assert_eq!(ask(&merged, text), ask(&layers, text), "{text}");
            }
        }
    }

    #[test]
    fn keys_change_what_their_texts_change() {
        let layers = sample();
        let plan = DialPlan::new("TR").unwrap();
        let key = |text: &str| EntryKey::parse(text.as_bytes(), &plan).unwrap();
        let keys = ["0505 004 78 25", "0532*", "alice", "anonymous", "0533*"].map(key);
        let [number, prefix, alice, class, absent] = &keys;
        let note = Note { reason: Some("complaint"), ..Note::default() };
        let add = |key| Change::add_key("spam", key).with_note(note);
        let remove = |key| Change::remove_key("spam", key);
        let changes =
            [add(number), add(number), add(alice), remove(prefix), remove(class), remove(absent)];
        let (layers, outcomes) = changed(&layers, &changes);
        assert_eq!(outcomes, [Added, Unchanged, Outcome::Replaced, Removed, Removed, Absent]);
        assert_eq!(ask(&layers, "05050047825"), ("deny", "spam +905050047825".into()));
        assert_eq!(ask(&layers, "05321234567"), ("pass", String::new()));
        let verdict = layers[0].check("sip:alice@pbx.example");
        assert_eq!(verdict.decided_by().unwrap().note, Some(note));
    }

    #[test]
    fn keys_are_refused_as_their_texts_are() {
        let layers = sample();
        let mut edits = Edits::above(&layers[0]);
        let turkey = EntryKey::parse(b"0090*", layers[0].plan()).unwrap();
        let add =
            |list, note, broad| Change::add_key(list, &turkey).with_note(note).allow_broad(broad);
        let none = Note::default();
        let wrong = Note { created: Some(0), ..none };
        let refused =
            [add("spam", none, false), add("vip", wrong, false), add("spam", wrong, true)];
        for change in refused {
            let error = edits.apply(&layers, &change).unwrap_err();
            assert!(
                matches!(&error, Error::InvalidEntry { text, .. } if text == "+90*"),
                "{error}"
            );
        }
        let error = edits.apply(&layers, &add("none", none, true)).unwrap_err();
        assert!(matches!(error, Error::UnknownList { .. }));
        let remove = Change::remove_key("none", &turkey);
        let error = edits.apply(&layers, &remove).unwrap_err();
        assert!(matches!(error, Error::UnknownList { .. }));
        assert_eq!(edits.entries.len(), 0);
        assert_eq!(edits.apply(&layers, &add("spam", none, true)).unwrap(), Added);
        assert_eq!(edits.apply(&layers, &add("vip", none, false)).unwrap(), Added);
    }

    #[test]
    fn a_dropped_list_is_gone_at_once_and_for_good() {
        let (layers, _) = changed(&sample(), &[Change::drop_list("spam")]);
        assert_eq!(ask(&layers, "05050047824"), ("pass", String::new()));
        assert_eq!(ask(&layers, "05321134567"), ("allow", "vip +9053211*".into()));
        let list = list("spam", Action::Deny);
        let (layers, _) = changed(&layers, &[list, add("spam", "+905321134567")]);
        assert_eq!(ask(&layers, "05321134567"), ("deny", "spam +905321134567".into()));
        assert_eq!(ask(&layers, "05050047824"), ("pass", String::new()));
        let merged =
            vec![Arc::new(Index::open(merge(&layers, true, &mut || ()).unwrap()).unwrap())];
        assert_eq!(merged[0].keys(), 3);
        assert_eq!(ask(&merged, "05321134567"), ("deny", "spam +905321134567".into()));
    }

    #[test]
    fn an_allow_list_begins_to_deny_a_calling_code_only_by_consent() {
        let layers = base(&[("vip", Action::Allow, &["+90*", "+90505*"])]);
        let consent = Change::list("vip", Action::Deny).allow_broad(true);
        let refuse = |layers: &TestLayers, first: &[Change<'_>]| {
            let mut edits = Edits::above(&layers[0]);
            for change in first {
                edits.apply(layers, change).unwrap();
            }
            let turned = edits.apply(layers, &list("vip", Action::Deny));
            matches!(turned, Err(Error::InvalidEntry { text, .. }) if text == "+90*")
        };
        assert!(refuse(&layers, &[]));
        assert!(!refuse(&layers, &[remove("vip", "+90*")]), "what was removed bars nobody");
        assert!(refuse(&layers, &[remove("vip", "+90*"), add("vip", "+90*")]));
        let (narrow, _) = changed(&layers, &[remove("vip", "+90*")]);
        assert!(!refuse(&narrow, &[]), "what a newer layer removes bars nobody");
        let (denying, outcomes) = changed(&layers, &[consent]);
        assert_eq!(outcomes, [Outcome::Replaced]);
        assert!(!refuse(&denying, &[]), "it denies already");
        assert_eq!(ask(&denying, "05321234567"), ("deny", "vip +90*".into()));
    }

    #[test]
    fn a_refused_change_changes_nothing() {
        let layers = sample();
        let mut edits = Edits::above(&layers[0]);
        let refused =
            |edits: &mut Edits, change: &Change<'_>| edits.apply(&layers, change).unwrap_err();
        assert!(matches!(refused(&mut edits, &add("none", "1")), Error::UnknownList { .. }));
        assert!(matches!(refused(&mut edits, &add("spam", "+90*")), Error::InvalidEntry { .. }));
        assert!(matches!(refused(&mut edits, &add("spam", "")), Error::InvalidEntry { .. }));
        assert_eq!(edits.entries.len(), 0);
        assert!(
            edits.apply(&layers, &remove("spam", "+90*")).is_ok(),
            "what is broad can be removed"
        );
    }
}
