//! What several benches share: numbers that look like real ones, published lists of them, the loops
//! that are measured, and the table of bounds.
//!
//! Everything is deterministic: the same size gives the same numbers on every machine.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub(crate) mod bounds;
pub(crate) mod calls;
pub(crate) mod disk;
pub(crate) mod figures;
pub(crate) mod lists;
pub(crate) mod numbers;
pub(crate) mod timing;

/// Reports whether to run a small round of everything: under `cargo test`, or with `--test`.
///
/// Criterion decides the same way. It runs each bench once then, and this makes its input small.
pub(crate) fn is_test() -> bool {
    let given = |name: &str| std::env::args().any(|argument| argument == name);
    given("--test") || !given("--bench")
}

/// Reports whether the first argument is none of these options of a table, and says so. `cargo bench`
/// gives the filters and baselines of criterion to every bench; a table has neither, and is left out.
pub(crate) fn leave_to_criterion(options: &[&str]) -> bool {
    let first = std::env::args().nth(1).unwrap_or_default();
    let is_own = ["", "--bench", "--test"].iter().chain(options).any(|option| *option == first);
    if !is_own {
        println!("a table, left out: it takes {options:?} and no {first:?}\n");
    }
    !is_own
}
