//! Loops that are measured, fences, medians.

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::numbers::Texts;

/// Waits until everything before it has finished, so that two look-ups never overlap.
///
/// On `x86_64` this is `lfence`, which also holds back the instructions after it; `mfence` orders
/// memory but on some cores lets the next look-up begin.
#[inline]
pub(crate) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the instruction needs SSE2, which every x86_64 has, and touches no memory.
    #[allow(unsafe_code, unused_unsafe)]
    unsafe {
        std::arch::x86_64::_mm_lfence();
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// Nanoseconds an iteration of `body` takes, over `count` of them.
#[inline]
pub(crate) fn nanoseconds(count: usize, mut body: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    for index in 0..count {
        body(index);
    }
    start.elapsed().as_nanos() as f64 / count as f64
}

/// Asks about these texts, one at a time: the next look-up begins when the last has ended.
#[inline]
pub(crate) fn isolated(texts: &Texts, range: Range<usize>, mut ask: impl FnMut(&[u8]) -> bool) {
    for text in texts.range(range) {
        black_box(ask(text));
        fence();
    }
}

/// Asks about these texts one after the other, as fast as the processor overlaps the look-ups.
#[inline]
pub(crate) fn independent(texts: &Texts, range: Range<usize>, mut ask: impl FnMut(&[u8]) -> bool) {
    for text in texts.range(range) {
        black_box(ask(text));
    }
}

/// Nanoseconds a text that `body` takes for all of the texts.
#[inline]
pub(crate) fn per_text(texts: &Texts, body: impl FnOnce(Range<usize>)) -> f64 {
    let start = Instant::now();
    body(0..texts.len());
    start.elapsed().as_nanos() as f64 / texts.len() as f64
}

/// A place in items that are measured over and over, so that each sample has other items than the
/// one before, and no small part of them stays in the caches.
pub(crate) struct Cursor {
    next: usize,
    len: usize,
}

impl Cursor {
    /// The first of `len` items.
    pub(crate) fn new(len: usize) -> Self {
        Self { next: 0, len }
    }

    /// The time that `body` takes for the next `count` items; the first follows the last.
    #[inline]
    pub(crate) fn time(&mut self, count: u64, mut body: impl FnMut(Range<usize>)) -> Duration {
        let start = Instant::now();
        let mut left = count as usize;
        while left > 0 {
            let end = self.len.min(self.next + left);
            left -= end - self.next;
            body(self.next..end);
            self.next = if end == self.len { 0 } else { end };
        }
        start.elapsed()
    }
}

/// What a fence costs by itself, in nanoseconds.
pub(crate) fn fence_cost() -> f64 {
    median((0..9).map(|_| {
        nanoseconds(1_000_000, |index| {
            black_box(index);
            fence();
        })
    }))
}

/// The middle of the measurements; their mean if there are two in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.is_empty() {
        f64::NAN
    } else if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
