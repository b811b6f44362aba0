//! The entries that a compiler takes, and its report on them.

use serde::Serialize;

use crate::error::EntryError;
use crate::index::{list::Action, note::Note};

/// An entry as it was written, with its line and its note: what
/// [`ListBuilder::extend`](crate::ListBuilder::extend) takes. A text becomes one by itself.
///
/// # Examples
/// ```
/// use callbar::{Note, WrittenEntry};
///
/// let entry = WrittenEntry::from("0505 004 78 24");
/// assert_eq!((entry.text, entry.line), (&b"0505 004 78 24"[..], None));
///
/// let note = Note { expires: Some(1_790_000_100), ..Note::default() };
/// let noted = entry.at_line(17).with_note(note);
/// assert_eq!((noted.line, noted.note.expires), (Some(17), Some(1_790_000_100)));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WrittenEntry<'a> {
    /// The line it was written on, from 1, which [`Rejected::line`] repeats. If `None`, its place among the
    /// entries of the call, from 1.
    pub line: Option<u64>,
    /// The entry in any written form, without line end or quotes.
    pub text: &'a [u8],
    /// Its metadata.
    pub note: Note<'a>,
}

impl<'a> WrittenEntry<'a> {
    /// The same entry, on this line.
    ///
    /// # Examples
    /// ```
    /// use callbar::WrittenEntry;
    ///
    /// assert_eq!(WrittenEntry::from("0505 004 78 24").at_line(17).line, Some(17));
    /// ```
    #[must_use]
    pub fn at_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same entry, with this note.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Note, WrittenEntry};
    ///
    /// let note = Note::default().with_reason("complaint 4711");
    /// assert_eq!(WrittenEntry::from("0505 004 78 24").with_note(note).note, note);
    /// ```
    #[must_use]
    pub fn with_note(self, note: Note<'a>) -> Self {
        Self { note, ..self }
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> From<&'a T> for WrittenEntry<'a> {
    fn from(text: &'a T) -> Self {
        Self { line: None, text: text.as_ref(), note: Note::default() }
    }
}

/// An entry that cannot be on a list.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let mut spam = compiler.list("spam", Action::Deny)?;
/// for rejected in spam.extend(["0505 004 78 24", "5,05E+11"]) {
///     let text = String::from_utf8_lossy(&rejected.text);
///     eprintln!("line {}: {text:?} {}", rejected.line, rejected.reason);
///     assert_eq!(rejected.line, 2);
/// }
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The line it was written on, or its place among the entries of the call; from 1.
    pub line: u64,
    /// The entry as it was written, cut at 80 bytes.
    pub text: Box<[u8]>,
    /// Why it cannot be on a list.
    pub reason: EntryError,
}

/// The result of a compiler.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan, Index};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let forms = ["0505 004 78 24", "+905050047824", "0532 111 22 33"];
/// assert!(compiler.list("spam", Action::Deny)?.extend(forms).is_empty());
/// let compiled = compiler.finish()?;
/// let spam = &compiled.summary.lists[0];
/// assert_eq!((&*spam.name, spam.entries, spam.duplicates), ("spam", 2, 1));
/// assert_eq!(Index::open(compiled.bytes)?.stats().e164, 2);
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The index, for [`crate::Index::open`] or [`crate::Engine::publish`].
    pub bytes: Vec<u8>,
    /// Counts of what went into it.
    pub summary: Summary,
}

/// Counts of a compilation.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24", "+90532*"]).is_empty());
/// assert!(compiler.list("vip", Action::Allow)?.extend(["0505 004 78 24"]).is_empty());
/// let summary = compiler.finish()?.summary;
/// assert_eq!(summary.numbers, 2, "one of them is on both lists");
/// let lists: Vec<_> = summary.lists.iter().map(|list| (&*list.name, list.entries)).collect();
/// assert_eq!(lists, [("spam", 2), ("vip", 1)]);
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Distinct canonical numbers over all lists.
    pub numbers: u64,
    /// The lists, in the order of their creation.
    pub lists: Vec<ListSummary>,
}

/// Counts of one list.
///
/// # Examples
/// ```
/// use callbar::{Action, Compiler, DialPlan};
///
/// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
/// let written = ["0505 004 78 24", "+90 505 004 78 24", "5,05E+11"];
/// assert_eq!(compiler.list("spam", Action::Deny)?.extend(written).len(), 1);
/// let spam = &compiler.finish()?.summary.lists[0];
/// assert_eq!((&*spam.name, spam.action), ("spam", Action::Deny));
/// assert_eq!((spam.entries, spam.duplicates, spam.rejected), (1, 1, 1));
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListSummary {
    /// Its name.
    pub name: String,
    /// Its action.
    pub action: Action,
    /// Its distinct numbers.
    pub entries: u64,
    /// Entries that were on the list already, in any written form.
    pub duplicates: u64,
    /// Entries that cannot be on a list.
    pub rejected: u64,
}
