//! How many requests a second each key may send. A key that pauses saves up as many.
//!
//! By hand, because a token bucket is twenty lines, and the limit must count keys and not connections.

use std::collections::HashMap;
use std::time::Instant;

use parking_lot::Mutex;

/// A bucket of tokens for each key that has sent a request. Only keys that exist have one.
pub(crate) struct RateLimit {
    rate: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl RateLimit {
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate: rate.into(), buckets: Mutex::default() }
    }

    /// Takes a token of this key. Returns false if it has none.
    pub(crate) fn take(&self, who: &str) -> bool {
        self.take_at(who, Instant::now())
    }

    fn take_at(&self, who: &str, now: Instant) -> bool {
        let mut buckets = self.buckets.lock();
        if let Some(bucket) = buckets.get_mut(who) {
            return bucket.take(self.rate, now);
        }
        let mut bucket = Bucket { tokens: self.rate, filled: now };
        let taken = bucket.take(self.rate, now);
        buckets.insert(who.to_owned(), bucket);
        taken
    }
}

impl Bucket {
    fn take(&mut self, rate: f64, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * rate).min(rate);
        self.filled = now;
        let has_token = self.tokens >= 1.0;
        if has_token {
            self.tokens -= 1.0;
        }
        has_token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_key_with_too_many_requests_waits_and_others_do_not() {
        let (rates, start) = (RateLimit::new(3), Instant::now());
        assert_eq!([(); 4].map(|()| rates.take_at("a", start)), [true, true, true, false]);
        assert!(rates.take_at("b", start));
        let later = start + Duration::from_millis(400);
        assert_eq!([(); 2].map(|()| rates.take_at("a", later)), [true, false]);
    }
}
