//! Many numbers at once: their cache misses overlap.

use super::layers::{AsIndex, DomainLists, Stack};
use super::matching::{Lookup, decide};
use super::verdict::Verdict;
use crate::index::format::filter::{BATCH, HashedNumber};
use crate::{E164, Number};

impl<'a, L: AsIndex + 'a, S: Iterator<Item = Stack<'a, L>> + Clone> DomainLists<'a, L, S> {
    /// `verdicts[i]` becomes the verdict on `texts[i]`; see [`Domain::check_batch`](crate::Domain).
    pub(crate) fn check_batch<T: AsRef<[u8]>>(self, texts: &[T], verdicts: &mut [Verdict<'a>]) {
        let verdicts = &mut verdicts[..texts.len()];
        for (texts, verdicts) in texts.chunks(BATCH).zip(verdicts.chunks_mut(BATCH)) {
            self.check_chunk(texts, verdicts);
        }
    }

    fn check_chunk<T: AsRef<[u8]>>(&self, texts: &[T], verdicts: &mut [Verdict<'a>]) {
        let Self { own, ref shared, clock } = *self;
        let Some(head) = own.layers().first().map(AsIndex::index) else { return };
        let mut hashed = [HashedNumber::new(0); BATCH];
        // Lines of the filter arrive while later numbers are read: dozens are on their way at once. Only the
        // oldest layer is large; the others stay in the cache.
        let filter = own.layers().last().map(|layer| layer.index().filter());
        for ((text, verdict), pending) in texts.iter().zip(&mut *verdicts).zip(&mut hashed) {
            match head.plan().number(text.as_ref()) {
                Number::E164(number) => {
                    *pending = HashedNumber::new(number.get());
                    if let Some(filter) = &filter {
                        filter.prefetch(*pending);
                    }
                }
                other => {
                    let shared = shared.clone().map(Stack::layers);
                    let lookup = Lookup::from_text(&other, text.as_ref());
                    *verdict = decide(own.layers(), shared, clock, lookup);
                }
            }
        }
        let maybe = shared
            .clone()
            .fold(own.maybe_each(&hashed), |maybe, stack| maybe | stack.maybe_each(&hashed));
        for (i, (pending, verdict)) in hashed.iter().zip(verdicts).enumerate() {
            let Some(number) = E164::from_digits(pending.number) else { continue };
            // One assignment in each branch: a common one would copy the 256 bytes of a verdict.
            if maybe >> i & 1 == 0 {
                *verdict = Verdict::Pass;
            } else {
                let shared = shared.clone().map(Stack::layers);
                *verdict =
                    decide(own.layers(), shared, clock, Lookup::from_number(&Number::E164(number)));
            }
        }
    }
}
