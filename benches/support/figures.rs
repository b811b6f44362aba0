//! How criterion measures here.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput};

use super::lists::{Published, is_listed};
use super::numbers::Texts;
use super::timing::{Cursor, independent, isolated};

/// Criterion, with the arguments of the command. Without any, a bench takes three seconds.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .noise_threshold(0.03)
        .without_plots()
        .configure_from_args()
}

/// Takes ten samples, because a body takes long; about seven seconds where it handles more than a
/// million `elements`.
pub(crate) fn few_samples(group: &mut BenchmarkGroup<'_, WallTime>, elements: usize) {
    let seconds = if elements > 1_000_000 { 7 } else { 2 };
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(seconds))
        .throughput(Throughput::Elements(elements as u64));
}

/// Adds `isolated` and `independent` checks of texts. `prepare` returns the same each time.
pub(crate) fn add_checks<'a>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    prepare: impl Fn() -> (&'a Published, &'a Texts),
) {
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new("isolated", name), |bencher| {
        let (published, texts) = prepare();
        let mut reader = published.engine.reader();
        let mut cursor = Cursor::new(texts.len());
        bencher.iter_custom(|count| {
            cursor.time(count, |range| {
                isolated(texts, range, |text| is_listed(&mut reader, published.domain, text));
            })
        });
    });
    group.bench_function(BenchmarkId::new("independent", name), |bencher| {
        let (published, texts) = prepare();
        let mut reader = published.engine.reader();
        let mut cursor = Cursor::new(texts.len());
        bencher.iter_custom(|count| {
            cursor.time(count, |range| {
                independent(texts, range, |text| is_listed(&mut reader, published.domain, text));
            })
        });
    });
}
