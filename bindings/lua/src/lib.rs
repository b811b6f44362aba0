//! callbar for Lua: `local bar = require "callbar"`, for the scripts that SIP servers run.
//!
//! | call | returns |
//! | --- | --- |
//! | `bar.open(dir)`, `bar.open(dir, {load = "heap", sound_only = true})` | a reader |
//! | `reader:decide(domain, call)` | what follows for a call: a table |
//! | `reader:explain_call(domain, call)` | JSON: how that comes about |
//! | `reader:check(domain, number)` | of a number that no call is about: action, list, reason phrase, SIP code |
//! | `reader:explain(domain, number)` | JSON: how that comes about |
//! | `reader:health()` | JSON: what could not be loaded |
//! | `reader:refresh()` | the same, after a look for a data directory in place of the one it had |
//! | `bar.max_values` | how many values of one header a call may have: 64 |
//! | `bar.version` | the release |
//!
//! A call is a table: `callee`, `from` and `privacy` are strings, `asserted` and `remote_party` arrays of
//! strings or one string, and what the call does not have is nil. A decision is
//! `{action = "deny", party = "caller", list = "spam", entry = "+905050047824", response = {code = 607,
//! phrase = "Unwanted"}, exempt = false, ambiguous = false}`; without a list that decided it has neither
//! party, list nor entry, and without a barred call no response.
//!
//! The action is `pass`, `allow` or `deny`. What goes wrong is answered as Lua has it, nil and a message:
//! nothing raises an error in the middle of a call.
//!
//! A reader belongs to its Lua state; states of one process share what is behind it. A server that
//! forks opens the directory in the worker, not before.
//!
//! Leaves to others the lists and what is written to them.
//!
//! | file | holds |
//! | --- | --- |
//! | `reader`, `options` | `open` and what it answers |
//! | `decide`, `check` | the functions that calls go through |
//! | `call` | the table of a call |
//! | `block` | what these share: the reader in memory of Lua, and Lua's stack |
//! | `engines` | directories that are open |

mod block;
mod call;
mod check;
mod decide;
mod engines;
mod options;
mod reader;

use callbar::Call;
use mlua::{Lua, Result, Table};

#[mlua::lua_module(name = "callbar", skip_memory_check)]
fn module(lua: &Lua) -> Result<Table> {
    let module = lua.create_table()?;
    module.set("open", lua.create_function(reader::open)?)?;
    module.set("max_values", Call::MAX_VALUES)?;
    module.set("version", env!("CARGO_PKG_VERSION"))?;
    Ok(module)
}
