//! The compiler: entries in any order and any written form to the bytes of an index.
//!
//! Entries are canonicalised in parallel as they come and kept as integers; [`Compiler::finish`]
//! sorts each list by radix, drops what is there twice, and merges the lists block by block.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use rdst::RadixSort;

use super::build::{self, Sorted};
use super::meta::Meta;
use super::names::{self, LISTS_MAX};
use super::report::{Compiled, ListSummary, Rejected, Summary, Written};
use super::verdict::{Action, List};
use super::{format, texts};
use crate::number::facts_version;
use crate::{DialPlan, E164, Error, Number, Result};

/// Bytes of a rejected entry that its report keeps.
const REJECTED_TEXT_MAX: usize = 80;

/// The place of a list in its [`Compiler`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListId(usize);

/// Collects the lists of one domain and makes its index.
///
/// Memory: 8 bytes for each E.164 number as written, twice that while vectors grow and while a list
/// is sorted, and twice the bytes of the index (about 3.5 a number) at the end. Other entries keep
/// their text and 17 bytes each.
///
/// ```
/// use callbar::{Action, Compiler, DialPlan, Index, Written};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let spam = compiler.list("spam", Action::Deny)?;
/// let text = b"0505 004 78 24\n+90 505 004 78 25\n0090 505 004 78 24\nanonymous";
/// let lines = (1..).zip(text.split(|&byte| byte == b'\n'));
/// let written: Vec<_> = lines.map(|(line, text)| Written { line, text }).collect();
/// let rejected = compiler.extend(spam, written);
/// assert_eq!((rejected[0].line, rejected.len()), (4, 1));
///
/// let compiled = compiler.finish()?;
/// assert_eq!(compiled.summary.lists[0].duplicates, 1);
/// let index = Index::open(compiled.bytes)?;
/// assert!(index.check("sip:+905050047824@gw").is_deny());
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Debug)]
pub struct Compiler {
    domain: String,
    plan: DialPlan,
    lists: Vec<Unsorted>,
    by_name: HashMap<String, ListId>,
}

#[derive(Debug)]
struct Unsorted {
    name: String,
    action: Action,
    entries: Collected,
}

/// Canonical entries in the order in which they came, and those that have none.
#[derive(Debug, Default)]
struct Collected {
    numbers: Vec<u64>,
    texts: Vec<Box<[u8]>>,
    rejected: Vec<Rejected>,
    rejected_count: u64,
}

impl Compiler {
    /// A compiler for the lists of `domain`, which dials by `plan`.
    ///
    /// Domain names are compared without regard to ASCII case and kept in lower case.
    ///
    /// # Errors
    /// [`Error::InvalidName`] if `domain` is empty, longer than 253 bytes, or holds white space or
    /// control characters.
    pub fn new(domain: &str, plan: DialPlan) -> Result<Self> {
        names::check_domain(domain).map_err(|reason| Error::InvalidName {
            what: "domain",
            name: domain.into(),
            reason,
        })?;
        let domain = domain.to_ascii_lowercase();
        Ok(Self { domain, plan, lists: Vec::new(), by_name: HashMap::new() })
    }

    /// The plan that entries are read by.
    pub fn plan(&self) -> &DialPlan {
        &self.plan
    }

    /// Adds a list, or finds the one that has this name and action already.
    ///
    /// # Errors
    /// [`Error::InvalidName`] if `name` is empty, longer than 255 bytes, `-`, holds control
    /// characters, or is the name of a list with the other action; [`Error::TooLarge`] beyond 65,536 lists.
    pub fn list(&mut self, name: &str, action: Action) -> Result<ListId> {
        let invalid = |reason| Error::InvalidName { what: "list", name: name.into(), reason };
        names::check_list(name).map_err(invalid)?;
        match self.by_name.entry(name.to_owned()) {
            Entry::Occupied(entry) if self.lists[entry.get().0].action == action => {
                Ok(*entry.get())
            }
            Entry::Occupied(_) => Err(invalid("is both an allow and a deny list: choose one")),
            Entry::Vacant(_) if self.lists.len() == LISTS_MAX => {
                Err(Error::TooLarge { what: "lists", limit: LISTS_MAX as u64 })
            }
            Entry::Vacant(entry) => {
                let entries = Collected::default();
                self.lists.push(Unsorted { name: name.to_owned(), action, entries });
                Ok(*entry.insert(ListId(self.lists.len() - 1)))
            }
        }
    }

    /// Adds entries, canonicalised by the dial plan in parallel, and answers those that cannot be
    /// on a list, by line. Give some megabytes of text at a time: the answer grows with the entries
    /// that are wrong.
    ///
    /// # Panics
    /// If `list` is of another compiler that has more lists.
    pub fn extend<'t, I>(&mut self, list: ListId, entries: I) -> Vec<Rejected>
    where
        I: IntoParallelIterator<Item = Written<'t>>,
    {
        let plan = &self.plan;
        let parts: Vec<Collected> = entries
            .into_par_iter()
            .fold(Collected::default, |mut collected, written| {
                collected.add(written, plan);
                collected
            })
            .collect();
        let collected = &mut self.lists[list.0].entries;
        let mut rejected = Vec::new();
        for part in parts {
            collected.numbers.extend_from_slice(&part.numbers);
            collected.texts.extend(part.texts);
            rejected.extend(part.rejected);
        }
        collected.rejected_count += rejected.len() as u64;
        rejected.sort_by_key(|rejected| rejected.line);
        rejected
    }

    /// Adds numbers that are canonical already: those of [`Number::E164`], by the dial plan of this
    /// domain. Digits whose calling code is nobody's are never looked up as an E.164 number, so an
    /// entry made of them here would match no call; [`Self::extend`] files them as they are called.
    ///
    /// # Panics
    /// If `list` is of another compiler that has more lists.
    pub fn extend_e164(&mut self, list: ListId, numbers: impl IntoIterator<Item = E164>) {
        self.lists[list.0].entries.numbers.extend(numbers.into_iter().map(E164::get));
    }

    /// Sorts, merges and builds; `cargo bench --bench peers` prints the rate on one core.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond 16 GiB of blocks: some 6 billion numbers where they are dense, 1.4
    /// billion of which no two share all but their last four digits.
    pub fn finish(self) -> Result<Compiled> {
        let sorted: Vec<(List, Sorted, ListSummary)> =
            self.lists.into_iter().map(Unsorted::sort).collect();
        let mut lists = Vec::with_capacity(sorted.len());
        let mut entries = Vec::with_capacity(sorted.len());
        let mut summaries = Vec::with_capacity(sorted.len());
        for (list, sorted, summary) in sorted {
            lists.push(list);
            entries.push(sorted);
            summaries.push(summary);
        }
        let sections = build::sections(&entries)?;
        drop(entries);
        let created =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let meta = Meta {
            domain: self.domain,
            facts: facts_version().to_owned(),
            created,
            e164: sections.e164_count,
            texts: sections.text_count,
            plan: self.plan,
            lists,
        };
        let [directory, offsets, blocks] = sections.blocks;
        let summary = Summary { numbers: meta.e164 + meta.texts, lists: summaries };
        let bytes = format::assemble([
            meta.to_bytes(),
            sections.sets,
            sections.filter,
            directory,
            offsets,
            blocks,
            sections.texts,
        ]);
        Ok(Compiled { bytes, summary })
    }
}

impl Collected {
    fn add(&mut self, written: Written<'_>, plan: &DialPlan) {
        let number = plan.entry(written.text);
        match texts::key(&number) {
            _ if is_pattern(written.text) => {
                self.reject(written, "is a pattern: lists take exact numbers only");
            }
            Some((tag, text)) => self.texts.push([&[tag], text.as_bytes()].concat().into()),
            None => match number {
                Number::E164(number) => self.numbers.push(number.get()),
                Number::Invalid(reason) => self.reject(written, reason.as_str()),
                _ => self.reject(
                    written,
                    "stands for withheld numbers, which are a class and not a number",
                ),
            },
        }
    }

    fn reject(&mut self, Written { line, text }: Written<'_>, reason: &'static str) {
        let text = text.get(..REJECTED_TEXT_MAX).unwrap_or(text).into();
        self.rejected.push(Rejected { line, text, reason });
    }
}

/// Whether a prefix (`+90505*`), a range (`+90505-+90506`) or a wildcard (`+1999XXXXXXX`) is meant.
/// Read as one number, each would bar a stranger or nobody.
fn is_pattern(text: &[u8]) -> bool {
    let prefix = match text.trim_ascii_end() {
        [rest @ .., b'*'] => {
            rest.len() >= 2
                && rest.iter().all(|byte| byte.is_ascii_digit() || b"+ -".contains(byte))
        }
        _ => false,
    };
    let range = text.splitn(2, |&byte| byte == b'-').all(|end| {
        matches!(end.trim_ascii(), [b'+', digits @ ..] if digits.iter().all(u8::is_ascii_digit))
    }) && text.contains(&b'-');
    // Brazil prints the place of a carrier's code as 0XX: that is a number.
    let carrier = matches!(
        text.strip_prefix(b"(").unwrap_or(text),
        [b'0', b'X' | b'x', b'X' | b'x', digit, ..] if digit.is_ascii_digit()
    );
    let wildcard = !carrier
        && text.windows(3).any(
            |three| matches!(three, [digit, b'X' | b'x', b'X' | b'x'] if digit.is_ascii_digit()),
        )
        && text.iter().all(|byte| byte.is_ascii_digit() || b"+ -().Xx".contains(byte));
    prefix || range || wildcard
}

impl Unsorted {
    fn sort(self) -> (List, Sorted, ListSummary) {
        let Collected { mut numbers, mut texts, rejected_count: rejected, .. } = self.entries;
        if !numbers.is_sorted() {
            numbers.radix_sort_unstable();
        }
        texts.par_sort_unstable();
        let written = numbers.len() + texts.len();
        numbers.dedup();
        texts.dedup();
        let entries = (numbers.len() + texts.len()) as u64;
        let duplicates = written as u64 - entries;
        let Self { name, action, .. } = self;
        let list = List { name: name.clone(), action, entries };
        let summary = ListSummary { name, action, entries, duplicates, rejected };
        (list, Sorted { numbers, texts }, summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiler() -> Compiler {
        Compiler::new("My.Example", DialPlan::new("TR").unwrap()).unwrap()
    }

    fn extend(compiler: &mut Compiler, list: ListId, lines: &[&str]) -> Vec<Rejected> {
        let written = (1..).zip(lines).map(|(line, text)| Written { line, text: text.as_bytes() });
        compiler.extend(list, written.collect::<Vec<_>>())
    }

    #[test]
    fn duplicates_count_whatever_the_written_form() {
        let mut compiler = compiler();
        let list = compiler.list("spam", Action::Deny).unwrap();
        let forms = ["+905050047824", "0505 004 78 24", "sip:00905050047824@gw", "alice", "alice"];
        assert_eq!(extend(&mut compiler, list, &forms), []);
        compiler.extend_e164(list, E164::new(905_050_047_824));
        let summary = compiler.finish().unwrap().summary;
        assert_eq!(summary.numbers, 2);
        assert_eq!((summary.lists[0].entries, summary.lists[0].duplicates), (2, 4));
    }

    #[test]
    fn rejected_entries_are_told_by_line_and_reason() {
        let mut compiler = compiler();
        let list = compiler.list("spam", Action::Deny).unwrap();
        let long = "x".repeat(300);
        let lines = ["+905050047824", "anonymous", "112", &long, "anonymous", "+905050047825"];
        let rejected = extend(&mut compiler, list, &lines);
        assert_eq!(rejected.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 4, 5]);
        assert_eq!((&*rejected[0].text, rejected[1].text.len()), (&b"anonymous"[..], 80));
        assert!(rejected[0].reason.contains("withheld"), "{}", rejected[0].reason);
        let summary = compiler.finish().unwrap().summary;
        assert_eq!((summary.lists[0].entries, summary.lists[0].rejected), (3, 3));
    }

    #[test]
    fn patterns_are_rejected_and_not_read_as_numbers() {
        let mut compiler = compiler();
        let list = compiler.list("spam", Action::Deny).unwrap();
        let patterns =
            ["+90505*", "90505*", "+905050000000-+905050009999", "+1999XXXXXXX", "0505xxxxxxx"];
        let rejected = extend(&mut compiler, list, &patterns);
        assert_eq!(rejected.len(), patterns.len());
        assert!(rejected.iter().all(|r| r.reason.contains("pattern")), "{rejected:?}");
        let numbers = [
            "*67",
            "*21*5#",
            "*",
            "+1-800-FLOWERS",
            "0505-004-78-24",
            "05050047824x3",
            "(0XX11)7824",
        ];
        assert_eq!(extend(&mut compiler, list, &numbers), []);
    }

    #[test]
    fn a_list_is_one_by_name_and_action() {
        let mut compiler = compiler();
        let spam = compiler.list("spam", Action::Deny).unwrap();
        assert_eq!(compiler.list("spam", Action::Deny).unwrap(), spam);
        assert_ne!(compiler.list("Spam", Action::Allow).unwrap(), spam);
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
        assert_eq!((index.domain(), index.lists().len()), ("my.example", 0));
        assert_eq!(index.check("+905050047824"), crate::Verdict::Pass);
    }
}
