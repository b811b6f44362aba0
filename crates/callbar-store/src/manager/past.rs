//! What the time has been for a while, by a clock that may be wrong for a moment.

use std::time::{Duration, Instant};

/// A clock that is ahead for a moment, as after the answer of a wrong time server, must not have
/// anything removed. What has expired counts for nobody meanwhile, removed or not.
#[derive(Debug)]
pub(super) struct Past {
    start: Instant,
    watch: Watch,
}

/// The least distance of the clock from the start in the present stretch of time and the one before.
#[derive(Debug)]
struct Watch {
    patience: Duration,
    stretch: u128,
    least: [Option<u64>; 2],
}

impl Past {
    /// A clock that is believed once it has been right for so long.
    pub(super) fn new(patience: Duration) -> Self {
        Self { start: Instant::now(), watch: Watch { patience, stretch: 0, least: [None; 2] } }
    }

    /// The latest second that the clock, which says `now`, has not been before for a while; none yet
    /// if it has not been watched as long.
    pub(super) fn second(&mut self, now: u64) -> Option<u64> {
        self.watch.second(self.start.elapsed(), now)
    }
}

impl Watch {
    fn second(&mut self, elapsed: Duration, now: u64) -> Option<u64> {
        let Some(stretch) = elapsed.as_millis().checked_div(self.patience.as_millis()) else {
            return Some(now);
        };
        let distance = now.saturating_sub(elapsed.as_secs());
        self.least = match stretch - self.stretch {
            0 => self.least,
            1 => [None, self.least[0]],
            _ => [None; 2],
        };
        self.stretch = stretch;
        let least = self.least[0].map_or(distance, |least| least.min(distance));
        self.least[0] = Some(least);
        Some(self.least[1]?.min(least) + elapsed.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000;

    #[test]
    fn a_clock_is_believed_once_it_has_been_right_for_a_while() {
        let patience = Duration::from_mins(10);
        let mut watch = Watch { patience, stretch: 0, least: [None; 2] };
        let mut at = |elapsed, now| watch.second(Duration::from_secs(elapsed), now);
        assert_eq!(at(0, NOW), None);
        assert_eq!(at(599, NOW + 599), None);
        assert_eq!(at(600, NOW + 600), Some(NOW + 600));
        // Ahead for a while, and back again.
        assert_eq!(at(700, NOW + 40_000_000), Some(NOW + 700));
        assert_eq!(at(1_250, NOW + 40_000_000), Some(NOW + 1_250));
        assert_eq!(at(1_300, NOW + 1_300), Some(NOW + 1_300));
        // Set forward for good.
        assert_eq!(at(1_900, NOW + 5_000), Some(NOW + 1_900));
        assert_eq!(at(2_500, NOW + 5_600), Some(NOW + 5_600));
        // Not watched for long.
        assert_eq!(at(9_000, NOW + 20_000), None);
    }

    #[test]
    fn without_patience_it_is_believed_at_once() {
        let mut watch = Watch { patience: Duration::ZERO, stretch: 0, least: [None; 2] };
        assert_eq!(watch.second(Duration::ZERO, NOW), Some(NOW));
    }
}
