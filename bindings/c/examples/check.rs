//! Nanoseconds of a check through Rust, for `bindings/bench.sh` to compare with those through C and
//! Lua. Arguments: data directory, file of numbers.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use callbar::Engine;

const ROUNDS: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, numbers] = &arguments[..] else { return Err("usage: check DIR NUMBERS".into()) };
    let mut reader = Engine::open(data)?.reader();
    let text = std::fs::read_to_string(numbers)?;
    let numbers: Vec<&str> = text.lines().collect();
    // Nowhere is the name known when the code is compiled.
    let domain = black_box("my.example");
    let mut denied = 0;
    let mut times: Vec<u128> = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for number in &numbers {
            let verdict = black_box(reader.check(black_box(domain), black_box(number)))?;
            denied += usize::from(verdict.is_deny());
        }
        times.push(start.elapsed().as_nanos() * 10 / numbers.len() as u128);
    }
    times.sort_unstable();
    let (middle, least) = (times[ROUNDS / 2], times[0]);
    let tenths = |time: u128| format!("{}.{}", time / 10, time % 10);
    println!("{} {} {}", tenths(middle), tenths(least), denied / ROUNDS);
    Ok(())
}
