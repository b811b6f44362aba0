//! Measures the nanoseconds of a question through Rust, for `bindings/bench.sh` to compare with C and Lua.
//! Arguments: check or decide, data directory, file of numbers. Decide asks about calls from these numbers to
//! one that is on no list.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use callbar::{Call, Engine};

const ROUNDS: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [question, data, numbers] = &arguments[..] else {
        return Err("usage: ask check|decide DIR NUMBERS".into());
    };
    let mut reader = Engine::open(data)?.reader();
    let text = std::fs::read_to_string(numbers)?;
    let numbers: Vec<&str> = text.lines().collect();
    // The compiler must not know the name.
    let domain = black_box("my.example");
    let mut denied = 0;
    let mut times: Vec<u128> = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        if question == "decide" {
            for number in &numbers {
                let call = Call {
                    callee: Some(b"sip:+902125550147@pbx.example"),
                    from: Some(number.as_bytes()),
                    ..Call::default()
                };
                let decision = black_box(reader.decide(black_box(domain), black_box(&call)))?;
                denied += usize::from(decision.is_deny());
            }
        } else {
            for number in &numbers {
                let verdict = black_box(reader.check(black_box(domain), black_box(number)))?;
                denied += usize::from(verdict.is_deny());
            }
        }
        times.push(start.elapsed().as_nanos() * 10 / numbers.len() as u128);
    }
    times.sort_unstable();
    let (middle, least) = (times[ROUNDS / 2], times[0]);
    let tenths = |time: u128| format!("{}.{}", time / 10, time % 10);
    println!("{} {} {}", tenths(middle), tenths(least), denied / ROUNDS);
    Ok(())
}
