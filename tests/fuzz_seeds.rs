//! Prevents: what a fuzzer has found once, coming back unnoticed: each seed, and each input that is kept
//! beside them, goes through the code of its target without a fuzzer.

#[path = "../fuzz/src/compile_check.rs"]
mod compile_check;
#[path = "../fuzz/src/decide.rs"]
mod decide;
#[path = "../fuzz/src/index_open.rs"]
mod index_open;
#[path = "../fuzz/src/number.rs"]
mod number;

use std::fs;
use std::path::Path;

use arbitrary::{Arbitrary, Unstructured};

/// Runs all inputs of a target.
fn replay(target: &str, run: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("seeds") {
        let path = entry.expect("an entry").path();
        eprintln!("{}", path.display());
        run(&fs::read(&path).expect("read"));
        count += 1;
    }
    assert!(count > 0, "no seeds in {}", folder.display());
}

#[test]
fn numbers_are_read() {
    replay("number", number::run);
}

#[test]
fn indexes_are_opened() {
    replay("index_open", index_open::run);
}

#[test]
fn lists_are_compiled_and_checked() {
    // As the macro of the fuzzer reads it.
    replay("compile_check", |bytes| {
        let input = compile_check::Input::arbitrary_take_rest(Unstructured::new(bytes));
        compile_check::run(&input.expect("an input"));
    });
}

#[test]
fn calls_are_decided() {
    replay("decide", |bytes| {
        let input = decide::Input::arbitrary_take_rest(Unstructured::new(bytes));
        decide::run(&input.expect("an input"));
    });
}
