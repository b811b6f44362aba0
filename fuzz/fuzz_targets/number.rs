//! See `src/number.rs`, which `tests/fuzz_seeds.rs` runs as well.

#![no_main]

#[path = "../src/number.rs"]
mod number;

libfuzzer_sys::fuzz_target!(|text: &[u8]| number::run(text));
