//! One writer of a directory at a time: waits for its turn, for a while.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};
use callbar::{Engine, Writer};
use clap::Args;

use super::output::note;

/// How often it is looked whether the other writer is gone.
const PAUSE: Duration = Duration::from_millis(20);
/// After this the wait is told.
const SILENT: Duration = Duration::from_secs(1);

/// How long to wait for another writer.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// How long to wait for another process that writes to the directory
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(..=86_400))]
    wait: u32,
}

impl Turn {
    /// The writer of an engine, once nobody else is.
    pub(crate) fn writer(self, engine: &Engine) -> Result<Writer> {
        let (start, patience) = (Instant::now(), Duration::from_secs(self.wait.into()));
        let mut told = false;
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
            if !told && waited >= SILENT {
                note(format_args!("waiting: {}", error.to_line()));
                told = true;
            }
            sleep(PAUSE);
        }
    }
}
