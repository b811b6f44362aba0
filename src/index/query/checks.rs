//! The checks of one index by itself: a stack of one layer, by the system's clock, without shared lists.

use std::slice;

use super::batch;
use super::clock::Clock;
use super::explain::{self, Explanation};
use super::index::Index;
use super::layers::{self, Stack};
use super::matching::{self, Lookup};
use super::verdict::Verdict;
use crate::Number;
use crate::index::list::List;

impl<D: AsRef<[u8]>> Index<D> {
    /// The verdict on a caller or callee as a call presents it: a user part, a SIP, SIPS or tel
    /// URI, or a whole name-addr header. No allocation, no lock, no system call.
    #[inline]
    pub fn check(&self, text: impl AsRef<[u8]>) -> Verdict<'_> {
        let number = self.meta.plan.number(text.as_ref());
        match number {
            Number::E164(_) => self.ask(Lookup::from_number(&number)),
            _ => self.ask_at_host(&number, text.as_ref()),
        }
    }

    /// The verdict on a number that is canonical already.
    #[inline]
    pub fn check_number(&self, number: &Number) -> Verdict<'_> {
        self.ask(Lookup::from_number(number))
    }

    #[inline(never)]
    fn ask_at_host(&self, number: &Number, text: &[u8]) -> Verdict<'_> {
        self.ask(Lookup::from_text(number, text))
    }

    #[inline]
    fn ask(&self, lookup: Lookup<'_>) -> Verdict<'_> {
        matching::check(self.as_stack(), layers::no_shared(), &Clock::default(), lookup)
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
        batch::check_batch(
            self.as_stack(),
            &layers::no_shared(),
            &Clock::default(),
            texts,
            verdicts,
        );
    }

    /// Reports whether the list of this name holds the number; `None` if there is no such list. Looks at
    /// that list only: an allow list elsewhere does not matter.
    pub fn check_list(&self, list: &str, text: impl AsRef<[u8]>) -> Option<bool> {
        let number = self.meta.plan.number(text.as_ref());
        let lookup = Lookup::from_text(&number, text.as_ref());
        matching::check_list(slice::from_ref(self), &Clock::default(), list, lookup)
    }

    /// The lists that hold the number, in the order of their creation.
    pub fn lists_of(&self, text: impl AsRef<[u8]>) -> impl Iterator<Item = &List> {
        let number = self.meta.plan.number(text.as_ref());
        let lookup = Lookup::from_text(&number, text.as_ref());
        matching::lists_of(slice::from_ref(self), &Clock::default(), lookup)
    }

    /// The lists that hold a number that is canonical already.
    pub fn lists_of_number(&self, number: &Number) -> impl Iterator<Item = &List> + use<'_, D> {
        let lookup = Lookup::from_number(number);
        matching::lists_of(slice::from_ref(self), &Clock::default(), lookup)
    }

    /// How the verdict on what a call presents comes about. Allocates.
    pub fn explain(&self, text: impl AsRef<[u8]>) -> Explanation<'_> {
        let own = slice::from_ref(self);
        explain::explain(own, layers::no_shared(), &Clock::default(), text.as_ref())
    }

    #[inline]
    fn as_stack(&self) -> Stack<'_, Self> {
        Stack::new(slice::from_ref(self))
    }
}
