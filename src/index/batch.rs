//! Many numbers at once: their cache misses overlap.

use super::clock::Clock;
use super::filter::{BATCH, Hashed};
use super::matching::decide;
use super::stack::{Layer, Stack};
use super::verdict::Verdict;
use crate::{E164, Number};

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
    let hashed = numbers.map(Hashed::of);
    // Nothing but loads that wait for nothing: the core has dozens of them under way at once.
    // The oldest layer is the large one; the others stay in the cache.
    if let Some(filter) = own.layers().last().map(|layer| layer.index().filter()) {
        std::hint::black_box(hashed.iter().fold(0, |all, &number| all ^ filter.touch(number)));
    }
    let maybe = shared
        .clone()
        .fold(own.maybe_each(&hashed), |maybe, stack| maybe | stack.maybe_each(&hashed));
    for (i, (&number, verdict)) in numbers.iter().zip(verdicts).enumerate() {
        let Some(number) = E164::new(number) else { continue };
        // An assignment each: one of both would copy the 256 bytes of a verdict.
        if maybe >> i & 1 == 0 {
            *verdict = Verdict::Pass;
        } else {
            let shared = shared.clone().map(Stack::layers);
            *verdict = decide(own.layers(), shared, clock, &Number::E164(number));
        }
    }
}
