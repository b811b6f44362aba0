//! Prevents a header that differs from the library.
//!
//! `CALLBAR_WRITE_HEADER=1 cargo test -p callbar-capi --test header` writes the header again.

use std::path::Path;

#[test]
fn the_header_is_that_of_the_sources() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(here.join("cbindgen.toml")).expect("configuration");
    let mut header = Vec::new();
    cbindgen::Builder::new()
        .with_crate(here)
        .with_config(config)
        .generate()
        .expect("header")
        .write(&mut header);
    let header = String::from_utf8(header).expect("UTF-8");
    let path = here.join("include/callbar.h");
    if std::env::var_os("CALLBAR_WRITE_HEADER").is_some() {
        std::fs::write(&path, &header).expect("write");
    }
    let committed = std::fs::read_to_string(&path).expect("read");
    assert_eq!(committed, header, "see the top of this file");
}
