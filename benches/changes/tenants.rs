//! Many tenants in one directory.

use std::hint::black_box;
use std::time::Instant;

use callbar::{Action, Compiler, DialPlan, DomainId, E164, Engine};

use crate::support::numbers::mix;
use crate::support::timing::median;
use crate::{LIST, Options, target};

/// Numbers of each tenant.
const NUMBERS: u64 = 1_000;
const ROUNDS: usize = 5;
const CHECKS: usize = 1_000_000;

/// Opens a directory of many domains, and compares their checks with those of one domain.
pub(crate) fn run(options: &Options) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let engine = Engine::open(dir.path()).expect("an empty directory");
    let writer = engine.writer().expect("the only writer");
    for tenant in 0..options.tenants {
        let bytes = compile(tenant as u64);
        writer.publish(&name(tenant), &bytes, callbar::Publish::default()).expect("published");
    }
    drop(writer);
    let opened = median((0..ROUNDS).map(|_| {
        let start = Instant::now();
        drop(black_box(Engine::open(dir.path()).expect("the directory")));
        start.elapsed().as_secs_f64()
    }));
    println!("\n# {} domains of {NUMBERS} numbers\n", options.tenants);
    target("open all, s", opened, 1.0);
    let alone = tempfile::tempdir().expect("a temporary directory");
    let one = Engine::open(alone.path()).expect("an empty directory");
    one.publish(&name(0), &compile(0)).expect("published");
    let names: Vec<String> = (0..options.tenants).map(name).collect();
    for (what, tenants) in [("the same one each time", 1), ("any of them", names.len())] {
        let [by_id, by_name] = checks(&engine, &names[..tenants]);
        let [one_id, one_name] = checks(&one, &names[..1]);
        println!("check of {what}: by id {by_id:.1} ns, by name {by_name:.1} ns");
        println!("    of the only domain: by id {one_id:.1} ns, by name {one_name:.1} ns");
    }
}

fn name(tenant: usize) -> String {
    format!("tenant-{tenant}.example.com")
}

fn compile(tenant: u64) -> Vec<u8> {
    let plan = DialPlan::new("TR").expect("a region");
    let mut compiler = Compiler::new(&name(tenant as usize), plan).expect("a name");
    let list = compiler.list(LIST, Action::Deny).expect("a list");
    let number = |i| E164::new(905_000_000_000 + mix(tenant << 32 | i << 16) % 1_000_000_000);
    compiler.extend_e164(list, (0..NUMBERS).filter_map(number));
    compiler.finish().expect("an index").bytes
}

/// Nanoseconds a check of numbers that are mostly not listed, by id and by name.
fn checks(engine: &Engine, names: &[String]) -> [f64; 2] {
    let mut reader = engine.reader();
    let ids: Vec<DomainId> =
        names.iter().map(|name| reader.snapshot().id(name).expect("a domain")).collect();
    let texts: Vec<String> =
        (0..4096).map(|i| format!("+{}", 905_000_000_000 + mix(i) % 1_000_000_000)).collect();
    let pick = |i: usize| (mix(i as u64) % names.len() as u64) as usize;
    let order: Vec<usize> = (0..CHECKS.min(names.len() * 100)).map(pick).collect();
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for (i, &at) in order.iter().enumerate() {
            black_box(reader.check(ids[at], &texts[i % 4096]).is_ok());
        }
        times[0].push(start.elapsed().as_nanos() as f64 / order.len() as f64);
        let start = Instant::now();
        for (i, &at) in order.iter().enumerate() {
            black_box(reader.check(&names[at], &texts[i % 4096]).is_ok());
        }
        times[1].push(start.elapsed().as_nanos() as f64 / order.len() as f64);
    }
    times.map(median)
}
