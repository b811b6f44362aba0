//! Changes lists while other processes check calls: a few entries, or all of them again and again.
//!
//! ```text
//! cargo run --release --example change -- add DIR DOMAIN LIST ENTRY...
//! cargo run --release --example change -- remove DIR DOMAIN LIST ENTRY...
//! cargo run --release --example change -- storm DIR DOMAIN PUBLISHES_A_SECOND SECONDS NUMBERS
//! ```
//!
//! A storm replaces all lists of the domain by one of so many numbers, each time by other ones.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use callbar::{Action, Change, Compiler, DialPlan, E164, Engine, Publish, Writer};

const USAGE: &str =
    "usage: change add|remove DIR DOMAIN LIST ENTRY..., or storm DIR DOMAIN RATE SECONDS NUMBERS";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [word, dir, domain, rest @ ..] = &arguments[..] else { return Err(USAGE.into()) };
    let engine = Engine::open(dir)?;
    let writer = engine.writer()?;
    match (*word, rest) {
        ("add", [list, entries @ ..]) => {
            change(&writer, domain, entries, |entry| Change::add(list, entry))
        }
        ("remove", [list, entries @ ..]) => {
            change(&writer, domain, entries, |entry| Change::remove(list, entry))
        }
        ("storm", [rate, seconds, numbers]) => {
            storm(&writer, domain, rate.parse()?, seconds.parse()?, numbers.parse()?)
        }
        _ => Err(USAGE.into()),
    }
}

/// All entries in one change: in force for the next check of every process when it returns.
fn change<'a>(
    writer: &Writer,
    domain: &str,
    entries: &[&'a str],
    make: impl Fn(&'a str) -> Change<'a>,
) -> Result<(), Box<dyn Error>> {
    let changes: Vec<_> = entries.iter().map(|entry| make(entry)).collect();
    for (entry, outcome) in entries.iter().zip(writer.change(domain, &changes)?) {
        println!("{entry}: {outcome:?}");
    }
    Ok(())
}

/// Publishes at a fixed rate; one that is late does not hurry those behind it.
fn storm(
    writer: &Writer,
    domain: &str,
    rate: u32,
    seconds: u32,
    numbers: u64,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    for round in 0..rate * seconds {
        let mut compiler = Compiler::new(domain, DialPlan::new("TR")?)?;
        let mut list = compiler.list("spam", Action::Deny)?;
        let first = 905_320_000_000 + u64::from(round) * numbers;
        let numbers = (first..first + numbers).map(E164::new).collect::<Result<Vec<_>, _>>()?;
        list.extend_e164(&numbers);
        let how = Publish { max_loss: 1.0, ..Publish::default() };
        writer.publish(domain, &compiler.finish()?.bytes, how)?;
        let next = start + Duration::from_secs(1) / rate * (round + 1);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(())
}
