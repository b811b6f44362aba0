//! The arguments of the bench.

use crate::measure::Effort;
use crate::support::numbers::Shape;

/// How many numbers of which shape.
pub(crate) struct Size {
    /// As on the command line: `10M`.
    pub(crate) label: String,
    pub(crate) count: usize,
    pub(crate) shape: Shape,
}

/// What to run and for how long.
pub(crate) struct Options {
    pub(crate) sizes: Vec<Size>,
    /// Parts of the names of peers. All peers if there are none.
    peers: Vec<String>,
    pub(crate) queries: usize,
    pub(crate) chase_bytes: usize,
    pub(crate) effort: Effort,
    test: bool,
}

impl Options {
    /// Reads the arguments. Ignores `--bench`, which cargo adds.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut options = Self {
            sizes: vec![Size::new("1M"), Size::new("10M")],
            peers: Vec::new(),
            queries: 1 << 20,
            chase_bytes: 1 << 30,
            effort: Effort { rounds: 7, nanoseconds: 1.5e8, chase_steps: 1_000_000 },
            test: false,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" => {}
                "--test" => options.shrink(),
                "--size" => {
                    options.sizes = values(&mut arguments).iter().map(|v| Size::new(v)).collect();
                }
                "--peers" => options.peers = values(&mut arguments),
                _ => panic!("unknown argument {argument:?}: --size, --peers or --test"),
            }
        }
        options
    }

    /// Makes everything small: enough to prove that it works.
    fn shrink(&mut self) {
        let small = |shape| Size { label: "10K".to_owned(), count: 10_000, shape };
        self.sizes = vec![small(Shape::Turkish), small(Shape::Nanp)];
        self.test = true;
        self.queries = 4_096;
        self.chase_bytes = 16 << 20;
        self.effort = Effort { rounds: 1, nanoseconds: 1e6, chase_steps: 10_000 };
    }

    /// Reports whether this is the small round that proves that everything works.
    pub(crate) fn is_test(&self) -> bool {
        self.test
    }

    /// Reports whether to run more than the prefixes.
    pub(crate) fn wants_numbers(&self) -> bool {
        self.peers.is_empty() || self.peers.iter().any(|part| part != "prefixes")
    }

    /// Reports whether to run this peer.
    pub(crate) fn wants(&self, peer: &str) -> bool {
        let name = peer.to_lowercase();
        self.peers.is_empty() || self.peers.iter().any(|part| name.contains(&part.to_lowercase()))
    }
}

impl Size {
    /// `10M` or `500K`: up to 10M Turkish mobiles, NANP-shaped beyond.
    fn new(label: &str) -> Self {
        let (number, unit) = match label.strip_suffix('M') {
            Some(number) => (number, 1_000_000),
            None => (label.strip_suffix('K').unwrap_or(label), 1_000),
        };
        let count = number.parse::<usize>().expect("a size such as 500K, 10M or 100M") * unit;
        let shape = if count > 10_000_000 { Shape::Nanp } else { Shape::Turkish };
        Self { label: label.to_owned(), count, shape }
    }
}

fn values(arguments: &mut impl Iterator<Item = String>) -> Vec<String> {
    let value = arguments.next().expect("a value after the option");
    value.split(',').map(str::to_owned).collect()
}
