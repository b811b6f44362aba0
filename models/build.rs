//! Gives the slot loom's primitives.

fn main() {
    println!("cargo::rustc-cfg=loom");
}
