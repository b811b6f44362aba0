//! The counters of the server, and the text in which Prometheus reads them.
//!
//! By hand, because the text is fifteen counters and three histograms, and a registry would allocate and lock
//! where these add to an atomic. Labels are words of this file and codes of refusals: never a number, a
//! domain or a key.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use callbar::{Decision, Outcome};
use callbar_store::Applied;

/// The upper bounds of the buckets of the histograms, in seconds.
const BOUNDS: [f64; 12] =
    [0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 30.0];

/// The counters of a server.
#[derive(Default)]
pub(crate) struct Metrics {
    decisions: AtomicU64,
    checks: AtomicU64,
    explanations: AtomicU64,
    verdicts: [AtomicU64; 3],
    changes: [AtomicU64; 5],
    failed_changes: AtomicU64,
    imported: AtomicU64,
    requests: Histogram,
    publishes: Histogram,
    compiles: Histogram,
    /// By the code of the refusal.
    rejected: Mutex<BTreeMap<Cow<'static, str>, u64>>,
    pub(crate) connections: AtomicU64,
    pub(crate) refused_connections: AtomicU64,
}

/// Times, counted in buckets.
#[derive(Default)]
struct Histogram {
    counts: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

const VERDICTS: [&str; 3] = ["pass", "allow", "deny"];
const OUTCOMES: [&str; 5] = ["added", "replaced", "unchanged", "removed", "absent"];

impl Metrics {
    /// Counts a decision on a call and its verdict.
    pub(crate) fn decided(&self, decision: &Decision<'_>) {
        add(&self.decisions, 1);
        count_word(&VERDICTS, &self.verdicts, decision.action());
    }

    /// Counts a check and its verdict.
    pub(crate) fn checked(&self, verdict: &str) {
        add(&self.checks, 1);
        count_word(&VERDICTS, &self.verdicts, verdict);
    }

    /// Counts an explanation and its verdict.
    pub(crate) fn explained(&self, verdict: &str) {
        add(&self.explanations, 1);
        count_word(&VERDICTS, &self.verdicts, verdict);
    }

    /// Counts a request that was answered.
    pub(crate) fn answered(&self, took: Duration) {
        self.requests.add(took);
    }

    /// Counts a request that was refused.
    pub(crate) fn rejected(&self, code: impl Into<Cow<'static, str>>) {
        *self.rejected.lock().entry(code.into()).or_default() += 1;
    }

    /// Counts the outcomes of a change, or its failure. Times it if it changed something: until it is durable
    /// and in force.
    pub(crate) fn changed(&self, applied: Option<&[Applied]>, took: Duration) {
        let Some(applied) = applied else { return add(&self.failed_changes, 1) };
        let mut outcomes = applied.iter().map(Applied::outcome);
        for outcome in outcomes.clone() {
            count_word(&OUTCOMES, &self.changes, outcome.as_str());
        }
        if outcomes.any(|outcome| !matches!(outcome, Outcome::Unchanged | Outcome::Absent)) {
            self.publishes.add(took);
        }
    }

    /// Counts an import and the entries that it changed.
    pub(crate) fn imported(&self, entries: u64, took: Duration) {
        add(&self.imported, entries);
        self.compiles.add(took);
    }

    /// Counts an index that was made again from the store.
    pub(crate) fn index_made(&self, took: Duration) {
        self.compiles.add(took);
    }

    /// Writes the text, with the gauges of this moment.
    pub(crate) fn text(&self, gauges: &Gauges) -> String {
        let mut text = Exposition(String::with_capacity(8 * 1024));
        text.counter("callbar_decisions_total", "Calls decided.", get(&self.decisions));
        text.counter("callbar_checks_total", "Numbers checked.", get(&self.checks));
        let help = "Numbers and calls explained.";
        text.counter("callbar_explanations_total", help, get(&self.explanations));
        text.family("callbar_verdicts_total", "counter", "Verdicts given.");
        for (word, count) in VERDICTS.iter().zip(&self.verdicts) {
            text.line("callbar_verdicts_total", &format!("verdict=\"{word}\""), get(count));
        }
        text.family("callbar_changes_total", "counter", "Changes made, by their outcome.");
        for (word, count) in OUTCOMES.iter().zip(&self.changes) {
            text.line("callbar_changes_total", &format!("outcome=\"{word}\""), get(count));
        }
        text.line("callbar_changes_total", "outcome=\"failed\"", get(&self.failed_changes));
        text.counter("callbar_imported_entries_total", "Entries imported.", get(&self.imported));
        text.family("callbar_rejected_requests_total", "counter", "Requests refused, by code.");
        for (code, count) in self.rejected.lock().iter() {
            text.line("callbar_rejected_requests_total", &format!("code=\"{code}\""), *count);
        }
        text.histogram("callbar_request_seconds", "Time to answer.", &self.requests);
        let help = "Time until a change is durable and in force.";
        text.histogram("callbar_publish_seconds", help, &self.publishes);
        let help = "Time to store and compile an import, or to make an index again from the store.";
        text.histogram("callbar_compile_seconds", help, &self.compiles);
        self.write_gauges(&mut text, gauges);
        text.0
    }

    fn write_gauges(&self, text: &mut Exposition, gauges: &Gauges) {
        let help = "Since the last change of an index; since the start if there is none.";
        text.gauge("callbar_index_age_seconds", help, gauges.age.unwrap_or(gauges.up.as_secs()));
        text.gauge("callbar_connections", "Open connections.", get(&self.connections));
        let help = "Connections refused for their number.";
        text.counter("callbar_refused_connections_total", help, get(&self.refused_connections));
        text.gauge("callbar_domains", "Domains in force.", gauges.domains);
        text.gauge("callbar_rebuilding", "Indexes being made again.", gauges.rebuilding);
        let help = "Indexes that could not be made of what is stored.";
        text.gauge("callbar_not_in_force", help, gauges.failed);
        let help = "Whether changes are taken.";
        text.gauge("callbar_writable", help, u64::from(gauges.writable));
        text.gauge("callbar_uptime_seconds", "Since the start.", gauges.up.as_secs());
    }
}

/// The values of the moment in which the text is written.
pub(crate) struct Gauges {
    pub(crate) domains: u64,
    /// Seconds since the last change of an index, if there is one.
    pub(crate) age: Option<u64>,
    pub(crate) rebuilding: u64,
    pub(crate) failed: u64,
    pub(crate) writable: bool,
    pub(crate) up: Duration,
}

impl Histogram {
    fn add(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        if let Some(at) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            add(&self.counts[at], 1);
        }
        add(&self.count, 1);
        add(&self.micros, took.as_micros() as u64);
    }
}

/// Counts one of these words.
fn count_word(words: &[&str], counters: &[AtomicU64], counted: &str) {
    if let Some(at) = words.iter().position(|word| *word == counted) {
        add(&counters[at], 1);
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// The exposition format, version 0.0.4.
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, label: &str, value: impl std::fmt::Display) {
        let _ = match label {
            "" => writeln!(self.0, "{name} {value}"),
            _ => writeln!(self.0, "{name}{{{label}}} {value}"),
        };
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", help);
        self.line(name, "", value);
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "gauge", help);
        self.line(name, "", value);
    }

    fn histogram(&mut self, name: &str, help: &str, times: &Histogram) {
        self.family(name, "histogram", help);
        let (bucket, mut sum) = (format!("{name}_bucket"), 0);
        for (bound, count) in BOUNDS.iter().zip(&times.counts) {
            sum += get(count);
            self.line(&bucket, &format!("le=\"{bound}\""), sum);
        }
        // Another thread may have counted a time in its bucket, and not in the total yet.
        let count = get(&times.count).max(sum);
        self.line(&bucket, "le=\"+Inf\"", count);
        let micros = Duration::from_micros(get(&times.micros));
        self.line(&format!("{name}_sum"), "", micros.as_secs_f64());
        self.line(&format!("{name}_count"), "", count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_in_the_text() {
        let metrics = Metrics::default();
        metrics.checked("pass");
        metrics.rejected("forbidden");
        metrics.answered(Duration::from_millis(3));
        let gauges = Gauges {
            domains: 2,
            age: Some(7),
            rebuilding: 0,
            failed: 0,
            writable: true,
            up: Duration::from_secs(5),
        };
        let text = metrics.text(&gauges);
        for line in [
            "callbar_checks_total 1",
            "callbar_verdicts_total{verdict=\"pass\"} 1",
            "callbar_rejected_requests_total{code=\"forbidden\"} 1",
            "callbar_request_seconds_bucket{le=\"0.0025\"} 0",
            "callbar_request_seconds_bucket{le=\"0.005\"} 1",
            "callbar_request_seconds_count 1",
            "callbar_domains 2",
            "callbar_index_age_seconds 7",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
        }
    }
}
