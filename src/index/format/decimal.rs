//! The leading digits of a number, without a division.

/// The most digits of a number.
pub(crate) const DIGITS: usize = 19;

/// `10^n`.
const TEN_TO: [u64; DIGITS + 1] = {
    let mut powers = [1; DIGITS + 1];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// `x / 10^n` for all `x < 10^19` is `((x >> n) * magic) >> (64 + shift)`: `x >> n` divided by `5^n` is the
/// same, and leaves room for an exact product.
/// (Granlund, Montgomery: Division by Invariant Integers using Multiplication, 1994.)
#[derive(Clone, Copy)]
struct Reciprocal {
    magic: u64,
    shift: u32,
}

const RECIPROCALS: [Reciprocal; DIGITS + 1] = {
    let mut all = [Reciprocal { magic: 0, shift: 0 }; DIGITS + 1];
    let mut n = 0;
    let mut divisor: u64 = 1;
    while n < all.len() {
        all[n] = reciprocal(divisor, n as u32);
        divisor = divisor.wrapping_mul(5);
        n += 1;
    }
    all
};

/// The smallest magic number that is exact for every dividend; a divisor without one does not
/// compile.
const fn reciprocal(divisor: u64, n: u32) -> Reciprocal {
    let largest = ((TEN_TO[DIGITS] - 1) >> n) as u128;
    let mut shift = 0;
    loop {
        let power: u128 = 1 << (64 + shift);
        let magic = power / divisor as u128 + 1;
        // Exact if the error of the magic number, times the dividend, stays below one part.
        let error = magic * divisor as u128 - power;
        if magic > u64::MAX as u128 {
            // Only for a divisor of 1, whose quotient needs no multiplication at all.
            assert!(divisor == 1);
            return Reciprocal { magic: 0, shift: 0 };
        }
        if error * largest < power {
            return Reciprocal { magic: magic as u64, shift };
        }
        shift += 1;
    }
}

/// How numbers of one binary length are aligned.
#[derive(Clone, Copy)]
struct Alignment {
    /// The least number with one digit more than the others.
    longer: u64,
    /// Digits of the others.
    digits: u32,
    /// The power of ten that makes 19 digits of the others.
    factor: u64,
    /// The same for the longer ones. It stands beside the other, so that neither waits for the comparison.
    longer_factor: u64,
}

/// By the place of a number's highest bit.
const ALIGNING: [Alignment; 64] = {
    let whole = Alignment { longer: u64::MAX, digits: DIGITS as u32, factor: 1, longer_factor: 1 };
    let mut all = [whole; 64];
    let mut bit = 0;
    while bit < all.len() {
        let least: u64 = 1 << bit;
        let digits = least.ilog10() + 1;
        // Beyond 19 digits there is no number.
        if (digits as usize) < DIGITS {
            let longer = TEN_TO[digits as usize];
            let factor = TEN_TO[DIGITS - digits as usize];
            all[bit] = Alignment { longer, digits, factor, longer_factor: factor / 10 };
        }
        bit += 1;
    }
    all
};

/// A number, prepared so that its leading digits can be cut off.
#[derive(Clone, Copy)]
pub(crate) struct LeadingDigits {
    /// The number with zeros behind it, 19 digits in all.
    aligned: u64,
    digits: u32,
}

impl LeadingDigits {
    /// Takes a number from 1 to 10^19 - 1.
    #[inline]
    pub(crate) fn new(number: u64) -> Self {
        let Alignment { longer, digits, factor, longer_factor } =
            ALIGNING[(number | 1).ilog2() as usize];
        let is_longer = number >= longer;
        Self {
            aligned: number.wrapping_mul(if is_longer { longer_factor } else { factor }),
            digits: digits + u32::from(is_longer),
        }
    }

    /// The lengths of its prefixes, as a mask: bits 0 to its number of digits.
    #[inline]
    pub(crate) fn lengths(self) -> u32 {
        (2 << self.digits) - 1
    }

    /// The cell of `2^shift` numbers of 19 digits in which it lies, with zeros behind it.
    #[inline]
    pub(crate) fn cell(self, shift: u32) -> u64 {
        self.aligned >> (shift & 63)
    }

    /// The first `length` digits, as an integer; at most 19.
    #[inline]
    pub(crate) fn digits(self, length: u32) -> u64 {
        let cut = DIGITS - (length as usize).min(DIGITS);
        if cut == 0 {
            return self.aligned;
        }
        let Reciprocal { magic, shift } = RECIPROCALS[cut];
        let product = u128::from(self.aligned >> cut) * u128::from(magic);
        (product >> 64) as u64 >> shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(number: u64) {
        let text = number.to_string();
        let leading = LeadingDigits::new(number);
        assert_eq!(leading.lengths(), (2 << text.len()) - 1, "{number}");
        for length in 1..=text.len() {
            let expected: u64 = text[..length].parse().unwrap();
            assert_eq!(leading.digits(length as u32), expected, "{number} cut to {length}");
        }
        assert_eq!(leading.digits(0), 0);
    }

    #[test]
    fn beginnings_are_those_of_the_text() {
        for power in 0..19 {
            let ten = 10_u64.pow(power);
            for near in [ten, ten + 1, 2 * ten - 1, 5 * ten, 10 * (ten - 1) + 9] {
                agrees(near);
            }
        }
        agrees(9_999_999_999_999_999_999);
        let mut number = 1_u64;
        for _ in 0..200_000 {
            number = number.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
            agrees(number % 9_999_999_999_999_999_999 + 1);
            agrees((number >> (number & 63)).clamp(1, 9_999_999_999_999_999_999));
        }
    }
}
