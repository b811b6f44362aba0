//! Compiles the slot with the primitives of loom.

fn main() {
    println!("cargo::rustc-cfg=loom");
}
