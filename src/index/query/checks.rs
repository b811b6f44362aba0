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
    ///
    /// # Examples
    /// ```
    /// # use callbar::{Action, Compiler, DialPlan, Index};
    /// # let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24"]).is_empty());
    /// # let index = Index::open(compiler.finish()?.bytes)?;
    /// // The list spam of the index has +905050047824.
    /// let number = index.plan().number(b"0505 004 78 24");
    /// assert!(index.check_number(&number).is_deny());
    /// # Ok::<(), callbar::Error>(())
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// use callbar::Verdict;
    ///
    /// # use callbar::{Action, Compiler, DialPlan, Index};
    /// # let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", Action::Deny)?.extend(["0505 004 78 24"]).is_empty());
    /// # let index = Index::open(compiler.finish()?.bytes)?;
    /// // The list spam of the index has +905050047824.
    /// let mut verdicts = [(); 64].map(|()| Verdict::Pass);
    /// index.check_batch(&["0505 004 78 24", "0505 004 78 25"], &mut verdicts);
    /// assert!(verdicts[0].is_deny() && !verdicts[1].is_deny());
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn check_batch<'a, T: AsRef<[u8]>>(&'a self, texts: &[T], verdicts: &mut [Verdict<'a>]) {
        self.domain_lists().check_batch(texts, verdicts);
    }

    /// Reports whether the list of this name holds the number; `None` if there is no such list. Looks at
    /// that list only: an allow list elsewhere does not matter.
    ///
    /// # Examples
    /// ```
    /// # use callbar::{Action, Compiler, DialPlan, Index};
    /// # let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", Action::Deny)?.extend(["+90505*"]).is_empty());
    /// # assert!(compiler.list("vip", Action::Allow)?.extend(["0505 004 78 24"]).is_empty());
    /// # let index = Index::open(compiler.finish()?.bytes)?;
    /// // The index denies +90505* by the list spam, and allows +905050047824 by the list vip.
    /// assert!(!index.check("0505 004 78 24").is_deny());
    /// assert_eq!(index.check_list("spam", "0505 004 78 24"), Some(true));
    /// assert_eq!(index.check_list("fraud", "0505 004 78 24"), None);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn check_list(&self, list: &str, text: impl AsRef<[u8]>) -> Option<bool> {
        self.domain_lists().check_list(list, text.as_ref())
    }

    /// The lists that hold the number, in the order of their creation.
    ///
    /// # Examples
    /// ```
    /// # use callbar::{Action, Compiler, DialPlan, Index};
    /// # let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", Action::Deny)?.extend(["+90505*"]).is_empty());
    /// # assert!(compiler.list("vip", Action::Allow)?.extend(["0505 004 78 24"]).is_empty());
    /// # let index = Index::open(compiler.finish()?.bytes)?;
    /// // The index denies +90505* by the list spam, and allows +905050047824 by the list vip.
    /// let names: Vec<&str> = index.lists_of("0505 004 78 24").map(|list| &*list.name).collect();
    /// assert_eq!(names, ["spam", "vip"]);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn lists_of(&self, text: impl AsRef<[u8]>) -> impl Iterator<Item = &List> {
        self.domain_lists().lists_of(text.as_ref())
    }

    /// The lists that hold a number that is canonical already.
    ///
    /// # Examples
    /// ```
    /// # use callbar::{Action, Compiler, DialPlan, Index};
    /// # let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", Action::Deny)?.extend(["+90505*"]).is_empty());
    /// # assert!(compiler.list("vip", Action::Allow)?.extend(["0505 004 78 24"]).is_empty());
    /// # let index = Index::open(compiler.finish()?.bytes)?;
    /// // The index denies +90505* by the list spam, and allows +905050047824 by the list vip.
    /// let number = index.plan().number(b"0505 000 00 00");
    /// let names: Vec<&str> = index.lists_of_number(&number).map(|list| &*list.name).collect();
    /// assert_eq!(names, ["spam"]);
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn lists_of_number(&self, number: &Number) -> impl Iterator<Item = &List> + use<'_, D> {
        self.domain_lists().lists_of_number(number)
    }

    /// Explains a verdict: how the number was read, all entries that matched, and which one decided.
    /// Allocates; for people and tests, not for every call.
    ///
    /// # Examples
    /// ```
    /// # use callbar::{Action, Compiler, DialPlan, Index};
    /// # let mut compiler = Compiler::new("my.example", DialPlan::new("TR")?)?;
    /// # assert!(compiler.list("spam", Action::Deny)?.extend(["+90505*"]).is_empty());
    /// # assert!(compiler.list("vip", Action::Allow)?.extend(["0505 004 78 24"]).is_empty());
    /// # let index = Index::open(compiler.finish()?.bytes)?;
    /// // The index denies +90505* by the list spam, and allows +905050047824 by the list vip.
    /// let explained = index.explain("0505 004 78 24");
    /// assert_eq!((explained.verdict, explained.why), ("allow", "an exact entry is the longest"));
    /// assert_eq!(explained.matches[1].why, "overridden: a longer entry holds the number");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn explain(&self, text: impl AsRef<[u8]>) -> Explanation<'_> {
        self.domain_lists().explain(text.as_ref())
    }
}
