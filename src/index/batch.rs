//! Many numbers at once: their cache misses overlap.

use super::clock::Clock;
use super::matching::{check, decide};
use super::stack::{Layer, Stack};
use super::verdict::Verdict;
use crate::{E164, Number};

/// Numbers whose lines of the filters are on their way at the same time.
const BATCH: usize = 64;

/// `verdicts[i]` becomes the verdict on `texts[i]`; see [`Domain::check_batch`](crate::Domain).
pub(crate) fn check_batch<'a, L: Layer, T: AsRef<[u8]>>(
    own: Stack<'a, L>,
    shared: &(impl Iterator<Item = Stack<'a, L>> + Clone),
    clock: &Clock,
    texts: &[T],
    verdicts: &mut [Verdict<'a>],
) {
    let verdicts = &mut verdicts[..texts.len()];
    for (texts, verdicts) in texts.chunks(BATCH).zip(verdicts.chunks_mut(BATCH)) {
        check_chunk(own, shared, clock, texts, verdicts);
    }
}

fn check_chunk<'a, L: Layer, T: AsRef<[u8]>>(
    own: Stack<'a, L>,
    shared: &(impl Iterator<Item = Stack<'a, L>> + Clone),
    clock: &Clock,
    texts: &[T],
    verdicts: &mut [Verdict<'a>],
) {
    let Some(head) = own.layers().first().map(Layer::index) else { return };
    let mut numbers = [0_u64; BATCH];
    for ((text, verdict), pending) in texts.iter().zip(&mut *verdicts).zip(&mut numbers) {
        match head.plan().number(text.as_ref()) {
            Number::E164(number) => *pending = number.get(),
            other => {
                let shared = shared.clone().map(Stack::layers);
                *verdict = decide(own.layers(), shared, clock, &other);
            }
        }
    }
    // Nothing but loads that wait for nothing: the core has dozens of them under way at once.
    // The oldest layer is the large one; the others stay in the cache.
    if let Some(filter) = own.layers().last().map(|layer| layer.index().filter()) {
        let touch = |all, &number: &u64| all ^ filter.touch(filter.probe(number));
        std::hint::black_box(numbers.iter().filter(|&&number| number != 0).fold(0, touch));
    }
    for (&number, verdict) in numbers.iter().zip(verdicts) {
        if let Some(number) = E164::new(number) {
            *verdict = check(own, shared.clone(), clock, &Number::E164(number));
        }
    }
}
