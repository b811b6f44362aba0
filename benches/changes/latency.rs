//! How long single checks take, clock included.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::{Base, DOMAIN, Times};

/// The most checks whose times are kept; later ones go on unmeasured.
const MOST: usize = 20_000_000;
/// How long checks are measured with nothing else going on.
const ALONE: Duration = Duration::from_secs(2);

/// The texts that are checked: from the end, for changes take from the start.
pub(crate) fn texts(base: &Base) -> Vec<String> {
    base.unlisted.iter().rev().map(|number| format!("+{number}")).collect()
}

/// Checks of numbers that are not listed, one after the other, for as long as it is wanted.
pub(crate) fn until(base: &Base, texts: &[String], done: &AtomicBool) -> Times {
    let mut reader = base.engine.reader();
    let domain = reader.snapshot().id(DOMAIN).expect("the domain");
    let mut times: Vec<f32> = Vec::with_capacity(MOST);
    for text in texts.iter().cycle() {
        let start = Instant::now();
        black_box(&reader.check(domain, text).expect("the domain"));
        let time = start.elapsed().as_nanos() as f32;
        if times.len() < MOST {
            times.push(time);
        }
        if done.load(Ordering::Relaxed) {
            break;
        }
    }
    Times::of(times.into_iter().map(f64::from).collect())
}

/// The same with nothing else going on.
pub(crate) fn alone(base: &Base, texts: &[String]) -> Times {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let checking = scope.spawn(|| until(base, texts, &done));
        std::thread::sleep(ALONE);
        done.store(true, Ordering::Relaxed);
        checking.join().expect("the checks")
    })
}
