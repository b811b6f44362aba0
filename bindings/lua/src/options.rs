//! The options of `bar.open`.

use std::path::Path;

use callbar::{Engine, LoadMode};
use mlua::{Table, Value};

/// How a data directory is opened.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Options {
    mode: LoadMode,
    /// Leave damaged domains out, instead of refusing the directory.
    sound_only: bool,
}

impl Options {
    /// Reads a table. An unknown name or value is an error, so that a mistake is noticed.
    pub(crate) fn read(table: Option<&Table>) -> Result<Self, String> {
        let mut options = Self::default();
        let Some(table) = table else { return Ok(options) };
        for pair in table.pairs::<String, Value>() {
            let (name, value) = pair.map_err(|_| "options have names".to_owned())?;
            match (name.as_str(), &value) {
                ("load", Value::String(mode)) if mode == "map" => options.mode = LoadMode::Map,
                ("load", Value::String(mode)) if mode == "heap" => options.mode = LoadMode::Heap,
                ("sound_only", Value::Boolean(yes)) => options.sound_only = *yes,
                _ => {
                    return Err(format!(
                        "no such option or value: {name} (load = \"map\" or \"heap\", \
                         sound_only = true or false)"
                    ));
                }
            }
        }
        Ok(options)
    }

    /// Opens a data directory with these options.
    pub(crate) fn open(self, dir: &Path) -> callbar::Result<Engine> {
        if self.sound_only {
            Engine::open_sound(dir, self.mode).map(|(engine, _)| engine)
        } else {
            Engine::open_with(dir, self.mode)
        }
    }
}
