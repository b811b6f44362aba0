//! Runs of ASCII digits, eight at a time.
//!
//! Reads words of eight bytes by safe code and judges or folds all of their bytes at once
//! (SWAR: SIMD within a register). Everything here is a few nanoseconds at most.

/// How many digits the bytes begin with.
#[inline]
pub(super) fn run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes[at..].first_chunk() {
        let others = not_digits(u64::from_le_bytes(*word));
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether all bytes are digits.
#[inline]
pub(super) fn all(bytes: &[u8]) -> bool {
    let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else {
        return bytes.iter().all(u8::is_ascii_digit);
    };
    let mut others = not_digits(u64::from_le_bytes(*first)) | not_digits(u64::from_le_bytes(*last));
    // The last word overlaps: what lies between is all that is left.
    let mut between = &bytes[8..];
    while between.len() > 8 {
        let Some(word) = between.first_chunk() else { break };
        others |= not_digits(u64::from_le_bytes(*word));
        between = &between[8..];
    }
    others == 0
}

/// The integer that at most 19 digits write.
#[inline]
pub(super) fn value(digits: &[u8]) -> u64 {
    match (digits.first_chunk(), digits.last_chunk(), digits.get(16..)) {
        (None, _, _) | (_, None, _) => single(digits),
        (Some(first), Some(last), None | Some([])) => {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            overlapping(first, last, digits.len().saturating_sub(8))
        }
        (_, _, Some(rest)) => value(&digits[..16]) * TEN_TO[rest.len()] + single(rest),
    }
}

/// The integer of a first and a last word, of which the last ends with `rest` digits of its own.
#[inline]
fn overlapping(first: u64, last: u64, rest: usize) -> u64 {
    // The last word begins with digits of the first: clear those.
    let fresh = !u64::MAX.unbounded_shr(8 * u32::try_from(rest).unwrap_or(8));
    eight(first) * TEN_TO[rest & 15] + eight(last & fresh)
}

/// Digit by digit.
#[inline]
fn single(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, &digit| value * 10 + u64::from(digit & 15))
}

/// The integer that 8 to 16 digits write, the usual lengths; none for anything else. Judges and
/// folds in one pass.
#[inline]
pub(super) fn usual(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > 16 {
        return None;
    }
    let (first, last) = (bytes.first_chunk()?, bytes.last_chunk()?);
    let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    (not_digits(first) | not_digits(last) == 0).then(|| overlapping(first, last, bytes.len() - 8))
}

/// Powers of ten, up to the longest national number.
pub(super) static TEN_TO: [u64; 20] = {
    let mut powers = [1; 20];
    let mut at = 1;
    while at < 20 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// The high bit of each byte that is no digit. Bytes above one that is none may be flagged
/// wrongly, the lowest flag is always right.
#[inline]
const fn not_digits(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let above_nine = word.wrapping_add(ONES * (0x7f - 0x39));
    let below_zero = word.wrapping_sub(ONES * 0x30);
    (above_nine | below_zero | word) & (ONES * 0x80)
}

/// The integer that eight digits write, the first in the lowest byte.
#[inline]
const fn eight(word: u64) -> u64 {
    let digits = word & 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = (digits.wrapping_mul(10 * 256 + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 * 65_536 + 1) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 * (1 << 32) + 1) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_agree_with_single_bytes() {
        for length in 0..=40 {
            let digits: Vec<u8> = b"0741852963".iter().copied().cycle().take(length).collect();
            assert!(all(&digits));
            assert_eq!(usual(&digits), (8..=16).contains(&length).then(|| value(&digits)));
            assert_eq!(run(&digits), length);
            if length <= 19 {
                let slow =
                    digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
                assert_eq!(value(&digits), slow, "{length} digits");
            }
            for (at, other) in (0..length).flat_map(|at| (0..=255).map(move |other| (at, other))) {
                let mut text = digits.clone();
                text[at] = other;
                assert_eq!(all(&text), other.is_ascii_digit(), "{other} at {at} of {length}");
                assert!(
                    other.is_ascii_digit() || usual(&text).is_none(),
                    "{other} at {at} of {length}"
                );
                if !other.is_ascii_digit() {
                    assert_eq!(run(&text), at, "{other} at {at} of {length}");
                }
            }
        }
    }
}
