//! See `src/index_open.rs`, which `tests/fuzz_seeds.rs` runs as well.

#![no_main]

#[path = "../src/index_open.rs"]
mod index_open;

libfuzzer_sys::fuzz_target!(|data: &[u8]| index_open::run(data));
