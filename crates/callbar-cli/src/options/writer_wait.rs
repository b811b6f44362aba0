//! The option `--wait`: waits until no other process writes to the directory.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};
use callbar::{Engine, Writer};
use clap::Args;

use crate::output::note;

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);
/// A wait longer than this is reported.
const NOTE_AFTER: Duration = Duration::from_secs(1);

/// The longest wait for another writer.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct WriterWait {
    /// Longest wait for another process that writes to the directory
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(..=86_400))]
    wait: u32,
}

impl WriterWait {
    /// Returns the writer of an engine, as soon as no other process has it.
    pub(crate) fn writer(self, engine: &Engine) -> Result<Writer> {
        let (start, patience) = (Instant::now(), Duration::from_secs(self.wait.into()));
        let mut noted = false;
        loop {
            let error = match engine.writer() {
                Ok(writer) => return Ok(writer),
                Err(error @ callbar::Error::Locked { .. }) => error,
                Err(error) => return Err(error.into()),
            };
            let waited = start.elapsed();
            if waited >= patience {
                let error = error.to_line();
                let hint = format!("{error} (--wait {} would wait longer)", 10 * self.wait.max(1));
                return Err(Error::msg(hint));
            }
            if !noted && waited >= NOTE_AFTER {
                note(format_args!("waiting: {}", error.to_line()));
                noted = true;
            }
            sleep(PAUSE);
        }
    }
}
