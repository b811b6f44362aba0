//! See `src/decide.rs`, which `tests/fuzz_seeds.rs` runs as well.

#![no_main]

#[path = "../src/decide.rs"]
mod decide;

libfuzzer_sys::fuzz_target!(|input: decide::Input<'_>| decide::run(&input));
