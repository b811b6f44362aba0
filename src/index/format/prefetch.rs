//! Fetches a line of the cache before it is needed. The only `unsafe` of the index is here.

/// Fetches `lines[at]` from memory; `at` may be out of bounds. If the processor has an instruction for
/// that, nothing waits for it, unlike a load.
#[inline]
pub(crate) fn prefetch<const N: usize>(lines: &[[u8; N]], at: usize) {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code)]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint. It reads no value and faults nowhere, so that any address will do.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(lines.as_ptr().wrapping_add(at).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::hint::black_box(lines.get(at).and_then(|line| line.first()).copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_place_will_do() {
        for at in [0, 1, 2, usize::MAX / 2, usize::MAX] {
            prefetch(&[[0; 64], [1; 64]], at);
            prefetch::<64>(&[], at);
        }
    }
}
