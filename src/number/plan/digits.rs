//! Runs of ASCII digits, eight at a time.
//!
//! Reads words of eight bytes by safe code and works on all of their bytes at once (SWAR: SIMD within a
//! register). Each function takes a few nanoseconds at most.

/// How many digits the bytes begin with.
#[inline]
pub(crate) fn run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes[at..].first_chunk() {
        let others = not_digits(*word);
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Reports whether all bytes are digits.
#[inline]
pub(crate) fn all(bytes: &[u8]) -> bool {
    let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else {
        return bytes.iter().all(u8::is_ascii_digit);
    };
    let mut others = not_digits(*first) | not_digits(*last);
    // The last word overlaps: what lies between is all that is left.
    let mut between = &bytes[8..];
    while between.len() > 8 {
        let Some(word) = between.first_chunk() else { break };
        others |= not_digits(*word);
        between = &between[8..];
    }
    others == 0
}

/// The integer that at most 19 digits write.
#[inline]
pub(crate) fn value(digits: &[u8]) -> u64 {
    let (eights, rest) = digits.as_chunks();
    let whole = eights.iter().fold(0, |value, word| value * TEN_TO[8] + eight(numbers(*word)));
    whole * TEN_TO[rest.len()] + single(rest)
}

/// Digit by digit.
#[inline]
fn single(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, &digit| value * 10 + u64::from(digit & 15))
}

/// The digits of an integer of 19 digits at most, and where they begin.
pub(crate) fn ascii(mut value: u64) -> ([u8; 19], usize) {
    let mut room = [b'0'; 19];
    let mut start = room.len();
    while value > 0 && start > 0 {
        start -= 1;
        room[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    (room, start)
}

/// 8 to 16 digits, the usual lengths, read in one pass.
#[derive(Clone, Copy)]
pub(crate) struct PackedDigits {
    /// How many.
    pub(crate) count: usize,
    /// The integer that they write.
    pub(crate) value: u64,
    /// The first eight as numbers, the first digit in the lowest byte.
    pub(crate) first: u64,
}

impl PackedDigits {
    /// The digits, if the bytes are digits and so many.
    #[inline]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let count = bytes.len();
        if count > 16 {
            return None;
        }
        let (first, last) = (numbers(*bytes.first_chunk()?), numbers(*bytes.last_chunk()?));
        if (above_nine(first) | above_nine(last)) & HIGH_BITS != 0 {
            return None;
        }
        // The last word overlaps the first: shift the digits that both have out, zeros in. In two
        // steps, as no shift takes all 64 bits.
        let half = 4 * (16 - count);
        let value = eight(first << half << half) * TEN_TO[8] + eight(last);
        Some(Self { count, value, first })
    }

    /// The digits that the bytes begin with, if so many stand before another character, and 16
    /// bytes are there to read.
    #[inline]
    pub(crate) fn from_leading(bytes: &[u8]) -> Option<Self> {
        let (first, next) =
            (numbers(*bytes.first_chunk()?), numbers(*bytes.get(8..)?.first_chunk()?));
        let others = above_nine(next) & HIGH_BITS;
        if above_nine(first) & HIGH_BITS != 0 || others == 0 {
            return None;
        }
        let rest = others.trailing_zeros() / 8;
        let next = eight(next.unbounded_shl(64 - 8 * rest));
        let value = eight(first) * TEN_TO[rest as usize] + next;
        Some(Self { count: 8 + rest as usize, value, first })
    }

    /// The first three digits, four bits each: less than [`BEGINNINGS`].
    #[inline]
    pub(crate) fn beginning(self) -> usize {
        // Brings the digits at bits 0, 8 and 16 to bits 24, 20 and 16.
        let gathered = (self.first & 0x000f_0f0f).wrapping_mul(1 << 24 | 1 << 12 | 1);
        (gathered >> 16) as usize % BEGINNINGS
    }

    /// The fourth digit.
    #[inline]
    pub(crate) fn fourth(self) -> u32 {
        (self.first >> 24) as u32 & 15
    }
}

/// How many values [`PackedDigits::beginning`] has.
pub(crate) const BEGINNINGS: usize = 1 << 12;

/// Powers of ten, up to the longest national number.
pub(crate) static TEN_TO: [u64; 20] = {
    let mut powers = [1; 20];
    let mut at = 1;
    while at < 20 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = ONES * 0x80;

/// Eight bytes less the character 0, the first in the lowest byte: digits are below ten.
#[inline]
const fn numbers(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes) ^ (ONES * 0x30)
}

/// The high bit of each byte of [`numbers`] that is no digit; other bits are of no meaning. Bytes
/// above one that is no digit may be flagged wrongly, the lowest flag is always right.
#[inline]
const fn above_nine(numbers: u64) -> u64 {
    numbers | numbers.wrapping_add(ONES * (0x7f - 9))
}

/// The high bit of each byte that is no digit, as [`above_nine`].
#[inline]
const fn not_digits(bytes: [u8; 8]) -> u64 {
    above_nine(numbers(bytes)) & HIGH_BITS
}

/// The integer that eight digits below ten write, the first in the lowest byte.
#[inline]
const fn eight(digits: u64) -> u64 {
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
            let usual = (8..=16).contains(&length).then(|| value(&digits));
            assert_eq!(PackedDigits::from_bytes(&digits).map(|usual| usual.value), usual);
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
                    other.is_ascii_digit() || PackedDigits::from_bytes(&text).is_none(),
                    "{other} at {at} of {length}"
                );
                if !other.is_ascii_digit() {
                    assert_eq!(run(&text), at, "{other} at {at} of {length}");
                }
            }
        }
    }
}
