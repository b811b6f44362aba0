//! The engines of this process: one for each directory, shared by all Lua states.
//!
//! `FreeSWITCH` makes a Lua state for every call, and Asterisk one for every channel. Opening a directory
//! verifies all of it, which must not happen for each of them. So an engine stays open until the process
//! ends, and `build.rs` keeps the host from unloading the module.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use callbar::Engine;

use crate::options::Options;

static ENGINES: LazyLock<Mutex<HashMap<(PathBuf, Options), Engine>>> =
    LazyLock::new(Mutex::default);

/// The engine of a directory, opened if it is not yet.
pub(crate) fn engine(dir: &Path, options: Options) -> callbar::Result<Engine> {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (dir.to_owned(), options);
    if let Some(engine) = engines.get(&key) {
        return Ok(engine.clone());
    }
    let engine = options.open(dir)?;
    engines.insert(key, engine.clone());
    Ok(engine)
}
