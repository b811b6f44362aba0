//! The compiler: entries in any order and any written form to the bytes of an index.
//!
//! Entries become canonical on all cores as they come, and plain numbers are kept as integers.
//! [`Compiler::finish`] sorts each list by radix, drops duplicates, and merges the lists block by block.

use std::collections::HashMap;

use rayon::prelude::*;

use super::assemble::Assembler;
use super::lists::{self, CollectedEntries, SortedList, UnsortedList};
use super::report::{Compiled, Rejected, Summary, WrittenEntry};
use crate::index::list::{Action, List, Response, Settings};
use crate::index::names::{LISTS_MAX, verify_domain_name, verify_list_name};
use crate::index::note::{Note, OwnedNote};
use crate::index::{format::meta::Meta, key::EntryKey, query::index::Index};
use crate::{DialPlan, E164, Error, Result, error::NameError};

/// Entries that [`ListBuilder::extend`] takes from its iterator before it reads them on all cores: some
/// milliseconds of work, in 3 MB.
const CHUNK: usize = 1 << 15;
/// Entries that one core reads at a time. To hand over fewer costs more than to read them.
const PART: usize = 256;

/// Collects the lists of one domain and makes its index.
///
/// Memory: 8 bytes for each E.164 number as written, twice that while vectors grow and while a list
/// is sorted, and twice the bytes of the index (about 3.5 a number) at the end. Other entries keep
/// their text and 17 bytes each, entries with notes some 100 bytes and their strings.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, Index};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let mut spam = compiler.list("spam", Action::Deny)?;
/// let text = "0505 004 78 24\n+90 505 004 78 25\n0090 505 004 78 24\n+90532*\n5,05E+11";
/// let rejected = spam.extend(text.lines());
/// assert_eq!((rejected[0].line, rejected.len()), (5, 1));
///
/// let compiled = compiler.finish()?;
/// assert_eq!(compiled.summary.lists[0].duplicates, 1);
/// let index = Index::open(compiled.bytes)?;
/// assert!(index.check("sip:+905050047824@gw").is_deny());
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Debug)]
pub struct Compiler {
    meta: Meta,
    broad: bool,
    lists: Vec<UnsortedList>,
    /// The place of each list.
    by_name: HashMap<String, usize>,
}

/// A list of a [`Compiler`], to be filled. It borrows its compiler: to fill two lists in turn, ask
/// [`Compiler::list`] for each again.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, Index, Response};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let mut spam = compiler.list("spam", Action::Deny)?;
/// spam.set_response(Response::Unwanted);
/// assert_eq!(spam.plan().region(), "TR");
/// assert!(spam.extend(["0505 004 78 24", "+90532*", "anonymous"]).is_empty());
/// assert!(compiler.list("vip", Action::Allow)?.extend(["0532 111 22 33"]).is_empty());
///
/// let index = Index::open(compiler.finish()?.bytes)?;
/// assert_eq!(index.check("0532 999 88 77").response(), Some(Response::Unwanted));
/// assert!(!index.check("0532 111 22 33").is_deny());
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Debug)]
pub struct ListBuilder<'c> {
    list: &'c mut UnsortedList,
    plan: &'c DialPlan,
    broad: bool,
}

impl Compiler {
    /// A compiler for the lists of `domain`, which dials by `plan`.
    ///
    /// Domain names are compared without regard to ASCII case and kept in lower case.
    ///
    /// # Errors
    /// [`Error::InvalidName`] if `domain` is empty, longer than 253 bytes, or holds white space or
    /// control characters.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Compiler, DialPlan, Error};
    ///
    /// let compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// assert_eq!(compiler.plan().region(), "TR");
    /// let refused = Compiler::new("my example", DialPlan::new("TR")?);
    /// assert!(matches!(refused, Err(Error::InvalidName { what: "domain", .. })));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn new(domain: &str, plan: DialPlan) -> Result<Self> {
        verify_domain_name(domain)?;
        let meta = Meta::new(domain.to_ascii_lowercase(), plan);
        Ok(Self { meta, broad: false, lists: Vec::new(), by_name: HashMap::new() })
    }

    /// Sets what the domain does besides its lists. The default is [`Settings::default`].
    ///
    /// # Errors
    /// [`Error::InvalidName`] and [`Error::TooLarge`], as [`Settings::verify`].
    ///
    /// # Examples
    /// ```
    /// use callbar::{Compiler, DialPlan, Index, Settings};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let settings = Settings { subscriptions: vec!["shared.example".into()], ..Settings::default() };
    /// compiler.set_settings(settings)?;
    /// let index = Index::open(compiler.finish()?.bytes)?;
    /// assert_eq!(index.settings().subscriptions, ["shared.example"]);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn set_settings(&mut self, settings: Settings) -> Result<()> {
        settings.verify()?;
        self.meta.settings = settings;
        Ok(())
    }

    /// Puts a number of the caller's choice on the index, to identify the state that was compiled: see
    /// [`Domain::stamp`](crate::Domain::stamp). The default is 0.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Compiler, DialPlan, Index};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// compiler.set_stamp(4711); // the revision of the database that the lists come from
    /// assert_eq!(Index::open(compiler.finish()?.bytes)?.stamp(), 4711);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn set_stamp(&mut self, stamp: u64) {
        self.meta.stamp = stamp;
    }

    /// Sets whether one pattern on a deny list may bar a whole calling code (`+90*`). The default is no.
    /// Counts for the entries that come after it.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// assert_eq!(compiler.list("spam", Action::Deny)?.extend(["+90*"]).len(), 1);
    /// compiler.allow_broad(true);
    /// assert!(compiler.list("spam", Action::Deny)?.extend(["+90*"]).is_empty());
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn allow_broad(&mut self, yes: bool) {
        self.broad = yes;
    }

    /// The dial plan by which entries are read.
    pub fn plan(&self) -> &DialPlan {
        &self.meta.plan
    }

    /// Adds a list, or finds the one that has this name and action already. The answer fills it.
    ///
    /// # Errors
    /// [`Error::InvalidName`] if `name` is empty, longer than [`LIST_NAME_MAX`](crate::LIST_NAME_MAX), `-`, holds control
    /// characters, or is the name of a list with the other action; [`Error::TooLarge`] beyond [`LISTS_MAX`] lists.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24"]).is_empty());
    /// assert!(compiler.list("spam", Action::Deny)?.extend(["+90532*"]).is_empty());
    /// assert!(compiler.list("spam", Action::Allow).is_err(), "it denies");
    /// assert_eq!(compiler.finish()?.summary.lists[0].entries, 2);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn list(&mut self, name: &str, action: Action) -> Result<ListBuilder<'_>> {
        verify_list_name(name)?;
        let place = match self.by_name.get(name) {
            Some(&place) if self.lists[place].record.action == action => place,
            Some(_) => {
                let reason = NameError::TwoActions;
                return Err(Error::InvalidName { what: "list", name: name.into(), reason });
            }
            None if self.lists.len() == LISTS_MAX => {
                return Err(Error::TooLarge { what: "lists", limit: LISTS_MAX as u64 });
            }
            None => {
                let record = List::new(name.to_owned(), action, None);
                self.lists.push(UnsortedList { record, entries: CollectedEntries::default() });
                self.by_name.insert(name.to_owned(), self.lists.len() - 1);
                self.lists.len() - 1
            }
        };
        let list = &mut self.lists[place];
        Ok(ListBuilder { list, plan: &self.meta.plan, broad: self.broad })
    }

    /// Sorts, merges and builds; `cargo bench --bench peers` prints the rate on one core.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond 16 GiB of blocks: some 6 billion numbers where they are dense, 1.4
    /// billion of which no two share all but their last four digits.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, Index};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// for list in ["spam", "fraud"] {
    ///     assert!(compiler.list(list, Action::Deny)?.extend(["0505 004 78 24"]).is_empty());
    /// }
    /// let compiled = compiler.finish()?;
    /// assert_eq!((compiled.summary.lists.len(), compiled.summary.numbers), (2, 1));
    /// assert_eq!(Index::open(compiled.bytes)?.domain(), "my.example");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn finish(self) -> Result<Compiled> {
        let sorted = self.lists.into_iter().map(UnsortedList::sort);
        let (lists, entries, summaries): (Vec<_>, Vec<SortedList>, Vec<_>) = sorted.collect();
        let mut assembler = Assembler::default();
        lists::merge(&entries, &mut assembler)?;
        let mut meta = Meta { lists, ..self.meta };
        meta.touch();
        let bytes = assembler.finish(meta, |filter, _| {
            for list in &entries {
                filter.add(&list.numbers);
                filter.add(&list.expiring);
            }
        })?;
        let numbers = Index::open_published(&bytes)?.keys();
        Ok(Compiled { bytes, summary: Summary { numbers, lists: summaries } })
    }
}

impl<'c> ListBuilder<'c> {
    /// Sets the response to calls that this list bars. Without one,
    /// [`Match::response`](crate::Match::response) chooses.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, Index, Response};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// compiler.list("spam", Action::Deny)?.set_response(Response::Rejected);
    /// let index = Index::open(compiler.finish()?.bytes)?;
    /// assert_eq!(index.lists().next().and_then(|list| list.response), Some(Response::Rejected));
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn set_response(&mut self, response: impl Into<Option<Response>>) {
        self.list.record.response = response.into();
    }

    /// The dial plan by which entries are read.
    pub fn plan(&self) -> &'c DialPlan {
        self.plan
    }

    /// Adds entries: numbers, patterns, and classes by their words, each as `&str`, as bytes, or as
    /// [`WrittenEntry`] with its line and note. Reads them by the dial plan, on all cores of rayon's pool.
    /// Returns those that cannot be on a list, by line.
    ///
    /// Of two notes for one entry the later is kept. An entry that also comes without expiry does not
    /// expire.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, Note, WrittenEntry};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let mut spam = compiler.list("spam", Action::Deny)?;
    /// let rejected = spam.extend(["0505 004 78 24", "+90505*", "5,05E+11"]);
    /// assert_eq!((rejected[0].line, &*rejected[0].text), (3, &b"5,05E+11"[..]));
    ///
    /// let note = Note { reason: Some("complaint 4711"), ..Note::default() };
    /// let entry = WrittenEntry::from("0505 004 78 25").at_line(17).with_note(note);
    /// assert!(spam.extend([entry]).is_empty());
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[must_use = "these entries are not on the list"]
    pub fn extend<'t, T>(&mut self, entries: impl IntoIterator<Item = T>) -> Vec<Rejected>
    where
        T: Into<WrittenEntry<'t>>,
    {
        let (plan, broad) = (self.plan, self.broad);
        let action = self.list.record.action;
        let read = |text: &[u8], note: &Note<'_>| {
            let key = EntryKey::parse(text, plan)?;
            key.permit(action, broad)?;
            note.verify()?;
            Ok(key)
        };
        let mut entries = (1..).zip(entries).map(|(place, entry)| {
            let written: WrittenEntry<'_> = entry.into();
            (written.line.unwrap_or(place), written)
        });
        let mut rejected = Vec::new();
        let mut chunk = Vec::new();
        loop {
            chunk.clear();
            chunk.extend(entries.by_ref().take(CHUNK));
            if chunk.is_empty() {
                break;
            }
            let parts: Vec<CollectedEntries> = chunk
                .par_iter()
                .with_min_len(PART)
                .fold(CollectedEntries::default, |mut collected, &(line, written)| {
                    match read(written.text, &written.note) {
                        Ok(key) => collected.add(key, written.note),
                        Err(reason) => collected.reject(line, written.text, reason),
                    }
                    collected
                })
                .collect();
            for part in parts {
                rejected.extend(self.list.entries.append(part));
            }
        }
        self.list.entries.rejected_count += rejected.len() as u64;
        rejected.sort_by_key(|rejected| rejected.line);
        rejected
    }

    /// Adds entries by their keys, each with its note. Nothing is parsed again. Returns those that cannot
    /// be on the list; the line of each is its place among these entries, from 1. Notes and duplicates
    /// count as for [`Self::extend`].
    ///
    /// The keys must come from [`EntryKey::parse`] with the dial plan of this domain and the numbering
    /// facts of this release. A key of other facts may match no call.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, EntryKey, Index, OwnedNote};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let mut spam = compiler.list("spam", Action::Deny)?;
    /// let key = EntryKey::from_stored("+905050047824").expect("a key that was stored");
    /// assert!(spam.extend_keys([(key, OwnedNote::default())]).is_empty());
    /// assert!(Index::open(compiler.finish()?.bytes)?.check("0505 004 78 24").is_deny());
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[must_use = "these entries are not on the list"]
    pub fn extend_keys(
        &mut self,
        entries: impl IntoIterator<Item = (EntryKey, OwnedNote)>,
    ) -> Vec<Rejected> {
        let Self { list, broad, .. } = self;
        for (line, (key, note)) in (1..).zip(entries) {
            match key.permit(list.record.action, *broad).and_then(|()| note.verify()) {
                Ok(()) => list.entries.add(key, note),
                Err(reason) => list.entries.reject(line, key.to_string().as_bytes(), reason),
            }
        }
        let rejected = std::mem::take(&mut list.entries.rejected);
        list.entries.rejected_count += rejected.len() as u64;
        rejected
    }

    /// Adds numbers that are canonical already: those of [`Number::E164`](crate::Number::E164) by the dial
    /// plan of this domain. No call looks up digits under an unassigned calling code as an E.164 number,
    /// so such an entry would match nothing here. [`Self::extend`] files them as calls look them up.
    ///
    /// Takes a slice, because an iterator could be that of a `Result` or an `Option`, which leaves out what
    /// is none. Copies the numbers, so a long list may come in parts.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, E164, Index};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// let mut spam = compiler.list("spam", Action::Deny)?;
    /// let numbers = [905_050_047_824, 905_050_047_825];
    /// let numbers = numbers.into_iter().map(E164::new).collect::<Result<Vec<E164>, _>>()?;
    /// spam.extend_e164(&numbers);
    /// assert!(Index::open(compiler.finish()?.bytes)?.check("0505 004 78 24").is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn extend_e164(&mut self, numbers: &[E164]) {
        self.list.entries.numbers.extend(numbers.iter().map(|number| number.get()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::EntryError;
    use crate::index::format::file::Section;

    fn compiler() -> Compiler {
        Compiler::new("My.Example", DialPlan::new("TR").unwrap()).unwrap()
    }

    #[test]
    fn duplicates_count_in_any_written_form() {
        let mut compiler = compiler();
        let mut list = compiler.list("spam", Action::Deny).unwrap();
        let forms = ["+905050047824", "0505 004 78 24", "sip:00905050047824@gw", "alice", "alice"];
        assert_eq!(list.extend(forms), []);
        list.extend_e164(&[E164::new(905_050_047_824).unwrap()]);
        let summary = compiler.finish().unwrap().summary;
        assert_eq!(summary.numbers, 2);
        assert_eq!((summary.lists[0].entries, summary.lists[0].duplicates), (2, 4));
    }

    #[test]
    fn rejected_entries_are_reported_by_line_and_reason() {
        let mut compiler = compiler();
        let mut list = compiler.list("spam", Action::Deny).unwrap();
        let long = "x".repeat(300);
        let lines =
            ["+905050047824", "5,05E+11", "112", &long, "+90*", " ", "+90505*", "anonymous"];
        let rejected = list.extend(lines);
        assert_eq!(rejected.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 4, 5, 6]);
        assert_eq!((&*rejected[0].text, rejected[1].text.len()), (&b"5,05E+11"[..], 80));
        assert!(rejected[2].reason == EntryError::TooBroad, "{}", rejected[2].reason);
        let summary = compiler.finish().unwrap().summary;
        assert_eq!((summary.lists[0].entries, summary.lists[0].rejected), (4, 4));
    }

    #[test]
    fn entries_of_several_chunks_stay_in_their_order() {
        let mut compiler = compiler();
        let mut list = compiler.list("spam", Action::Deny).unwrap();
        let count = 2 * CHUNK as u64 + 7;
        let texts: Vec<String> = (0..count).map(|n| format!("+{}", 905_050_000_000 + n)).collect();
        let wrong = [0, CHUNK - 1, CHUNK, 2 * CHUNK + 6];
        let text = |(at, text)| if wrong.contains(&at) { "5,05E+11" } else { text };
        let rejected = list.extend(texts.iter().map(String::as_str).enumerate().map(text));
        let lines: Vec<_> = rejected.iter().map(|rejected| rejected.line as usize - 1).collect();
        assert_eq!(lines, wrong);
        assert_eq!(list.extend(texts.iter().map(|text| WrittenEntry::from(text).at_line(9))), []);
        let summary = compiler.finish().unwrap().summary;
        let list = &summary.lists[0];
        assert_eq!((list.entries, list.duplicates, list.rejected), (count, count - 4, 4));
    }

    #[test]
    fn consent_and_allow_lists_take_broad_patterns() {
        let mut compiler = compiler();
        assert_eq!(compiler.list("vip", Action::Allow).unwrap().extend(["+90*"]), []);
        assert_eq!(compiler.list("spam", Action::Deny).unwrap().extend(["+90*"]).len(), 1);
        compiler.allow_broad(true);
        assert_eq!(compiler.list("spam", Action::Deny).unwrap().extend(["+90*"]), []);
    }

    #[test]
    fn the_last_note_is_kept_and_no_expiry_beats_one() {
        let mut compiler = compiler();
        let mut list = compiler.list("spam", Action::Deny).unwrap();
        let note = |expires| Note { expires: Some(expires), ..Note::default() };
        let because = |reason| Note { reason: Some(reason), ..Note::default() };
        let entries = [
            ("+905050047824", note(5)),
            ("05050047824", note(7)),
            ("+905050047825", note(9)),
            ("+905050047826", because("first")),
            ("+905050047826", Note { reason: Some("last"), ..note(1) }),
        ];
        assert_eq!(
            list.extend(entries.map(|(text, note)| WrittenEntry::from(text).with_note(note))),
            []
        );
        assert_eq!(list.extend(["+905050047825", "alice"]), []);
        let made = compiler.finish().unwrap();
        let summary = &made.summary.lists[0];
        assert_eq!((summary.entries, summary.duplicates), (4, 3));
        let index = crate::Index::open(made.bytes).unwrap();
        let find = |number| index.find_key(&EntryKey::from_e164(number)).unwrap();
        let first = find(905_050_047_824);
        assert_eq!(first.notes.of_list(0), Some(note(7)));
        assert!(index.members(first.set)[0].expires());
        let second = find(905_050_047_825);
        assert_eq!(second.notes.of_list(0), None);
        assert!(!index.members(second.set)[0].expires());
        let third = find(905_050_047_826);
        assert_eq!(third.notes.of_list(0), Some(because("last")));
        assert!(!index.members(third.set)[0].expires());
    }

    #[test]
    fn keys_make_the_same_index_as_the_texts_that_they_are_of() {
        let texts = [
            "+905050047824",
            "0505 004 78 24",
            "0505*",
            "112",
            "*67",
            "alice",
            "+9991234567",
            "anonymous",
            "+1999XXXXXXX",
            "alice",
        ];
        let note = |i: usize| Note {
            expires: i.is_multiple_of(3).then_some(1 << 40),
            reason: i.is_multiple_of(2).then_some("complaint"),
            ..Note::default()
        };
        let make = |by_key: bool| {
            let mut compiler = compiler();
            let mut list = compiler.list("spam", Action::Deny).unwrap();
            let texts = texts.iter().enumerate();
            if by_key {
                let plan = list.plan();
                let key = |text: &str| EntryKey::parse(text.as_bytes(), plan).unwrap();
                let keys = texts.map(|(i, text)| (key(text), note(i).into()));
                assert_eq!(list.extend_keys(keys), []);
            } else {
                let noted = texts.map(|(i, text)| WrittenEntry::from(text).with_note(note(i)));
                assert_eq!(list.extend(noted), []);
            }
            let Compiled { bytes, summary } = compiler.finish().unwrap();
            let index = Index::open(bytes).unwrap();
            let meta = (index.lists().cloned().collect::<Vec<_>>(), index.stats().e164);
            let sections = Section::ALL.map(|section| index.section(section).to_vec());
            (summary, meta, sections[1..].to_vec())
        };
        assert_eq!(make(true), make(false));
    }

    #[test]
    fn keys_that_cannot_be_on_the_list_are_reported_by_their_place() {
        let mut compiler = compiler();
        let mut spam = compiler.list("spam", Action::Deny).unwrap();
        let plan = spam.plan();
        let key = |text: &str| EntryKey::parse(text.as_bytes(), plan).unwrap();
        let wrong = OwnedNote { expires: Some(0), ..OwnedNote::default() };
        let entries = [
            (key("112"), OwnedNote::default()),
            (key("0090*"), OwnedNote::default()),
            (key("alice"), wrong),
        ];
        let rejected = spam.extend_keys(entries.clone());
        let lines: Vec<_> =
            rejected.iter().map(|rejected| (rejected.line, &*rejected.text)).collect();
        assert_eq!(lines, [(2, &b"+90*"[..]), (3, b"alice")]);
        assert!(rejected[0].reason == EntryError::TooBroad, "{}", rejected[0].reason);
        let mut vip = compiler.list("vip", Action::Allow).unwrap();
        assert_eq!(vip.extend_keys(entries[..2].to_vec()), []);
        let lists = compiler.finish().unwrap().summary.lists;
        assert_eq!((lists[0].entries, lists[0].rejected, lists[1].entries), (1, 2, 2));
    }

    #[test]
    fn a_list_is_one_by_name_and_action() {
        let mut compiler = compiler();
        for (name, action) in
            [("spam", Action::Deny), ("spam", Action::Deny), ("Spam", Action::Allow)]
        {
            compiler.list(name, action).unwrap();
        }
        assert_eq!(compiler.lists.len(), 2);
        for (name, action) in [("spam", Action::Allow), ("", Action::Deny), ("a\tb", Action::Deny)]
        {
            let error = compiler.list(name, action).unwrap_err();
            assert!(matches!(error, Error::InvalidName { what: "list", .. }), "{error}");
        }
        assert!(compiler.list(&"x".repeat(256), Action::Deny).is_err());
    }

    #[test]
    fn unusable_domain_names_are_refused() {
        for name in ["", "a b", "a\nb", &"x".repeat(254)] {
            let plan = DialPlan::new("TR").unwrap();
            let error = Compiler::new(name, plan).unwrap_err();
            assert!(matches!(error, Error::InvalidName { what: "domain", .. }), "{error}");
        }
    }

    #[test]
    fn nothing_at_all_is_an_index_too() {
        let compiled = compiler().finish().unwrap();
        let index = crate::Index::open(compiled.bytes).unwrap();
        assert_eq!((index.domain(), index.lists().count()), ("my.example", 0));
        assert_eq!(index.check("+905050047824"), crate::Verdict::Pass);
    }
}
