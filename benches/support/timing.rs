//! Clocks, fences, medians.

use std::hint::black_box;
use std::time::Instant;

/// Waits until everything before it has finished, so that two lookups never overlap.
///
/// On `x86_64` this is `lfence`, which also holds back the instructions after it; `mfence` orders
/// memory but on some cores lets the next lookup begin.
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
