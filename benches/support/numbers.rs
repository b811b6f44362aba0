//! Distinct numbers of a realistic shape, half of which are listed and half are not.
//!
//! # Shapes
//! - [`Shape::Turkish`]: mobiles, `905` and nine random digits.
//! - [`Shape::Nanp`]: the North American plan as the US do-not-call registry fills it. The
//!   registry holds 258.5 million numbers (by the FTC's count) in a plan of about 330 area codes
//!   of 790 exchanges: 990 to an exchange. Exchanges differ as real ones do: some are not in use,
//!   the others hold an exponentially distributed count with that mean, in as few blocks of a
//!   thousand lines as number pooling would have opened. A smaller list is as dense but has fewer
//!   exchanges in use.
//!
//! A number that is not listed comes from the same range, or the same thousand of the same
//! exchange, as those that are listed: its prefix gives it away to no structure.

use std::ops::Range;

/// The plan that the numbers belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    Turkish,
    Nanp,
}

/// Numbers to build from and numbers to ask for.
pub(crate) struct Data {
    /// Ascending, distinct.
    pub(crate) listed: Vec<u64>,
    /// In random order, none of them listed.
    pub(crate) unlisted: Vec<u64>,
}

impl Shape {
    /// `count` listed numbers, and about `queries` unlisted ones.
    pub(crate) fn generate(self, count: usize, queries: usize) -> Data {
        match self {
            Self::Turkish => turkish(count, queries),
            Self::Nanp => nanp(count, queries),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Turkish => "Turkish mobiles, 905 and 9 random digits",
            Self::Nanp => "NANP-shaped, 990 numbers an exchange on average",
        }
    }
}

fn turkish(count: usize, queries: usize) -> Data {
    const SPAN: u64 = 1_000_000_000;
    assert!(count + queries <= SPAN as usize, "only 10^9 Turkish mobiles exist");
    let number = |i| 905 * SPAN + permute(i, SPAN, 0x7A);
    let mut listed: Vec<u64> = (0..count as u64).map(number).collect();
    listed.sort_unstable();
    let unlisted = (count as u64..(count + queries) as u64).map(number).collect();
    Data { listed, unlisted }
}

const AREAS: u64 = 330;
const EXCHANGES: u64 = AREAS * 790;
const MEAN: u64 = 990;
/// The registry holds no exchange fuller than this; and three in ten lines stay free to ask for.
const FULLEST: u64 = 7_000;

fn nanp(count: usize, queries: usize) -> Data {
    // Some more than the mean needs, because chance may leave too few lines.
    let in_use = (count as u64).div_ceil(MEAN) * 21 / 20 + 40;
    assert!(in_use <= EXCHANGES, "the plan holds {} numbers at this density", EXCHANGES * MEAN);
    let mut exchanges: Vec<u64> = (0..in_use).map(|i| permute(i, EXCHANGES, 0x0A)).collect();
    exchanges.sort_unstable();
    let mut listed = Vec::with_capacity(count);
    let mut unlisted = Vec::with_capacity(queries + queries / 8);
    for exchange in exchanges {
        let base = 10_000_000_000 + prefix(exchange) * 10_000;
        let wanted = exponential(mix(exchange)).min(FULLEST).min((count - listed.len()) as u64);
        // A thousand lines are opened for each 400 listed: the others are in use, or were.
        let lines = 1_000 * wanted.div_ceil(400).min(10);
        let line = |i| base + permute(i, lines, exchange);
        let start = listed.len();
        listed.extend((0..wanted).map(line));
        listed[start..].sort_unstable();
        let asked = (wanted * queries as u64).div_ceil(count as u64) + mix(exchange) % 2;
        unlisted.extend((wanted..(wanted + asked).min(lines)).map(line));
    }
    assert_eq!(listed.len(), count, "too few exchanges in use");
    shuffle(&mut unlisted);
    unlisted.truncate(queries);
    Data { listed, unlisted }
}

/// Area code and exchange, six digits: areas 201 to 989, exchanges 200 to 989.
fn prefix(exchange: u64) -> u64 {
    let area = 201 + exchange / 790 * 788 / (AREAS - 1);
    area * 1_000 + 200 + exchange % 790
}

/// An exponentially distributed count with mean [`MEAN`].
fn exponential(random: u64) -> u64 {
    let unit = (random >> 11) as f64 / (1_u64 << 53) as f64;
    (-(1.0 - unit).ln() * MEAN as f64) as u64
}

/// A pseudo-random permutation of `0..span`: a Feistel network over a power of two, applied again
/// until the value is in the span.
fn permute(index: u64, span: u64, key: u64) -> u64 {
    let half = (64 - (span - 1).leading_zeros()).div_ceil(2);
    let mask = (1 << half) - 1;
    let mut value = index;
    loop {
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..4 {
            let mixed = mix(right ^ key << 32 ^ round << 56) & mask;
            (left, right) = (right, left ^ mixed);
        }
        value = left << half | right;
        if value < span {
            return value;
        }
    }
}

/// Makes a random integer of any integer (the finaliser of `SplitMix64`).
pub(crate) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ value >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ value >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ value >> 31
}

/// Shuffles by the method of Fisher and Yates, with [`mix`] for chance.
pub(crate) fn shuffle<T>(items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, (mix(last as u64) % (last as u64 + 1)) as usize);
    }
}

/// `count` of the listed numbers, distinct and in random order.
pub(crate) fn sample(listed: &[u64], count: usize) -> Vec<u64> {
    let span = listed.len() as u64;
    (0..span.min(count as u64)).map(|i| listed[permute(i, span, 0x5A) as usize]).collect()
}

/// Numbers of one length as `+905...`, one after the other in memory, so that reading them in
/// order streams.
pub(crate) struct Texts {
    bytes: Vec<u8>,
    width: usize,
}

impl Texts {
    pub(crate) fn new(numbers: &[u64]) -> Self {
        Self::written(numbers, |n| format!("+{n}"))
    }

    /// Numbers in another form than `+905...`.
    pub(crate) fn written(numbers: &[u64], form: impl Fn(u64) -> String) -> Self {
        let written: Vec<u8> = numbers.iter().flat_map(|&n| form(n).into_bytes()).collect();
        let width = written.len() / numbers.len();
        assert_eq!(width * numbers.len(), written.len(), "numbers of one length");
        Self { bytes: written, width }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// `count` texts in a row; another `round` begins elsewhere.
    #[inline]
    pub(crate) fn run(&self, round: usize, count: usize) -> impl Iterator<Item = &[u8]> {
        let start = mix(round as u64) as usize % (self.len() - count + 1);
        self.range(start..start + count)
    }

    /// The texts at these places.
    #[inline]
    pub(crate) fn range(&self, texts: Range<usize>) -> impl Iterator<Item = &[u8]> {
        self.bytes[texts.start * self.width..texts.end * self.width].chunks_exact(self.width)
    }
}

/// Unlisted numbers with one listed among every hundred.
pub(crate) fn mixed(unlisted: &[u64], listed: &[u64]) -> Vec<u64> {
    let mut numbers = unlisted.to_vec();
    for (slot, &number) in numbers.chunks_mut(100).zip(listed) {
        let at = (mix(number) % slot.len() as u64) as usize;
        slot[at] = number;
    }
    numbers
}

/// How many of a million prefixes have so many digits: 18 of 100 Turkish mobiles begin with one.
const LENGTHS: [(u32, u64); 5] = [(7, 500), (8, 5_000), (9, 50_000), (10, 444_500), (11, 500_000)];

/// About `count` distinct prefixes of Turkish mobiles, ascending, with the lengths of [`LENGTHS`].
pub(crate) fn prefixes(count: u64) -> Vec<String> {
    let mut prefixes = Vec::new();
    for (digits, share) in LENGTHS {
        let span = 10_u64.pow(digits - 3);
        let wanted = share * count / 1_000_000;
        // Neither even nor a multiple of 5, so coprime to a power of ten.
        let step = span / 10 * 6 + 7;
        let random = |i: u64| (i * step + mix(digits.into())) % span;
        prefixes.extend(
            (0..wanted).map(|i| format!("905{:0width$}", random(i), width = digits as usize - 3)),
        );
    }
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

/// `count` Turkish mobiles that each begin with one of these prefixes, in random order.
pub(crate) fn numbers_with(prefixes: &[String], count: usize) -> Vec<u64> {
    let number = |i: u64| {
        let prefix = &prefixes[(mix(i) % prefixes.len() as u64) as usize];
        let rest = 10_u64.pow(12 - prefix.len() as u32);
        prefix.parse::<u64>().expect("digits") * rest + mix(!i) % rest
    };
    (0..count as u64).map(number).collect()
}
