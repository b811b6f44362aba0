//! See `src/compile_check.rs`, which `tests/fuzz_seeds.rs` runs as well.

#![no_main]

#[path = "../src/compile_check.rs"]
mod compile_check;

libfuzzer_sys::fuzz_target!(|input: compile_check::Input| compile_check::run(&input));
