//! The questions that can be asked of lists, for a domain of an engine and for one index by itself.
//!
//! [`DomainLists`] answers each, and here it reads their texts. A [`Domain`](crate::Domain) asks its layers, the
//! domains that share lists with it, and the clock of its engine. An [`Index`] by itself is a stack of one
//! layer, without shared lists, by the system's clock.

use std::{iter, slice};

use super::layers::{AsIndex, DomainLists, Stack};
use super::matching::{self, Lookup};
use super::{clock::Clock, explain::Explanation, index::Index, verdict::Verdict};
use crate::{Number, index::list::List};

impl<'a, L: AsIndex + 'a, S: Iterator<Item = Stack<'a, L>> + Clone> DomainLists<'a, L, S> {
    #[inline]
    pub(crate) fn check_number(self, number: &Number) -> Verdict<'a> {
        self.look_up(Lookup::from_number(number))
    }

    #[inline]
    pub(crate) fn lists_of(self, text: &[u8]) -> impl Iterator<Item = &'a List> + use<'a, L, S> {
        let number = self.plan().number(text);
        matching::lists_of(self.own.layers(), self.clock, Lookup::from_text(&number, text))
    }

    #[inline]
    pub(crate) fn lists_of_number(
        self,
        number: &Number,
    ) -> impl Iterator<Item = &'a List> + use<'a, L, S> {
        matching::lists_of(self.own.layers(), self.clock, Lookup::from_number(number))
    }

    pub(crate) fn explain(self, text: &[u8]) -> Explanation<'a> {
        let plan = self.plan();
        let number = plan.number(text);
        self.explain_lookup(text, Lookup::from_text(&number, text), plan.trace(text))
    }
}

impl<D: AsRef<[u8]>> Index<D> {
    #[inline]
    fn domain_lists(&self) -> DomainLists<'_, Self, iter::Empty<Stack<'_, Self>>> {
        DomainLists {
            own: Stack::new(slice::from_ref(self)),
            shared: iter::empty(),
            clock: Clock::system(),
        }
    }

    /// The verdict on a number outside a call, for instance one of a campaign: a user part, a SIP, SIPS or
    /// tel URI, or a whole name-addr header, in any bytes. No allocation, no lock, no system call.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Action, Compiler, DialPlan, Index};
    ///
    /// let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24"]).is_empty());
    /// let index = Index::open(compiler.finish()?.bytes)?;
    /// assert!(index.check("sip:00905050047824@gw.example").is_deny());
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[inline]
    pub fn check(&self, text: impl AsRef<[u8]>) -> Verdict<'_> {
        let number = self.plan().number(text.as_ref());
        match number {
            Number::E164(_) => self.check_number(&number),
            _ => self.check_at_host(&number, text.as_ref()),
        }
    }

    #[inline(never)]
    fn check_at_host(&self, number: &Number, text: &[u8]) -> Verdict<'_> {
        self.domain_lists().look_up(Lookup::from_text(number, text))
    }

    /// The verdict on a number that is canonical already.
    #[inline]
    pub fn check_number(&self, number: &Number) -> Verdict<'_> {
        self.domain_lists().check_number(number)
    }

    /// `verdicts[i]` becomes the verdict on `texts[i]`. The misses of 64 numbers overlap: two to
    /// three times the throughput of single checks at 10M numbers, as `cargo bench --bench peers`
    /// shows. Verdicts beyond `texts.len()` stay as they are.
    ///
    /// A verdict is 256 bytes, of which a pass uses eight: `[(); 64].map(|()| Verdict::Pass)` writes only
    /// those, while `[const { Verdict::Pass }; 64]` copies 16 KiB.
    ///
    /// # Panics
    /// If `verdicts` is shorter than `texts`.
    pub fn check_batch<'a, T: AsRef<[u8]>>(&'a self, texts: &[T], verdicts: &mut [Verdict<'a>]) {
        self.domain_lists().check_batch(texts, verdicts);
    }

    /// Reports whether the list of this name holds the number; `None` if there is no such list. Looks at
    /// that list only: an allow list elsewhere does not matter.
    pub fn check_list(&self, list: &str, text: impl AsRef<[u8]>) -> Option<bool> {
        self.domain_lists().check_list(list, text.as_ref())
    }

    /// The lists that hold the number, in the order of their creation.
    pub fn lists_of(&self, text: impl AsRef<[u8]>) -> impl Iterator<Item = &List> {
        self.domain_lists().lists_of(text.as_ref())
    }

    /// The lists that hold a number that is canonical already.
    pub fn lists_of_number(&self, number: &Number) -> impl Iterator<Item = &List> + use<'_, D> {
        self.domain_lists().lists_of_number(number)
    }

    /// Explains a verdict: how the number was read, all entries that matched, and which one decided.
    /// Allocates; for people and tests, not for every call.
    pub fn explain(&self, text: impl AsRef<[u8]>) -> Explanation<'_> {
        self.domain_lists().explain(text.as_ref())
    }
}
