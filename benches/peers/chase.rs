//! A pointer chase: the time of an access to memory that no cache holds. It is the floor for every
//! structure that is larger than the caches.

use std::hint::black_box;

use memmap2::{Advice, MmapMut};

use crate::support::numbers::mix;
use crate::support::timing::nanoseconds;

const LINE: usize = 64;

/// One random cycle through every cache line of a region of ordinary (4 KiB) pages.
pub(crate) struct Chase {
    region: MmapMut,
    at: usize,
}

impl Chase {
    pub(crate) fn new(bytes: usize) -> Self {
        let region = MmapMut::map_anon(bytes).expect("memory for the pointer chase");
        #[cfg(target_os = "linux")]
        region.advise(Advice::NoHugePage).expect("ordinary pages");
        let mut chase = Self { region, at: 0 };
        let lines = bytes / LINE;
        for line in 0..lines {
            chase.set(line, line as u64);
        }
        // Sattolo's shuffle leaves one cycle through all lines.
        for line in (1..lines).rev() {
            let other = (mix(line as u64) % line as u64) as usize;
            let (here, there) = (chase.get(line), chase.get(other));
            chase.set(line, there);
            chase.set(other, here);
        }
        chase
    }

    #[inline]
    fn get(&self, line: usize) -> u64 {
        let at = line * LINE;
        u64::from_le_bytes(self.region[at..at + 8].try_into().expect("eight bytes"))
    }

    fn set(&mut self, line: usize, next: u64) {
        let at = line * LINE;
        self.region[at..at + 8].copy_from_slice(&next.to_le_bytes());
    }

    /// Nanoseconds a step, over so many steps. Goes on where the last call ended.
    pub(crate) fn step(&mut self, steps: usize) -> f64 {
        let mut at = self.at;
        let cost = nanoseconds(steps, |_| at = self.get(at) as usize);
        self.at = black_box(at);
        cost
    }

    /// How much of the region lies on huge pages, from the kernel: it must be `0 kB`.
    pub(crate) fn huge_pages(&self) -> String {
        let start = format!("{:x}-", self.region.as_ptr().addr());
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
        maps.lines()
            .skip_while(|line| !line.starts_with(&start))
            .find_map(|line| line.strip_prefix("AnonHugePages:"))
            .map_or_else(|| "not known here".to_owned(), |size| size.trim().to_owned())
    }
}
