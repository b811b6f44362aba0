//! What the project has promised of callbar at each size.

use std::time::Instant;

use crate::measure::Row;
use crate::peer;
use crate::support::bounds::Bound::{AtLeast, AtMost};
use crate::support::bounds::Bounds;
use crate::support::timing::median;

/// Adds the bounds of one size; `chase` is the pointer chase of the same minutes.
pub(crate) fn add(bounds: &mut Bounds, label: &str, sorted: &[u64], row: &Row, chase: f64) {
    let isolated = row.isolated[0];
    match label {
        "1M" => bounds.add("isolated negative at 1M, ns", isolated, AtMost(45.0)),
        "10M" => {
            bounds.add("isolated negative at 10M, chases", isolated / chase, AtMost(0.9));
            let batched = row.batched.unwrap_or(f64::NAN);
            bounds.add("batches of 64 at 10M, M/s", batched, AtLeast(40.0));
            bounds.add("10M Turkish mobiles, bytes a number", row.bytes, AtMost(4.1));
        }
        "100M" => {
            bounds.add("isolated negative at 100M, chases", isolated / chase, AtMost(1.25));
            bounds.add("100M NANP-shaped, bytes a number", row.bytes, AtMost(3.0));
        }
        _ => return,
    }
    bounds.add(format!("two threads over one at {label}"), row.scaling, AtLeast(1.9));
    let what = format!("compiled on one core from sorted numbers at {label}, M/s");
    bounds.add(what, compile_rate(sorted), AtLeast(20.0));
}

/// Millions of numbers a second from sorted lists to index bytes, without writing them to disk.
fn compile_rate(sorted: &[u64]) -> f64 {
    let rounds = if sorted.len() > 20_000_000 { 1 } else { 3 };
    let rate = |_| {
        let lists = peer::lists(sorted);
        let start = Instant::now();
        let bytes = peer::compile(lists);
        let elapsed = start.elapsed();
        assert!(!bytes.is_empty());
        sorted.len() as f64 / 1e6 / elapsed.as_secs_f64()
    };
    median((0..rounds).map(rate))
}
