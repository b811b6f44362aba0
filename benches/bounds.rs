//! Bounds on the difference of two figures: a decision beside checks, and checks below changes
//! beside checks of a base alone.
//!
//! A program with a table, not a criterion bench: criterion measures one figure after the other, and
//! on a shared machine the minutes differ by more than these figures may. Here both are measured in
//! turns, round by round, and the bound is on the median of the rounds.
//!
//! ```text
//! cargo bench --bench bounds                 over 10M numbers, half a minute
//! cargo test --bench bounds -- --test        a small round of everything
//! ```
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

#[allow(dead_code, reason = "other benches need the rest")]
mod support;

use std::time::Instant;

use support::bounds::{Bound, Bounds};
use support::calls::{Calls, PARTIES};
use support::lists::{Published, Stack, compile, is_listed};
use support::numbers::{Data, Shape, Texts};
use support::timing::{independent, isolated, median, per_text};
use support::{is_test, leave_to_criterion};

/// How much to measure.
struct Effort {
    size: usize,
    rounds: usize,
    /// Checks and decisions of a round.
    count: usize,
}

fn main() {
    if leave_to_criterion(&[]) {
        return;
    }
    let effort = if is_test() {
        Effort { size: 10_000, rounds: 1, count: 1_024 }
    } else {
        Effort { size: 10_000_000, rounds: 15, count: 100_000 }
    };
    let data = Shape::Turkish.generate(effort.size, 1 << 20);
    let index = compile(&data.listed);
    let mut bounds = Bounds::default();
    deciding(&effort, &index, &data, &mut bounds);
    changed(&effort, &index, &data, &mut bounds);
    bounds.print();
}

/// A decision on a call, beside two isolated checks of numbers; nothing is listed.
fn deciding(effort: &Effort, index: &[u8], data: &Data, bounds: &mut Bounds) {
    let Published { engine, domain, dir: _dir } = Published::new(index);
    let mut reader = engine.reader();
    let (numbers, rest) = data.unlisted.split_at(effort.count);
    let texts = Texts::new(numbers);
    let calls = Calls::new(&rest[..PARTIES * effort.count]);
    let (mut checks, mut decisions, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=effort.rounds {
        let check = per_text(&texts, |range| {
            isolated(&texts, range, |text| is_listed(&mut reader, domain, text));
        });
        let start = Instant::now();
        calls.decide(0..calls.len(), &mut reader, domain);
        let decision = start.elapsed().as_nanos() as f64 / calls.len() as f64;
        // The first round warms up
        if round > 0 {
            checks.push(check);
            decisions.push(decision);
            ratios.push(decision / (2.0 * check));
        }
    }
    println!("# {} numbers\n", effort.size);
    println!("{:<40}{:>9.1} ns", "check, isolated", median(checks));
    println!("{:<40}{:>9.1} ns", "decision: 3 identities, callee", median(decisions));
    bounds.add("a decision, over two isolated checks", median(ratios), Bound::AtMost(2.2));
}

/// Checks of numbers that no change touches, in each [`Stack`].
fn changed(effort: &Effort, index: &[u8], data: &Data, bounds: &mut Bounds) {
    let (changed, others) = data.unlisted.split_at(data.unlisted.len() / 2);
    let stacks = Stack::ALL.map(|stack| stack.publish(index, changed));
    let mut readers = stacks.each_ref().map(|published| published.engine.reader());
    let mut times = [const { [const { Vec::new() }; 2] }; 3];
    for round in 0..effort.rounds {
        let start = 2 * round * effort.count % (others.len() - 2 * effort.count);
        let texts = Texts::new(&others[start..][..2 * effort.count]);
        for ((published, reader), times) in stacks.iter().zip(&mut readers).zip(&mut times) {
            let mut ask = |text: &[u8]| is_listed(reader, published.domain, text);
            times[0].push(per_text(&texts, |range| isolated(&texts, range, &mut ask)));
            times[1].push(per_text(&texts, |range| independent(&texts, range, &mut ask)));
        }
    }
    let times = times.map(|times| times.map(median));
    println!("\n{:<40}{:>12}{:>13}", "unchanged numbers, ns", "isolated", "independent");
    for (stack, [isolated, independent]) in Stack::ALL.iter().zip(times) {
        println!("{:<40}{isolated:>12.1}{independent:>13.1}", stack.name());
    }
    let [base, changed @ ..] = times;
    for (way, name) in ["isolated", "independent"].iter().enumerate() {
        for (stack, times) in Stack::ALL[1..].iter().zip(changed) {
            let what = format!("{}, {name}, ns more", stack.name());
            bounds.add(what, times[way] - base[way], Bound::AtMost(3.0));
        }
    }
}
