//! What the project has promised, beside what this run reached.

use std::time::Instant;

use crate::measure::Row;
use crate::peer;
use crate::support::timing::median;

/// One promise: at most or at least so much.
struct Target {
    what: String,
    reached: f64,
    bound: Bound,
}

pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// All promises that this run could test.
#[derive(Default)]
pub(crate) struct Targets(Vec<Target>);

impl Targets {
    pub(crate) fn add(&mut self, what: String, reached: f64, bound: Bound) {
        self.0.push(Target { what, reached, bound });
    }

    /// Adds those of callbar at one size, `chase` being the pointer chase of the same minutes.
    pub(crate) fn size(&mut self, label: &str, sorted: &[u64], row: &Row, chase: f64) {
        use Bound::{AtLeast, AtMost};
        let isolated = row.isolated[0];
        match label {
            "1M" => self.add("isolated negative at 1M, ns".into(), isolated, AtMost(45.0)),
            "10M" => {
                let what = "isolated negative at 10M, chases".into();
                self.add(what, isolated / chase, AtMost(0.9));
                let batched = row.batched.unwrap_or(f64::NAN);
                self.add("batches of 64 at 10M, M/s".into(), batched, AtLeast(40.0));
                self.add("10M Turkish mobiles, bytes a number".into(), row.bytes, AtMost(4.1));
            }
            "100M" => {
                let what = "isolated negative at 100M, chases".into();
                self.add(what, isolated / chase, AtMost(1.25));
                self.add("100M NANP-shaped, bytes a number".into(), row.bytes, AtMost(3.0));
            }
            _ => return,
        }
        self.add(format!("two threads over one at {label}"), row.scaling, AtLeast(1.9));
        let what = format!("compiled on one core from sorted numbers at {label}, M/s");
        self.add(what, compile_rate(sorted), AtLeast(20.0));
    }

    pub(crate) fn print(&self) {
        if self.0.is_empty() {
            return;
        }
        println!("\n## Targets (callbar)\n");
        for Target { what, reached, bound } in &self.0 {
            let (sign, bound, ok) = match *bound {
                Bound::AtMost(bound) => ("<=", bound, *reached <= bound),
                Bound::AtLeast(bound) => (">=", bound, *reached >= bound),
            };
            let state = if ok { "ok" } else { "SHORT" };
            println!("{what:<62} {reached:>8.2} {sign} {bound:<6} {state}");
        }
    }
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
