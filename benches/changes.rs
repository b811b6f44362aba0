//! What a change costs this process. `cargo bench --bench visible` measures when others see it.
//!
//! ```text
//! cargo bench --bench changes                  over 10M numbers, two minutes
//! cargo test --bench changes -- --test         each once, with small lists
//! ```
//!
//! | group | an iteration is |
//! | --- | --- |
//! | `durable` | a change of one entry that survives a loss of power; the floor is a file of 20 KiB replaced by the disk alone |
//! | `unchanged` | a check of a number that no change touches, in a base alone, below a head of changes, and below a run of changes as well |
//! | `domains` | the opening of a directory of 10,000 domains; a check by id and by name, of the only domain, of one of many each time, and of any |
//!
//! `cargo bench --bench bounds` compares the three of `unchanged` at the same moment.

#[allow(dead_code, reason = "other benches need the rest")]
mod support;

use std::cell::OnceCell;
use std::hint::black_box;

use callbar::{DomainId, DomainKey, Engine, Publish, Reader};
use criterion::measurement::WallTime;
use criterion::{Bencher, BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use support::disk::replace_file;
use support::figures::{add_checks, criterion, few_samples};
use support::is_test;
use support::lists::{DOMAIN, Published, Stack, addition, compile, compile_with};
use support::numbers::{Data, Shape, Texts, mix};
use support::timing::Cursor;

/// Numbers that are not listed: changes take from the start, checks from the end.
const UNLISTED: usize = 1 << 20;
/// Numbers of each of many domains.
const NUMBERS: u64 = 1_000;

fn main() {
    let mut criterion = criterion();
    let size = if is_test() { 10_000 } else { 10_000_000 };
    let base = OnceCell::new();
    let base = || base.get_or_init(|| Base::new(size));
    durable(&mut criterion, base);
    unchanged(&mut criterion, base);
    domains(&mut criterion, if is_test() { 50 } else { 10_000 });
    criterion.final_summary();
}

/// An index, and numbers that are not in it.
struct Base {
    index: Vec<u8>,
    unlisted: Vec<u64>,
}

impl Base {
    fn new(size: usize) -> Self {
        let Data { listed, unlisted } = Shape::Turkish.generate(size, UNLISTED);
        Self { index: compile(&listed), unlisted }
    }
}

fn durable<'a>(criterion: &mut Criterion, base: impl Fn() -> &'a Base) {
    let mut group = criterion.benchmark_group("durable");
    group.throughput(Throughput::Elements(1));
    group.bench_function("floor: a file replaced", |bencher| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        bencher.iter_custom(|count| (0..count).map(|_| replace_file(dir.path())).sum());
    });
    group.bench_function("change of one entry", |bencher| {
        let published = Published::new(&base().index);
        let writer = published.engine.writer().expect("the only writer");
        let mut entries = base().unlisted.iter().map(|number| format!("+{number}"));
        bencher.iter(|| {
            let entry = entries.next().expect("another number");
            writer.change(DOMAIN, &[addition(&entry)]).expect("a change");
        });
    });
}

fn unchanged<'a>(criterion: &mut Criterion, base: impl Fn() -> &'a Base) {
    let mut group = criterion.benchmark_group("unchanged");
    let texts = OnceCell::new();
    for stack in Stack::ALL {
        let published = OnceCell::new();
        add_checks(&mut group, stack.name(), || {
            let Base { index, unlisted } = base();
            let texts = texts.get_or_init(|| Texts::new(&unlisted[UNLISTED / 2..]));
            (published.get_or_init(|| stack.publish(index, unlisted)), texts)
        });
    }
}

fn domains(criterion: &mut Criterion, count: usize) {
    let mut group = criterion.benchmark_group("domains");
    let (one, many) = (OnceCell::new(), OnceCell::new());
    let one = || one.get_or_init(|| Domains::publish(1));
    let many = || many.get_or_init(|| Domains::publish(count));
    group.throughput(Throughput::Elements(1));
    check_domains(&mut group, "the only domain", one, 1);
    check_domains(&mut group, "one of many each time", many, 1);
    check_domains(&mut group, "any of many", many, count);
    few_samples(&mut group, count);
    group.bench_function("open all", |bencher| {
        let dir = many().dir.path();
        bencher.iter_with_large_drop(|| Engine::open(dir).expect("the directory"));
    });
}

/// Checks of numbers, mostly not listed, in the first `count` of the domains.
fn check_domains<'a>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    domains: impl Fn() -> &'a Domains,
    count: usize,
) {
    group.bench_function(BenchmarkId::new("check by id", name), |bencher| {
        let mut reader = domains().engine.reader();
        let ids: Vec<DomainId> = domains().names[..count]
            .iter()
            .map(|name| reader.snapshot().id(name).expect("a domain"))
            .collect();
        time_checks(bencher, reader, &ids);
    });
    group.bench_function(BenchmarkId::new("check by name", name), |bencher| {
        let names: Vec<&str> = domains().names[..count].iter().map(String::as_str).collect();
        time_checks(bencher, domains().engine.reader(), &names);
    });
}

/// Measures checks in these domains, in random order.
fn time_checks<K: DomainKey + Copy>(bencher: &mut Bencher<'_>, mut reader: Reader, keys: &[K]) {
    let texts: Vec<String> =
        (0..4_096).map(|i| format!("+{}", 905_000_000_000 + mix(i) % 1_000_000_000)).collect();
    let pick = |i: usize| (mix(i as u64) % keys.len() as u64) as usize;
    let order: Vec<usize> = (0..(keys.len() * 100).clamp(4_096, 1_000_000)).map(pick).collect();
    let mut cursor = Cursor::new(order.len());
    bencher.iter_custom(|count| {
        cursor.time(count, |range| {
            for i in range {
                black_box(reader.check(keys[order[i]], &texts[i % 4_096]).is_ok());
            }
        })
    });
}

/// A directory of many domains, each with a list of its own.
struct Domains {
    engine: Engine,
    names: Vec<String>,
    dir: tempfile::TempDir,
}

impl Domains {
    fn publish(count: usize) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let engine = Engine::open(dir.path()).expect("an empty directory");
        let writer = engine.writer().expect("the only writer");
        let names: Vec<String> = (0..count).map(|at| format!("tenant-{at}.example.com")).collect();
        for (at, name) in (0_u64..).zip(&names) {
            let number = |i| 905_000_000_000 + mix(at << 32 | i << 16) % 1_000_000_000;
            let numbers: Vec<u64> = (0..NUMBERS).map(number).collect();
            let index = compile_with(name, &numbers, &[]);
            writer.publish(name, &index, Publish::default()).expect("published");
        }
        drop(writer);
        Self { engine, names, dir }
    }
}
